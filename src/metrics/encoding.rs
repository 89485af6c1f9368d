//! The scales on which pictures are compared.

use headroom_colour::{AP1, Matrix3, REC709, REC2020, transfer};
use std::sync::LazyLock;

/// Nits of linear 1.0 on the display that absolute metrics assume.
pub(super) const NITS: f64 = 100.0;

/// Range of luminance, in nits, that this display shows.
pub(super) const DISPLAY_RANGE: (f64, f64) = (0.005, 10_000.0);

/// A scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Light itself. Errors in highlights outweigh all others.
    Linear,
    /// ACEScct (AMPAS S-2016-001): what compositors grade in.
    AcesCct,
    /// PU21 (Mantiuk and Azimi 2021, `banding_glare`): steps that look alike are alike.
    Pu21,
    /// PQ (SMPTE ST 2084) of Rec.2020 light: the signal that HDR10 carries.
    Pq,
    /// Light over the truth's greatest channel, limited to 0 and 1.
    Normalised,
    /// Light over the 99.5th percentile of the truth's channels, limited to 0 and 1: one lamp does
    /// not make the rest black.
    Percentile,
    /// `ln(1 + light)` over the same of the truth's greatest channel, limited to 0 and 1.
    Log,
}

/// Share of the truth's channels that [`Encoding::Percentile`] shows unclipped.
const PERCENTILE: f64 = 0.995;

/// A picture on a scale.
#[derive(Debug)]
pub(super) struct Encoded {
    /// The channels.
    pub(super) rgb: Vec<[f32; 3]>,
    /// The luminance.
    pub(super) luminance: Vec<f32>,
}

static TO_AP1: LazyLock<Matrix3> = LazyLock::new(|| Matrix3::between(&REC709, &AP1));
static TO_REC2020: LazyLock<Matrix3> = LazyLock::new(|| Matrix3::between(&REC709, &REC2020));
static LUMINANCE: LazyLock<[f64; 3]> = LazyLock::new(|| Matrix3::rgb_to_xyz(&REC709).0[1]);

/// CIE Y of linear Rec.709 light.
pub(super) fn luminance(rgb: [f32; 3]) -> f64 {
    let w = *LUMINANCE;
    w[0] * f64::from(rgb[0]) + w[1] * f64::from(rgb[1]) + w[2] * f64::from(rgb[2])
}

/// What the display makes of a value, in nits.
pub(super) fn displayed(value: f64) -> f64 {
    // max first: it turns NaN into the darkest luminance there is.
    (value * NITS).max(DISPLAY_RANGE.0).min(DISPLAY_RANGE.1)
}

impl Encoding {
    /// How many there are.
    pub(super) const COUNT: usize = 7;

    /// The value that counts as full scale in PSNR and SSIM: diffuse white for light, 256 for PU21
    /// (which is about 100 nits), else 1.
    #[must_use]
    pub const fn peak(self) -> f64 {
        match self {
            Self::Pu21 => 256.0,
            _ => 1.0,
        }
    }

    /// What light is divided by, from the truth.
    fn scale(self, truth: &[[f32; 3]]) -> f64 {
        let scale = match self {
            Self::Normalised => greatest(truth),
            Self::Percentile => percentile(truth, PERCENTILE),
            Self::Log => libm::log1p(greatest(truth).max(0.0)),
            Self::Linear | Self::AcesCct | Self::Pu21 | Self::Pq => 1.0,
        };
        if scale > 0.0 { scale } else { 1.0 }
    }

    fn colour(self, rgb: [f32; 3], scale: f64) -> [f64; 3] {
        let rgb = rgb.map(f64::from);
        match self {
            Self::AcesCct => TO_AP1.apply(rgb).map(transfer::log_encoding_acescct),
            Self::Pq => TO_REC2020.apply(rgb).map(|v| self.grey(v, scale)),
            _ => rgb.map(|v| self.grey(v, scale)),
        }
    }

    fn grey(self, y: f64, scale: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::AcesCct => transfer::log_encoding_acescct(y),
            Self::Pu21 => headroom_colour::metric::pu21_encoding(displayed(y)),
            Self::Pq => transfer::inverse_eotf_st2084(displayed(y)),
            // max first: it turns NaN into black.
            Self::Normalised | Self::Percentile => (y.max(0.0) / scale).min(1.0),
            Self::Log => (libm::log1p(y.max(0.0)) / scale).min(1.0),
        }
    }

    /// Both pictures of a pair.
    pub(super) fn encode(self, test: &[[f32; 3]], truth: &[[f32; 3]]) -> [Encoded; 2] {
        let scale = self.scale(truth);
        [test, truth].map(|light| Encoded {
            rgb: light.iter().map(|rgb| self.colour(*rgb, scale).map(|v| v as f32)).collect(),
            luminance: light.iter().map(|rgb| self.grey(luminance(*rgb), scale) as f32).collect(),
        })
    }
}

fn greatest(light: &[[f32; 3]]) -> f64 {
    f64::from(light.as_flattened().iter().copied().fold(0.0, f32::max))
}

/// Between the two nearest values, as numpy does.
fn percentile(light: &[[f32; 3]], share: f64) -> f64 {
    let mut values = light.as_flattened().to_vec();
    if values.is_empty() {
        return 0.0;
    }
    let place = share * (values.len() - 1) as f64;
    let (_, low, above) = values.select_nth_unstable_by(place as usize, f32::total_cmp);
    let low = f64::from(*low);
    let high = above.iter().copied().min_by(f32::total_cmp).map_or(low, f64::from);
    low + (high - low) * place.fract()
}
