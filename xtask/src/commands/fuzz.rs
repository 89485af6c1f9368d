//! `cargo xtask fuzz`: each parser of files that are not trusted is fed damaged input for a time.
//!
//! Without options the fuzzer inside `tests/fuzz`, which runs on any compiler. With `--libfuzzer` the
//! same targets by cargo-fuzz, which follows coverage and watches memory, but wants a nightly
//! compiler.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::workspace;
use std::path::{Path, PathBuf};

/// Those of `fuzz/fuzz_targets`.
const TARGETS: [&str; 3] = ["model", "graph", "cube"];

/// Seconds for each target.
const SECONDS: &str = "60";

/// Fuzzes every target and ends with an error if one crashes.
pub(crate) fn run(mut args: Args) -> Outcome {
    let number = |name: &str, text: String| match text.parse::<u32>() {
        Ok(number) => Ok(number.to_string()),
        Err(_) => Err(format!("{name}: found \"{text}\", expected a number")),
    };
    let seconds = args.value("--seconds")?.unwrap_or_else(|| SECONDS.to_owned());
    let seconds = number("--seconds", seconds)?;
    let seed = number("--seed", args.value("--seed")?.unwrap_or_else(|| "1".to_owned()))?;
    let by_library = args.flag("--libfuzzer");
    args.done()?;
    if by_library {
        return libfuzzer(&seconds, &seed);
    }
    // The profile of tests checks arithmetic, so an overflow counts as a crash.
    let mut cargo = run::cargo();
    cargo.args(["test", "--package", "headroom", "--test", "fuzz", "--"]);
    cargo.args(["--nocapture", "--test-threads=1"]);
    run::run(cargo.env("HEADROOM_FUZZ_SECONDS", seconds).env("HEADROOM_FUZZ_SEED", seed))
}

fn libfuzzer(seconds: &str, seed: &str) -> Outcome {
    let folder = workspace::root().join("fuzz");
    let mut failures = Vec::new();
    for target in TARGETS {
        let corpus = corpus(target)?;
        // Not the cargo that runs us: it would pass its own compiler on.
        let mut cargo = run::program("cargo");
        for variable in ["RUSTUP_TOOLCHAIN", "RUSTC", "CARGO", "CARGO_TARGET_DIR"] {
            cargo.env_remove(variable);
        }
        cargo.args(["+nightly", "fuzz", "run", "--fuzz-dir"]).arg(&folder);
        cargo.arg("--target-dir").arg(workspace::target().join("fuzz")).arg(target).arg(corpus);
        cargo.args(["--", &format!("-max_total_time={seconds}"), &format!("-seed={seed}")]);
        cargo.args(["-max_len=65536", "-print_final_stats=1", "-close_fd_mask=1"]);
        if let Err(error) = run::run(&mut cargo) {
            failures.push(error);
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// A folder with sound inputs, to which libFuzzer adds what reaches new code.
fn corpus(target: &str) -> Result<PathBuf, String> {
    let folder = workspace::target().join("fuzz-corpus");
    if !folder.join(TARGETS[0]).exists() {
        let mut cargo = run::cargo();
        cargo.args(["test", "--package", "headroom", "--test", "fuzz", "--", "every_sound_input"]);
        run::run(cargo.env("HEADROOM_FUZZ_CORPUS", &folder))?;
    }
    let folder = folder.join(target);
    if Path::is_dir(&folder) {
        Ok(folder)
    } else {
        Err(format!("no corpus in {}", folder.display()))
    }
}
