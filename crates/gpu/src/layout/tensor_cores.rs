//! Convolutions on CUDA's tensor cores: which kernel, and how it is given the weights.

use super::ConvTile;
use crate::source::Precision;
use half::f16;
use headroom_kernel::nn::ConvShape;
use std::iter;

/// The kernels, which a macro of `kernels/tensor_cores.h` writes.
pub const TENSOR_KERNELS: [&str; 4] =
    ["conv_tensor_few", "conv_tensor_16", "conv_tensor_32", "conv_tensor_64"];

/// Lanes of a warp.
const LANES: usize = 32;
/// Output channels of a tile of weights.
const TILE: usize = 8;
/// Work items of a group.
const WORKERS: usize = 128;
/// Fewer groups than this leave a card idle.
const FEW: usize = 128;

/// Numbers of a chunk, and how many of them are multiplied at once: `CHUNK` and `DEEP` of the kernels.
fn chunk(precision: Precision) -> (usize, usize) {
    match precision {
        Precision::Half => (32, 16),
        Precision::Float => (16, 8),
    }
}

/// Whether a convolution gains by them, of a few channels most of a tile would be zeros, and its weights are numbers
/// of that precision.
#[must_use]
pub fn suits_tensor_cores(shape: &ConvShape, weight: &[f32], precision: Precision) -> bool {
    let wide = shape.groups == 1 && shape.in_channels >= TILE && shape.out_channels >= TILE;
    let largest = match precision {
        Precision::Half => f16::MAX.to_f32(),
        Precision::Float => f32::MAX / 2.0,
    };
    wide && weight.iter().all(|v| v.abs() <= largest)
}

/// The tile for an output of so many pixels and channels. Every tile gives the same sums.
#[must_use]
pub fn tensor_tile(precision: Precision, pixels: usize, out_channels: usize) -> ConvTile {
    let tile = |kernel, pixels, channels| ConvTile { kernel, pixels, channels, workers: WORKERS };
    let [few, narrow, middle, wide] = TENSOR_KERNELS;
    let best = match (out_channels, precision) {
        (0..=16, _) => tile(narrow, 128, 16),
        (17..=32, _) => tile(middle, 128, 32),
        (_, Precision::Half) => tile(wide, 256, 64),
        (_, Precision::Float) => tile(wide, 128, 64),
    };
    let groups = pixels.div_ceil(best.pixels) * out_channels.div_ceil(best.channels);
    if groups < FEW { tile(few, 64, 32) } else { best }
}

/// Tiles of eight output channels in [`tensor_matrix`]: whole tiles of every kernel.
#[must_use]
pub fn weight_tiles(out_channels: usize) -> usize {
    let tiles = out_channels.div_ceil(TILE);
    if tiles <= 4 { 4 } else { tiles.next_multiple_of(8) }
}

/// The weights of a convolution (output channel, input channel, row, column of taps) as words in the order in which
/// lanes read them: by tap, by `DEEP` input channels (those of a tap padded with zeros to whole chunks), by tile of
/// eight output channels, by lane. A lane has output channel lane / 4; with q = lane % 4, halves of input channels
/// 2 q and 2 q + 1, and of 2 q + 8 and 2 q + 9, or floats of input channels q and q + 4, first as numbers of TF32 and
/// then what that rounding left (PTX ISA, "Matrix Fragments for mma.m16n8k16" and "... mma.m16n8k8").
#[must_use]
pub fn tensor_matrix(shape: &ConvShape, weight: &[f32], precision: Precision) -> Vec<u32> {
    let taps = shape.kernel[0] * shape.kernel[1];
    let (chunk, deep) = chunk(precision);
    let of = |tap: usize, channel: usize, out: usize| {
        let there = channel < shape.in_channels && out < shape.out_channels;
        if there { weight[(out * shape.in_channels + channel) * taps + tap] } else { 0.0 }
    };
    let mut words = Vec::new();
    for tap in 0..taps {
        for first in (0..shape.in_channels.next_multiple_of(chunk)).step_by(deep) {
            for (tile, lane) in
                (0..weight_tiles(shape.out_channels)).flat_map(|t| iter::repeat(t).zip(0..LANES))
            {
                let (out, q) = (tile * TILE + lane / 4, lane % 4);
                let of = |channel: usize| of(tap, first + channel, out);
                match precision {
                    Precision::Half => words.extend([0, 8].map(|at| {
                        let pair =
                            [0, 1].map(|i| u32::from(f16::from_f32(of(at + 2 * q + i)).to_bits()));
                        pair[0] | pair[1] << 16
                    })),
                    Precision::Float => {
                        let parted = [q, q + 4].map(|at| part(of(at)));
                        words.extend(parted.map(|(high, _)| high.to_bits()));
                        words.extend(parted.map(|(_, rest)| rest.to_bits()));
                    }
                }
            }
        }
    }
    words
}

/// The nearest number of TF32, which has 10 bits behind the point, and what is left, rounded likewise.
fn part(value: f32) -> (f32, f32) {
    let round = |v: f32| f32::from_bits(v.to_bits().wrapping_add(0x1000) & !0x1fff);
    let high = round(value);
    (high, round(value - high))
}
