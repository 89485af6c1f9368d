//! Channels to pixels and back.

use super::bands::{expect, for_each_plain_band, pixel, row, row_mut, size_mut};
use crate::Pool;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// out[y * f + i, x * f + j, c] = in[y, x, (c * f + i) * f + j].
///
/// # Errors
/// When the sizes do not go together or do not fit the data.
pub fn pixel_shuffle(
    factor: usize,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    let wide = [output.height, output.width, output.channels];
    let area = check(factor, wide, [input.height, input.width, input.channels])?;
    input.check("input")?;
    for_each_plain_band(output, pool, |first, mut band| {
        let (channels, stride) = (band.channels, band.pixel_stride);
        for y in 0..band.height {
            let (source, i) = ((first + y) / factor, (first + y) % factor);
            let from = row(&input, source);
            for (x, out) in row_mut(&mut band, y).chunks_mut(stride).enumerate() {
                let (source, j) = (x / factor, x % factor);
                let from = pixel(from, source, input.pixel_stride, input.channels);
                for (c, out) in out[..channels].iter_mut().enumerate() {
                    *out = from[c * area + i * factor + j];
                }
            }
        }
    })
}

/// The inverse of [`pixel_shuffle`].
///
/// # Errors
/// When the sizes do not go together or do not fit the data.
pub fn pixel_unshuffle(
    factor: usize,
    input: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    let wide = [input.height, input.width, input.channels];
    let area = check(factor, wide, size_mut(&output))?;
    expect("input", &input, wide)?;
    for_each_plain_band(output, pool, |first, mut band| {
        let stride = band.pixel_stride;
        for y in 0..band.height {
            for i in 0..factor {
                let from = row(&input, (first + y) * factor + i);
                let out = row_mut(&mut band, y);
                for (x, out) in out.chunks_mut(stride).enumerate() {
                    for j in 0..factor {
                        let from = pixel(from, x * factor + j, input.pixel_stride, input.channels);
                        for (c, &value) in from.iter().enumerate() {
                            out[c * area + i * factor + j] = value;
                        }
                    }
                }
            }
        }
    })
}

/// The factor squared, when the sizes go together.
fn check(factor: usize, wide: [usize; 3], deep: [usize; 3]) -> Result<usize, ShapeError> {
    let area = factor.saturating_mul(factor);
    let [height, width, channels] = deep;
    let times = |n: usize, by: usize| n.saturating_mul(by);
    let expected = [times(height, factor), times(width, factor), wide[2]];
    if factor == 0 {
        return Err(ShapeError::new("factor of a shuffle", 0, "at least 1"));
    }
    super::bands::same("wide side of a shuffle", wide, expected)?;
    super::bands::same("deep side of a shuffle", deep, [height, width, times(wide[2], area)])?;
    debug_assert_eq!(channels, times(wide[2], area));
    Ok(area)
}
