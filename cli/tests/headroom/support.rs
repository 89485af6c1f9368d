//! What the tests share.

use headroom_colour::{Conversion, Space, Viewing, find};
use headroom_frame::{AlphaKind, Frame, ReadOptions, Sample, WriteOptions, read, write};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What a call gave back.
pub(crate) struct Called {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom"));
    command.env_remove("HEADROOM_LOG").env_remove("OFX_PLUGIN_PATH");
    command
}

/// Calls the program. Arguments are separated by blanks; `{}` stands for the folder.
pub(crate) fn call(folder: &TempDir, arguments: &str) -> Called {
    let place = folder.path().to_string_lossy().into_owned();
    let mut command = program();
    // Blanks in the folder's own name must not split it.
    command.args(arguments.split_whitespace().map(|word| word.replace("{}", &place)));
    let output = command.output().expect("the program starts");
    Called {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Calls the program, which must succeed.
#[track_caller]
pub(crate) fn succeed(folder: &TempDir, arguments: &str) -> Called {
    let called = call(folder, arguments);
    assert_eq!(called.code, Some(0), "{arguments}\n{}{}", called.out, called.err);
    called
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A folder with a sequence of sample frames, `sample_srgb.1001.png` and so on.
pub(crate) fn sequence(frames: u32, size: &str) -> TempDir {
    let folder = folder();
    succeed(&folder, &format!("sample {{}} --size {size} --frames {frames} --quiet"));
    folder
}

/// A folder `shots` with two sequences, `a` and `b`, of the same numbers 1001 to 1003; the second
/// is darker and flat, so that nothing measured of one fits the other.
pub(crate) fn two_shots() -> TempDir {
    let folder = sequence(3, "64x36");
    let shots = folder.path().join("shots");
    std::fs::create_dir(&shots).expect("a folder");
    for number in 1001..=1003 {
        let from = folder.path().join(format!("sample_srgb.{number}.png"));
        let mut frame = open(&from);
        std::fs::copy(from, shots.join(format!("a.{number}.png"))).expect("a copy");
        frame.pixels.chunks_exact_mut(4).for_each(|p| {
            p[..3].iter_mut().for_each(|v| *v = (*v * 0.9).min(0.6));
        });
        save(&shots.join(format!("b.{number}.png")), &frame, Sample::U8);
    }
    folder
}

/// A folder with one sample frame, `sample_srgb.png` and its truth `sample_srgb_truth.exr`.
pub(crate) fn still(size: &str) -> TempDir {
    let folder = folder();
    succeed(&folder, &format!("sample {{}} --size {size} --quiet"));
    folder
}

pub(crate) fn open(path: &Path) -> Frame {
    read(path, &ReadOptions::default()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn save(path: &Path, frame: &Frame, sample: Sample) {
    let options = WriteOptions { sample, ..WriteOptions::default() };
    write(path, frame, &options).unwrap_or_else(|error| panic!("{error}"));
}

/// A small picture of its own making, RGBA with straight alpha.
pub(crate) fn pattern(width: u32, height: u32) -> Frame {
    let pixel = |i: u32| {
        let (x, y) = (i % width, i / width);
        let code = |v: u32| (v % 256) as f32 / 255.0;
        [code(x * 9 + y), code(y * 11 + 3), code(x * 5 + y * 7), code(x * 3 + y * 13 + 60)]
    };
    let pixels = (0..width * height).flat_map(pixel).collect();
    Frame::new(width, height, pixels, AlphaKind::Straight)
}

pub(crate) fn space(name: &str) -> &'static Space {
    find(name).expect("a space")
}

/// The exact conversion of one pixel.
pub(crate) fn converted(from: &str, to: &str, rgb: &[f32]) -> [f64; 3] {
    let conversion = Conversion::new(space(from), space(to), Viewing::default());
    conversion.convert([0, 1, 2].map(|c| f64::from(rgb[c])))
}

/// Every file of a folder by name, with its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|p| (name(p), std::fs::read(p).expect("a file"))).collect()
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    files(folder).into_iter().map(|(name, _)| name).collect()
}
