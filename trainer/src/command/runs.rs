//! `headroom-train runs`.

use crate::Error;

/// Lists and compares run folders.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
