//! Bilateral grids (Chen et al. 2007) read at pixels of a part of the frame.

use super::bands::{expect, for_each_band, row, row_mut, rows_of_scratch_band, size_mut};
use super::dispatch::run;
use super::frame::{Axis, check_map, fill_taps, neighbours};
use crate::Pool;
use crate::nn::machine::Isa;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Numbers of scratch that [`bilateral_slice`] and [`bilateral_affine`] need for a grid of that
/// height, width and channels, and an output of that height, width and channels.
#[must_use]
pub fn bilateral_slice_scratch(grid: [usize; 3], [height, width, out]: [usize; 3]) -> usize {
    let rows = rows_of_scratch_band(height, width.saturating_mul(out));
    height.div_ceil(rows) * (grid[1] * grid[2] + 2 * width)
}

/// A bilateral grid of the whole frame: channel k * bins + z is coefficient k in bin z.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    /// The cells.
    pub cells: Tensor<'a>,
    /// Bins of the guide's range.
    pub bins: usize,
}

/// Reads a grid where pixels of a part of the frame lie and at what the guide says: trilinear,
/// centres at halves, the border going on. The guide has one channel, 0 to 1; `axes` are those of the
/// output's rows and columns.
///
/// # Errors
/// When the sizes do not go together or do not fit the data, or the scratch is too small.
pub fn bilateral_slice(
    isa: Isa,
    grid: Grid<'_>,
    guide: Tensor<'_>,
    axes: [Axis; 2],
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let channels = output.channels;
    for_each_row(isa, (grid, channels), guide, axes, output, scratch, pool, |_, slice, out| {
        match channels {
            // With their number known the compiler unrolls the usual cases.
            12 => slice_row::<Fixed<12>>(&slice, out, 12),
            1 => slice_row::<Fixed<1>>(&slice, out, 1),
            channels => slice_row::<Any>(&slice, out, channels),
        }
    })
}

/// As [`bilateral_slice`] of twelve coefficients, then [`super::apply_matrix`] by them to an input of
/// three channels, which gives three: without a picture of coefficients in between, and the same
/// bits.
///
/// # Errors
/// As [`bilateral_slice`], and when input or output do not have three channels.
pub fn bilateral_affine(
    isa: Isa,
    grid: Grid<'_>,
    (guide, input): (Tensor<'_>, Tensor<'_>),
    axes: [Axis; 2],
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    if channels != 3 {
        return Err(ShapeError::new("channels of a matrix's output", channels, 3));
    }
    expect("input of a matrix", &input, [height, width, 3])?;
    for_each_row(isa, (grid, 12), guide, axes, output, scratch, pool, |y, slice, out| {
        affine_row(&slice, (row(&input, y), input.pixel_stride), out);
    })
}

/// What a row is read from.
struct Slice<'a> {
    /// Cells of the row, the coefficients of a bin side by side.
    cells: &'a [f32],
    bins: usize,
    /// Per column the cell before it, and the weight of the one after.
    taps: &'a [[f32; 2]],
    guide: &'a [f32],
    guide_stride: usize,
}

/// Calls `task(y, slice, (row, pixel stride))` for every row of the output.
#[allow(clippy::too_many_arguments)]
fn for_each_row(
    isa: Isa,
    (Grid { cells: grid, bins }, coefficients): (Grid<'_>, usize),
    guide: Tensor<'_>,
    axes: [Axis; 2],
    output: TensorMut<'_>,
    scratch: &mut [f32],
    pool: &Pool,
    task: impl Fn(usize, Slice<'_>, (&mut [f32], usize)) + Sync,
) -> Result<(), ShapeError> {
    let [height, width, channels] = size_mut(&output);
    check_map(&grid, bins.saturating_mul(coefficients))?;
    if bins == 0 {
        return Err(ShapeError::new("bins of a grid", 0, "at least 1"));
    }
    expect("guide", &guide, [height, width, 1])?;
    let rows = rows_of_scratch_band(height, width.saturating_mul(channels));
    let cells = grid.width * grid.channels;
    for_each_band(output, rows, (scratch, cells + 2 * width), pool, |first, mut band, scratch| {
        let (between, taps) = scratch.split_at_mut(cells);
        let (taps, _) = taps.as_chunks_mut::<2>();
        fill_taps(axes[1], grid.width, taps);
        for y in 0..band.height {
            let (top, bottom, down) = axes[0].taps(first + y, grid.height);
            let ends = [row(&grid, top), row(&grid, bottom)];
            let stride = band.pixel_stride;
            let out = (row_mut(&mut band, y), stride);
            run(isa, || {
                mix_bins(ends, grid.pixel_stride, down, between, [bins, coefficients]);
                let (guide, guide_stride) = (row(&guide, first + y), guide.pixel_stride);
                let slice = Slice { cells: between, bins, taps, guide, guide_stride };
                task(first + y, slice, out);
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

impl Slice<'_> {
    /// The four cells between which a pixel lies, and their weights.
    #[inline(always)]
    fn at(
        &self,
        [before, along]: [f32; 2],
        guide: f32,
        channels: usize,
    ) -> ([&[f32]; 4], [f32; 4]) {
        let last = (self.bins - 1) as f32;
        let z = guide * self.bins as f32 - 0.5;
        let z = if z < 0.0 { 0.0 } else { z };
        let z = if z > last { last } else { z };
        // A cast rounds down, and makes 0 of what is not a number.
        let low = z as usize;
        let up = z - low as f32;
        let (left, right) = neighbours(self.cells, before as usize, self.bins * channels);
        let (a, b) = neighbours(left, low, channels);
        let (c, d) = neighbours(right, low, channels);
        let weights =
            [(1.0 - along) * (1.0 - up), (1.0 - along) * up, along * (1.0 - up), along * up];
        ([a, b, c, d], weights)
    }

    #[inline(always)]
    fn pixels(&self) -> impl Iterator<Item = (f32, [f32; 2])> {
        self.guide.iter().step_by(self.guide_stride).copied().zip(self.taps.iter().copied())
    }
}

#[inline(always)]
fn slice_row<M: Mix>(slice: &Slice<'_>, (out, stride): (&mut [f32], usize), channels: usize) {
    for (out, (guide, taps)) in out.chunks_mut(stride).zip(slice.pixels()) {
        let (cells, weights) = slice.at(taps, guide, channels);
        M::mix(&mut out[..channels], cells, weights);
    }
}

#[inline(always)]
fn affine_row(
    slice: &Slice<'_>,
    (input, input_stride): (&[f32], usize),
    (out, stride): (&mut [f32], usize),
) {
    let pixels = out.chunks_mut(stride).zip(input.chunks(input_stride));
    for ((out, input), (guide, taps)) in pixels.zip(slice.pixels()) {
        let (cells, weights) = slice.at(taps, guide, 12);
        let m = mix::<12>(cells, weights);
        let [r, g, b] = *input.first_chunk::<3>().unwrap_or(&[0.0; 3]);
        for (i, out) in out[..3].iter_mut().enumerate() {
            let m = &m[i * 4..i * 4 + 4];
            *out = ((m[3] + m[0] * r) + m[1] * g) + m[2] * b;
        }
    }
}

/// Weighted sums of four cells.
trait Mix {
    fn mix(out: &mut [f32], cells: [&[f32]; 4], weights: [f32; 4]);
}

/// Of any number of channels.
struct Any;

impl Mix for Any {
    #[inline(always)]
    fn mix(out: &mut [f32], [a, b, c, d]: [&[f32]; 4], weights: [f32; 4]) {
        for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            *out = (a * weights[0] + b * weights[1]) + (c * weights[2] + d * weights[3]);
        }
    }
}

/// Of as many as the compiler can unroll.
struct Fixed<const N: usize>;

impl<const N: usize> Mix for Fixed<N> {
    #[inline(always)]
    fn mix(out: &mut [f32], cells: [&[f32]; 4], weights: [f32; 4]) {
        out.copy_from_slice(&mix::<N>(cells, weights));
    }
}

#[inline(always)]
fn mix<const N: usize>(cells: [&[f32]; 4], weights: [f32; 4]) -> [f32; N] {
    let [a, b, c, d] = cells.map(|cell| cell.first_chunk::<N>().unwrap_or(&[0.0; N]));
    std::array::from_fn(|k| {
        (a[k] * weights[0] + b[k] * weights[1]) + (c[k] * weights[2] + d[k] * weights[3])
    })
}
