//! `cargo xtask kernels`: builds the GPU's kernels for CUDA, with or without a card.

use crate::args::Args;
use crate::run::{self, Outcome};
use crate::{cuda, workspace};

/// Every generation since Turing in machine code; drivers translate PTX for what comes after.
const GENERATIONS: [&str; 7] = ["75", "80", "86", "89", "90", "100", "120"];

/// The generation whose instructions the PTX keeps to.
const PTX: &str = "80";

/// Compiles the sources of `crates/gpu/kernels` into `crates/gpu/built`, which is committed: nobody who
/// builds Headroom needs the toolkit.
pub(crate) fn run(args: Args) -> Outcome {
    args.done()?;
    let toolkit = cuda::prepare_compiler()?;
    println!("CUDA compiler: {}", toolkit.place());
    let sources = workspace::target().join("kernels");
    let built = workspace::root().join("crates").join("gpu").join("built");
    workspace::make_folder(&sources)?;
    let mut cargo = run::cargo();
    cargo.args(["run", "--quiet", "--package", "headroom-gpu", "--example", "sources", "--"]);
    run::run(cargo.arg(&sources))?;
    for name in ["float", "half"] {
        let mut nvcc = run::program(toolkit.nvcc());
        toolkit.apply(&mut nvcc);
        nvcc.args(["-std=c++17", "-O3", "-fatbin", "--compress-mode=size", "--threads", "0"]);
        for generation in GENERATIONS {
            nvcc.arg(format!("-gencode=arch=compute_{generation},code=sm_{generation}"));
        }
        nvcc.arg(format!("-gencode=arch=compute_{PTX},code=compute_{PTX}"));
        nvcc.arg("-o").arg(built.join(format!("{name}.fatbin")));
        run::run(nvcc.arg(sources.join(format!("{name}.cu"))))?;
    }
    workspace::copy(&sources.join("sources.sha256"), &built.join("sources.sha256"))?;
    println!("built: {}", built.display());
    Ok(())
}
