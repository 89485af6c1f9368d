//! Tensors that show the whole frame, read where pixels of a part of it lie.

use super::bands::{expect, for_each_band, row, row_mut, rows_of_scratch_band, size, size_mut};
use super::dispatch::run;
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Where the rows or columns of a picture lie in the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// Edge of the first, in pixels of the frame.
    pub origin: f64,
    /// From one to the next, in pixels of the frame.
    pub step: f64,
    /// Pixels of the frame.
    pub frame: usize,
}

impl Axis {
    /// The two of `cells` cells that cover the frame between whose centres pixel `at` lies, and the
    /// weight of the second. The same for a pixel of the frame whichever part of it is worked on.
    #[inline(always)]
    pub(super) fn taps(&self, at: usize, cells: usize) -> (usize, usize, f32) {
        let middle = self.origin + (at as f64 + 0.5) * self.step;
        let position = middle * (cells as f64 / self.frame.max(1) as f64) - 0.5;
        let last = cells - 1;
        let position = position.clamp(0.0, last as f64);
        let before = position as usize;
        (before, (before + 1).min(last), (position - before as f64) as f32)
    }
}

/// Numbers of scratch that [`from_frame`] needs for a map of that height, width and channels and an
/// output of that height and width.
#[must_use]
pub fn from_frame_scratch(map: [usize; 3], [height, width]: [usize; 2]) -> usize {
    let rows = rows_of_scratch_band(height, width.saturating_mul(map[2]));
    height.div_ceil(rows) * (map[1] * map[2] + 2 * width)
}

/// Reads a map of the whole frame at the pixels of a part of it: bilinear, centres at halves, the
/// border going on. `axes` are those of the output's rows and columns.
///
/// # Errors
/// When the map is empty, the channels differ, a size does not fit the data or the scratch is too
/// small.
pub fn from_frame(
    isa: Isa,
    map: Tensor<'_>,
    axes: [Axis; 2],
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    check_map(&map, channels)?;
    let rows = rows_of_scratch_band(height, width.saturating_mul(channels));
    let cells = map.width * channels;
    for_each_band(output, rows, (scratch, cells + 2 * width), pool, |first, mut band, scratch| {
        let (between, along) = scratch.split_at_mut(cells);
        let (along, _) = along.as_chunks_mut::<2>();
        fill_taps(axes[1], map.width, along);
        for y in 0..band.height {
            let (top, bottom, down) = axes[0].taps(first + y, map.height);
            let ends = [row(&map, top), row(&map, bottom)];
            let stride = band.pixel_stride;
            let out = row_mut(&mut band, y);
            run(isa, || {
                mix_rows(ends, map.pixel_stride, down, between, channels);
                // With their number known the compiler unrolls the usual case.
                match channels {
                    3 => map_row(between, 3, along, out, stride),
                    channels => map_row(between, channels, along, out, stride),
                }
            });
        }
    })
}

pub(super) fn check_map(map: &Tensor<'_>, channels: usize) -> Result<(), ShapeError> {
    let [height, width, _] = size(map);
    if height == 0 || width == 0 {
        return Err(ShapeError::new("map", format!("{height} x {width}"), "at least one cell"));
    }
    expect("map", map, [height, width, channels])
}

/// A row between two, packed.
#[inline(always)]
fn mix_rows([top, bottom]: [&[f32]; 2], step: usize, down: f32, out: &mut [f32], channels: usize) {
    for ((out, a), b) in
        out.chunks_exact_mut(channels).zip(top.chunks(step)).zip(bottom.chunks(step))
    {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = a * (1.0 - down) + b * down;
        }
    }
}

/// For every column the first of the two cells it lies between, and the weight of the second. Cells
/// are few enough to be counted in f32.
pub(super) fn fill_taps(axis: Axis, cells: usize, out: &mut [[f32; 2]]) {
    for (at, out) in out.iter_mut().enumerate() {
        let (before, _, weight) = axis.taps(at, cells);
        *out = [before as f32, weight];
    }
}

#[inline(always)]
fn map_row(cells: &[f32], channels: usize, taps: &[[f32; 2]], out: &mut [f32], stride: usize) {
    for (out, &[before, along]) in out.chunks_mut(stride).zip(taps) {
        let (a, b) = neighbours(cells, before as usize, channels);
        for ((out, a), b) in out[..channels].iter_mut().zip(a).zip(b) {
            *out = a * (1.0 - along) + b * along;
        }
    }
}

/// A cell and the one after it; the last goes on.
#[inline(always)]
pub(super) fn neighbours(cells: &[f32], before: usize, size: usize) -> (&[f32], &[f32]) {
    let both = &cells[before * size..];
    let (a, after) = both.split_at(size);
    (a, if after.is_empty() { a } else { &after[..size] })
}
