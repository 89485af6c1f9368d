//! `cargo xtask bench`: the whole effect through the OpenFX host, against copying the same frame.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{commands, libclang, workspace};

/// Builds the bundle that ships and runs `benches/effect.rs` on it.
pub(crate) fn run(args: Args) -> Outcome {
    let bundle = commands::bundle::build_with_command_line()?;
    let report = workspace::target().join("bench");
    workspace::make_folder(&report)?;
    let mut cargo = run::cargo();
    libclang::prepare()?.apply(&mut cargo);
    cargo
        .env(commands::test::PLUGIN_VARIABLE, &bundle)
        .env("HEADROOM_BENCH_REPORT", report.join("effect.md"))
        .arg("bench");
    for package in commands::bundle::SHIPPED {
        cargo.args(["--package", package]);
    }
    cargo.args(["--bench", "effect", "--"]).args(args.rest());
    run::run(&mut cargo)?;
    println!("written: {}", report.join("effect.md").display());
    Ok(())
}
