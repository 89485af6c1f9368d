//! stand-in
use crate::Error;
use crate::train::Resume;
use std::path::Path;
/// Expands a folder of pictures with trained weights.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}
impl Arguments { pub(super) fn run(&self) -> Result<(), Error> { Err(Error::failed("x")) } }
/// x
#[derive(Debug, clap::Args)]
pub(super) struct Output {}
impl Output { pub(super) fn infer(&self, _l: Option<&Path>, _r: Option<&Resume>, _o: Option<&Path>) -> Result<(), Error> { Err(Error::failed("x")) } }
