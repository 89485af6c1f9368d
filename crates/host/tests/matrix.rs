//! The matrix passes an honest plug-in and fails one whose pixels depend on how it is asked.
#![allow(missing_docs)]

mod common;

use common::{Fault, INVERT, bundle};
use headroom_host::ImageMemory;
use headroom_host::matrix::{MatrixOptions, MatrixReport, Verdict, run_matrix};

fn run(fault: Fault, small: bool, only: Option<&str>) -> MatrixReport {
    let options = MatrixOptions {
        plugin: Some(INVERT.into()),
        settings: vec![
            ("amount".into(), "0.75".into()),
            ("fault".into(), (fault as i32).to_string()),
        ],
        small,
        only: only.map(str::to_owned),
        memory: ImageMemory::Cpu,
    };
    run_matrix(&bundle(), &options)
}

fn failed(report: &MatrixReport) -> Vec<&str> {
    report
        .rows
        .iter()
        .filter(|row| row.verdict == Verdict::Failed)
        .map(|row| row.name.as_str())
        .collect()
}

#[test]
fn an_honest_plugin_passes_every_case() {
    for small in [false, true] {
        let report = run(Fault::None, small, None);
        assert!(report.passed(), "{report}");
        assert!(report.rows.iter().all(|row| row.verdict == Verdict::Passed), "{report}");
    }
}

#[test]
fn pixels_that_depend_on_the_window_fail_where_there_are_windows() {
    let report = run(Fault::WindowMatters, true, None);
    let failed = failed(&report);
    for case in ["tiles", "odd windows", "everything at once"] {
        assert!(failed.contains(&case), "{case} in {report}");
    }
    for case in ["plain render", "the same again", "bands", "row order and padding"] {
        assert!(!failed.contains(&case), "{case} in {report}");
    }
}

#[test]
fn pixels_that_depend_on_earlier_renders_fail() {
    let report = run(Fault::HistoryMatters, true, None);
    assert!(failed(&report).contains(&"the same again"), "{report}");
}

#[test]
fn a_broken_rule_in_the_plain_render_ends_the_matrix_as_failed() {
    let report = run(Fault::Leak, true, None);
    assert!(!report.passed(), "{report}");
    assert!(failed(&report).contains(&"plain render"), "{report}");
}

#[test]
fn only_the_cases_asked_for_are_run() {
    let report = run(Fault::None, true, Some("fields"));
    let names: Vec<_> = report.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["plain render", "fields"]);
}

#[test]
fn a_bundle_that_is_none_fails_and_says_why() {
    let report = run_matrix(std::path::Path::new("/no/such.ofx.bundle"), &MatrixOptions::default());
    assert!(!report.passed());
    assert!(report.rows[0].detail.contains("no OpenFX binary"), "{report}");
}
