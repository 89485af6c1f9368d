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
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let mirror = f32::from(u8::from(self.mirror));
        [&self.decode.numbers()[..], &self.encode.numbers(), &[mirror]].concat()
    }

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
    encoded_break: f32,
    linear_break: f32,
    slope: f32,
    inverse_slope: f32,
    mirror: bool,
    is_2_4: bool,
    decode_factor: f32,
}

impl MoncurveF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let rest = [
            self.offset,
            self.encoded_break,
            self.linear_break,
            self.slope,
            self.inverse_slope,
            f32::from(u8::from(self.mirror)),
        ];
        [&self.decode.numbers()[..], &self.encode.numbers(), &rest].concat()
    }

    /// Prepares a curve.
    #[must_use]
    pub fn new(curve: &Moncurve, negatives: Negatives) -> Self {
        Self {
            decode: PowF32::new(curve.gamma).times(libm::pow(1.0 + curve.offset, -curve.gamma)),
            encode: PowF32::new(1.0 / curve.gamma).times(1.0 + curve.offset),
            offset: curve.offset as f32,
            encoded_break: curve.encoded_break as f32,
            linear_break: curve.linear_break as f32,
            slope: curve.slope as f32,
            inverse_slope: (1.0 / curve.slope) as f32,
            mirror: negatives == Negatives::Mirror,
            is_2_4: curve.gamma == 2.4,
            decode_factor: libm::pow(1.0 + curve.offset, -curve.gamma) as f32,
        }
    }
}

/// `x^2.4` for positive normal x below 1e15, a third of the work of [`PowF32`]: `(x y)^2` with y the
/// fifth root of x, found by two steps of Halley's method, each of which triples the digits.
#[inline(always)]
fn pow_2_4(x: f32) -> f32 {
    // A fifth of the bits is a fifth of the logarithm, within three percent.
    let y = f32::from_bits(((x.to_bits() >> 12) * 819).wrapping_add(FIFTH_ROOT_BIAS));
    let y = halley(y, x);
    let z = x * halley(y, x);
    z * z
}

/// Makes the guess at 1 as large as 1 and centres its error.
const FIFTH_ROOT_BIAS: u32 = 852_024_592;

#[inline(always)]
fn halley(y: f32, x: f32) -> f32 {
    let y2 = y * y;
    let y5 = (y2 * y2) * y;
    y + y * ((x - y5) / (3.0 * y5 + 2.0 * x))
}

impl CurveF32 for MoncurveF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let x = if self.mirror { v.abs() } else { v };
        let base = x + self.offset;
        let power = if self.is_2_4 {
            // Above, the power overflows.
            let power = pow_2_4(base) * self.decode_factor;
            if base < 1e16 { power } else { f32::INFINITY }
        } else {
            // Infinity needs no care: the exponent exceeds 1, so the power overflows.
            self.decode.normal(base)
        };
        let y = if x > self.encoded_break { power } else { x * self.slope };
        if self.mirror { y.copysign(v) } else { y }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let x = if self.mirror { v.abs() } else { v };
        let power = self.encode.normal(x) - self.offset;
        let power = if x < f32::INFINITY { power } else { x };
        let y = if x > self.linear_break { power } else { x * self.inverse_slope };
        if self.mirror { y.copysign(v) } else { y }
    }
}
