//! The transforms of Winograd F(4x4, 3x3): 6x6 input pixels to 36 operands, 36 sums to 4x4 outputs.
//!
//! Lavin & Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.3 (points 0, 1,
//! -1, 2, -2 and infinity).

use super::finish::{finish, load};
use super::kernels::{TileIn, TileOut};
use super::operand::Operand;
use super::vector::Vector;

/// B^T d.
#[inline(always)]
unsafe fn input<V: Vector>(d: [V; 6]) -> [V; 6] {
    // SAFETY: the caller's.
    unsafe {
        let (two, four, five) = (V::splat(2.0), V::splat(4.0), V::splat(5.0));
        let even = V::fnma(four, d[2], d[4]);
        let odd = V::fnma(four, d[1], d[3]);
        let far_even = d[4].sub(d[2]);
        let far_odd = d[3].sub(d[1]);
        [
            V::fma(four, d[0], V::fnma(five, d[2], d[4])),
            even.add(odd),
            even.sub(odd),
            V::fma(two, far_odd, far_even),
            V::fnma(two, far_odd, far_even),
            V::fma(four, d[1], V::fnma(five, d[3], d[5])),
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
            V::fma(V::splat(2.0), far, near),
            V::fma(V::splat(4.0), far_sum, near_sum),
            V::fma(V::splat(8.0), far, near).add(m[5]),
        ]
    }
}

/// G g for one column of a kernel: 3 weights to 6.
pub(super) fn weights(g: [f64; 3]) -> [f64; 6] {
    let (even, odd) = (g[0] + g[2], g[1]);
    let (far_even, far_odd) = (g[0] + 4.0 * g[2], 2.0 * g[1]);
    [
        g[0] / 4.0,
        -(even + odd) / 6.0,
        -(even - odd) / 6.0,
        (far_even + far_odd) / 24.0,
        (far_even - far_odd) / 24.0,
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
                    }
                    *row = input(*row);
                }
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

/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn tile_out<V: Vector>(t: &TileOut) {
    // SAFETY: the caller's: the sums are there, and so is the valid part of the output.
    unsafe {
        for block in 0..t.finish.channels.div_ceil(V::LANES) {
            let channel = block * V::LANES;
            let count = (t.finish.channels - channel).min(V::LANES);
            let sums = t.sums.add(block * t.block_stride);
            let mut columns = [[V::zero(); 4]; 6];
            for (x, column) in columns.iter_mut().enumerate() {
                let mut m = [V::zero(); 6];
                for (y, m) in m.iter_mut().enumerate() {
                    *m = V::load(sums.add((y * 6 + x) * t.position_stride));
                }
                *column = output(m);
            }
            for y in 0..t.size[0] {
                let row = output([
                    columns[0][y],
                    columns[1][y],
                    columns[2][y],
                    columns[3][y],
                    columns[4][y],
                    columns[5][y],
                ]);
                for (x, sum) in row.into_iter().enumerate().take(t.size[1]) {
                    finish(&t.finish, sum, [y, x], channel, count);
                }
            }
        }
    }
}
