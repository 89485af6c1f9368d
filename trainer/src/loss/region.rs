//! Clipped regions: their sums of light and their peaks, as a defocus and a glow see them.

use super::frame::{Frame, greatest};
use super::light::luminance;
use crate::shot::luminance_weights;
use std::f64::consts::LOG2_E;

/// Pixels of each clipped region.
struct Regions {
    pixels: Vec<usize>,
    /// Where each begins in `pixels`, and the end.
    starts: Vec<usize>,
}

impl Regions {
    /// Connected pixels (sides and corners) of which a channel's clip mask is at least one half, in
    /// reading order of their first pixel.
    fn of(clip: &[f32], [height, width]: [usize; 2]) -> Self {
        let mut open: Vec<bool> = clip.chunks_exact(3).map(|clip| greatest(clip) >= 0.5).collect();
        let mut regions = Self { pixels: Vec::new(), starts: vec![0] };
        for first in 0..open.len() {
            if !std::mem::replace(&mut open[first], false) {
                continue;
            }
            let mut next = regions.pixels.len();
            regions.pixels.push(first);
            while let Some(pixel) = regions.pixels.get(next).copied() {
                next += 1;
                let (y, x) = (pixel / width, pixel % width);
                for y in y.saturating_sub(1)..height.min(y + 2) {
                    for x in x.saturating_sub(1)..width.min(x + 2) {
                        if std::mem::replace(&mut open[y * width + x], false) {
                            regions.pixels.push(y * width + x);
                        }
                    }
                }
            }
            regions.starts.push(next);
        }
        regions
    }

    fn iter(&self) -> impl Iterator<Item = &[usize]> {
        self.starts.windows(2).map(|ends| &self.pixels[ends[0]..ends[1]])
    }
}

/// What is compared of a region.
#[derive(Clone, Copy, Debug)]
pub(super) enum Measure {
    /// Mean of luminance.
    Energy,
    /// Power mean of luminance, which comes close to its maximum.
    Peak {
        /// The power.
        sharpness: f64,
    },
}

/// Compares clipped regions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) measure: Measure,
    /// 2: squared stops; 1: their size.
    pub(super) power: f64,
    /// Pixels of the smallest region that counts.
    pub(super) least: usize,
    /// Truth is limited to it.
    pub(super) limit: f32,
}

/// Mean luminance below which a region's stops go on as the tangent there.
const TOE: f64 = 1.0 / 1024.0;

/// log2 and its slope.
fn stops(x: f64) -> [f64; 2] {
    if x > TOE {
        [libm::log2(x), LOG2_E / x]
    } else {
        [-10.0 + (x - TOE) * (LOG2_E / TOE), LOG2_E / TOE]
    }
}

impl Region {
    /// Mean over regions, each by the root of its pixels, of the difference in stops; and its gradient
    /// times `factor` added into `gradient`.
    pub(super) fn frame(&self, frame: &Frame<'_>, factor: f64, gradient: &mut [f32]) -> f64 {
        let regions = Regions::of(frame.clip, frame.size);
        let counted = || regions.iter().filter(|region| region.len() >= self.least);
        let all: f64 = counted().map(|region| libm::sqrt(region.len() as f64)).sum();
        if all == 0.0 {
            return 0.0;
        }
        let mut sum = 0.0;
        let weights = luminance_weights();
        let mut light = Vec::new();
        for region in counted() {
            let share = libm::sqrt(region.len() as f64) / all;
            light.clear();
            light.extend(region.iter().map(|i| {
                let y: [f32; 3] = [0, 1, 2].map(|c| frame.truth[3 * i + c].min(self.limit));
                luminance(weights, &y)
            }));
            let [truth, _] = self.level(&mut light);
            light.clear();
            light.extend(
                region.iter().map(|i| luminance(weights, &frame.prediction[3 * i..3 * i + 3])),
            );
            let [level, scale] = self.level(&mut light);
            let d = level - truth;
            let (value, slope) = if self.power > 1.5 {
                (d * d, 2.0 * d)
            } else {
                (d.abs(), if d == 0.0 { 0.0 } else { 1.0_f64.copysign(d) })
            };
            sum += share * value;
            let back = factor * share * slope * scale;
            for (i, slope) in region.iter().zip(&light) {
                for (to, weight) in gradient[3 * i..3 * i + 3].iter_mut().zip(weights) {
                    *to += (back * slope * weight) as f32;
                }
            }
        }
        sum
    }

    /// The region's level in stops and a factor; the level's slope with respect to each luminance is
    /// left in its place, to be times the factor.
    fn level(&self, light: &mut [f64]) -> [f64; 2] {
        let count = light.len() as f64;
        match self.measure {
            Measure::Energy => {
                let [level, slope] = stops(light.iter().sum::<f64>() / count);
                light.fill(1.0);
                [level, slope / count]
            }
            Measure::Peak { sharpness } => {
                // Over the greatest, so that no power overflows; what is not above 0 has none.
                let top = light.iter().fold(TOE, |a, b| a.max(*b));
                let mut sum = 0.0;
                for y in light.iter_mut() {
                    let relative = (*y / top).max(0.0);
                    let raised = libm::pow(relative, sharpness);
                    sum += raised;
                    *y = if relative > 0.0 { raised / relative } else { 0.0 };
                }
                if sum == 0.0 {
                    // All black: every pixel alike is asked for light.
                    light.fill(1.0);
                    return [libm::log2(TOE), LOG2_E / TOE / count];
                }
                [libm::log2(top) + libm::log2(sum / count) / sharpness, LOG2_E / (sum * top)]
            }
        }
    }
}
