//! Copies between strides, and sums over channels.

use super::bands::{expect, for_each_plain_band, row, row_mut, size_mut};
use crate::Pool;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// The same numbers in other strides.
///
/// # Errors
/// When the sizes differ or do not fit the data.
pub fn copy(input: Tensor<'_>, output: TensorMut<'_>, pool: &Pool) -> Result<(), ShapeError> {
    if input.pixel_stride == input.channels && output.pixel_stride == input.channels {
        // Whole rows at once.
        expect("input", &input, size_mut(&output))?;
        return for_each_plain_band(output, pool, |first, mut band| {
            for y in 0..band.height {
                row_mut(&mut band, y).copy_from_slice(row(&input, first + y));
            }
        });
    }
    each_pixel(input, output, pool, |from, to| to.copy_from_slice(from))
}

/// out[i] = in[0] + ... + in[i] over the channels of each pixel.
///
/// # Errors
/// When the sizes differ or do not fit the data.
pub fn cumulative_sum(
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    each_pixel(input, output, pool, |from, to| {
        let mut sum = 0.0;
        for (to, from) in to.iter_mut().zip(from) {
            sum += from;
            *to = sum;
        }
    })
}

fn each_pixel(
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
    task: impl Fn(&[f32], &mut [f32]) + Sync,
) -> Result<(), ShapeError> {
    expect("input", &input, size_mut(&output))?;
    let channels = input.channels;
    for_each_plain_band(output, pool, |first, mut band| {
        let stride = band.pixel_stride;
        for y in 0..band.height {
            let from = row(&input, first + y).chunks(input.pixel_stride);
            for (from, to) in from.zip(row_mut(&mut band, y).chunks_mut(stride)) {
                task(&from[..channels], &mut to[..channels]);
            }
        }
    })
}
