//! The scales on which pictures are compared.

use headroom_colour::{AP1, Matrix3, REC709, transfer};
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
}

/// A picture on a scale.
#[derive(Debug)]
pub(super) struct Encoded {
    /// The channels.
    pub(super) rgb: Vec<[f32; 3]>,
    /// The luminance.
    pub(super) luminance: Vec<f32>,
}

static TO_AP1: LazyLock<Matrix3> = LazyLock::new(|| Matrix3::between(&REC709, &AP1));
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
    pub(super) const COUNT: usize = 3;

    /// The value that counts as full scale in PSNR and SSIM: diffuse white for light, 1 for
    /// ACEScct, 256 for PU21 (which is about 100 nits).
    #[must_use]
    pub const fn peak(self) -> f64 {
        match self {
            Self::Linear | Self::AcesCct => 1.0,
            Self::Pu21 => 256.0,
        }
    }

    fn colour(self, rgb: [f32; 3]) -> [f64; 3] {
        let rgb = rgb.map(f64::from);
        match self {
            Self::Linear => rgb,
            Self::AcesCct => TO_AP1.apply(rgb).map(transfer::log_encoding_acescct),
            Self::Pu21 => rgb.map(pu21),
        }
    }

    fn grey(self, y: f64) -> f64 {
        match self {
            Self::Linear => y,
            Self::AcesCct => transfer::log_encoding_acescct(y),
            Self::Pu21 => pu21(y),
        }
    }

    pub(super) fn encode(self, light: &[[f32; 3]]) -> Encoded {
        Encoded {
            rgb: light.iter().map(|rgb| self.colour(*rgb).map(|v| v as f32)).collect(),
            luminance: light.iter().map(|rgb| self.grey(luminance(*rgb)) as f32).collect(),
        }
    }
}

fn pu21(value: f64) -> f64 {
    headroom_colour::metric::pu21_encoding(displayed(value))
}
