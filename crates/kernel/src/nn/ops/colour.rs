//! A matrix per pixel, and curves.

use super::bands::{expect, for_each_plain_band, pixel, row, row_mut, size_mut};
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// out[i] = the sum of m[i * (n + 1) + j] * in[j] over j < n, plus m[i * (n + 1) + n].
///
/// # Errors
/// When the sizes do not go together or do not fit the data.
pub fn apply_matrix(
    isa: Isa,
    coefficients: Tensor<'_>,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    let columns = input.channels + 1;
    expect("coefficients", &coefficients, [height, width, channels.saturating_mul(columns)])?;
    expect("input of a matrix", &input, [height, width, input.channels])?;
    for_each_plain_band(output, pool, |first, mut band| {
        for y in 0..band.height {
            let (matrices, from) = (row(&coefficients, first + y), row(&input, first + y));
            let matrices = (matrices, coefficients.pixel_stride);
            let from = (from, input.pixel_stride);
            let stride = band.pixel_stride;
            let out = (row_mut(&mut band, y), stride);
            // With its sizes known the compiler unrolls the usual case.
            if input.channels == 3 && channels == 3 {
                run(isa, || matrix_row(matrices, from, out, [3, 3]));
            } else {
                run(isa, || matrix_row(matrices, from, out, [channels, input.channels]));
            }
        }
    })
}

#[inline(always)]
fn matrix_row(
    (matrices, step): (&[f32], usize),
    (from, from_stride): (&[f32], usize),
    (out, stride): (&mut [f32], usize),
    [rows, inputs]: [usize; 2],
) {
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let matrix = pixel(matrices, x, step, rows * (inputs + 1));
        let from = pixel(from, x, from_stride, inputs);
        for (out, row) in out[..rows].iter_mut().zip(matrix.chunks_exact(inputs + 1)) {
            let mut sum = row[inputs];
            for (m, v) in row[..inputs].iter().zip(from) {
                sum += m * v;
            }
            *out = sum;
        }
    }
}

/// A curve, straight between evenly spaced knots over [0, 1], its ends going on flat, of every number
/// of `input` (of `output` itself where there is none).
///
/// # Errors
/// When there are fewer than two knots, or the sizes differ or do not fit the data.
pub fn curve(
    isa: Isa,
    knots: &[f32],
    input: Option<Tensor<'_>>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    if knots.len() < 2 {
        return Err(ShapeError::new("knots of a curve", knots.len(), "at least 2"));
    }
    if let Some(input) = &input {
        expect("input of a curve", input, size_mut(&output))?;
    }
    for_each_plain_band(output, pool, |first, mut band| {
        let (channels, stride) = (band.channels, band.pixel_stride);
        for y in 0..band.height {
            let from = input.as_ref().map(|input| (row(input, first + y), input.pixel_stride));
            let out = (row_mut(&mut band, y), stride);
            run(isa, || curve_row(knots, from, out, channels));
        }
    })
}

#[inline(always)]
fn curve_row(
    knots: &[f32],
    from: Option<(&[f32], usize)>,
    (out, stride): (&mut [f32], usize),
    channels: usize,
) {
    // Whole rows where there are no gaps.
    let packed = stride == channels && from.is_none_or(|(_, stride)| stride == channels);
    let channels = if packed { out.len() } else { channels };
    for (x, out) in out.chunks_mut(if packed { channels } else { stride }).enumerate() {
        let out = &mut out[..channels];
        if let Some((from, stride)) = from {
            out.copy_from_slice(&from[x * stride..][..channels]);
        }
        for value in out {
            *value = at(knots, *value);
        }
    }
}

#[inline(always)]
fn at(knots: &[f32], x: f32) -> f32 {
    let last = knots.len() - 1;
    let position = x * last as f32;
    let position = if position < 0.0 { 0.0 } else { position };
    let position = if position > last as f32 { last as f32 } else { position };
    // A cast rounds down, and makes 0 of what is not a number.
    let before = (position as usize).min(last - 1);
    let part = position - before as f32;
    // In this form both ends are met exactly.
    knots[before] * (1.0 - part) + knots[before + 1] * part
}
