//! What programs and farms are told.

use crate::support::*;
use serde_json::Value;

#[test]
fn json_has_one_object_per_line_and_counts_every_frame() {
    let folder = sequence(3, "32x18");
    std::fs::create_dir(folder.path().join("out")).expect("a folder");
    let command = "render {}/sample_srgb.####.png {}/out/a.####.exr --skip-existing";
    succeed(&folder, &format!("{command} --frames 1002"));
    let called = succeed(&folder, &format!("{command} --progress json"));
    let events: Vec<Value> =
        called.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(events.len(), 5);
    assert_eq!(events[0]["event"], "start");
    assert_eq!(events[0]["frames"], 3);
    let frames: Vec<_> = events[1..4].iter().map(|e| (&e["frame"], &e["status"])).collect();
    assert_eq!(format!("{frames:?}").matches("written").count(), 2);
    assert_eq!(events[2]["status"], "skipped");
    assert_eq!(events[3]["done"], 3);
    assert!(events[1]["clip_share"].as_f64().is_some_and(|share| share > 0.0));
    assert_eq!(events[4]["event"], "end");
    assert_eq!((&events[4]["written"], &events[4]["skipped"]), (&2.into(), &1.into()));
    assert!(called.err.is_empty(), "{}", called.err);
}

#[test]
fn open_job_description_gets_its_lines() {
    let folder = sequence(2, "32x18");
    let command = "render {}/sample_srgb.####.png {}/a.####.exr --progress openjd";
    let called = succeed(&folder, command);
    let progress: Vec<f64> = called
        .out
        .lines()
        .filter_map(|line| line.strip_prefix("openjd_progress: ")?.parse().ok())
        .collect();
    assert_eq!(progress, [0.0, 50.0, 100.0]);
    assert!(called.out.contains("openjd_status: "));
    let called = call(&folder, &format!("{command} --frames 1001,1007"));
    assert_eq!(called.code, Some(1));
    assert!(called.out.contains("openjd_fail: 1 frames failed"), "{}", called.out);
}

#[test]
fn quiet_is_quiet() {
    let folder = still("32x18");
    let called = succeed(&folder, "--quiet render {}/sample_srgb.png {}/out.exr");
    assert_eq!((called.out.as_str(), called.err.as_str()), ("", ""));
}
