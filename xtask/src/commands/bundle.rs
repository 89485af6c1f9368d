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
    build_packages(profile, &["headroom-plugin"])
}

/// Builds the bundle that ships and the command line. In one go, since cargo would build what both
/// need twice if it were asked for one after the other: the features differ.
pub(crate) fn build_with_command_line() -> Result<PathBuf, String> {
    build_packages("release", &SHIPPED)
}

/// What [`build_with_command_line`] builds.
pub(crate) const SHIPPED: [&str; 2] = ["headroom-plugin", "headroom-cli"];

fn build_packages(profile: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let mut cargo = run::cargo();
    libclang::prepare()?.apply(&mut cargo);
    cargo.args(["build", "--profile", profile]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    run::run(&mut cargo)?;
    let folder = if profile == "dev" { "debug" } else { profile };
    let library =
        workspace::target().join(folder).join(bundle_layout::library_name(std::env::consts::OS));
    bundle_layout::lay_out(workspace::target(), &library, bundle_layout::native_folder_name())
}
