//! What a process does that is told to end, or finds its run taken.

use crate::made::{Made, bits, latest};
use headroom_train::train::{Checkpoint, LOCK_FILE};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A run in a process of its own that would take forever.
fn endless(made: &Made, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_headroom-train"));
    command.arg("train");
    for setting in made
        .settings("unet", &["train.epochs=100000"])
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
    {
        command.args(["--set", setting]);
    }
    command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("starts")
}

/// Waits until the run has a checkpoint; gives its folder.
fn checkpoint(made: &Made) -> PathBuf {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(120) {
        let runs = std::fs::read_dir(made.path().join("runs")).into_iter().flatten().flatten();
        for run in runs {
            if latest(&run.path()).exists() {
                return run.path();
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("no checkpoint in two minutes");
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

#[test]
fn sigterm_and_ctrl_c_end_a_run_with_a_whole_checkpoint() {
    for name in ["-TERM", "-INT"] {
        let made = Made::new();
        let mut child = endless(&made, &["train.checkpoint_minutes=1e-9"]);
        let run = checkpoint(&made);
        signal(&child, name);
        let status = child.wait().expect("ends");
        assert_eq!(status.code(), Some(130), "{name}");
        Checkpoint::read(&latest(&run)).expect("whole");
        assert!(!run.join(LOCK_FILE).exists(), "the lock is gone");
        let events = std::fs::read_to_string(run.join("logs/events.log")).expect("events");
        assert!(events.contains("interrupted by a signal"), "{events}");
        assert!(run.join("report.html").exists());
    }
}

#[test]
fn a_process_that_is_killed_while_it_saves_leaves_a_whole_checkpoint_and_no_lock_that_holds() {
    let made = Made::new();
    for wait in [0, 7, 19, 40] {
        // It saves after every step.
        let mut child = endless(&made, &["train.checkpoint_minutes=1e-9"]);
        let run = checkpoint(&made);
        std::thread::sleep(Duration::from_millis(wait));
        signal(&child, "-KILL");
        child.wait().expect("ends");
        let before = Checkpoint::read(&latest(&run)).expect("whole").position.step;
        assert!(run.join(LOCK_FILE).exists(), "nobody cleaned up");
        let mut order = made.order("unet", &[]);
        order.resume = Some(headroom_train::train::Resume::Path(run.clone()));
        order.settings = vec![("train.minutes".to_owned(), 1e-9.into())];
        let done = headroom_train::train::train(order).expect("goes on");
        assert_eq!(
            Checkpoint::read(&latest(&done.folder)).expect("whole").position.step,
            before + 1
        );
        let events = std::fs::read_to_string(run.join("logs/events.log")).expect("events");
        assert!(events.contains("ended without a word"), "{events}");
        std::fs::remove_dir_all(made.path().join("runs")).expect("removes");
    }
}

#[test]
fn a_second_process_is_told_who_holds_the_run() {
    let made = Made::new();
    let mut child = endless(&made, &["train.checkpoint_minutes=1e-9"]);
    let run = checkpoint(&made);
    let mut order = made.order("unet", &[]);
    order.resume = Some(headroom_train::train::Resume::Path(run.clone()));
    let error = headroom_train::train::train(order).expect_err("held").to_string();
    assert!(error.contains(&child.id().to_string()) && error.contains(LOCK_FILE), "{error}");
    signal(&child, "-TERM");
    child.wait().expect("ends");
    assert!(!bits(&run).is_empty());
}
