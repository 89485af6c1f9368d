//! Losses on more than one picture: frames that follow one another, a picture and its edit; and the
//! loss of an estimated tone curve.

use super::edit::Edit;
use super::frame::{Frame, Where, divisor};
use super::light::{ln_1p, sign, stops};
use std::f32::consts::LOG2_E;

/// Change of stops between frames, prediction's against truth's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Temporal {
    pub(super) place: Where,
    /// Truth is limited to it.
    pub(super) limit: f32,
}

impl Temporal {
    /// Mean over pairs of frames; gradients times `factor` are added, one for each frame.
    pub(super) fn clip(
        &self,
        frames: &[Frame<'_>],
        factor: f64,
        gradients: &mut [Vec<f32>],
    ) -> f64 {
        mean_of_pairs(frames, factor, gradients, |[now, next], factor, [to_now, to_next]| {
            // A value counts by the more clipped of the two frames.
            let weight = |i: usize| match self.place {
                Where::Unclipped => 1.0 - now.clip[i].max(next.clip[i]),
                place => place.weight(now.clip[i].max(next.clip[i])),
            };
            let count = now.clip.len();
            let all = divisor((0..count).map(|i| f64::from(weight(i))).sum(), count);
            let scale = (factor / all) as f32;
            let mut sum = 0.0;
            for (i, (to_now, to_next)) in to_now.iter_mut().zip(to_next).enumerate() {
                let weight = weight(i);
                if weight > 0.0 {
                    let (a, b) = (stops(next.prediction[i]), stops(now.prediction[i]));
                    let truth = |frame: &Frame<'_>| stops(frame.truth[i].min(self.limit))[0];
                    let d = (a[0] - b[0]) - (truth(next) - truth(now));
                    sum += f64::from(weight) * f64::from(d.abs());
                    *to_next += scale * weight * sign(d) * a[1];
                    *to_now -= scale * weight * sign(d) * b[1];
                }
            }
            sum / all
        })
    }
}

/// Mean over pairs of frames that follow one another of what `of` says of a pair. It is given both
/// frames, the factor of a pair's gradients, and the gradients of both to add to.
pub(super) fn mean_of_pairs(
    frames: &[Frame<'_>],
    factor: f64,
    gradients: &mut [Vec<f32>],
    of: impl Fn([&Frame<'_>; 2], f64, [&mut Vec<f32>; 2]) -> f64,
) -> f64 {
    let pairs = frames.len().saturating_sub(1) as f64;
    let one = |(t, pair): (usize, &[Frame<'_>])| {
        let (before, after) = gradients.split_at_mut(t + 1);
        of([&pair[0], &pair[1]], factor / pairs, [&mut before[t], &mut after[0]]) / pairs
    };
    frames.windows(2).enumerate().map(one).sum()
}

/// The edited prediction against the prediction of the edited picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Consistency {
    pub(super) place: Where,
}

impl Consistency {
    /// L1 of `ln(1 + light)`; gradients times `factor` are added, of the original's and of the edited
    /// picture's prediction.
    pub(super) fn pair(
        &self,
        edit: &Edit,
        [original, edited]: [&Frame<'_>; 2],
        factor: f64,
        [to_original, to_edited]: [&mut [f32]; 2],
    ) -> f64 {
        let then = edit.apply(original.size, original.prediction);
        let weight = |i: usize| self.place.weight(edited.clip[i]);
        let count = then.len();
        let all = divisor((0..count).map(|i| f64::from(weight(i))).sum(), count);
        let scale = (factor / all) as f32;
        let mut back = vec![0.0; count];
        let mut sum = 0.0;
        for i in 0..count {
            let weight = weight(i);
            if weight > 0.0 {
                let (a, b) = (ln_1p(then[i]), ln_1p(edited.prediction[i]));
                let d = a[0] - b[0];
                sum += f64::from(weight) * f64::from(d.abs());
                back[i] = scale * weight * sign(d) * a[1];
                to_edited[i] -= scale * weight * sign(d) * b[1];
            }
        }
        let back = edit.pull_back(original.size, original.prediction, &back);
        for (to, g) in to_original.iter_mut().zip(back) {
            *to += g;
        }
        sum / all
    }
}

/// Light that an estimated curve gives, against the light by the camera's own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tone {
    /// Weight of the brightest stop beside 1 for all: few pixels, but they say how the curve ends.
    pub(super) top: f64,
    /// Stops at which the loss turns from a square to a line.
    pub(super) turn: f32,
    /// Light below which stops become a straight line, on both sides of 0.
    pub(super) toe: f32,
}

impl Tone {
    /// Means of `sqrt(d^2 + turn^2) - turn`, d in stops, over all values and over those of the last
    /// stop of the camera's light; their gradient times `factor` is added.
    pub(super) fn frame(
        &self,
        frame: &Frame<'_>,
        factor: f64,
        gradient: Option<&mut [f32]>,
    ) -> f64 {
        let Some(tone) = frame.tone else { return 0.0 };
        let count = tone.len();
        let base = |i: usize| frame.base[i] * frame.balance[i % 3];
        let edge = 0.5 * (0..count).fold(0.0_f32, |most, i| most.max(base(i)));
        let bright = (0..count).filter(|i| base(*i) >= edge).count();
        let all = (1.0 / count as f64) as f32;
        let top = (self.top / divisor(bright as f64, count)) as f32;
        let (mut sum, mut slopes) = (0.0, vec![0.0; count]);
        for i in 0..count {
            let weight = all + if base(i) >= edge { top } else { 0.0 };
            let ([a, slope], [b, _]) = (ln_1p(tone[i] / self.toe), ln_1p(base(i) / self.toe));
            let (d, slope) = ((a - b) * LOG2_E, slope / self.toe * LOG2_E);
            let root = (d * d + self.turn * self.turn).sqrt();
            sum += f64::from(weight) * f64::from(root - self.turn);
            slopes[i] = factor as f32 * weight * d / root * slope;
        }
        if let Some(gradient) = gradient {
            for (to, slope) in gradient.iter_mut().zip(slopes) {
                *to += slope;
            }
        }
        sum
    }
}
