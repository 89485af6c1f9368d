//! `cargo xtask test`: everything a change must pass. `.ci/run` runs this and nothing else.

use crate::args::Args;
use crate::report::Tally;
use crate::run::{self, Outcome};
use crate::{commands, libclang, workspace};
use std::path::Path;

/// Environment variable that tells the integration tests which bundle to load.
pub(crate) const BUNDLE_VARIABLE: &str = "HEADROOM_BUNDLE";

/// Builds the bundle that ships, then runs every test and the host matrix on it.
pub(crate) fn run(mut args: Args) -> Outcome {
    let valgrind = args.flag("--valgrind");
    let rest = args.rest();
    let bundle = commands::bundle::build("release")?;
    let mut tally = Tally::default();

    let mut cargo = run::cargo();
    libclang::prepare()?.apply(&mut cargo).env(BUNDLE_VARIABLE, &bundle);
    // No --all-targets: it would leave out the documentation's examples. One cargo for all, so
    // that features are unified once and nothing is built twice.
    cargo.args(["test", "--workspace", "--no-fail-fast"]).args(&rest);
    tally.run(&mut cargo);
    if rest.is_empty() {
        commands::lint::check(&mut tally)?;
    }
    if valgrind {
        under_valgrind(&bundle, &mut tally);
    }
    tally.finish()
}

/// The small host matrix under valgrind, which sees what no assertion does: reads of memory that
/// nobody wrote, and bytes beyond a picture.
fn under_valgrind(bundle: &Path, tally: &mut Tally) {
    if !run::exists("valgrind") {
        tally.check(Err("--valgrind: valgrind is not installed".to_owned()));
        return;
    }
    let built = libclang::prepare().and_then(|libclang| {
        let mut cargo = run::cargo();
        run::run(libclang.apply(&mut cargo).args([
            "build",
            "--release",
            "--package",
            "headroom-cli",
        ]))
    });
    if let Err(error) = built {
        tally.check(Err(error));
        return;
    }
    let suppressions = workspace::root().join("xtask").join("valgrind.supp");
    let mut valgrind = run::program("valgrind");
    valgrind
        .args(["--quiet", "--error-exitcode=99", "--leak-check=full"])
        .args(["--errors-for-leak-kinds=definite", "--show-leak-kinds=definite"])
        .arg(format!("--suppressions={}", suppressions.display()))
        .arg(workspace::release_program("headroom"))
        .args(["host", "--small"])
        .arg(bundle);
    tally.check(run::run(&mut valgrind));
}
