//! The table of metrics.

use super::{
    Better, Encoding, Pair, brightest, defocus, energy, itp, mae, psnr, rmse, ssim, stops,
};

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
    /// What it tells, in a sentence.
    pub hint: &'static str,
    /// The document it follows; empty where it is Headroom's own.
    pub reference: &'static str,
    measure: fn(&Pair<'_>, Option<&[bool]>) -> f64,
}

const SSIM: &str = "Wang et al. 2004, Image Quality Assessment: From Error Visibility to Structural \
                    Similarity";
const ACES: &str = "AMPAS S-2016-001";
const PU21: &str = "Mantiuk and Azimi 2021, PU21: A novel perceptually uniform encoding";
const PQ: &str = "SMPTE ST 2084:2014";
const BT2124: &str = "ITU-R BT.2124-0";

macro_rules! metric {
    ($id:literal $label:literal $unit:literal $better:ident $reference:expr, $hint:literal, $measure:expr) => {
        Metric {
            id: $id,
            label: $label,
            unit: $unit,
            better: Better::$better,
            hint: $hint,
            reference: $reference,
            measure: $measure,
        }
    };
}

/// Every metric, in the order of tables.
pub static METRICS: &[Metric] = &[
    metric!("psnr_linear" "PSNR linear" "dB" Higher "", "Peak signal-to-noise ratio of the light, 1.0 being the peak; errors in highlights decide.", |p, m| psnr::measure(p, m, Encoding::Linear)),
    metric!("psnr_acescct" "PSNR ACEScct" "dB" Higher ACES, "Peak signal-to-noise ratio in what compositors grade in.", |p, m| psnr::measure(p, m, Encoding::AcesCct)),
    metric!("psnr_pu21" "PSNR PU21" "dB" Higher PU21, "Peak signal-to-noise ratio in steps that look alike, 256 being the peak.", |p, m| psnr::measure(p, m, Encoding::Pu21)),
    metric!("psnr_pq" "PSNR PQ" "dB" Higher PQ, "Peak signal-to-noise ratio of the PQ signal in Rec.2020.", |p, m| psnr::measure(p, m, Encoding::Pq)),
    metric!("psnr_norm" "PSNR normalised" "dB" Higher "", "Peak signal-to-noise ratio of light over the truth's maximum, limited to 0 and 1.", |p, m| psnr::measure(p, m, Encoding::Normalised)),
    metric!("psnr_norm_p995" "PSNR normalised, 99.5 %" "dB" Higher "", "Peak signal-to-noise ratio of light over the truth's 99.5th percentile, limited to 0 and 1.", |p, m| psnr::measure(p, m, Encoding::Percentile)),
    metric!("psnr_log" "PSNR log" "dB" Higher "", "Peak signal-to-noise ratio of ln(1 + light) over that of the truth's maximum.", |p, m| psnr::measure(p, m, Encoding::Log)),
    metric!("ssim_linear" "SSIM linear" "" Higher SSIM, "Structural similarity of the luminance.", |p, m| ssim::measure(p, m, Encoding::Linear)),
    metric!("ssim_acescct" "SSIM ACEScct" "" Higher SSIM, "Structural similarity of the luminance in ACEScct.", |p, m| ssim::measure(p, m, Encoding::AcesCct)),
    metric!("ssim_pu21" "SSIM PU21" "" Higher SSIM, "Structural similarity of the luminance in PU21.", |p, m| ssim::measure(p, m, Encoding::Pu21)),
    metric!("ssim_pq" "SSIM PQ" "" Higher SSIM, "Structural similarity of the luminance in PQ.", |p, m| ssim::measure(p, m, Encoding::Pq)),
    metric!("ssim_norm" "SSIM normalised" "" Higher SSIM, "Structural similarity of luminance over the truth's maximum, limited to 0 and 1.", |p, m| ssim::measure(p, m, Encoding::Normalised)),
    metric!("ssim_norm_p995" "SSIM normalised, 99.5 %" "" Higher SSIM, "Structural similarity of luminance over the truth's 99.5th percentile, limited to 0 and 1.", |p, m| ssim::measure(p, m, Encoding::Percentile)),
    metric!("ssim_log" "SSIM log" "" Higher SSIM, "Structural similarity of ln(1 + luminance) over that of the truth's maximum.", |p, m| ssim::measure(p, m, Encoding::Log)),
    metric!("mae_linear" "MAE linear" "" Lower "", "Mean absolute error of the light.", |p, m| mae::measure(p, m, Encoding::Linear)),
    metric!("mae_acescct" "MAE ACEScct" "" Lower ACES, "Mean absolute error in what compositors grade in.", |p, m| mae::measure(p, m, Encoding::AcesCct)),
    metric!("mae_pu21" "MAE PU21" "" Lower PU21, "Mean absolute error in steps that look alike.", |p, m| mae::measure(p, m, Encoding::Pu21)),
    metric!("mae_pq" "MAE PQ" "" Lower PQ, "Mean absolute error of the PQ signal in Rec.2020.", |p, m| mae::measure(p, m, Encoding::Pq)),
    metric!("rmse_acescct" "RMSE ACEScct" "" Lower ACES, "Root of the mean square error in what compositors grade in.", |p, m| rmse::measure(p, m, Encoding::AcesCct)),
    metric!("rmse_stops" "RMSE luminance" "stops" Lower "", "Root of the mean square error of log2 luminance, limited to 2^-10 and 100.", stops::rmse),
    metric!("bias_stops" "Bias luminance" "stops" Zero "", "Mean error of log2 luminance; above 0 it is too bright.", stops::bias),
    metric!("itp" "Delta E ITP" "" Lower BT2124, "Mean colour difference; 1 can just be seen.", itp::measure),
    metric!("energy" "Energy" "stops" Zero "", "log2 of all the light over the truth's.", energy::measure),
    metric!("peak" "Peak" "stops" Zero "", "log2 of the greatest luminance over the truth's.", brightest::measure),
    metric!("defocus" "Defocus" "dB" Higher PU21, "PU21-PSNR after a disc blur of 2 % of the width in linear light.", defocus::measure),
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
