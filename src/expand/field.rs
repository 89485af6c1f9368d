//! The smooth field of stops that a clipped pixel gains from where it lies: deep inside a large
//! clipped area, at its rim, alone in the dark, under a bright sky.
//!
//! It is a sum over scales. At every level of a Gaussian pyramid of the cells, how much is clipped
//! ([`Field::new`]) and how bright the rest is are weighed with constants fitted to real HDR
//! scenes. Everything is a blur of areas, so the field has no steps, moves as smoothly as the
//! picture does, and is the same for a proxy of the frame.

use super::cells::{Cells, LEAST, LEAST_WHITE};
use super::math::{max, min};
use headroom_gpu::layout;
use headroom_kernel::Rect;
use std::ops::Range;

/// A grid of values over a frame, read between its points by quadratic B-splines.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    nx: usize,
    ny: usize,
    frame: Rect,
    values: Vec<f32>,
}

/// Levels of the pyramid; the smallest is 2 cells wide.
pub(super) const LEVELS: usize = 8;

/// From this level on the pyramid tells of the frame, not of places in it: these levels give one
/// number, their mean over what clips.
pub(super) const WHOLE: usize = 6;

/// Width in codes of the ramp below the clip level in which a cell counts as clipped.
const RAMP: f32 = 0.06;

// The weights below were fitted by least squares in stops to 253 views of 70 real HDR scenes that
// a simulated camera clipped (0.5 to 20 % of the pixels), under bounds that keep the field rising
// towards the inside of every clipped area; see
// docs/decisions/0007-engine-highlights.md.

/// Weight of the share that clips to white at each level, fine to coarse.
pub(super) const WHITE: [f32; LEVELS] = [0.600, 0.275, 0.300, 0.300, 0.300, 0.150, -1.631, -0.493];

/// Weight of the share that clips in one or two channels only.
pub(super) const COLOURED: [f32; LEVELS] =
    [0.000, 0.000, 0.000, 0.000, 0.000, 0.000, -0.728, -0.107];

/// Weight of the mean code of what is not clipped.
pub(super) const AROUND: [f32; LEVELS] =
    [-0.304, -0.008, -0.043, -0.133, -0.400, -0.400, -0.622, 0.370];

/// Light of a cell that is nothing but the rounding of its sums: where all of it clips, what is left is
/// divided by next to nothing, and would differ by processor.
const ROUNDING: f32 = 1.0e-5;

/// What a clipped pixel gains before all that, before [`soften`].
pub(super) const BASE: f32 = 0.377;

/// What the coarse levels may take away at most.
pub(super) const LEAST_OF_FRAME: f32 = -0.9;

/// See [`bend`].
pub(super) const BEND: f32 = 0.500;

impl Field {
    /// The field of a frame that clips at `level`.
    pub(super) fn new(cells: &Cells, frame: Rect, level: f32) -> Self {
        if cells.nx * cells.ny == 0 {
            return Self::default();
        }
        let all = |of: &dyn Fn(usize) -> f32| {
            Grid::new(cells.nx, cells.ny, (0..cells.nx * cells.ny).map(of).collect())
        };
        // Cells know nothing of codes above white; super-whites that clip count from there.
        // Nor are shares known far down, which only a threshold set by hand reaches.
        let level = level.clamp(LEAST + RAMP, 1.0);
        let any_channel = cells.coverage(level - RAMP, level);
        let white_level = max(level, LEAST_WHITE + RAMP);
        let every_channel = cells.white_coverage(white_level - RAMP, white_level);
        // Whites that were graded down below that are nearly always white.
        let graded = min((white_level - level) * (1.0 / RAMP), 1.0);
        let clipped = all(&|i| any_channel.of(i));
        let white = all(&|i| {
            let every = every_channel.of(i);
            every + (clipped.values[i] - every) * graded
        });
        let dark =
            all(&|i| (cells.mean(i).min(level) - clipped.values[i] * level - ROUNDING).max(0.0));
        let mut pyramid = vec![[clipped, white, dark]];
        for _ in 1..LEVELS {
            pyramid.push(pyramid[pyramid.len() - 1].each_ref().map(Grid::halve));
        }
        let whole = collapse(&pyramid, WHOLE..LEVELS);
        let clipped = &pyramid[WHOLE][0].values;
        let (sum, weight) = whole
            .values
            .iter()
            .zip(clipped)
            .fold((0.0, 1.0e-9), |(sum, weight), (v, c)| (sum + v * c, weight + c));
        // Beyond what the fit saw (a fifth of the frame clipped) it is not followed further down.
        let base = BASE + (sum / weight).max(LEAST_OF_FRAME);
        let mut values = collapse(&pyramid, 0..WHOLE).values;
        values.iter_mut().for_each(|v| *v = bend(soften(base + *v)));
        Self { nx: cells.nx, ny: cells.ny, frame, values }
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<f32>()
    }

    /// The same for a device's kernels, and the values.
    pub(super) fn for_device(&self) -> (layout::Field, &[f32]) {
        (field_of((self.nx, self.ny), self.frame), &self.values)
    }

    /// Reads the field at the centres of pixels (x .. x + out.len(), y), in raster coordinates.
    pub(super) fn sample(&self, x: i32, y: i32, out: &mut [f32]) {
        let (width, height) = (self.frame.width() as i64, self.frame.height() as i64);
        if self.values.is_empty() || width == 0 || height == 0 {
            out.fill(0.0);
            return;
        }
        let (nx, ny) = (self.nx as i64, self.ny as i64);
        let dy = (i64::from(y) - i64::from(self.frame.y1)).clamp(0, height - 1);
        let row = (2 * dy + 1) * ny / (2 * height);
        let v = weights(offset((2 * dy + 1) * ny - row * 2 * height, height));
        let line = |j: i64| (j.clamp(0, ny - 1) * nx) as usize;
        let (above, here, below) = (line(row - 1), line(row), line(row + 1));
        let column = |i: i64| {
            let i = i.clamp(0, nx - 1) as usize;
            v[0] * self.values[above + i]
                + v[1] * self.values[here + i]
                + v[2] * self.values[below + i]
        };
        let mut at = 0usize;
        while at < out.len() {
            let dx = (i64::from(x) + at as i64 - i64::from(self.frame.x1)).clamp(0, width - 1);
            let cell = (2 * dx + 1) * nx / (2 * width);
            // First pixel whose centre lies in the next cell.
            let next = ((cell + 1) * 2 * width - nx + 2 * nx - 1).div_euclid(2 * nx);
            let inside = i64::from(x) + at as i64 >= i64::from(self.frame.x1);
            let last_cell = cell == nx - 1;
            let end = if !inside {
                i64::from(self.frame.x1) - i64::from(x)
            } else if last_cell {
                out.len() as i64
            } else {
                next + i64::from(self.frame.x1) - i64::from(x)
            };
            let end = (end.max(at as i64 + 1) as usize).min(out.len());
            let (a, b, c) = (column(cell - 1), column(cell), column(cell + 1));
            // The spline as a polynomial of the offset from the cell's centre.
            let (p0, p1, p2) = ((a + 6.0 * b + c) * 0.125, (c - a) * 0.5, (a - 2.0 * b + c) * 0.5);
            let base = (2 * dx + 1) * nx - cell * 2 * width;
            let first = at;
            for (i, out) in out[first..end].iter_mut().enumerate() {
                let along = if inside {
                    (base + 2 * nx * i as i64).min((2 * width - 1) * nx - cell * 2 * width)
                } else {
                    base
                };
                let t = offset(along, width);
                *out = (p2 * t + p1) * t + p0;
            }
            at = end;
        }
    }
}

/// A field of so many columns and rows as a device's kernels are given it.
pub(super) fn field_of((nx, ny): (usize, usize), frame: Rect) -> layout::Field {
    layout::Field {
        nx: nx as i32,
        ny: ny as i32,
        x1: frame.x1,
        y1: frame.y1,
        width: frame.width() as i32,
        height: frame.height() as i32,
    }
}

/// Offset from the cell's centre, -0.5 to 0.5, of a position within it in units of 1 / (2 * side).
#[inline(always)]
fn offset(along: i64, side: i64) -> f32 {
    along as f32 / (2 * side) as f32 - 0.5
}

/// Quadratic B-spline weights of the cell before, the cell itself and the one after.
fn weights(t: f32) -> [f32; 3] {
    [0.5 * (0.5 - t) * (0.5 - t), 0.75 - t * t, 0.5 * (0.5 + t) * (0.5 + t)]
}

/// The weighted sum of some levels of the pyramid, at the size of the first of them.
fn collapse(pyramid: &[[Grid; 3]], levels: Range<usize>) -> Grid {
    let mut sum: Option<Grid> = None;
    for i in levels.rev() {
        let [clipped, white, dark] = &pyramid[i];
        let mut here = clipped.clone();
        for ((v, &w), &d) in here.values.iter_mut().zip(&white.values).zip(&dark.values) {
            let around = d / (1.0 - *v + 1.0e-3);
            *v = WHITE[i] * w + COLOURED[i] * (*v - w) + AROUND[i] * around;
        }
        if let Some(coarser) = sum {
            coarser.add_doubled(&mut here);
        }
        sum = Some(here);
    }
    sum.unwrap_or_default()
}

/// Stretches large gains: what a least-squares fit calls two stops is mostly a lamp of more.
fn bend(v: f32) -> f32 {
    v + BEND * v * v
}

/// Close to 0 below 0, close to `v` above: never negative, never a corner.
fn soften(v: f32) -> f32 {
    0.5 * (v + (v * v + 0.25).sqrt())
}

/// A small picture.
#[derive(Clone, Debug, Default)]
struct Grid {
    nx: usize,
    ny: usize,
    values: Vec<f32>,
}

impl Grid {
    fn new(nx: usize, ny: usize, values: Vec<f32>) -> Self {
        Self { nx, ny, values }
    }

    /// Half the size, smoothed by 1 3 3 1.
    fn halve(&self) -> Self {
        let (nx, ny) = (self.nx.div_ceil(2), self.ny.div_ceil(2));
        let mut thin = vec![0.0; nx * self.ny];
        for (to, from) in thin.chunks_exact_mut(nx).zip(self.values.chunks_exact(self.nx)) {
            for (i, to) in to.iter_mut().enumerate() {
                let at = |k: usize| from[k.min(self.nx - 1)];
                let before = from[(2 * i).saturating_sub(1)];
                *to = (before + at(2 * i + 2)) * 0.125 + (at(2 * i) + at(2 * i + 1)) * 0.375;
            }
        }
        let mut values = vec![0.0; nx * ny];
        for (j, to) in values.chunks_exact_mut(nx).enumerate() {
            let line = |k: usize| {
                let k = k.min(self.ny - 1);
                &thin[k * nx..(k + 1) * nx]
            };
            let (a, b, c, d) =
                (line((2 * j).saturating_sub(1)), line(2 * j), line(2 * j + 1), line(2 * j + 2));
            for (i, to) in to.iter_mut().enumerate() {
                *to = (a[i] + d[i]) * 0.125 + (b[i] + c[i]) * 0.375;
            }
        }
        Self { nx, ny, values }
    }

    /// Adds this grid at twice its size, between its points linearly.
    fn add_doubled(&self, to: &mut Self) {
        let near = |i: usize, n: usize| {
            let other = if i.is_multiple_of(2) { (i / 2).saturating_sub(1) } else { i / 2 + 1 };
            ((i / 2).min(n - 1), other.min(n - 1))
        };
        let mut line = vec![0.0; self.nx];
        for j in 0..to.ny {
            let (a, b) = near(j, self.ny);
            let (a, b) =
                (&self.values[a * self.nx..][..self.nx], &self.values[b * self.nx..][..self.nx]);
            for ((line, a), b) in line.iter_mut().zip(a).zip(b) {
                *line = a * 0.75 + b * 0.25;
            }
            for (i, to) in to.values[j * to.nx..][..to.nx].iter_mut().enumerate() {
                let (a, b) = near(i, self.nx);
                *to += line[a] * 0.75 + line[b] * 0.25;
            }
        }
    }
}
