//! Larger and smaller by whole factors.

use super::bands::{expect, for_each_plain_band, pixel, row, row_mut, size_mut};
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Size of a picture that is enlarged, from the size of the result.
fn reduced(output: &TensorMut<'_>, factor: usize) -> Result<[usize; 3], ShapeError> {
    let [height, width, channels] = size_mut(output);
    if factor == 0 || !height.is_multiple_of(factor) || !width.is_multiple_of(factor) {
        let found = format!("{height} x {width}");
        return Err(ShapeError::new("output", found, format!("multiples of {factor}")));
    }
    Ok([height / factor, width / factor, channels])
}

/// Every pixel becomes `factor` x `factor` pixels.
///
/// # Errors
/// When the output is not that much larger, or a size does not fit the data.
pub fn upsample_nearest(
    factor: usize,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    expect("input of an enlargement", &input, reduced(&output, factor)?)?;
    let channels = input.channels;
    for_each_plain_band(output, pool, |first, mut band| {
        let stride = band.pixel_stride;
        for y in 0..band.height {
            let from = row(&input, (first + y) / factor);
            let out = row_mut(&mut band, y);
            for (x, to) in out.chunks_mut(stride).enumerate() {
                to[..channels].copy_from_slice(pixel(
                    from,
                    x / factor,
                    input.pixel_stride,
                    channels,
                ));
            }
        }
    })
}

/// Linear between pixels in both directions, centres at halves, the border going on.
///
/// # Errors
/// When the output is not `factor` times as large, or a size does not fit the data.
pub fn upsample_bilinear(
    isa: Isa,
    factor: usize,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    expect("input of an enlargement", &input, reduced(&output, factor)?)?;
    for_each_plain_band(output, pool, |first, mut band| {
        for y in 0..band.height {
            let (top, bottom, down) = taps(first + y, factor, input.height);
            let rows = [row(&input, top), row(&input, bottom)];
            let stride = band.pixel_stride;
            let out = row_mut(&mut band, y);
            run(isa, || bilinear_row(factor, &input, rows, down, out, stride));
        }
    })
}

/// The two pixels between which pixel `at` of an enlargement lies, and the weight of the second.
#[inline(always)]
fn taps(at: usize, factor: usize, count: usize) -> (usize, usize, f32) {
    // (at + 1/2) / factor - 1/2 in whole numbers, in parts of 2 factor, one pixel further on.
    let parts = 2 * factor;
    let position = 2 * at + 1 + factor;
    let after = position / parts;
    let weight = (position % parts) as f32 / parts as f32;
    (after.saturating_sub(1), after.min(count - 1), weight)
}

#[inline(always)]
fn bilinear_row(
    factor: usize,
    input: &Tensor<'_>,
    [top, bottom]: [&[f32]; 2],
    down: f32,
    out: &mut [f32],
    stride: usize,
) {
    let (channels, step) = (input.channels, input.pixel_stride);
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let (left, right, along) = taps(x, factor, input.width);
        let a = pixel(top, left, step, channels);
        let b = pixel(top, right, step, channels);
        let c = pixel(bottom, left, step, channels);
        let d = pixel(bottom, right, step, channels);
        let weights = [
            (1.0 - down) * (1.0 - along),
            (1.0 - down) * along,
            down * (1.0 - along),
            down * along,
        ];
        let out = &mut out[..channels];
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out = (a * weights[0] + b * weights[1]) + (c * weights[2] + d * weights[3]);
        }
    }
}

/// Mean over blocks of `size` x `size` pixels.
///
/// # Errors
/// When the input is not `size` times as large, or a size does not fit the data.
pub fn average_pool(
    isa: Isa,
    size: usize,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    let side = |n: usize| n.saturating_mul(size);
    expect("input of a mean", &input, [side(height), side(width), channels])?;
    if size == 0 {
        return Err(ShapeError::new("side of a mean's blocks", 0, "at least 1"));
    }
    for_each_plain_band(output, pool, |first, mut band| {
        for y in 0..band.height {
            let stride = band.pixel_stride;
            let out = row_mut(&mut band, y);
            run(isa, || pooled_row(size, &input, (first + y) * size, out, stride));
        }
    })
}

#[inline(always)]
fn pooled_row(size: usize, input: &Tensor<'_>, top: usize, out: &mut [f32], stride: usize) {
    let channels = input.channels;
    let scale = 1.0 / (size * size) as f32;
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let (blocks, rest) = out[..channels].as_chunks_mut::<LANES>();
        let first = blocks.len() * LANES;
        for (index, block) in blocks.iter_mut().enumerate() {
            *block = mean_of_block(size, input, [top, x * size], index * LANES, scale);
        }
        for (index, out) in rest.iter_mut().enumerate() {
            [*out] = mean_of_block(size, input, [top, x * size], first + index, scale);
        }
    }
}

/// Channels whose sums stay in registers.
const LANES: usize = 16;

/// Means of `N` channels from `channel` on.
#[inline(always)]
fn mean_of_block<const N: usize>(
    size: usize,
    input: &Tensor<'_>,
    [top, left]: [usize; 2],
    channel: usize,
    scale: f32,
) -> [f32; N] {
    let mut sums = [0.0f32; N];
    for y in top..top + size {
        for x in left..left + size {
            let from = y * input.row_stride + x * input.pixel_stride + channel;
            for (sum, value) in sums.iter_mut().zip(&input.data[from..from + N]) {
                *sum += value;
            }
        }
    }
    sums.map(|sum| sum * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_lie_at_halves() {
        // PyTorch's interpolate(scale_factor=2, mode="bilinear", align_corners=False) on 0..3.
        let values = [0.0f32, 1.0, 2.0];
        let found: Vec<f32> = (0..6)
            .map(|at| {
                let (a, b, w) = taps(at, 2, 3);
                values[a] * (1.0 - w) + values[b] * w
            })
            .collect();
        assert_eq!(found, [0.0, 0.25, 0.75, 1.25, 1.75, 2.0]);
        assert_eq!(taps(0, 1, 1), (0, 0, 0.0));
        assert_eq!(taps(4, 1, 9).2, 0.0);
        assert_eq!(taps(4, 1, 9).1, 5);
        assert_eq!(taps(4, 1, 9).0, 4);
    }
}
