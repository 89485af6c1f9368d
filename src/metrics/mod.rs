//! Metrics between a picture and the truth: how near an expansion came.
//!
//! All of them read linear Rec.709 light in which 1.0 is diffuse white, shown at 100 nits where a
//! metric needs absolute luminance. A metric is one file and one entry in [`METRICS`]. Each can be
//! restricted to a part of the picture, mostly to what the camera clipped.
//!
//! They measure and print nothing; `headroom compare` and the trainer do.

mod align;
mod curve;
mod difference;
mod encoding;
mod energy;
mod itp;
mod mae;
mod pair;
mod psnr;
mod rmse;
mod ssim;
mod stops;

pub use align::scale_to_align;
pub use curve::ToneCurve;
pub use difference::stops_between;
pub use encoding::Encoding;
pub use pair::{Pair, PairError};

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

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Stable identifier: column of tables and key of JSON.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it counts: `dB`, `stops` or nothing.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    measure: fn(&Pair<'_>, Option<&[bool]>) -> f64,
}

macro_rules! metric {
    ($id:literal $label:literal $unit:literal $better:ident $measure:expr) => {
        Metric { id: $id, label: $label, unit: $unit, better: Better::$better, measure: $measure }
    };
}

/// Every metric, in the order of tables.
pub static METRICS: &[Metric] = &[
    metric!("psnr_linear" "PSNR linear" "dB" Higher |p, m| psnr::measure(p, m, Encoding::Linear)),
    metric!("psnr_acescct" "PSNR ACEScct" "dB" Higher |p, m| psnr::measure(p, m, Encoding::AcesCct)),
    metric!("psnr_pu21" "PSNR PU21" "dB" Higher |p, m| psnr::measure(p, m, Encoding::Pu21)),
    metric!("ssim_linear" "SSIM linear" "" Higher |p, m| ssim::measure(p, m, Encoding::Linear)),
    metric!("ssim_acescct" "SSIM ACEScct" "" Higher |p, m| ssim::measure(p, m, Encoding::AcesCct)),
    metric!("ssim_pu21" "SSIM PU21" "" Higher |p, m| ssim::measure(p, m, Encoding::Pu21)),
    metric!("mae_linear" "MAE linear" "" Lower |p, m| mae::measure(p, m, Encoding::Linear)),
    metric!("mae_acescct" "MAE ACEScct" "" Lower |p, m| mae::measure(p, m, Encoding::AcesCct)),
    metric!("mae_pu21" "MAE PU21" "" Lower |p, m| mae::measure(p, m, Encoding::Pu21)),
    metric!("rmse_acescct" "RMSE ACEScct" "" Lower |p, m| rmse::measure(p, m, Encoding::AcesCct)),
    metric!("rmse_stops" "RMSE luminance" "stops" Lower stops::rmse),
    metric!("bias_stops" "Bias luminance" "stops" Zero stops::bias),
    metric!("itp" "Delta E ITP" "" Lower itp::measure),
    metric!("energy" "Energy" "stops" Zero energy::measure),
];

impl Metric {
    /// Measures where `region` says so, or everywhere. NaN where the region is empty (or, for
    /// SSIM, has no pixel away from the picture's edge).
    ///
    /// # Panics
    /// When the region does not have one entry per pixel.
    #[must_use]
    pub fn measure(&self, pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
        assert!(region.is_none_or(|r| r.len() == pair.len()), "one entry per pixel");
        (self.measure)(pair, region)
    }
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
