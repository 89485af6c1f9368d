//! Stamps the commit, so that `--version` and the headers of rendered files name it.

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=HEADROOM_COMMIT");
    let commit = std::env::var("HEADROOM_COMMIT").ok().or_else(from_git);
    println!("cargo:rustc-env=HEADROOM_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
}

/// Archives without a repository are built too; they are of an unknown commit.
fn from_git() -> Option<String> {
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (output.status.success() && !text.is_empty()).then_some(text)
    };
    // The log of HEAD changes with every commit and checkout; HEAD itself does not.
    let log = git(&["rev-parse", "--git-path", "logs/HEAD"])?;
    if std::path::Path::new(&log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}
