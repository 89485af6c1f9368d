//! The library's face to the linker.
#![cfg(target_os = "linux")]

mod common;

use std::process::Command;

#[test]
fn two_symbols_are_exported_and_no_more() {
    let output = Command::new("nm")
        .args(["--dynamic", "--defined-only", "--format=posix"])
        .arg(headroom_host::find_binary(&common::library()).expect("a library, or one in a bundle"))
        .output()
        .expect("nm of binutils, which comes with the C compiler");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut names: Vec<&str> =
        text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names.sort_unstable();
    assert_eq!(names, ["OfxGetNumberOfPlugins", "OfxGetPlugin"]);
}
