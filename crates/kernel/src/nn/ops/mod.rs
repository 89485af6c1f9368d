//! What networks do beside convolutions, on pictures with channels last.
//!
//! Every function writes all of its output and works on any strides. Work is shared over the pool in
//! bands of rows whose size follows from the shapes alone, so results are the same bits for any
//! number of threads. Only plain products and sums are used, in one order (activations excepted), so
//! they are the same bits for every instruction set as well.

mod bands;
mod channels;
mod colour;
mod combine;
mod dispatch;
mod frame;
mod linear;
mod norm;
mod pointwise;
mod resample;
mod shuffle;
mod slice;

pub use channels::{copy, cumulative_sum};
pub use colour::{apply_matrix, curve};
pub use combine::{Combine, combine};
pub use frame::{Axis, from_frame, from_frame_scratch};
pub use linear::linear;
pub use norm::{GroupNorm, global_mean, global_mean_scratch, group_norm, group_norm_scratch};
pub use pointwise::{Map, map};
pub use resample::{average_pool, upsample_bilinear, upsample_nearest};
pub use shuffle::{pixel_shuffle, pixel_unshuffle};
pub use slice::{Grid, bilateral_affine, bilateral_slice, bilateral_slice_scratch};
