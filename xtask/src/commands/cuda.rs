//! `cargo xtask cuda`: builds the trainer for NVIDIA cards, with or without one.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{cuda, workspace};

/// Finds a CUDA toolkit, or lays one out under the target folder, and builds with it.
pub(crate) fn run(mut args: Args) -> Outcome {
    let debug = args.flag("--debug");
    let only = args.flag("--layout-only");
    args.done()?;
    let toolkit = cuda::prepare()?;
    println!("CUDA toolkit: {}", toolkit.place());
    if only {
        return Ok(());
    }
    let mut cargo = run::cargo();
    toolkit.apply(&mut cargo).args(["build", "--package", "headroom-train", "--features", "cuda"]);
    if !debug {
        cargo.arg("--release");
    }
    run::run(&mut cargo)?;
    let profile = if debug { "debug" } else { "release" };
    println!("built: {}", workspace::target().join(profile).join("headroom-train").display());
    println!("It needs the driver (580 or newer) and the CUDA 13 libraries where it runs.");
    Ok(())
}
