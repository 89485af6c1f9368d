//! docs/TRAINING.md names tests; they exist.

use std::path::{Path, PathBuf};

const DOCUMENT: &str = include_str!("../../../docs/TRAINING.md");

/// Text of all sources and paths of all files below a folder.
fn gather(folder: &Path, text: &mut String, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            gather(&path, text, paths);
        } else if path.extension().is_some_and(|e| e == "rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("text"));
            paths.push(path);
        } else {
            paths.push(path);
        }
    }
}

#[test]
fn tests_that_the_tables_name_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a workspace");
    let (mut text, mut paths) = (String::new(), Vec::new());
    for folder in ["trainer/src", "trainer/tests", "src", "tests"] {
        gather(&root.join(folder), &mut text, &mut paths);
    }
    let (mut names, mut missing) = (0, Vec::new());
    let rows = DOCUMENT.lines().skip_while(|l| !l.starts_with("## Every feature"));
    for row in rows.filter(|line| line.starts_with("| ")) {
        let proof = row.rsplit('|').nth(1).unwrap_or_default();
        for word in proof.split('`').skip(1).step_by(2) {
            let found = if word.ends_with(".rs") || word.ends_with(".py") {
                paths.iter().any(|path| path.ends_with(word))
            } else if word.matches('_').count() >= 3 {
                names += 1;
                let whole = format!("fn {word}(");
                let begun = word.strip_suffix('…').map(|begin| format!("fn {begin}"));
                text.contains(begun.as_ref().unwrap_or(&whole))
            } else {
                continue;
            };
            if !found {
                missing.push(word);
            }
        }
    }
    assert!(missing.is_empty(), "not there: {missing:?}");
    assert!(names > 30, "found only {names} names of tests");
}
