//! Tensors that show the whole frame, read where pixels of a part of it lie.

use super::bands::{
    expect, for_each_band, pixel, row, row_mut, rows_of_scratch_band, size, size_mut,
};
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
    fn taps(&self, at: usize, cells: usize) -> (usize, usize, f32) {
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
    height.div_ceil(rows) * map[1] * map[2]
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
    let per_band = map.width * channels;
    for_each_band(output, rows, (scratch, per_band), pool, |first, mut band, between| {
        for y in 0..band.height {
            let (top, bottom, down) = axes[0].taps(first + y, map.height);
            let ends = [row(&map, top), row(&map, bottom)];
            let stride = band.pixel_stride;
            let out = row_mut(&mut band, y);
            run(isa, || {
                mix_rows(ends, map.pixel_stride, down, between, channels);
                map_row(between, (map.width, channels), axes[1], out, stride);
            });
        }
    })
}

fn check_map(map: &Tensor<'_>, channels: usize) -> Result<(), ShapeError> {
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

#[inline(always)]
fn map_row(
    cells: &[f32],
    (count, channels): (usize, usize),
    axis: Axis,
    out: &mut [f32],
    stride: usize,
) {
    for (x, out) in out.chunks_mut(stride).enumerate() {
        let (left, right, along) = axis.taps(x, count);
        let a = pixel(cells, left, channels, channels);
        let b = pixel(cells, right, channels, channels);
        for ((out, a), b) in out[..channels].iter_mut().zip(a).zip(b) {
            *out = a * (1.0 - along) + b * along;
        }
    }
}

/// Numbers of scratch that [`bilateral_slice`] needs for a grid of that height, width and channels,
/// and an output of that height, width and channels.
#[must_use]
pub fn bilateral_slice_scratch(grid: [usize; 3], [height, width, out]: [usize; 3]) -> usize {
    let rows = rows_of_scratch_band(height, width.saturating_mul(out));
    height.div_ceil(rows) * grid[1] * grid[2]
}

/// Reads a bilateral grid of the whole frame where pixels of a part of it lie and at what the guide
/// says: trilinear, centres at halves, the border going on. Channel k * bins + z of the grid is
/// coefficient k in bin z; the guide has one channel, 0 to 1.
///
/// # Errors
/// When the sizes do not go together or do not fit the data, or the scratch is too small.
pub fn bilateral_slice(
    isa: Isa,
    (grid, bins): (Tensor<'_>, usize),
    guide: Tensor<'_>,
    axes: [Axis; 2],
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    check_map(&grid, bins.saturating_mul(channels))?;
    if bins == 0 {
        return Err(ShapeError::new("bins of a grid", 0, "at least 1"));
    }
    expect("guide", &guide, [height, width, 1])?;
    let rows = rows_of_scratch_band(height, width.saturating_mul(channels));
    let per_band = grid.width * grid.channels;
    for_each_band(output, rows, (scratch, per_band), pool, |first, mut band, between| {
        for y in 0..band.height {
            let (top, bottom, down) = axes[0].taps(first + y, grid.height);
            let ends = [row(&grid, top), row(&grid, bottom)];
            let guide = (row(&guide, first + y), guide.pixel_stride);
            let stride = band.pixel_stride;
            let out = (row_mut(&mut band, y), stride);
            run(isa, || {
                mix_bins(ends, grid.pixel_stride, down, between, [bins, channels]);
                slice_row(between, grid.width, axes[1], guide, out, [bins, channels]);
            });
        }
    })
}

/// A row of cells between two, the coefficients of a bin side by side.
#[inline(always)]
fn mix_bins(
    [top, bottom]: [&[f32]; 2],
    step: usize,
    down: f32,
    out: &mut [f32],
    [bins, channels]: [usize; 2],
) {
    let cells = out.chunks_exact_mut(bins * channels);
    for ((out, a), b) in cells.zip(top.chunks(step)).zip(bottom.chunks(step)) {
        for (z, out) in out.chunks_exact_mut(channels).enumerate() {
            for (k, out) in out.iter_mut().enumerate() {
                let at = k * bins + z;
                *out = a[at] * (1.0 - down) + b[at] * down;
            }
        }
    }
}

#[inline(always)]
fn slice_row(
    cells: &[f32],
    count: usize,
    axis: Axis,
    (guide, guide_stride): (&[f32], usize),
    (out, stride): (&mut [f32], usize),
    [bins, channels]: [usize; 2],
) {
    let last = (bins - 1) as f32;
    for (x, (out, &guide)) in
        out.chunks_mut(stride).zip(guide.iter().step_by(guide_stride)).enumerate()
    {
        let (left, right, along) = axis.taps(x, count);
        let z = guide * bins as f32 - 0.5;
        let z = if z < 0.0 { 0.0 } else { z };
        let z = if z > last { last } else { z };
        // A cast rounds down, and makes 0 of what is not a number.
        let low = z as usize;
        let up = z - low as f32;
        let high = (low + 1).min(bins - 1);
        let at = |cell: usize, bin: usize| pixel(cells, cell * bins + bin, channels, channels);
        let (a, b, c, d) = (at(left, low), at(left, high), at(right, low), at(right, high));
        let weights =
            [(1.0 - along) * (1.0 - up), (1.0 - along) * up, along * (1.0 - up), along * up];
        let out = &mut out[..channels];
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out = (a * weights[0] + b * weights[1]) + (c * weights[2] + d * weights[3]);
        }
    }
}
