//! `headroom-train synth`.

use crate::Error;

/// Makes pairs of SDR and HDR pictures, or clips, by simulated cameras.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        Err(Error::failed("not built yet"))
    }
}
