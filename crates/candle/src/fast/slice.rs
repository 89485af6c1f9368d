//! Reads a bilateral grid where a guide says.

use super::resample::line;
use super::{Fast, numbers};
use crate::line::Line;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::BilateralSlice`].
pub(crate) fn slice(
    fast: &Fast,
    grid: &Tensor,
    guide: &Tensor,
    rows: Vec<Line>,
    columns: Vec<Line>,
    bins: usize,
) -> Result<Tensor> {
    let op = Slice { fast: fast.clone(), rows, columns, bins };
    grid.contiguous()?.apply_op2(&guide.contiguous()?, op)
}

struct Slice {
    fast: Fast,
    rows: Vec<Line>,
    columns: Vec<Line>,
    bins: usize,
}

/// The four cells around a pixel: where each begins in the grid, and its weight.
type Cells = [(usize, f32); 4];

impl Slice {
    fn cells(&self, sample: usize, [y, x]: [usize; 2], width: usize, channels: usize) -> Cells {
        let [above, below] = line(&self.rows, sample).taps(y);
        let [left, right] = line(&self.columns, sample).taps(x);
        let cell = |(y, a): (usize, f32), (x, b): (usize, f32)| ((y * width + x) * channels, a * b);
        [cell(above, left), cell(above, right), cell(below, left), cell(below, right)]
    }

    /// The bins around a guide's value, the share of the upper, and how fast it moves with the guide.
    fn bin(&self, guide: f32) -> ([usize; 2], f32, f32) {
        let last = self.bins as f32 - 1.0;
        let free = guide * self.bins as f32 - 0.5;
        let position = free.max(0.0).min(last);
        let low = (position as usize).min(self.bins.saturating_sub(2));
        let high = (low + 1).min(self.bins - 1);
        let inside = free >= 0.0 && free <= last && high > low;
        ([low, high], position - low as f32, if inside { self.bins as f32 } else { 0.0 })
    }
}

impl CustomOp2 for Slice {
    fn name(&self) -> &'static str {
        "headroom slice"
    }

    fn cpu_fwd(
        &self,
        grid: &CpuStorage,
        grid_layout: &Layout,
        guide: &CpuStorage,
        guide_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, _] = numbers::sides(guide_layout)?;
        let [_, grid_height, grid_width, channels] = numbers::sides(grid_layout)?;
        let outputs = channels / self.bins;
        let (grid, guide) = (numbers::of(grid, grid_layout)?, numbers::of(guide, guide_layout)?);
        let mut y = vec![0.0; guide.len() * outputs];
        self.fast.each_part(&mut y, width * outputs, |index, to| {
            let (sample, row) = (index / height, index % height);
            let grid = &grid[sample * grid_height * grid_width * channels..];
            for (x, to) in to.chunks_exact_mut(outputs).enumerate() {
                let ([low, high], share, _) = self.bin(guide[index * width + x]);
                for (cell, weight) in self.cells(sample, [row, x], grid_width, channels) {
                    let bins = grid[cell..][..channels].chunks_exact(self.bins);
                    for (to, bins) in to.iter_mut().zip(bins) {
                        *to += weight * (bins[low] * (1.0 - share) + bins[high] * share);
                    }
                }
            }
        });
        Ok((CpuStorage::F32(y), (batch, height, width, outputs).into()))
    }

    fn bwd(
        &self,
        grid: &Tensor,
        guide: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, height, width, _) = guide.dims4()?;
        let (_, grid_height, grid_width, channels) = grid.dims4()?;
        let outputs = channels / self.bins;
        let one = grid_height * grid_width * channels;
        let mut of_grid = vec![0.0; grid.elem_count()];
        let mut of_guide = vec![0.0; guide.elem_count()];
        numbers::with(gradient, |gradient| {
            numbers::with(guide, |guide| {
                // A sample is a task: its cells are added to in one order.
                self.fast.each_part(&mut of_grid, one, |sample, sums| {
                    for pixel in 0..height * width {
                        let at = sample * height * width + pixel;
                        let told = &gradient[at * outputs..][..outputs];
                        let ([low, high], share, _) = self.bin(guide[at]);
                        let place = [pixel / width, pixel % width];
                        for (cell, weight) in self.cells(sample, place, grid_width, channels) {
                            let bins = sums[cell..][..channels].chunks_exact_mut(self.bins);
                            for (bins, told) in bins.zip(told) {
                                bins[low] += weight * (1.0 - share) * told;
                                bins[high] += weight * share * told;
                            }
                        }
                    }
                });
                numbers::with(grid, |grid| {
                    self.fast.each_part(&mut of_guide, width, |index, to| {
                        let (sample, row) = (index / height, index % height);
                        let grid = &grid[sample * one..];
                        for (x, to) in to.iter_mut().enumerate() {
                            let at = index * width + x;
                            let told = &gradient[at * outputs..][..outputs];
                            let ([low, high], _, speed) = self.bin(guide[at]);
                            let mut sum = 0.0;
                            for (cell, weight) in self.cells(sample, [row, x], grid_width, channels)
                            {
                                let bins = grid[cell..][..channels].chunks_exact(self.bins);
                                for (bins, told) in bins.zip(told) {
                                    sum += weight * (bins[high] - bins[low]) * told;
                                }
                            }
                            *to = sum * speed;
                        }
                    });
                    Ok(())
                })
            })
        })?;
        let of_grid = numbers::tensor(of_grid, grid.dims())?;
        Ok((Some(of_grid), Some(numbers::tensor(of_guide, guide.dims())?)))
    }
}
