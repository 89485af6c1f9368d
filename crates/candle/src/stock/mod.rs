//! Operations put together from those of Candle's whose gradients are right, for any device and any
//! float type. They are the reference: each is its definition, without a thought of speed.
//!
//! Not used, because Candle 0.11 has their gradients wrong or not at all: max and average pooling,
//! enlarging, relu (1 at 0), silu (not a number far below 0), minimum and maximum (half at a tie),
//! the fused softmax and norms, transposed convolution in one dimension; roots and powers only where
//! their argument is kept above 0.

mod activation;
mod convolution;
mod curve;
mod embedding;
mod limit;
mod matrix;
mod mean;
mod norm;
mod resample;
mod shuffle;
mod slice;

pub(crate) use activation::{absolute, activation, relu};
pub(crate) use convolution::{conv, linear};
pub(crate) use curve::{cumulative_sum, curve};
pub(crate) use embedding::time_embedding;
pub(crate) use limit::{divide, exp2, limit};
pub(crate) use matrix::apply_matrix;
pub(crate) use mean::{average_pool, global_mean};
pub(crate) use norm::group_norm;
pub(crate) use resample::{nearest, resample};
pub(crate) use shuffle::{pixel_shuffle, pixel_unshuffle};
pub(crate) use slice::slice;
