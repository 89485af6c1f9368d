//! Functions of two numbers, one of which may stand for many.

use super::bands::{expect, for_each_plain_band, row, row_mut, size_mut};
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Numbers that are copied and worked on while they are in the nearest cache.
const SPAN: usize = 2048;

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Combine {
    /// a + b
    Add,
    /// a * b
    Multiply,
    /// a / max(b, least)
    Divide {
        /// Least divisor.
        least: f32,
    },
}

/// The function of every number of `first` (of `output` itself where there is none) and the one of
/// `second` that belongs to it. `second` is of the same size, or one pixel (for all pixels), or has
/// one channel (for all channels), or both.
///
/// # Errors
/// When the sizes do not go together or do not fit the data.
pub fn combine(
    isa: Isa,
    function: Combine,
    first: Option<Tensor<'_>>,
    second: Tensor<'_>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    if let Some(first) = &first {
        expect("first operand", first, [height, width, channels])?;
    }
    let everywhere = second.height == 1 && second.width == 1;
    let extent = if everywhere { [1, 1] } else { [height, width] };
    let each = if second.channels == 1 { 1 } else { channels };
    expect("second operand", &second, [extent[0], extent[1], each])?;
    for_each_plain_band(output, pool, |top, mut band| {
        let stride = band.pixel_stride;
        for y in 0..band.height {
            let out = row_mut(&mut band, y);
            let from = first.as_ref().map(|first| (row(first, top + y), first.pixel_stride));
            let by = row(&second, if everywhere { 0 } else { top + y });
            let by_stride = if everywhere { 0 } else { second.pixel_stride };
            let packed = [Some(stride), from.map(|(_, s)| s), Some(by_stride)];
            if each == channels && packed.into_iter().flatten().all(|s| s == channels) {
                for (index, out) in out.chunks_mut(SPAN).enumerate() {
                    let at = index * SPAN;
                    if let Some((from, _)) = from {
                        out.copy_from_slice(&from[at..][..out.len()]);
                    }
                    run(isa, || pairs(function, out, &by[at..][..out.len()]));
                }
            } else {
                run(isa, || {
                    by_pixel(function, (out, stride), from, (by, by_stride), [channels, each]);
                });
            }
        }
    })
}

/// A row, pixel by pixel.
#[inline(always)]
fn by_pixel(
    function: Combine,
    (out, stride): (&mut [f32], usize),
    from: Option<(&[f32], usize)>,
    (by, by_stride): (&[f32], usize),
    [channels, each]: [usize; 2],
) {
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let out = &mut out[..channels];
        if let Some((from, from_stride)) = from {
            out.copy_from_slice(&from[x * from_stride..][..channels]);
        }
        let by = &by[x * by_stride..][..each];
        match by {
            &[one] => with_one(function, out, one),
            by => pairs(function, out, by),
        }
    }
}

#[inline(always)]
fn pairs(function: Combine, out: &mut [f32], by: &[f32]) {
    let each = out.iter_mut().zip(by);
    match function {
        Combine::Add => each.for_each(|(a, &b)| *a += b),
        Combine::Multiply => each.for_each(|(a, &b)| *a *= b),
        Combine::Divide { least } => each.for_each(|(a, &b)| *a /= above(b, least)),
    }
}

#[inline(always)]
fn with_one(function: Combine, out: &mut [f32], b: f32) {
    match function {
        Combine::Add => out.iter_mut().for_each(|a| *a += b),
        Combine::Multiply => out.iter_mut().for_each(|a| *a *= b),
        Combine::Divide { least } => {
            let b = above(b, least);
            out.iter_mut().for_each(|a| *a /= b);
        }
    }
}

/// The greater; b where it is not a number.
#[inline(always)]
fn above(b: f32, least: f32) -> f32 {
    if b < least { least } else { b }
}
