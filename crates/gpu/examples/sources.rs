//! Writes the kernels as the sources that are built, and their hashes, into a folder: for `cargo xtask
//! kernels`.

use headroom_gpu::source::{Precision, hash, source};
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_default();
    for (name, precision) in [("float.cu", Precision::Float), ("half.cu", Precision::Half)] {
        std::fs::write(folder.join(name), source(precision))?;
    }
    let hashes: String = Precision::ALL.map(|p| format!("{}\n", hash(p))).concat();
    std::fs::write(folder.join("sources.sha256"), hashes)
}
