//! How the camera moved between two frames, so that what a network says of a place in one can be heard at that
//! place in the other.
//!
//! One homography for the whole frame: exact for a camera that turns or zooms, near it for a camera that moves past
//! things far away. What moves by itself is not followed; [`likeness`] tells where the frames then differ. It is found
//! from coarse to fine on the mean codes of the look, by Gauss-Newton steps on differences of luma that count less the
//! larger they are (Baker and Matthews 2004, "Lucas-Kanade 20 years on", section 3; Geman and McClure's weight). All
//! sums are f64 in a fixed order: the same bits on every machine.

use crate::linear::solve;
use crate::model::inputs::LOOK_SIDE;

/// Rows and columns of the finest size that is looked at: that at which networks say their gains.
const SIDE: usize = LOOK_SIDE / 2;
/// Those of the coarsest.
const LEAST_SIDE: usize = 16;
/// Steps at each size, at most.
const STEPS: usize = 8;
/// Where no number of the motion changes by more it is found: a hundredth of a cell of the finest size or so.
const STILL: f64 = 1e-4;
/// Difference of codes at which one counts for a quarter of what it would.
const OUTLIER: f64 = 0.05;
/// Difference of codes, root mean square of a cell and those around it, at which the likeness is 1 / e.
const UNLIKE: f64 = 0.15;
/// Numbers of a homography whose last is 1.
const NUMBERS: usize = 8;
/// Rec.601 luma, of codes.
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// Means of luma of a frame, at [`SIDE`] and each half of it down to [`LEAST_SIDE`].
pub(super) struct Sizes(Vec<Plane>);

struct Plane {
    side: usize,
    values: Vec<f64>,
}

/// Where what is at a place of one frame lies in another: (x, y) goes to ((1 + a) x + b y + c, d x + (1 + e) y + f) /
/// (1 + g x + h y), in numbers from -1 to 1 over the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Motion([f64; NUMBERS]);

impl Plane {
    fn halved(&self) -> Self {
        let side = self.side / 2;
        let at = |y: usize, x: usize| self.values[y * self.side + x];
        let mean = |i: usize| {
            let (y, x) = (2 * (i / side), 2 * (i % side));
            0.25 * (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1))
        };
        Self { side, values: (0..side * side).map(mean).collect() }
    }

    /// Bilinear; beyond the border what is there.
    fn read(&self, y: f64, x: f64) -> f64 {
        let (cells, shares) = corners([self.side; 2], y, x);
        cells.iter().zip(shares).map(|(cell, share)| self.values[*cell] * share).sum()
    }
}

impl Sizes {
    /// Of planes of mean codes, [`LOOK_SIDE`] squared each.
    pub(super) fn new(codes: &[f32]) -> Self {
        const CELLS: usize = LOOK_SIDE * LOOK_SIDE;
        let luma =
            |i: usize| -> f64 { (0..3).map(|c| LUMA[c] * f64::from(codes[c * CELLS + i])).sum() };
        let seen = Plane { side: LOOK_SIDE, values: (0..CELLS).map(luma).collect() };
        let mut sizes = vec![seen.halved()];
        while let Some(last) = sizes.last().filter(|last| last.side > LEAST_SIDE) {
            sizes.push(last.halved());
        }
        Self(sizes)
    }
}

impl Motion {
    /// From a frame to another; none where nothing was found that explains the other better than standing still.
    pub(super) fn between(own: &Sizes, other: &Sizes) -> Self {
        let mut motion = Self::default();
        for (own, other) in own.0.iter().zip(&other.0).rev() {
            for _ in 0..STEPS {
                if motion.refine(own, other) < STILL {
                    break;
                }
            }
        }
        let (own, other) = (&own.0[0], &other.0[0]);
        let still = Self::default();
        let better = motion.keeps_in_sight() && motion.error(own, other) < still.error(own, other);
        if better { motion } else { still }
    }

    /// By how much a place lies elsewhere in the other frame.
    fn moves(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [a, b, c, d, e, f, g, h] = self.0;
        let over = 1.0 / (1.0 + g * x + h * y);
        let there = [(x + a * x + b * y + c) * over, (y + d * x + e * y + f) * over];
        [there[0] - x, there[1] - y]
    }

    /// Where the cell of a grid of that size lies in the other frame: row and column. None out of its sight.
    pub(super) fn cell(
        &self,
        [height, width]: [usize; 2],
        [row, column]: [usize; 2],
    ) -> Option<[f64; 2]> {
        let place = |at: usize, count: usize| (2 * at + 1) as f64 / count as f64 - 1.0;
        let [x, y] = [place(column, width), place(row, height)];
        let [dx, dy] = self.moves([x, y]);
        let seen = (x + dx).abs() <= 1.0 && (y + dy).abs() <= 1.0;
        let moved = |at: usize, by: f64, count: usize| at as f64 + 0.5 * by * count as f64;
        seen.then(|| [moved(row, dy, height), moved(column, dx, width)])
    }

    /// Whether every corner goes somewhere in front of the camera, and no farther than across the frame.
    fn keeps_in_sight(&self) -> bool {
        let [.., g, h] = self.0;
        let corners = [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]];
        corners.iter().all(|&[x, y]| {
            let [dx, dy] = self.moves([x, y]);
            1.0 + g * x + h * y > 0.25 && dx.abs().max(dy.abs()) < 2.0
        })
    }

    /// Mean of what is left between the frames, where one is seen in the other, each difference counting
    /// d^2 / (1 + (d / OUTLIER)^2); all of it where next to nothing is.
    fn error(&self, own: &Plane, other: &Plane) -> f64 {
        let side = own.side;
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..side * side {
            let Some([y, x]) = self.cell([side; 2], [i / side, i % side]) else { continue };
            let square = (own.values[i] - other.read(y, x)).powi(2);
            sum += square / (1.0 + square / OUTLIER.powi(2));
            count += 1.0;
        }
        if count * 4.0 < (side * side) as f64 { f64::INFINITY } else { sum / count }
    }

    /// One step; by how much it changed a number at most.
    fn refine(&mut self, own: &Plane, other: &Plane) -> f64 {
        let side = own.side;
        let there: Vec<Option<f64>> = (0..side * side)
            .map(|i| {
                let at = self.cell([side; 2], [i / side, i % side])?;
                Some(other.read(at[0], at[1]))
            })
            .collect();
        // Slopes of the mean of both frames, over what is seen of both.
        let mean = |i: usize| there[i].map(|there| 0.5 * (own.values[i] + there));
        let slope = |before: usize, after: usize, apart: f64| {
            Some((mean(after)? - mean(before)?) / apart * (0.5 * side as f64))
        };
        let (mut square, mut right) = ([[0.0; NUMBERS]; NUMBERS], [0.0; NUMBERS]);
        for (i, seen) in there.iter().enumerate() {
            let Some(seen) = seen else { continue };
            let (row, column) = (i / side, i % side);
            let (left, next) = (column.saturating_sub(1), (column + 1).min(side - 1));
            let (above, below) = (row.saturating_sub(1), (row + 1).min(side - 1));
            let across = slope(row * side + left, row * side + next, (next - left) as f64);
            let down = slope(above * side + column, below * side + column, (below - above) as f64);
            let (Some(across), Some(down)) = (across, down) else { continue };
            let difference = own.values[i] - seen;
            let weight = 1.0 / (1.0 + (difference / OUTLIER).powi(2)).powi(2);
            let x = (2 * column + 1) as f64 / side as f64 - 1.0;
            let y = (2 * row + 1) as f64 / side as f64 - 1.0;
            let turn = across * x + down * y;
            let slopes =
                [across * x, across * y, across, down * x, down * y, down, -turn * x, -turn * y];
            for (j, slope) in slopes.iter().enumerate() {
                right[j] += weight * slope * difference;
                for (sum, other) in square[j].iter_mut().zip(&slopes[..=j]) {
                    *sum += weight * slope * other;
                }
            }
        }
        let half = square;
        for (j, row) in square.iter_mut().enumerate() {
            for (sum, of) in row[j..].iter_mut().zip(&half[j..]) {
                *sum = of[j];
            }
            // A hair, so that what the frame does not tell stays.
            row[j] += 1e-4 * row[j] + 1e-6;
        }
        let step = solve(square, right);
        self.0.iter_mut().zip(step).for_each(|(number, step)| *number += step);
        step.iter().fold(0.0, |most, step| step.abs().max(most))
    }
}

/// How alike each cell of a frame is to what lies there in another, 0 to 1, at [`SIDE`]; 0 where it is out of sight.
pub(super) fn likeness(own: &Sizes, other: &Sizes, motion: &Motion) -> Likeness {
    let (own, other) = (&own.0[0], &other.0[0]);
    let squares: Vec<Option<f64>> = (0..SIDE * SIDE)
        .map(|i| {
            let [y, x] = motion.cell([SIDE; 2], [i / SIDE, i % SIDE])?;
            Some((own.values[i] - other.read(y, x)).powi(2))
        })
        .collect();
    let around = |at: usize| at.saturating_sub(1)..(at + 2).min(SIDE);
    let alike = |i: usize| {
        squares[i]?;
        let rows = around(i / SIDE);
        let near = rows.flat_map(|y| around(i % SIDE).map(move |x| y * SIDE + x));
        let (sum, count) =
            near.filter_map(|at| squares[at]).fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
        Some(libm::exp(-sum / count / UNLIKE.powi(2)))
    };
    Likeness((0..SIDE * SIDE).map(|i| alike(i).unwrap_or(0.0)).collect())
}

/// Of each cell, [`SIDE`] squared.
#[derive(Clone)]
pub(super) struct Likeness(Vec<f64>);

impl Likeness {
    /// The mean over what a cell of a grid of that size covers.
    pub(super) fn of_cell(&self, size: [usize; 2], cell: [usize; 2]) -> f64 {
        let covered = |at: usize, count: usize| {
            let from = at * SIDE / count;
            from..((at + 1) * SIDE / count).max(from + 1)
        };
        let (rows, columns) = (covered(cell[0], size[0]), covered(cell[1], size[1]));
        let count = (rows.len() * columns.len()) as f64;
        let of_row = |y: usize| self.0[y * SIDE..][columns.clone()].iter().sum::<f64>();
        rows.map(of_row).sum::<f64>() / count
    }

    /// Over the whole frame.
    pub(super) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / self.0.len() as f64
    }
}

/// The four cells of a grid of that height and width around a place, and the share of each.
pub(super) fn corners([height, width]: [usize; 2], y: f64, x: f64) -> ([usize; 4], [f64; 4]) {
    let split = |at: f64, count: usize| {
        let at = at.clamp(0.0, (count - 1) as f64);
        let low = (at as usize).min(count.saturating_sub(2));
        (low, (low + 1).min(count - 1), at - low as f64)
    };
    let ((top, bottom, down), (left, right, across)) = (split(y, height), split(x, width));
    (
        [top * width + left, top * width + right, bottom * width + left, bottom * width + right],
        [
            (1.0 - down) * (1.0 - across),
            (1.0 - down) * across,
            down * (1.0 - across),
            down * across,
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of soft spots, seen through a motion.
    fn seen(motion: &Motion) -> Sizes {
        let mut codes = vec![0.0_f32; 3 * LOOK_SIDE * LOOK_SIDE];
        for i in 0..LOOK_SIDE * LOOK_SIDE {
            let place = |at: usize| (2 * at + 1) as f64 / LOOK_SIDE as f64 - 1.0;
            let at = [place(i % LOOK_SIDE), place(i / LOOK_SIDE)];
            let by = motion.moves(at);
            let [x, y] = [at[0] + by[0], at[1] + by[1]];
            let waves = (7.0 * x + 3.0 * y * y).sin() * (5.0 * y - 2.0 * x).cos();
            let value = 0.45 + 0.3 * waves + 0.1 * (19.0 * x).sin() * (23.0 * y).sin();
            for plane in codes.chunks_exact_mut(LOOK_SIDE * LOOK_SIDE) {
                plane[i] = value as f32;
            }
        }
        Sizes::new(&codes)
    }

    /// Greatest difference of two motions, in cells of [`SIDE`].
    fn apart(a: &Motion, b: &Motion) -> f64 {
        let at = |i: usize| [(i % 9) as f64 / 4.0 - 1.0, (i / 9) as f64 / 4.0 - 1.0];
        let difference = |i: usize| {
            let (a, b) = (a.moves(at(i)), b.moves(at(i)));
            (a[0] - b[0]).hypot(a[1] - b[1]) * 0.5 * SIDE as f64
        };
        (0..81).map(difference).fold(0.0, f64::max)
    }

    #[test]
    fn turns_zooms_and_pans_are_found() {
        let still = seen(&Motion::default());
        for numbers in [
            [0.0, 0.0, 0.004, 0.0, 0.0, -0.002, 0.0, 0.0],
            [0.0, 0.0, 0.11, 0.0, 0.0, 0.05, 0.0, 0.0],
            [0.03, 0.04, 0.02, -0.04, 0.03, -0.03, 0.0, 0.0],
            [0.01, 0.0, -0.05, 0.005, -0.01, 0.02, 0.02, -0.01],
        ] {
            // What the other frame shows at a place is what this one shows where the motion leads from there.
            let other = seen(&Motion(numbers));
            let found = Motion::between(&other, &still);
            assert!(apart(&found, &Motion(numbers)) < 0.1, "{found:?}, made {numbers:?}");
            assert!(likeness(&other, &still, &found).mean() > 0.8);
        }
    }

    #[test]
    fn frames_that_are_alike_stand_still_and_are_alike() {
        let frame = seen(&Motion::default());
        assert_eq!(Motion::between(&frame, &frame), Motion::default());
        assert!(likeness(&frame, &frame, &Motion::default()).0.iter().all(|share| *share == 1.0));
        let black = Sizes::new(&vec![0.0; 3 * LOOK_SIDE * LOOK_SIDE]);
        assert_eq!(Motion::between(&black, &black), Motion::default());
    }

    #[test]
    fn what_lies_out_of_sight_or_looks_otherwise_does_not_count() {
        let motion = Motion([0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(motion.cell([4, 4], [2, 0]), Some([2.0, 1.0]));
        assert_eq!(motion.cell([4, 4], [2, 3]), None);
        let (frame, black) =
            (seen(&Motion::default()), Sizes::new(&vec![0.0; 3 * LOOK_SIDE * LOOK_SIDE]));
        let alike = likeness(&frame, &black, &Motion::default());
        assert!(alike.mean() < 0.05, "{}", alike.mean());
        assert_eq!(likeness(&frame, &frame, &motion).of_cell([4, 4], [0, 3]), 0.0);
    }
}
