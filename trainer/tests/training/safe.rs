//! Disks that are full, and numbers that are none.

use crate::made::{Made, bits, latest};
use headroom_train::train::train;
use std::process::Command;

/// With a limit on the size of files, writes fail as on a full disk: part of the way through.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_a_run_by_name_and_keeps_the_last_good_checkpoint() {
    let made = Made::new();
    // The checkpoint is by far the largest file.
    let large = ["train.minutes=1e-9", "model.config.base=48", "record.samples=0"];
    let first = made.train("unet", &large);
    let before = bits(&first.folder);
    let size = std::fs::metadata(latest(&first.folder)).expect("there").len();
    // Blocks of 512 bytes; less than the checkpoint needs, more than anything else does.
    let blocks = size / 512 - 8;
    let program = env!("CARGO_BIN_EXE_headroom-train");
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec {program} train --resume {} --set train.epochs=1",
        first.folder.display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().expect("runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("latest.state"), "{text}");
    assert_eq!(bits(&first.folder), before);
    let left = std::fs::read_dir(first.folder.join("checkpoints")).expect("lists").flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(left.len(), 2, "nothing half written: {left:?}");
    // With room again it goes on.
    made.resume(&first.folder);
}

#[test]
fn numbers_that_are_none_are_skipped_counted_and_stop_a_run_with_their_pictures() {
    let made = Made::new();
    // Such steps throw the weights out of all bounds.
    let more = ["optimiser.rate=1e30", "optimiser.clip=0", "optimiser.nan_limit=3"];
    let mut all = more.to_vec();
    all.extend(["optimiser.nan_skips_before_backoff=2", "optimiser.warmup=0", "train.epochs=9"]);
    let error = train(made.order("unet", &all)).expect_err("stops").to_string();
    assert!(error.contains("3 in a row") && error.contains("suspect_batch"), "{error}");
    let runs = std::fs::read_dir(made.path().join("runs")).expect("runs").flatten();
    let run = runs.map(|entry| entry.path()).next().expect("a run");
    let events = std::fs::read_to_string(run.join("logs/events.log")).expect("events");
    assert!(events.contains("1 in a row") && events.contains("2 in a row"), "{events}");
    for file in ["00_code.exr", "01_truth.exr", "pictures.txt"] {
        assert!(run.join("suspect_batch").join(file).exists(), "{file}");
    }
}
