//! Convolution of each channel by itself: no sums over channels, so no products of matrices either, and what is
//! read once is used a few times only. A piece of work is a row of the output.
//!
//! Per vector of channels four neighbouring pixels are summed up at once, tap by tap, so that a weight
//! is read once for four products and no sum waits for the one before. Products are fused with
//! their sums in the order of the taps, so every width of vector gives the same bits.

use super::finish::{finish, load};
use super::job::{Job, Picture};
use super::kernels::{Depths, Kernels};
use super::shape::ConvShape;
use super::vector::Vector;
use super::weights::Aligned;

/// Pixels that are summed up at once.
const PIXELS: usize = 4;

pub(super) struct Depthwise {
    /// `[vector of channels][tap][lane]`, padded with zeros.
    weights: Aligned,
}

/// Most rows of taps.
const ROWS: usize = 8;

/// True for what this computes.
pub(super) fn fits(shape: &ConvShape) -> bool {
    let each = shape.groups == shape.in_channels && shape.groups == shape.out_channels;
    each && shape.kernel[0] <= ROWS
}

impl Depthwise {
    /// `weight`: channels x 1 x height x width.
    pub(super) fn new(shape: &ConvShape, weight: &[f32], kernels: &Kernels) -> Self {
        let (taps, lanes) = (shape.kernel[0] * shape.kernel[1], kernels.lanes);
        let mut weights = Aligned::zeros(shape.groups.next_multiple_of(lanes) * taps);
        for (index, &value) in weight.iter().enumerate() {
            let (channel, tap) = (index / taps, index % taps);
            let vector = channel / lanes * taps + tap;
            weights.as_mut_slice()[vector * lanes + channel % lanes] = value;
        }
        Self { weights }
    }

    /// One row of one picture is a piece.
    pub(super) fn pieces(job: &Job<'_>) -> usize {
        job.output[0] * job.pictures.len()
    }

    /// # Safety
    /// The job's addresses are valid, the processor has the kernels' instructions, and no piece runs
    /// twice at once.
    pub(super) unsafe fn piece(&self, job: &Job<'_>, kernels: &Kernels, index: usize) {
        let shape = job.shape;
        let picture = &job.pictures[index / job.output[0]];
        let y = index % job.output[0];
        let mut rows = [(0, std::ptr::null()); ROWS];
        let mut count = 0;
        for tap in 0..shape.kernel[0] {
            let from = (y * shape.stride + tap * shape.dilation).checked_sub(shape.padding[0]);
            if let Some(from) = from.filter(|&from| from < job.input[0]) {
                rows[count] = (tap * shape.kernel[1], row(picture, from));
                count += 1;
            }
        }
        // SAFETY: the row lies in the output, and no other piece touches it.
        unsafe {
            let depths = Depths {
                rows: &rows[..count],
                columns: shape.kernel[1],
                taps: shape.kernel[0] * shape.kernel[1],
                steps: [shape.stride, shape.dilation],
                padding: shape.padding[1],
                width: job.input[1],
                pixel_stride: picture.input_strides[1],
                pixels: job.output[1],
                weights: self.weights.as_ptr(),
                finish: job.finish(picture, [y, 0], 1, 0, shape.out_channels),
            };
            (kernels.depths)(&depths);
        }
    }
}

/// Where a row of the input begins.
fn row(picture: &Picture, y: usize) -> *const f32 {
    picture.input.wrapping_add(y * picture.input_strides[0])
}

/// A row of the output.
///
/// # Safety
/// As [`Kernels`].
#[inline(always)]
pub(super) unsafe fn depths<V: Vector>(d: &Depths) {
    let [stride, dilation] = d.steps;
    // Pixels all of whose taps lie in the picture.
    let reach = (d.columns - 1) * dilation;
    let first = d.padding.div_ceil(stride).min(d.pixels);
    let end = match (d.width + d.padding).checked_sub(reach + 1) {
        Some(last) => (last / stride + 1).clamp(first, d.pixels),
        None => first,
    };
    // SAFETY: the caller's; between `first` and `end` no tap leaves the row.
    unsafe {
        for block in 0..d.finish.channels.div_ceil(V::LANES) {
            let weights = d.weights.add(block * d.taps * V::LANES);
            let channel = block * V::LANES;
            let count = (d.finish.channels - channel).min(V::LANES);
            let mut x = 0;
            while x < d.pixels {
                if x >= first && x + PIXELS <= end {
                    pixels::<V, PIXELS, false>(d, weights, x, channel, count);
                    x += PIXELS;
                } else {
                    pixels::<V, 1, true>(d, weights, x, channel, count);
                    x += 1;
                }
            }
        }
    }
}

/// `N` pixels from `x` on; only at an `EDGE` may taps lie beside the picture, where they are left out.
#[inline(always)]
unsafe fn pixels<V: Vector, const N: usize, const EDGE: bool>(
    d: &Depths,
    weights: *const f32,
    x: usize,
    channel: usize,
    count: usize,
) {
    let [stride, dilation] = d.steps;
    // SAFETY: the caller's; taps beside the picture are not read.
    unsafe {
        let mut sums = [V::zero(); N];
        for &(tap, row) in d.rows {
            for column in 0..d.columns {
                let weight = V::load(weights.add((tap + column) * V::LANES));
                for (pixel, sum) in sums.iter_mut().enumerate() {
                    // Before the row it wraps, and is behind it too.
                    let at = ((x + pixel) * stride + column * dilation).wrapping_sub(d.padding);
                    if EDGE && at >= d.width {
                        continue;
                    }
                    let value = load::<V>(row.add(at * d.pixel_stride + channel), count);
                    *sum = V::fma(value, weight, *sum);
                }
            }
        }
        for (pixel, sum) in sums.into_iter().enumerate() {
            finish(&d.finish, sum, [0, x + pixel], channel, count);
        }
    }
}
