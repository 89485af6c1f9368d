//! Headroom's trainer: data, losses, optimiser, the loop, its record, evaluation, export.
//!
//! | module | what it is for |
//! |---|---|
//! | [`experiment`] | the TOML file that is the whole experiment, put together from the modules' settings |
//! | [`command`] | the subcommands of `headroom-train`, one file each |
//! | [`shot`] | what everything works on: SDR codes, base, truth, clip mask, what networks see |
//! | [`data`] | pictures from disk to batches of shots; simulated cameras |
//! | [`loss`] | losses and their gradients, by name and weight |
//! | [`optimiser`] | AdamW, schedules, averages, clipping, loss scaling |
//! | [`train`] | the loop, checkpoints, stopping, locks |
//! | [`record`] | the run folder: logs, TensorBoard, plots, samples, report |
//! | [`eval`] | scores over cameras and data sets |
//! | [`infer`] | EXR files of a folder of pictures |
//! | [`export`] | weights files, model cards, ONNX |
//! | [`model`] | which network |
//! | [`protobuf`] | writes messages of TensorBoard and ONNX |
//!
//! Nothing here knows OpenFX. Pixels are channels last with rows from the top down, light is linear
//! Rec.709.

pub mod command;
mod csv;
pub mod data;
pub mod device;
mod error;
pub mod eval;
pub mod experiment;
pub mod export;
pub mod infer;
pub mod loss;
pub mod model;
pub mod optimiser;
pub mod protobuf;
pub mod record;
pub mod shot;
pub mod train;

pub use error::{EXIT_CODES, Error};
