//! Networks in Candle: for training, and as the reference that other executors are held against.
//!
//! An [`Executor`] runs the graphs of [`headroom::graph`] on Candle tensors, so that Candle's automatic
//! differentiation gives the gradients of the [`Variables`]. Tensors are batches with channels last,
//! [N, H, W, C]; a vector is [N, 1, 1, C].
//!
//! There are two sets of operations ([`Ops`]). The stock ones are put together from those of Candle's
//! whose gradients are right, and run on every device and in every float type. The fast ones run in
//! f32 on the CPU, on the kernels of [`headroom_kernel::nn`]; where they do not apply the stock ones
//! stand in.
//!
//! Candle keeps statics and threads of its own, so nothing that a host loads may depend on this crate.

mod error;
mod executor;
mod fast;
mod line;
mod network;
mod stock;
mod variables;

pub use error::Error;
pub use executor::{Executor, Ops};
pub use variables::Variables;
