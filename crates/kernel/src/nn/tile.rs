//! The transforms of Winograd F(4x4, 3x3): 6x6 input pixels to 36 operands, 36 sums to 4x4 outputs.
//!
//! Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.3, with the points
//! 0, p, -p, 2p, -2p and infinity. They take p = 1; a p near the root of a half weighs the pixels of a
//! tile more evenly and halves the error (Barabasz et al., Error Analysis and Improving the Accuracy
//! of Winograd Convolution for Deep Neural Networks, 2018). Its powers must be exact in f32.

use super::finish::{finish, load, store};
use super::kernels::{TileIn, TileOut};
use super::operand::Operand;
use super::platform::prefetch;
use super::shape::{Activation, Residual};
use super::vector::Vector;

/// The points are 0, P, -P, 2P, -2P and infinity.
const P: f32 = 0.6875;
const P2: f32 = P * P;

/// B^T d.
#[inline(always)]
unsafe fn input<V: Vector>(d: [V; 6]) -> [V; 6] {
    // SAFETY: the caller's.
    unsafe {
        let (near, far) = (V::splat(P2), V::splat(4.0 * P2));
        let (sum, product) = (V::splat(5.0 * P2), V::splat(4.0 * P2 * P2));
        let (p, twice) = (V::splat(P), V::splat(2.0 * P));
        let even = V::fnma(far, d[2], d[4]);
        let odd = V::fnma(far, d[1], d[3]);
        let far_even = V::fnma(near, d[2], d[4]);
        let far_odd = V::fnma(near, d[1], d[3]);
        [
            V::fma(product, d[0], V::fnma(sum, d[2], d[4])),
            V::fma(p, odd, even),
            V::fnma(p, odd, even),
            V::fma(twice, far_odd, far_even),
            V::fnma(twice, far_odd, far_even),
            V::fma(product, d[1], V::fnma(sum, d[3], d[5])),
        ]
    }
}

/// A^T m.
#[inline(always)]
unsafe fn output<V: Vector>(m: [V; 6]) -> [V; 4] {
    // SAFETY: the caller's.
    unsafe {
        let (near_sum, near) = (m[1].add(m[2]), m[1].sub(m[2]));
        let (far_sum, far) = (m[3].add(m[4]), m[3].sub(m[4]));
        [
            m[0].add(near_sum).add(far_sum),
            V::fma(V::splat(2.0), far, near).mul(V::splat(P)),
            V::fma(V::splat(4.0), far_sum, near_sum).mul(V::splat(P2)),
            V::fma(V::fma(V::splat(8.0), far, near), V::splat(P * P2), m[5]),
        ]
    }
}

/// G g for one column of a kernel: 3 weights to 6.
pub(super) fn weights(g: [f64; 3]) -> [f64; 6] {
    // The polynomial g at each point, over the product of the distances to the other points.
    let p = f64::from(P);
    let p4 = p * p * p * p;
    let at = |point: f64| g[0] + point * (g[1] + point * g[2]);
    [
        g[0] / (4.0 * p4),
        at(p) / (-6.0 * p4),
        at(-p) / (-6.0 * p4),
        at(2.0 * p) / (24.0 * p4),
        at(-2.0 * p) / (24.0 * p4),
        g[2],
    ]
}

/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn tile_in<O: Operand>(t: &TileIn) {
    let lanes = O::V::LANES;
    // SAFETY: the caller's: the tile's 36 pixels and this tile's slots are there.
    unsafe {
        for slot in 0..t.channels.div_ceil(O::CHANNELS) {
            let to = t.slot.add(slot * t.slot_stride);
            for part in 0..O::CHANNELS / lanes {
                let channel = slot * O::CHANNELS + part * lanes;
                if channel >= t.channels {
                    for position in 0..36 {
                        let to = to.add(position * t.position_stride);
                        O::store(O::V::zero(), to, part * lanes);
                    }
                    continue;
                }
                let count = (t.channels - channel).min(lanes);
                let from = t.from.add(channel);
                let mut rows = [[O::V::zero(); 6]; 6];
                for (y, row) in rows.iter_mut().enumerate() {
                    let from = from.add(y * t.strides[0]);
                    for (x, pixel) in row.iter_mut().enumerate() {
                        *pixel = load(from.add(x * t.strides[1]), count);
                        if x >= 2 {
                            prefetch(from.wrapping_add(x * t.strides[1] + t.ahead));
                        }
                    }
                    *row = input(*row);
                }
                #[allow(clippy::needless_range_loop)] // down the columns
                for x in 0..6 {
                    let column = input([
                        rows[0][x], rows[1][x], rows[2][x], rows[3][x], rows[4][x], rows[5][x],
                    ]);
                    for (y, vector) in column.into_iter().enumerate() {
                        let to = to.add((y * 6 + x) * t.position_stride);
                        O::store(vector, to, part * lanes);
                    }
                }
            }
        }
    }
}

/// `BLOCKS` vectors of `V` are a cache line of the output, which is written at once.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn tile_out<V: Vector, const BLOCKS: usize>(t: &TileOut) {
    // SAFETY: the caller's: the sums are there, and so is the valid part of the output.
    unsafe {
        for line in (0..t.finish.channels).step_by(BLOCKS * V::LANES) {
            if t.size != [4, 4] || line + BLOCKS * V::LANES > t.finish.channels {
                for channel in (line..t.finish.channels).step_by(V::LANES).take(BLOCKS) {
                    part::<V>(t, channel);
                }
                continue;
            }
            let residual = t.finish.epilogue.residual;
            match (t.finish.epilogue.activation, residual) {
                (Activation::None | Activation::Relu, Residual::None) => {
                    whole_line::<V, BLOCKS, 0>(t, line);
                }
                (Activation::None | Activation::Relu, Residual::BeforeActivation) => {
                    whole_line::<V, BLOCKS, 1>(t, line);
                }
                (Activation::None | Activation::Relu, Residual::AfterActivation) => {
                    whole_line::<V, BLOCKS, 2>(t, line);
                }
                _ => {
                    for block in 0..BLOCKS {
                        part::<V>(t, line + block * V::LANES);
                    }
                }
            }
        }
    }
}

/// A^T m A up to the last step: the columns are done, `[x][y]`.
#[inline(always)]
unsafe fn columns<V: Vector>(t: &TileOut, channel: usize) -> [[V; 4]; 6] {
    // SAFETY: the caller's.
    unsafe {
        let sums = t.sums.add(channel / V::LANES * t.block_stride);
        let mut columns = [[V::zero(); 4]; 6];
        for (x, column) in columns.iter_mut().enumerate() {
            let mut m = [V::zero(); 6];
            for (y, m) in m.iter_mut().enumerate() {
                *m = V::load(sums.add((y * 6 + x) * t.position_stride));
            }
            *column = output(m);
        }
        columns
    }
}

/// A whole tile with whole vectors and no activation but ReLU: with all that known, everything stays
/// in registers. `RESIDUAL` is 0 for none, 1 for before and 2 for after the activation.
#[inline(always)]
unsafe fn whole_line<V: Vector, const BLOCKS: usize, const RESIDUAL: usize>(
    t: &TileOut,
    line: usize,
) {
    let f = &t.finish;
    // SAFETY: the caller's.
    unsafe {
        let floor = if f.epilogue.activation == Activation::Relu { 0.0 } else { f32::NEG_INFINITY };
        let floor = V::splat(floor);
        let mut blocks = [[[V::zero(); 4]; 6]; BLOCKS];
        for (block, columns_of) in blocks.iter_mut().enumerate() {
            *columns_of = columns::<V>(t, line + block * V::LANES);
        }
        let mut to = f.output.add(line);
        let mut other = f.residual.wrapping_add(line);
        for y in 0..4 {
            for (block, c) in blocks.iter().enumerate() {
                let bias = V::load(f.bias.add(line + block * V::LANES));
                let row = output([c[0][y], c[1][y], c[2][y], c[3][y], c[4][y], c[5][y]]);
                let mut to = to.add(block * V::LANES);
                let mut other = other.wrapping_add(block * V::LANES);
                for sum in row {
                    let mut sum = sum.add(bias);
                    if RESIDUAL == 1 {
                        sum = sum.add(V::load(other));
                    }
                    // In this order NaN stays NaN.
                    sum = floor.max(sum);
                    if RESIDUAL == 2 {
                        sum = sum.add(V::load(other));
                    }
                    store(sum, to, V::LANES, f.stream);
                    to = to.wrapping_add(f.output_strides[1]);
                    other = other.wrapping_add(f.residual_strides[1]);
                }
            }
            to = to.wrapping_add(f.output_strides[0]);
            other = other.wrapping_add(f.residual_strides[0]);
        }
    }
}

/// What is valid of a tile, for up to a vector of channels.
#[inline(always)]
unsafe fn part<V: Vector>(t: &TileOut, channel: usize) {
    // SAFETY: the caller's.
    unsafe {
        let count = (t.finish.channels - channel).min(V::LANES);
        let c = columns::<V>(t, channel);
        #[allow(clippy::needless_range_loop)] // across the columns
        for y in 0..t.size[0] {
            let row = output([c[0][y], c[1][y], c[2][y], c[3][y], c[4][y], c[5][y]]);
            for (x, sum) in row.into_iter().enumerate().take(t.size[1]) {
                finish(&t.finish, sum, [y, x], channel, count);
            }
        }
    }
}
