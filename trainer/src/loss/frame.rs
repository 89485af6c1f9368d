//! What a loss is computed on, and which values of it count.

use headroom::metrics::Motion;
use serde::{Deserialize, Serialize};

/// A frame or a tile: channels last, 3 numbers a pixel, rows from the top down, linear Rec.709 light.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Height and width.
    pub size: [usize; 2],
    /// What the network makes of it.
    pub prediction: &'a [f32],
    /// What it should have made.
    pub truth: &'a [f32],
    /// Light of the SDR picture.
    pub base: &'a [f32],
    /// Factors of the channels that the camera put in and `base` is without.
    pub balance: [f32; 3],
    /// Clip mask of each channel, 0 to 1.
    pub clip: &'a [f32],
    /// Light that an estimated tone curve gives for the SDR picture.
    pub tone: Option<&'a [f32]>,
    /// Where its pixels were in the frame before it, where that is known.
    pub before: Option<Motion>,
}

/// Which values a loss looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// All alike.
    All,
    /// By the clip mask of their channel.
    Clipped,
    /// By what the clip mask leaves.
    Unclipped,
}

impl Where {
    /// Weight of a value with that much clip.
    #[inline]
    pub(super) fn weight(self, clip: f32) -> f32 {
        match self {
            Self::All => 1.0,
            Self::Clipped => clip,
            Self::Unclipped => 1.0 - clip,
        }
    }

    /// Name in experiments.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Clipped => "clipped",
            Self::Unclipped => "unclipped",
        }
    }
}

/// The greatest of a pixel's three numbers.
#[inline]
pub(super) fn greatest(of: &[f32]) -> f32 {
    of[0].max(of[1]).max(of[2])
}

/// Least share of a picture's values that a mean divides by, so that a handful of clipped pixels does
/// not weigh as much as a picture full of them.
pub(super) const LEAST_SHARE: f64 = 1.0 / 1024.0;

/// The divisor of a weighted mean over a picture of `count` values.
pub(super) fn divisor(weights: f64, count: usize) -> f64 {
    weights.max(count as f64 * LEAST_SHARE)
}
