//! Memory does not grow with the sequence.

#![cfg(target_os = "linux")]

use crate::support::*;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// The most memory a process has held so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[test]
fn a_hundred_frames_take_no_more_memory_than_ten() {
    let folder = still("480x270");
    let still = folder.path().join("sample_srgb.png");
    for frame in 1001..=1100 {
        std::fs::copy(&still, folder.path().join(format!("shot.{frame}.png"))).expect("a copy");
    }
    let mut child = program()
        .arg("render")
        .arg(folder.path().join("shot.####.png"))
        .arg(folder.path().join("out/shot.####.exr"))
        .args(["--progress", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let (mut early, mut late) = (0, 0);
    for (done, _) in
        out.lines().map_while(Result::ok).filter(|line| line.contains("\"written\",")).enumerate()
    {
        // The last frames may be told when the process is gone already.
        match done + 1 {
            10 => early = peak(child.id()).expect("its memory"),
            11..=95 => late = peak(child.id()).unwrap_or(late),
            _ => {}
        }
    }
    assert!(child.wait().expect("ended").success());
    // A picture is 2025 KiB as floats. Which of the few in hand meet at their largest differs from
    // run to run; 85 more would be 170 MB.
    assert!(early > 0 && late <= early + 3 * 2025, "{early} KiB after 10 frames, {late} after 95");
}

/// The most memory that a render of 24 frames takes, in KiB, with a radius of neighbours.
fn peak_with_radius(folder: &tempfile::TempDir, bundle: &str, radius: u32) -> u64 {
    let mut child = program()
        .arg("render")
        .arg(folder.path().join("shot.####.png"))
        .arg(folder.path().join(format!("out{radius}/shot.####.exr")))
        .args(["--progress", "json", "--bundle", bundle])
        .args(["--set", &format!("temporal_radius={radius}")])
        // By itself glibc keeps what is freed of pictures as small as these, in pieces that differ
        // from run to run; large ones go back to the system anyhow.
        .env("MALLOC_MMAP_THRESHOLD_", "65536")
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let out = BufReader::new(child.stdout.take().expect("its output"));
    let mut most = 0;
    for line in out.lines().map_while(Result::ok).filter(|line| line.contains("\"written\",")) {
        most = peak(child.id()).unwrap_or(most).max(most);
        assert!(line.contains("shot."), "{line}");
    }
    assert!(child.wait().expect("ended").success());
    most
}

#[test]
fn neighbours_of_a_plug_in_take_no_memory_of_their_own() {
    let Some(bundle) = crate::bundle::bundle() else { return };
    let folder = still("480x270");
    let still = folder.path().join("sample_srgb.png");
    for frame in 1001..=1024 {
        std::fs::copy(&still, folder.path().join(format!("shot.{frame}.png"))).expect("a copy");
    }
    let (near, far) = [1, 8].map(|radius| peak_with_radius(&folder, &bundle, radius)).into();
    // 14 more neighbours in memory would be 14 pictures at least; kept by the clips and by the host
    // they were 42. What is measured of each stays, and is a small share of a picture.
    assert!(far < near + 6 * 2025, "{near} KiB with 2 neighbours, {far} with 16");
}
