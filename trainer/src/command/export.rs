//! `headroom-train export`.

use crate::Error;

/// Writes a trained network as weights that the node reads, its model card, and ONNX.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
