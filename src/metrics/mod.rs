//! Metrics between a picture and the truth: how near an expansion came.
//!
//! All of them read linear Rec.709 light in which 1.0 is diffuse white, shown at 100 nits where a
//! metric needs absolute luminance. A metric is one file and one entry in [`METRICS`],
//! metrics of clips in [`CLIP_METRICS`]. Each can be
//! restricted to a part of the picture, mostly to what the camera clipped.
//!
//! They measure and print nothing; `headroom compare` and the trainer do.

mod align;
mod brightest;
mod curve;
mod defocus;
mod difference;
mod encoding;
mod energy;
mod flicker;
mod itp;
mod mae;
mod motion;
mod pair;
mod psnr;
mod rmse;
mod ssim;
mod stops;
mod table;

pub use align::scale_to_align;
pub use curve::ToneCurve;
pub use difference::stops_between;
pub use encoding::Encoding;
pub use flicker::{CLIP_METRICS, ClipMetric, Flicker, FramePair};
pub use motion::Motion;
pub use pair::{Pair, PairError};
pub use table::{METRICS, Metric};

/// In which direction a metric points to the better picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Larger is better.
    Higher,
    /// Smaller is better; 0 is perfect.
    Lower,
    /// Nearer to 0 is better, from either side.
    Zero,
}

/// Mean of `value(i)` over the pixels of a region, in a fixed order; NaN for none.
fn mean(len: usize, region: Option<&[bool]>, value: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut count) = (0.0, 0u64);
    for i in 0..len {
        if region.is_none_or(|r| r[i]) {
            sum += value(i);
            count += 1;
        }
    }
    if count == 0 { f64::NAN } else { sum / count as f64 }
}

#[cfg(test)]
mod tests;
