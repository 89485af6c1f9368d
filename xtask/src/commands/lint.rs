//! `cargo xtask lint`: formatting, clippy, and cargo-deny. What is not installed is said and
//! skipped, so that a fresh machine can run it.

use crate::args::Args;
use crate::libclang;
use crate::report::Tally;
use crate::run::{self, Outcome};

/// Runs the lints by themselves.
pub(crate) fn run(args: Args) -> Outcome {
    args.done()?;
    let mut tally = Tally::default();
    check(&mut tally)?;
    tally.finish()
}

/// Runs the lints and counts them.
pub(crate) fn check(tally: &mut Tally) -> Outcome {
    if run::cargo_has("fmt") {
        tally.check(run::run(run::cargo().args(["fmt", "--all", "--check"])));
    } else {
        println!("lint: rustfmt is not installed; formatting is not checked");
    }
    if run::cargo_has("clippy") {
        let mut cargo = run::cargo();
        libclang::prepare()?.apply(&mut cargo);
        cargo.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        tally.check(run::run(&mut cargo));
    } else {
        println!("lint: clippy is not installed and does not run");
    }
    if run::cargo_has("deny") {
        tally.check(run::run(run::cargo().args(["deny", "check"])));
    } else {
        println!("lint: cargo-deny is not installed; licences and advisories are not checked");
    }
    Ok(())
}
