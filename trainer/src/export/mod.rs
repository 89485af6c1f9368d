//! Weights files, model cards and ONNX from a run.
//!
//! | module | what it is for |
//! |---|---|
//! | [`write`] | a model file with other words or another float type |
//! | [`run`] | what a run folder says of its weights |
//! | [`scores`] | what an evaluation says of weights |
//! | [`card`] | the model card |
//! | [`onnx`] | a whole network as one ONNX file |
//! | [`merge`] | a network put together from trained ones |

mod card;
mod file;
pub mod merge;
pub mod onnx;
pub mod run;
pub mod scores;

pub use card::card;
pub use file::{Options, write};
