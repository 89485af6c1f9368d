//! `headroom-train train`.

use crate::Error;

/// Trains a network as an experiment and flags say.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
