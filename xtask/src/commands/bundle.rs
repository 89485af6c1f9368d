//! `cargo xtask bundle`: the plug-in as hosts load it.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{bundle_layout, libclang, workspace};
use std::path::PathBuf;

/// Builds and lays out, and says where.
pub(crate) fn run(mut args: Args) -> Outcome {
    let profile = if args.flag("--debug") { "dev" } else { "release" };
    args.done()?;
    println!("{}", build(profile)?.display());
    Ok(())
}

/// Builds the plug-in in a profile of cargo's and returns the bundle's folder.
pub(crate) fn build(profile: &str) -> Result<PathBuf, String> {
    let mut cargo = run::cargo();
    libclang::prepare()?.apply(&mut cargo);
    run::run(cargo.args(["build", "--package", "headroom-plugin", "--profile", profile]))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let library =
        workspace::target().join(folder).join(bundle_layout::library_name(std::env::consts::OS));
    bundle_layout::lay_out(workspace::target(), &library, bundle_layout::native_folder_name())
}
