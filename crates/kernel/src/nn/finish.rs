//! From sums to the output: bias, residual, activation, store.

use super::activate::activate;
use super::kernels::{Finish, RowOut};
use super::shape::{Activation, Residual};
use super::vector::Vector;

/// A whole or partial vector.
#[inline(always)]
pub(super) unsafe fn load<V: Vector>(from: *const f32, count: usize) -> V {
    // SAFETY: the caller's: `count` numbers, at most a vector of them, can be read.
    unsafe { if count == V::LANES { V::load(from) } else { V::load_some(from, count) } }
}

/// A whole or partial vector; `stream` as in [`Finish`].
#[inline(always)]
pub(super) unsafe fn store<V: Vector>(vector: V, to: *mut f32, count: usize, stream: bool) {
    // SAFETY: the caller's: `count` numbers, at most a vector of them, can be written.
    unsafe {
        if count < V::LANES {
            vector.store_some(to, count);
        } else if stream {
            vector.stream(to);
        } else {
            vector.store(to);
        }
    }
}

/// Finishes `count` channels from `channel` on of the pixel at (row, pixel) counted from where
/// `finish` points.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn finish<V: Vector>(
    finish: &Finish,
    sum: V,
    [row, pixel]: [usize; 2],
    channel: usize,
    count: usize,
) {
    // SAFETY: the pixel lies in the output, and in the residual where there is one.
    unsafe {
        let biased = sum.add(V::load(finish.bias.add(channel)));
        let at = |strides: [usize; 2]| row * strides[0] + pixel * strides[1] + channel;
        let residual = || load::<V>(finish.residual.add(at(finish.residual_strides)), count);
        let result = match (finish.epilogue.residual, finish.epilogue.activation) {
            (Residual::None, Activation::None) => biased,
            (Residual::None, activation) => activate(activation, biased),
            (Residual::BeforeActivation, activation) => {
                activate(activation, biased.add(residual()))
            }
            (Residual::AfterActivation, activation) => activate(activation, biased).add(residual()),
        };
        store(result, finish.output.add(at(finish.output_strides)), count, finish.stream);
    }
}

/// Finishes a row.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn emit<V: Vector>(row: &RowOut) {
    // SAFETY: the caller's.
    unsafe {
        for pixel in 0..row.pixels {
            let sums = row.sums.add(pixel * V::LANES);
            for block in 0..row.finish.channels.div_ceil(V::LANES) {
                let channel = block * V::LANES;
                let count = (row.finish.channels - channel).min(V::LANES);
                let sum = V::load(sums.add(block * row.block_stride));
                finish(&row.finish, sum, [0, pixel], channel, count);
            }
        }
    }
}
