//! Tests of networks and of model files, and what they share.

mod hostile;
mod networks;
pub(super) mod sample;
