//! Kernels of neural networks: convolution of pictures with channels last, and the memory for it.
//!
//! A [`Conv`] is made once for a layer and a [`Machine`], and run on any size of picture. Results do
//! not depend on the number of threads, the scratch or the strides. Between instruction sets they
//! differ by rounding: fused multiply-adds and Winograd transforms round differently than plain
//! products and sums (relative RMS error below 1e-6), products of bfloat16 by more (below
//! 1.5e-2, and below 3e-3 for layers without a Winograd transform).
//!
//! This module knows layers; what a network is and in which order layers run is known above.

// Elsewhere only the portable method is reached so far; the loops of the others still compile.
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]

pub mod ops;

mod activate;
mod arena;
mod axis;
mod choice;
mod conv;
mod depthwise;
mod direct;
mod gradient;
mod job;
mod kernels;
mod machine;
mod place;
mod platform;
mod portable;
mod shape;
mod tensor;
mod vector;
mod weights;
mod winograd;

#[cfg(target_arch = "x86_64")]
mod amx;
mod bf16;
mod finish;
mod multiply;
mod operand;
#[cfg(target_arch = "x86_64")]
mod tables;
mod tile;

#[cfg(test)]
mod tests;

pub use arena::{Arena, ArenaError};
pub use conv::Conv;
pub use gradient::WeightGradient;
pub use machine::{Isa, Machine, Precision};
pub use place::{BINS, COEFFICIENTS, Guide, HIDDEN, Place, PlaceGrid, PlaceMaps, PlaceRow};
pub use shape::{Activation, ConvShape, Epilogue, Residual, ShapeError};
pub use tensor::{Tensor, TensorMut};
