//! Stamps the commit the plug-in is built from: `$HEADROOM_COMMIT` where a packager sets it, else
//! what git says, else "unknown".

use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=HEADROOM_COMMIT");
    let git = |args: &[&str]| {
        let output = Command::new("git").args(args).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        (output.status.success() && !text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    // Only a change of the commit itself makes the plug-in stale, wherever git keeps it (worktrees).
    for name in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--path-format=absolute", "--git-path", name]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
    let commit = std::env::var("HEADROOM_COMMIT")
        .ok()
        .filter(|commit| !commit.is_empty())
        .or_else(|| git(&["rev-parse", "--short=12", "HEAD"]))
        .unwrap_or_else(|| "unknown".to_owned());
    println!("cargo:rustc-env=HEADROOM_COMMIT={commit}");
}
