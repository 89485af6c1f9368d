//! `headroom-train eval`.

use crate::Error;

/// Scores weights, a folder of predictions or a method on pictures whose truth is known.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
