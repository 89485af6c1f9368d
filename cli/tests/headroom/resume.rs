//! Interrupted work: nothing is left half done, and it can be taken up again.

use crate::support::*;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use tempfile::TempDir;

/// Starts a render of a sequence and returns once `frames` frames are written.
fn start(folder: &TempDir, frames: usize) -> Child {
    let place = folder.path();
    let mut child = program()
        .arg("render")
        .arg(place.join("sample_srgb.####.png"))
        .arg(place.join("broken/out.####.exr"))
        .args(["--progress", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let written = out.lines().map_while(Result::ok).filter(|line| line.contains("\"written\""));
    assert_eq!(written.take(frames).count(), frames);
    child
}

/// Every file of `folder` is a file of `whole`, with the same bytes. Temporary files do not count.
#[track_caller]
fn assert_whole(folder: &std::path::Path, whole: &[(String, Vec<u8>)]) -> usize {
    let found: Vec<_> = files(folder).into_iter().filter(|(n, _)| n.ends_with(".exr")).collect();
    for file in found.iter().filter(|(name, _)| name.starts_with("out.")) {
        assert!(whole.contains(file), "{} is not whole", file.0);
    }
    found.len()
}

#[test]
fn killed_and_started_again_gives_the_files_of_an_unbroken_run() {
    let folder = sequence(24, "240x135");
    succeed(&folder, "render {}/sample_srgb.####.png {}/whole/out.####.exr");
    let whole = files(&folder.path().join("whole"));
    let mut child = start(&folder, 4);
    child.kill().expect("killed");
    child.wait().expect("ended");
    let broken = folder.path().join("broken");
    let done = assert_whole(&broken, &whole);
    assert!((4..24).contains(&done), "{done} frames were done");
    let again = "render {}/sample_srgb.####.png {}/broken/out.####.exr --skip-existing";
    let called = succeed(&folder, &format!("{again} --progress json"));
    let skipped = called.out.lines().filter(|line| line.contains("\"skipped\",")).count();
    assert!(skipped >= 4, "{skipped} frames were skipped");
    assert_eq!(assert_whole(&broken, &whole), 24);
}

#[cfg(unix)]
#[test]
fn an_interrupted_render_says_so_and_leaves_whole_files_alone() {
    let folder = sequence(24, "240x135");
    succeed(&folder, "render {}/sample_srgb.####.png {}/whole/out.####.exr");
    let whole = files(&folder.path().join("whole"));
    let mut child = start(&folder, 3);
    let signalled = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill starts");
    assert!(signalled.success());
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    let broken = folder.path().join("broken");
    assert!(assert_whole(&broken, &whole) >= 3);
    assert!(names(&broken).iter().all(|name| name.starts_with("out.")), "{:?}", names(&broken));
}
