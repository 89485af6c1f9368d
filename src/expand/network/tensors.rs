//! The tensors `look` and `histogram` of [`inputs`], from means of the frame and a clip ramp.

use super::look::{EXCESS, KNOTS, Look};
use super::shelf;
use super::tone::Tone;
use crate::expand::mask::ClipMask;
use crate::model::inputs::{HISTOGRAM_BINS, LOOK_CHANNELS, LOOK_SIDE, histogram_bin};
use headroom_kernel::Pool;
use std::sync::{Mutex, PoisonError};

/// Distance at which channel 6 is one half, in cells.
const NEAR: f32 = 16.0;

const CELLS: usize = LOOK_SIDE * LOOK_SIDE;

/// Rows of cells that a thread takes at a time.
const BAND: usize = 16;

/// The look, channels last, and the histograms of its codes; with a curve that was found, of codes as an sRGB camera
/// would have recorded them.
pub(super) fn look(
    of: &Look,
    clip: &ClipMask,
    tone: Option<&Tone>,
    pool: &Pool,
) -> (Vec<f32>, Vec<f32>) {
    let weights = ramp(clip);
    let under =
        tone.map(|tone| (tone, straight(|code| tone.recoded(code), tone.recoded(KNOTS[0]))));
    let mut look = shelf::take(CELLS * LOOK_CHANNELS);
    look.resize(CELLS * LOOK_CHANNELS, 0.0);
    let mut outside = shelf::take(CELLS);
    outside.resize(CELLS, 0.0);
    let bands = look.chunks_mut(BAND * LOOK_SIDE * LOOK_CHANNELS);
    let bands = bands.zip(outside.chunks_mut(BAND * LOOK_SIDE)).enumerate();
    let counts: Vec<Mutex<Counts>> =
        (0..LOOK_SIDE / BAND).map(|_| Mutex::new([0; 3 * HISTOGRAM_BINS])).collect();
    pool.for_each(bands.collect(), |(band, (look, outside))| {
        let counted = fill(of, &weights, under.as_ref(), band * BAND * LOOK_SIDE, look, outside);
        *counts[band].lock().unwrap_or_else(PoisonError::into_inner) = counted;
    });
    distances(&mut outside);
    for (to, squared) in look.as_chunks_mut::<LOOK_CHANNELS>().0.iter_mut().zip(&outside) {
        if *squared > 0.0 {
            let d = squared.sqrt();
            to[6] = if d.is_finite() { d / (d + NEAR) } else { 1.0 };
        }
    }
    shelf::give(outside);
    let mut histogram = vec![0.0; 3 * HISTOGRAM_BINS];
    for counts in counts {
        let counts = counts.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (to, count) in histogram.iter_mut().zip(counts) {
            *to += count as f32 / CELLS as f32;
        }
    }
    (look, histogram)
}

/// Cells per bin, channel by channel.
type Counts = [u32; 3 * HISTOGRAM_BINS];

/// Fills all channels but the distance of the cells from `first` on; what is inside a clipped region is
/// marked as infinitely far from anything outside. `under` is a curve, and the weights of excesses whose sum is the mean of
/// recoded codes above the first knot.
fn fill(
    of: &Look,
    weights: &[f32; KNOTS.len()],
    under: Option<&(&Tone, [f32; KNOTS.len()])>,
    first: usize,
    look: &mut [f32],
    outside: &mut [f32],
) -> Counts {
    let mut counts = [0; 3 * HISTOGRAM_BINS];
    let rows = look.chunks_exact_mut(LOOK_SIDE * LOOK_CHANNELS);
    let rows = rows.zip(outside.chunks_exact_mut(LOOK_SIDE));
    for ((look, outside), first) in rows.zip((first..).step_by(LOOK_SIDE)) {
        let mut codes: [[f32; LOOK_SIDE]; 3] = std::array::from_fn(|c| {
            let from = c * CELLS + first;
            std::array::from_fn(|x| of.codes[from + x])
        });
        let mut covered = [[0.0; LOOK_SIDE]; 3];
        let mut brighter = [[0.0; LOOK_SIDE]; 3];
        for x in 0..LOOK_SIDE {
            let Some(excess) = of.excess(first + x) else { continue };
            for (plane, share) in covered.iter_mut().zip(coverage(excess, weights)) {
                plane[x] = share;
            }
            if let Some((_, above)) = under {
                for (c, excess) in excess.as_chunks::<{ KNOTS.len() }>().0.iter().enumerate() {
                    codes[c][x] -= excess[0];
                    brighter[c][x] = excess.iter().zip(above).map(|(e, w)| e * w).sum();
                }
            }
        }
        if let Some((tone, _)) = under {
            recode(tone, &brighter, &mut codes);
        }
        let height = 1.0 - (first / LOOK_SIDE) as f32 / (LOOK_SIDE - 1) as f32;
        let cells = look.as_chunks_mut::<LOOK_CHANNELS>().0.iter_mut().zip(outside).enumerate();
        for (x, (to, outside)) in cells {
            for c in 0..3 {
                to[c] = codes[c][x];
                to[3 + c] = covered[c][x];
                counts[c * HISTOGRAM_BINS + histogram_bin(to[c])] += 1;
            }
            *outside = if to[3..6].iter().all(|&share| share < 0.5) { 0.0 } else { f32::INFINITY };
            to[7] = height;
        }
    }
    counts
}

/// Codes of a row of cells as an sRGB camera would have recorded them. Means of codes are not codes of means: above the
/// first knot the mean is that of the curve taken straight between knots, below it the code of the mean.
fn recode(tone: &Tone, brighter: &[[f32; LOOK_SIDE]; 3], codes: &mut [[f32; LOOK_SIDE]; 3]) {
    tone.recode(codes.each_mut().map(|plane| &mut plane[..]));
    for (codes, brighter) in codes.iter_mut().zip(brighter) {
        codes.iter_mut().zip(brighter).for_each(|(code, more)| *code += more);
    }
}

/// Weights of the excess over each knot, so that their sum is the mean of the ramp taken straight
/// between knots.
fn ramp(clip: &ClipMask) -> [f32; KNOTS.len()] {
    // Nothing is known below the first knot: the ramp begins there.
    straight(|code| clip.of_channel(code), 0.0)
}

/// Weights of the excess over each knot, so that their sum is the mean of a function taken straight between knots, less
/// what it is at the first: `first`.
fn straight(value: impl Fn(f32) -> f32, first: f32) -> [f32; KNOTS.len()] {
    let mut weights = [0.0; KNOTS.len()];
    let mut slope = 0.0;
    for (i, weight) in weights.iter_mut().enumerate() {
        let next = KNOTS.get(i + 1).copied().unwrap_or(1.0);
        let here = if i == 0 { first } else { value(KNOTS[i]) };
        let steeper = (value(next) - here) / (next - KNOTS[i]);
        *weight = steeper - slope;
        slope = steeper;
    }
    weights
}

fn coverage(excess: &[f32; EXCESS], weights: &[f32; KNOTS.len()]) -> [f32; 3] {
    let mut covered = [0.0; 3];
    for (covered, excess) in covered.iter_mut().zip(excess.as_chunks::<{ KNOTS.len() }>().0) {
        let sum: f32 = excess.iter().zip(weights).map(|(e, w)| e * w).sum();
        // Weights of opposite signs leave rounding where the ramp has not begun.
        *covered = if sum < 1.0e-5 { 0.0 } else { sum.min(1.0) };
    }
    covered
}

/// From 0 for cells outside and infinity for those inside to the squared distance of every cell's centre to
/// that of the nearest cell outside; infinite where there is none. Two passes of lower envelopes of
/// parabolas (Felzenszwalb and Huttenlocher 2012).
fn distances(squared: &mut [f32]) {
    let mut line = vec![0.0; LOOK_SIDE];
    let mut envelope = Envelope::default();
    // Columns that lie outside from top to bottom are as they should be.
    let mut inside = [false; LOOK_SIDE];
    for row in squared.chunks_exact(LOOK_SIDE) {
        for (inside, &v) in inside.iter_mut().zip(row) {
            *inside |= v != 0.0;
        }
    }
    for x in (0..LOOK_SIDE).filter(|&x| inside[x]) {
        for (y, v) in line.iter_mut().enumerate() {
            *v = squared[y * LOOK_SIDE + x];
        }
        envelope.transform(&mut line);
        for (y, v) in line.iter().enumerate() {
            squared[y * LOOK_SIDE + x] = *v;
        }
    }
    squared.chunks_exact_mut(LOOK_SIDE).for_each(|row| envelope.transform(row));
}

/// The lowest of parabolas over a line.
#[derive(Default)]
struct Envelope {
    /// Place and height of each parabola of the envelope, and where it begins to be the lowest.
    parabolas: Vec<(f32, f32, f32)>,
}

impl Envelope {
    fn transform(&mut self, line: &mut [f32]) {
        if line.iter().all(|&v| v == 0.0) {
            return;
        }
        self.parabolas.clear();
        for (q, &height) in line.iter().enumerate() {
            if !height.is_finite() {
                continue;
            }
            let q = q as f32;
            let mut from = f32::NEG_INFINITY;
            while let Some(&(p, below, begins)) = self.parabolas.last() {
                from = ((height + q * q) - (below + p * p)) / (2.0 * (q - p));
                if from > begins {
                    break;
                }
                self.parabolas.pop();
                from = f32::NEG_INFINITY;
            }
            self.parabolas.push((q, height, from));
        }
        let mut at = 0;
        for (x, v) in line.iter_mut().enumerate() {
            let x = x as f32;
            while self.parabolas.get(at + 1).is_some_and(|next| next.2 <= x) {
                at += 1;
            }
            *v = self
                .parabolas
                .get(at)
                .map_or(f32::INFINITY, |&(p, height, _)| (x - p) * (x - p) + height);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_to_the_nearest_cell_outside() {
        let mut squared = vec![f32::INFINITY; CELLS];
        let holes = [(3usize, 200usize), (90, 17), (255, 255)];
        holes.iter().for_each(|&(y, x)| squared[y * LOOK_SIDE + x] = 0.0);
        distances(&mut squared);
        for (cell, found) in squared.into_iter().enumerate().step_by(131) {
            let (y, x) = ((cell / LOOK_SIDE) as f32, (cell % LOOK_SIDE) as f32);
            let to = |&(hy, hx): &(usize, usize)| (hy as f32 - y).powi(2) + (hx as f32 - x).powi(2);
            let expected = holes.iter().map(to).fold(f32::INFINITY, f32::min);
            assert!((found - expected).abs() <= 1e-3 * expected, "{cell}: {found} {expected}");
        }
        let mut nowhere = vec![f32::INFINITY; CELLS];
        distances(&mut nowhere);
        assert!(nowhere.iter().all(|d| d.is_infinite()));
    }
}
