//! wip
use crate::error::Outcome;
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {}
pub(crate) fn run(_a: &Arguments) -> Outcome { Ok(()) }
