//! The transfer functions that spaces can have, each with its exact and its fast form.

use crate::Viewing;
use crate::transfer::{self, CameraLog, Moncurve, Negatives};
use crate::vector::{
    self, AcesCcF32, AppleLogF32, CameraLogF32, CanonLog2F32, CanonLog3F32, GammaF32, HlgF32,
    MoncurveF32, PqF32,
};

/// Transfer function of a space. The functions are in [`crate::transfer`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    /// Proportional to light.
    Linear,
    /// A pure power.
    Gamma(f64, Negatives),
    /// sRGB.
    Srgb(Negatives),
    /// The camera curve of BT.709.
    Bt709,
    /// ACEScc.
    AcesCc,
    /// ACEScct.
    AcesCct,
    /// ARRI LogC3 at an exposure index.
    LogC3(u32),
    /// ARRI LogC4.
    LogC4,
    /// DaVinci Intermediate.
    DavinciIntermediate,
    /// Blackmagic Film, generation 5.
    BmdFilmGen5,
    /// Apple Log.
    AppleLog,
    /// Sony S-Log3.
    SLog3,
    /// Panasonic V-Log.
    VLog,
    /// RED Log3G10.
    Log3G10,
    /// Canon Log 2.
    CanonLog2,
    /// Canon Log 3.
    CanonLog3,
    /// DJI D-Log.
    DLog,
    /// SMPTE ST 2084, in units of [`Viewing::diffuse_white`].
    Pq,
    /// BT.2100 HLG with the system gamma of a 1000-nit display, in units of
    /// [`Viewing::diffuse_white`].
    Hlg,
}

impl Curve {
    fn camera_log(self) -> Option<&'static CameraLog> {
        Some(match self {
            Self::AcesCct => &transfer::ACESCCT,
            Self::LogC3(ei) => transfer::logc3(ei),
            Self::LogC4 => &transfer::LOGC4,
            Self::DavinciIntermediate => &transfer::DAVINCI_INTERMEDIATE,
            Self::BmdFilmGen5 => &transfer::BMDFILM_GEN5,
            Self::SLog3 => &transfer::SLOG3,
            Self::VLog => &transfer::VLOG,
            Self::Log3G10 => &transfer::LOG3G10,
            Self::DLog => &transfer::DLOG,
            _ => return None,
        })
    }

    fn moncurve(self) -> Option<(&'static Moncurve, Negatives)> {
        match self {
            Self::Srgb(negatives) => Some((&transfer::SRGB, negatives)),
            Self::Bt709 => Some((&transfer::BT709, Negatives::Extend)),
            _ => None,
        }
    }

    /// Encoded to linear; exact.
    #[must_use]
    pub fn decode(self, viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        use transfer as t;
        let white = viewing.diffuse_white;
        match self {
            Self::Linear => rgb,
            Self::Gamma(exponent, negatives) => rgb.map(|v| t::eotf_gamma(v, exponent, negatives)),
            Self::Srgb(Negatives::Extend) => rgb.map(t::eotf_srgb),
            Self::Srgb(Negatives::Mirror) => rgb.map(t::eotf_srgb_mirrored),
            Self::Bt709 => rgb.map(t::inverse_oetf_bt709),
            Self::AcesCc => rgb.map(t::log_decoding_acescc),
            Self::AcesCct => rgb.map(t::log_decoding_acescct),
            Self::LogC3(ei) => rgb.map(|v| t::log_decoding_logc3(v, ei)),
            Self::LogC4 => rgb.map(t::log_decoding_logc4),
            Self::DavinciIntermediate => rgb.map(t::log_decoding_davinci_intermediate),
            Self::BmdFilmGen5 => rgb.map(t::log_decoding_bmdfilm_gen5),
            Self::AppleLog => rgb.map(t::log_decoding_apple_log),
            Self::SLog3 => rgb.map(t::log_decoding_slog3),
            Self::VLog => rgb.map(t::log_decoding_vlog),
            Self::Log3G10 => rgb.map(t::log_decoding_log3g10),
            Self::CanonLog2 => rgb.map(t::log_decoding_canonlog2),
            Self::CanonLog3 => rgb.map(t::log_decoding_canonlog3),
            Self::DLog => rgb.map(t::log_decoding_dlog),
            Self::Pq => rgb.map(|v| t::eotf_st2084(v) / white),
            Self::Hlg => {
                t::ootf_hlg(rgb.map(t::inverse_oetf_hlg)).map(|f| f * (t::HLG_PEAK_NITS / white))
            }
        }
    }

    /// Linear to encoded; exact.
    #[must_use]
    pub fn encode(self, viewing: &Viewing, rgb: [f64; 3]) -> [f64; 3] {
        use transfer as t;
        let white = viewing.diffuse_white;
        match self {
            Self::Linear => rgb,
            Self::Gamma(exponent, negatives) => {
                rgb.map(|v| t::inverse_eotf_gamma(v, exponent, negatives))
            }
            Self::Srgb(Negatives::Extend) => rgb.map(t::inverse_eotf_srgb),
            Self::Srgb(Negatives::Mirror) => rgb.map(t::inverse_eotf_srgb_mirrored),
            Self::Bt709 => rgb.map(t::oetf_bt709),
            Self::AcesCc => rgb.map(t::log_encoding_acescc),
            Self::AcesCct => rgb.map(t::log_encoding_acescct),
            Self::LogC3(ei) => rgb.map(|v| t::log_encoding_logc3(v, ei)),
            Self::LogC4 => rgb.map(t::log_encoding_logc4),
            Self::DavinciIntermediate => rgb.map(t::log_encoding_davinci_intermediate),
            Self::BmdFilmGen5 => rgb.map(t::log_encoding_bmdfilm_gen5),
            Self::AppleLog => rgb.map(t::log_encoding_apple_log),
            Self::SLog3 => rgb.map(t::log_encoding_slog3),
            Self::VLog => rgb.map(t::log_encoding_vlog),
            Self::Log3G10 => rgb.map(t::log_encoding_log3g10),
            Self::CanonLog2 => rgb.map(t::log_encoding_canonlog2),
            Self::CanonLog3 => rgb.map(t::log_encoding_canonlog3),
            Self::DLog => rgb.map(t::log_encoding_dlog),
            Self::Pq => rgb.map(|v| t::inverse_eotf_st2084(v * white)),
            Self::Hlg => {
                t::inverse_ootf_hlg(rgb.map(|v| v * (white / t::HLG_PEAK_NITS))).map(t::oetf_hlg)
            }
        }
    }

    /// Prepares the fast form.
    #[must_use]
    pub fn prepare(self, viewing: &Viewing) -> FastCurve {
        if let Some(curve) = self.camera_log() {
            return FastCurve::CameraLog(CameraLogF32::new(curve));
        }
        if let Some((curve, negatives)) = self.moncurve() {
            return FastCurve::Moncurve(MoncurveF32::new(curve, negatives));
        }
        match self {
            Self::Gamma(exponent, negatives) => {
                FastCurve::Gamma(GammaF32::new(exponent, negatives))
            }
            Self::AcesCc => FastCurve::AcesCc(AcesCcF32::new()),
            Self::AppleLog => FastCurve::AppleLog(AppleLogF32::new()),
            Self::CanonLog2 => FastCurve::CanonLog2(CanonLog2F32::new()),
            Self::CanonLog3 => FastCurve::CanonLog3(CanonLog3F32::new()),
            Self::Pq => FastCurve::Pq(PqF32::new(viewing.diffuse_white)),
            Self::Hlg => FastCurve::Hlg(HlgF32::new(viewing.diffuse_white)),
            _ => FastCurve::Linear,
        }
    }
}

/// A [`Curve`] with its f32 constants worked out; see [`Curve::prepare`].
#[derive(Clone, Copy, Debug)]
pub enum FastCurve {
    /// Proportional to light.
    Linear,
    /// See [`GammaF32`].
    Gamma(GammaF32),
    /// See [`MoncurveF32`].
    Moncurve(MoncurveF32),
    /// See [`CameraLogF32`].
    CameraLog(CameraLogF32),
    /// See [`AcesCcF32`].
    AcesCc(AcesCcF32),
    /// See [`AppleLogF32`].
    AppleLog(AppleLogF32),
    /// See [`CanonLog2F32`].
    CanonLog2(CanonLog2F32),
    /// See [`CanonLog3F32`].
    CanonLog3(CanonLog3F32),
    /// See [`PqF32`].
    Pq(PqF32),
    /// See [`HlgF32`].
    Hlg(HlgF32),
}

macro_rules! each_plane {
    ($way:ident, $curve:expr, $planes:expr) => {{
        for plane in $planes {
            vector::$way($curve, plane);
        }
    }};
}

impl FastCurve {
    /// Which it is (the order of the variants, from 0) and its constants, for a computation elsewhere:
    /// the GPU's `kernels/curve.h`.
    #[must_use]
    pub fn numbers(&self) -> (u8, Vec<f32>) {
        match *self {
            Self::Linear => (0, Vec::new()),
            Self::Gamma(c) => (1, c.numbers()),
            Self::Moncurve(c) => (2, c.numbers()),
            Self::CameraLog(c) => (3, c.numbers()),
            Self::AcesCc(c) => (4, c.numbers()),
            Self::AppleLog(c) => (5, c.numbers()),
            Self::CanonLog2(c) => (6, c.numbers()),
            Self::CanonLog3(c) => (7, c.numbers()),
            Self::Pq(c) => (8, c.numbers()),
            Self::Hlg(c) => (9, c.numbers()),
        }
    }

    /// Encoded to linear, planes of one length, in place.
    pub fn decode(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        match *self {
            Self::Linear => {}
            Self::Gamma(c) => each_plane!(decode, c, [r, g, b]),
            Self::Moncurve(c) => each_plane!(decode, c, [r, g, b]),
            Self::CameraLog(c) => each_plane!(decode, c, [r, g, b]),
            Self::AcesCc(c) => each_plane!(decode, c, [r, g, b]),
            Self::AppleLog(c) => each_plane!(decode, c, [r, g, b]),
            Self::CanonLog2(c) => each_plane!(decode, c, [r, g, b]),
            Self::CanonLog3(c) => each_plane!(decode, c, [r, g, b]),
            Self::Pq(c) => each_plane!(decode, c, [r, g, b]),
            Self::Hlg(c) => c.decode(r, g, b),
        }
    }

    /// Linear to encoded, planes of one length, in place.
    pub fn encode(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        match *self {
            Self::Linear => {}
            Self::Gamma(c) => each_plane!(encode, c, [r, g, b]),
            Self::Moncurve(c) => each_plane!(encode, c, [r, g, b]),
            Self::CameraLog(c) => each_plane!(encode, c, [r, g, b]),
            Self::AcesCc(c) => each_plane!(encode, c, [r, g, b]),
            Self::AppleLog(c) => each_plane!(encode, c, [r, g, b]),
            Self::CanonLog2(c) => each_plane!(encode, c, [r, g, b]),
            Self::CanonLog3(c) => each_plane!(encode, c, [r, g, b]),
            Self::Pq(c) => each_plane!(encode, c, [r, g, b]),
            Self::Hlg(c) => c.encode(r, g, b),
        }
    }
}
