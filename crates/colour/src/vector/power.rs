//! Pure powers and powers with a straight toe.

use super::{CurveF32, PowF32};
use crate::transfer::{Moncurve, Negatives};

/// [`crate::transfer::eotf_gamma`] in f32.
#[derive(Clone, Copy, Debug)]
pub struct GammaF32 {
    decode: PowF32,
    encode: PowF32,
    mirror: bool,
}

impl GammaF32 {
    /// Prepares an exponent.
    #[must_use]
    pub fn new(exponent: f64, negatives: Negatives) -> Self {
        Self {
            decode: PowF32::new(exponent),
            encode: PowF32::new(1.0 / exponent),
            mirror: negatives == Negatives::Mirror,
        }
    }
}

#[inline(always)]
fn gamma(power: PowF32, mirror: bool, v: f32) -> f32 {
    let y = power.at(v.abs());
    let negative = if mirror { -y } else { v };
    if v < 0.0 { negative } else { y }
}

impl CurveF32 for GammaF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        gamma(self.decode, self.mirror, v)
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        gamma(self.encode, self.mirror, v)
    }
}

/// [`Moncurve`] in f32.
#[derive(Clone, Copy, Debug)]
pub struct MoncurveF32 {
    decode: PowF32,
    encode: PowF32,
    offset: f32,
    one_plus_offset: f32,
    decode_factor: f32,
    encoded_break: f32,
    linear_break: f32,
    slope: f32,
    inverse_slope: f32,
    mirror: bool,
}

impl MoncurveF32 {
    /// Prepares a curve.
    #[must_use]
    pub fn new(curve: &Moncurve, negatives: Negatives) -> Self {
        Self {
            decode: PowF32::new(curve.gamma),
            encode: PowF32::new(1.0 / curve.gamma),
            offset: curve.offset as f32,
            one_plus_offset: (1.0 + curve.offset) as f32,
            decode_factor: libm::pow(1.0 + curve.offset, -curve.gamma) as f32,
            encoded_break: curve.encoded_break as f32,
            linear_break: curve.linear_break as f32,
            slope: curve.slope as f32,
            inverse_slope: (1.0 / curve.slope) as f32,
            mirror: negatives == Negatives::Mirror,
        }
    }
}

impl CurveF32 for MoncurveF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let x = if self.mirror { v.abs() } else { v };
        // Infinity needs no care: the exponent exceeds 1, so the power overflows.
        let power = self.decode.normal(x + self.offset) * self.decode_factor;
        let y = if x > self.encoded_break { power } else { x * self.slope };
        if self.mirror { y.copysign(v) } else { y }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let x = if self.mirror { v.abs() } else { v };
        let power = self.encode.normal(x) * self.one_plus_offset - self.offset;
        let power = if x < f32::INFINITY { power } else { x };
        let y = if x > self.linear_break { power } else { x * self.inverse_slope };
        if self.mirror { y.copysign(v) } else { y }
    }
}
