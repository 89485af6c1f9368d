//! How much of a view a camera's exposure clips.

use super::Settings;
use crate::data::random::Draw;
use std::fmt;

/// A view whose brightest light is more than this above its middle one is not exposed for its
/// brightest light: nobody would, and nothing else could be seen.
const DEEPEST: f32 = 256.0;

/// What an exposure aims at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    /// Share of the pixels that clip.
    Share(f64),
    /// The brightest light is so many stops below clipping.
    Below(f64),
}

impl Goal {
    /// Draws a goal.
    pub(super) fn draw(settings: &Settings, draw: &mut Draw) -> Self {
        let share = draw.log_range(settings.share_min, settings.share_max);
        let below = draw.range(0.0, 1.0);
        if draw.chance(settings.unclipped) { Self::Below(below) } else { Self::Share(share) }
    }

    /// The factor on the light, `clipping` being the least that clips. 1 for a picture without light.
    pub(super) fn exposure(
        self,
        light: &[f32],
        clipping: f32,
        brightest: impl Fn(&[f32; 3]) -> f32,
    ) -> f32 {
        let mut values: Vec<f32> = light.as_chunks::<3>().0.iter().map(brightest).collect();
        let count = values.len();
        if count == 0 {
            return 1.0;
        }
        let mut nth = |index: usize| {
            *values.select_nth_unstable_by(index.min(count - 1), |a, b| b.total_cmp(a)).1
        };
        let (wanted, at) = match self {
            Self::Share(share) => {
                let share = (share * count as f64).round() as usize;
                // A little above, so that rounding does not take the last pixel out.
                (clipping * (1.0 + 1e-6), nth(share.saturating_sub(1)))
            }
            Self::Below(stops) => {
                let room = libm::exp2(-stops) as f32;
                let (top, middle) = (nth(0), nth(count / 2));
                let room = clipping * (1.0 - 1e-6) * room;
                (room, top.min(middle.max(f32::MIN_POSITIVE) * DEEPEST))
            }
        };
        let factor = wanted / at;
        if at > 0.0 && factor.is_finite() && factor > 0.0 { factor } else { 1.0 }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share(share) => write!(f, "meant to clip {:.2} %", share * 100.0),
            Self::Below(stops) => write!(f, "meant to stay {stops:.2} stops below clipping"),
        }
    }
}
