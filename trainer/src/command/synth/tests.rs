use super::*;
use crate::data::tests::{exr, small};
use crate::data::{DataSet, Settings};
use crate::eval::scene::Source;
use crate::shot::Seer;
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    arguments: Arguments,
}

fn synth(hdr: &Path, out: &Path, rest: &str) -> Result<(), Error> {
    let (hdr, out) = (hdr.to_str().expect("text"), out.to_str().expect("text"));
    let line = ["synth", "--hdr", hdr, "--out", out].into_iter().chain(rest.split_whitespace());
    Line::try_parse_from(line).map_err(|error| Error::Usage(error.to_string()))?.arguments.run()
}

#[test]
fn pairs_train_back_and_their_base_is_the_truth_where_nothing_clips() {
    let folder = tempfile::tempdir().expect("a folder");
    let (hdr, out) = (folder.path().join("scenes"), folder.path().join("out"));
    for key in 0..3 {
        exr(&hdr.join(format!("scene_{key}.exr")), 256, 128, key);
    }
    synth(&hdr, &out, "--count 2 --size 96x64 --camera srgb --clean --share 0.05").expect("pairs");
    let settings =
        Settings { ldr: Some(out.join("ldr")), min_size: Some(64), ..small(&out.join("hdr")) };
    let data = DataSet::open(&settings, Seer::of("grid").expect("a network")).expect("data");
    assert_eq!(data.report().pictures.iter().sum::<usize>(), 6, "{}", data.report());
    let batch = data.batch(0, 0).expect("a batch");
    for shot in batch.shots() {
        for ((base, truth), code) in shot.base.iter().zip(&*shot.truth).zip(&*shot.code) {
            if *code < 0.99 && *code > 0.1 {
                assert!((base / truth - 1.0).abs() < 0.06, "{base} {truth} at {code}");
            }
        }
    }
    let manifest = std::fs::read_to_string(out.join("manifest.csv")).expect("a manifest");
    assert_eq!(manifest.lines().count(), 7);
    let error = synth(&hdr, &out, "--size 96x64").expect_err("not empty");
    assert_eq!(error.code(), 2);
}

#[test]
fn clips_are_read_back_as_sequences_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let (hdr, out) = (folder.path().join("scenes"), folder.path().join("out"));
    exr(&hdr.join("scene.exr"), 256, 128, 3);
    synth(&hdr, &out, "--clip-len 4 --size 96x64 --camera srgb --clean").expect("clips");
    let settings = Settings {
        ldr: Some(out.join("ldr")),
        min_size: Some(64),
        clip_len: 3,
        split: crate::data::split::Settings { val: 0.0, ..Default::default() },
        ..small(&out.join("hdr"))
    };
    let data = DataSet::open(&settings, Seer::of("grid").expect("a network")).expect("data");
    let batch = data.batch(0, 0).expect("a batch");
    for clip in &batch.clips {
        assert_eq!(clip.video, "scene_v0/scene_v0");
        assert!((1..=2).contains(&clip.start));
        let names: Vec<_> = clip.shots.iter().map(|shot| shot.name.split('#').next()).collect();
        let expected: Vec<_> =
            (clip.start..clip.start + 3).map(|i| format!("scene_v0/scene_v0.{i:04}")).collect();
        assert_eq!(names, expected.iter().map(|name| Some(name.as_str())).collect::<Vec<_>>());
    }
    // The light of a frame is that of the one before, where its motion says it was.
    let light = |frame: usize| {
        let path = out.join(format!("hdr/scene_v0/scene_v0.{frame:04}.exr"));
        crate::data::light::load(&path, None, None).expect("light")
    };
    let manifest = std::fs::read_to_string(out.join("manifest.csv")).expect("a manifest");
    let row = crate::csv::cells(manifest.lines().nth(2).expect("the second frame"));
    let motion: headroom::metrics::Motion = row.last().expect("a cell").parse().expect("a motion");
    let (before, now) = (light(1), light(2));
    let at = |of: &crate::data::raster::Raster, x: f64, y: f64| {
        let stops = |x: f64, y: f64| {
            libm::log2(f64::from(of.pixels[(y as usize * of.width + x as usize) * 3]))
        };
        let (left, top) = (x.floor(), y.floor());
        let row = |y| stops(left, y) + (x - left) * (stops(left + 1.0, y) - stops(left, y));
        row(top) + (y - top) * (row(top + 1.0) - row(top))
    };
    let (mut followed, mut in_place) = (0.0, 0.0);
    for (x, y) in (16..48).flat_map(|y| (16..80).map(move |x| (f64::from(x), f64::from(y)))) {
        let [u, v] = motion.before(x, y).expect("before the camera");
        followed += (at(&now, x, y) - at(&before, u, v)).abs();
        in_place += (at(&now, x, y) - at(&before, x, y)).abs();
    }
    assert!(followed < 0.5 * in_place, "{followed} of {in_place}");
    // What judges clips finds them in their folders.
    let pairs = Source::Pairs { ldr: out.join("ldr"), hdr: out.join("hdr") };
    let scenes = pairs.scenes(true).expect("four frames");
    let names: Vec<_> = scenes.iter().map(|scene| scene.name.as_str()).collect();
    assert_eq!(names, ["scene_v0.0001", "scene_v0.0002", "scene_v0.0003", "scene_v0.0004"]);
    assert!(scenes.iter().all(|scene| scene.clip.as_deref() == Some("scene_v0")));
    let frame = |i: usize| scenes[i].load().expect("reads").expect("a picture");
    assert!(frame(0).light != frame(1).light, "the view moves");
    synth(&hdr, &out, "--clip-len 4 --motion 0 --size 96x64 --clean --overwrite").expect("clips");
    assert!(frame(0).light == frame(1).light, "the view stands");
}

#[test]
fn a_folder_of_hdr_pictures_becomes_png_and_jpeg() {
    let folder = tempfile::tempdir().expect("a folder");
    let (hdr, out) = (folder.path().join("scenes"), folder.path().join("out"));
    exr(&hdr.join("a_1.exr"), 64, 32, 3);
    exr(&hdr.join("a_2.exr"), 64, 32, 4);
    synth(&hdr, &out, "--ldr-only --exposure -1.5 --fmt jpg").expect("pictures");
    assert!(out.join("a_1.jpg").exists() && out.join("a_2.jpg").exists());
    assert_eq!(synth(&hdr, &out, "--quality 0 --overwrite").expect_err("quality").code(), 2);
    assert_eq!(synth(&hdr, &out, "--camera none --overwrite").expect_err("camera").code(), 2);
}
