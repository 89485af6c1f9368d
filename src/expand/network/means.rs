//! Means of the frame over the cells of a grid, whatever the sizes of both.
//!
//! A cell takes of every pixel the part that it covers; parts are whole numbers (pixels cut into as many
//! parts as there are cells), so that the sums do not depend on where a strip begins.

use super::shelf;
use crate::expand::strip::STRIP;

/// Rows of cells that one task adds to, in planes by groups of `G`.
#[derive(Clone, Debug)]
pub(in crate::expand) struct Means<const G: usize> {
    /// Rows and columns of the grid.
    size: [usize; 2],
    /// Height and width of the frame.
    frame: [usize; 2],
    planes: usize,
    /// All planes of a group are 0 where the first is.
    sparse: bool,
    /// First row of cells in `sums`.
    first: usize,
    /// Row by row, plane by plane.
    sums: Vec<f32>,
    /// Sums over rows of the strip at hand, plane by plane, [`STRIP`] each.
    columns: Vec<f32>,
    /// The row of cells that `columns` belongs to.
    row: usize,
    /// Something was added to `columns`.
    pending: bool,
}

/// What two runs of cells, cut out of one length, have in common: of a pixel `at`, cut into `cells`
/// parts, and of a cell, cut into `pixels` parts.
fn overlap(pixels: (usize, usize), cell: usize, cells: usize, length: usize) -> usize {
    let (from, to) = (pixels.0 * cells, pixels.1 * cells);
    to.min((cell + 1) * length).saturating_sub(from.max(cell * length))
}

/// Sums of a run of pixels of each plane, the first and the last counting as told and the others `all`.
/// Planes side by side: one after another, every addition would wait for the last.
#[inline(always)]
fn totals<const G: usize>(
    planes: &[f32],
    (from, to): (usize, usize),
    first: f32,
    last: f32,
    all: f32,
) -> [f32; G] {
    let lines: [&[f32]; G] = std::array::from_fn(|g| &planes[g * STRIP + from..g * STRIP + to]);
    let mut inner = [0.0f32; G];
    let n = to - from;
    for i in 1..n.max(2) - 1 {
        for (sum, line) in inner.iter_mut().zip(&lines) {
            *sum += line[i];
        }
    }
    std::array::from_fn(|g| lines[g][0] * first + lines[g][n - 1] * last + inner[g] * all)
}

impl<const G: usize> Means<G> {
    /// For the rows `y1` to `y2` of a frame. With `sparse`, all planes of a group are 0
    /// where the first is.
    pub(super) fn new(
        size: [usize; 2],
        frame: [usize; 2],
        (planes, sparse): (usize, bool),
        (y1, y2): (usize, usize),
    ) -> Self {
        let first = y1 * size[0] / frame[0];
        let end = (y2 * size[0]).div_ceil(frame[0]).min(size[0]).max(first);
        Self {
            size,
            frame,
            planes,
            sparse,
            first,
            sums: vec![0.0; (end - first) * planes * size[1]],
            columns: vec![0.0; planes * STRIP],
            row: first,
            pending: false,
        }
    }

    /// Adds a strip from column `x` on that stands for the rows `y1` to `y2`. `fill` adds, for each
    /// plane, what it is given times the strip's values to the plane's column sums.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        x: usize,
        n: usize,
        (y1, y2): (usize, usize),
        mut fill: impl FnMut(f32, &mut [f32]),
    ) {
        let [rows, _] = self.size;
        let last = (y2 * rows).div_ceil(self.frame[0]).min(rows);
        for row in y1 * rows / self.frame[0]..last {
            let parts = overlap((y1, y2), row, rows, self.frame[0]);
            if parts == 0 {
                continue;
            }
            if row != self.row {
                self.flush(x, n);
                self.row = row;
            }
            fill(parts as f32, &mut self.columns);
            self.pending = true;
        }
    }

    /// Ends a strip.
    pub(super) fn flush(&mut self, x: usize, n: usize) {
        if !std::mem::take(&mut self.pending) {
            return;
        }
        let (columns, width) = (self.size[1], self.frame[1]);
        let row = (self.row - self.first) * self.planes * columns;
        let mut cell = x * columns / width;
        while cell < columns && cell * width < (x + n) * columns {
            // Pixels that the cell covers, of those in the strip; the first and the last in part.
            let from = (cell * width / columns).max(x);
            let to = ((cell + 1) * width).div_ceil(columns).min(x + n);
            let parts = |at: usize| overlap((at, at + 1), cell, columns, width) as f32;
            let (first, last) = (parts(from), if to - from > 1 { parts(to - 1) } else { 0.0 });
            for group in (0..self.planes).step_by(G) {
                let planes = &self.columns[group * STRIP..][..G * STRIP];
                let run = (from - x, to - x);
                if self.sparse && planes[run.0..run.1].iter().all(|&v| v == 0.0) {
                    continue;
                }
                let totals = totals::<G>(planes, run, first, last, columns as f32);
                for (plane, total) in totals.into_iter().enumerate() {
                    self.sums[row + (group + plane) * columns + cell] += total;
                }
            }
            cell += 1;
        }
        self.columns.chunks_exact_mut(STRIP).for_each(|line| line[..n].fill(0.0));
    }

    /// What this task adds to the means of each cell, `P` being all planes; cells whose first planes are
    /// all 0 are left out.
    pub(super) fn cells<const P: usize>(&self) -> Vec<(u32, [f32; P])> {
        let columns = self.size[1];
        let area = self.frame.iter().map(|&side| side as f32).product::<f32>();
        let mut cells = Vec::new();
        for (at, sums) in self.sums.chunks_exact(P * columns).enumerate() {
            for column in 0..columns {
                if (0..P).step_by(G).any(|plane| sums[plane * columns + column] != 0.0) {
                    let cell = ((self.first + at) * columns + column) as u32;
                    let means = std::array::from_fn(|p| sums[p * columns + column] / area);
                    cells.push((cell, means));
                }
            }
        }
        cells
    }

    /// Joins the rows of all tasks, in order, to planes of means.
    pub(super) fn join(parts: &[Self]) -> Vec<f32> {
        let Some(one) = parts.first() else { return Vec::new() };
        let ([rows, columns], planes) = (one.size, one.planes);
        let cell = one.frame.iter().map(|&side| side as f32).product::<f32>();
        let mut means = shelf::take(planes * rows * columns);
        means.resize(planes * rows * columns, 0.0f32);
        for part in parts {
            for (at, sums) in part.sums.chunks_exact(planes * columns).enumerate() {
                for (plane, sums) in sums.chunks_exact(columns).enumerate() {
                    let to = &mut means[(plane * rows + part.first + at) * columns..][..columns];
                    for (to, sum) in to.iter_mut().zip(sums) {
                        *to += sum / cell;
                    }
                }
            }
        }
        means
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means of f(y, x) by splitting every pixel into as many parts as there are cells.
    fn slow(size: [usize; 2], frame: [usize; 2], f: impl Fn(usize, usize) -> f32) -> Vec<f32> {
        let [rows, columns] = size;
        let mut sums = vec![0.0f64; rows * columns];
        for py in 0..frame[0] * rows {
            for px in 0..frame[1] * columns {
                let cell = py / frame[0] * columns + px / frame[1];
                sums[cell] += f64::from(f(py / rows, px / columns));
            }
        }
        let area = (frame[0] * frame[1]) as f64;
        sums.iter().map(|sum| (sum / area) as f32).collect()
    }

    #[test]
    fn means_are_those_of_the_parts_of_pixels_in_a_cell() {
        let value = |y: usize, x: usize| ((y * 31 + x * 17) % 23) as f32;
        for (size, frame) in
            [([4, 5], [7, 9]), ([5, 4], [2, 3]), ([3, 7], [1, 300]), ([6, 6], [6, 6])]
        {
            for cut in [frame[0], 1, 3] {
                let starts = (0..frame[0]).step_by(cut);
                let parts = starts.map(|y1| {
                    let y2 = (y1 + cut).min(frame[0]);
                    let mut means = Means::<1>::new(size, frame, (1, false), (y1, y2));
                    for x in (0..frame[1]).step_by(STRIP) {
                        let n = STRIP.min(frame[1] - x);
                        for y in y1..y2 {
                            means.add(x, n, (y, y + 1), |parts, columns| {
                                for (i, sum) in columns[..n].iter_mut().enumerate() {
                                    *sum += parts * value(y, x + i);
                                }
                            });
                        }
                        means.flush(x, n);
                    }
                    means
                });
                let found = Means::<1>::join(&parts.collect::<Vec<_>>());
                for (found, expected) in found.iter().zip(slow(size, frame, value)) {
                    assert!(
                        (found - expected).abs() < 1e-4,
                        "{size:?} {frame:?}: {found} {expected}"
                    );
                }
            }
        }
    }
}
