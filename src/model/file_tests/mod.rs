//! Tests of model files, and what they share.

mod hostile;
pub(super) mod sample;
