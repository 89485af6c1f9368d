//! `cargo xtask setup`: what building needs beyond Rust and a C compiler.

use crate::args::Args;
use crate::libclang;
use crate::run::Outcome;

/// Finds or installs libclang and says how to use it with plain cargo.
pub(crate) fn run(args: Args) -> Outcome {
    args.done()?;
    let libclang = libclang::prepare()?;
    println!("libclang: {}", libclang.folder.display());
    println!("\nxtask sets this by itself; for plain cargo:");
    println!("  export LIBCLANG_PATH=\"{}\"", libclang.folder.display());
    if let Some(arguments) = libclang.arguments {
        println!("  export BINDGEN_EXTRA_CLANG_ARGS=\"{arguments}\"");
    }
    Ok(())
}
