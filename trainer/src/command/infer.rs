//! `headroom-train infer`.

use crate::Error;

/// Expands a folder of pictures with trained weights.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
