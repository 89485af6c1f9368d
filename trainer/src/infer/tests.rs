//! Folders of made pictures through the node's methods.

use super::*;
use headroom_frame::{ReadOptions, SourceKind, read};

fn made(width: usize, height: usize) -> Vec<f32> {
    let code = |i: usize| ((i * 7 + i / (width * 3) * 5) % 256) as f32 / 255.0;
    (0..width * height * 3).map(code).collect()
}

fn folder_of(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        let options = WriteOptions { sample: Sample::U8, ..WriteOptions::default() };
        write(&folder.path().join(name), [20, 30], &made(30, 20), &options).expect("writes");
    }
    folder
}

fn options(ldr: &Path, out: &Path, format: Format) -> Options {
    Options {
        expander: Expander::method("inverse", false).expect("there"),
        ldr: ldr.to_owned(),
        out: out.to_owned(),
        format,
        exposure: -1.0,
        tiling: None,
        jobs: 2,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn as_many_exr_files_and_previews_come_out_as_pictures_go_in() {
    let ldr = folder_of(&["a.png", "b.png", "c.tif"]);
    let out = ldr.path().join("out");
    infer(&options(ldr.path(), &out, Format::Float)).expect("all are sound");
    assert_eq!(names(&out), ["a.exr", "b.exr", "c.exr", "previews"]);
    assert_eq!(names(&out.join("previews")), ["a.png", "b.png", "c.png"]);
    let frame = read(&out.join("b.exr"), &ReadOptions::default()).expect("an EXR");
    assert_eq!(frame.source, SourceKind::Float);
    let code = f64::from(made(30, 20)[100]);
    let exact = headroom_colour::transfer::eotf_srgb(code);
    assert!((f64::from(frame.pixels[33 * 4 + 1]) - exact).abs() < 1e-6);
    infer(&options(ldr.path(), &out, Format::Half)).expect("writes over");
    let frame = read(&out.join("b.exr"), &ReadOptions::default()).expect("an EXR");
    assert_eq!(frame.source, SourceKind::Half);
}

#[test]
fn a_bad_file_is_counted_and_leaves_nothing_while_the_others_are_done() {
    let ldr = folder_of(&["a.png", "c.png"]);
    let bytes = std::fs::read(ldr.path().join("a.png")).expect("bytes");
    std::fs::write(ldr.path().join("b.png"), &bytes[..bytes.len() / 2]).expect("writes");
    let out = ldr.path().join("out");
    let error = infer(&options(ldr.path(), &out, Format::Half)).expect_err("one is broken");
    assert_eq!((error.code(), error.to_string()), (1, "1 of 3 pictures failed".to_owned()));
    assert_eq!(names(&out), ["a.exr", "c.exr", "previews"]);
    assert_eq!(names(&out.join("previews")), ["a.png", "c.png"]);
}

#[test]
fn empty_folders_and_names_that_would_collide_are_refused_before_anything_is_written() {
    let ldr = folder_of(&[]);
    let out = ldr.path().join("out");
    assert_eq!(infer(&options(ldr.path(), &out, Format::Half)).expect_err("empty").code(), 3);
    let ldr = folder_of(&["a.png", "a.tif"]);
    assert_eq!(infer(&options(ldr.path(), &out, Format::Half)).expect_err("twice").code(), 2);
    assert!(!out.exists());
}

#[test]
fn blended_tiles_of_a_method_that_looks_at_single_pixels_equal_the_whole_frame() {
    let (width, height) = (201, 150);
    let code = made(width, height);
    let square = |_: [usize; 2], code: &[f32]| -> Result<Vec<f32>, Error> {
        Ok(code.iter().map(|v| v * v * 40.0).collect())
    };
    let whole = square([height, width], &code).expect("works");
    for (tile, overlap) in [(64, 32), (64, 0), (100, 17), (512, 64)] {
        let tiling = Tiling { tile, overlap };
        tiling.check().expect("sound");
        let blended = tiling.run([height, width], &code, &square).expect("works");
        let pairs = blended.iter().zip(&whole);
        let worst = pairs.map(|(a, b)| (a - b).abs() / b.max(1.0)).fold(0.0, f32::max);
        assert!(worst <= 1e-5, "{tile} {overlap}: {worst}");
    }
    assert!(Tiling { tile: 64, overlap: 33 }.check().is_err());
    assert!(Tiling { tile: 32, overlap: 0 }.check().is_err());
}

#[test]
fn tiles_that_disagree_are_blended_without_a_step() {
    // Each tile is a constant of its own: the steps between pixels are bounded by the raised cosine.
    let (width, height) = (200, 64);
    let code: Vec<f32> = (0..width * height).flat_map(|i| [(i % width) as f32; 3]).collect();
    let first = |_: [usize; 2], code: &[f32]| Ok(vec![code[0] / 48.0; code.len()]);
    let tiling = Tiling { tile: 64, overlap: 32 };
    let blended = tiling.run([height, width], &code, &first).expect("works");
    let row: Vec<f32> = blended.chunks(3).take(width).map(|p| p[0]).collect();
    let steepest = row.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    let most = row.iter().copied().fold(0.0, f32::max);
    assert!(most > 2.0 && steepest < 0.08, "{steepest} of {most}");
}
