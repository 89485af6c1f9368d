//! SMPTE ST 2084 (PQ).
//!
//! The quotient of the formula lies between 0.836 and 1.009 and is raised to the 79th power, which
//! would magnify its rounding. Both ways therefore work with its distance from 1:
//! `(c1 + c2 u) / (1 + c3 u) = 1 - d (1 - u) / (1 + c3 u)` with `d = 1 - c1`, since
//! `c1 = c3 - c2 + 1`.

use super::elementary::{exp2_f32, exp2m1_f32, log2_1p_f32, log2_positive};
use super::{CurveF32, PowF32};
use crate::transfer::{PQ_PEAK_NITS, St2084};

/// [`crate::transfer::eotf_st2084`] and its inverse in f32, in units of diffuse white.
#[derive(Clone, Copy, Debug)]
pub struct PqF32 {
    to_peak: f32,
    from_peak: f32,
    m1: PowF32,
    inverse_m1: PowF32,
}

const D: f32 = (1.0 - St2084::C1) as f32;
const C3: f32 = St2084::C3 as f32;

impl PqF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let head = [self.to_peak, self.from_peak];
        let rest = [(1.0 / St2084::M2) as f32, St2084::M2 as f32, D, C3];
        [&head[..], &self.m1.numbers(), &self.inverse_m1.numbers(), &rest].concat()
    }

    /// Prepares the curve; linear 1.0 is `diffuse_white` nits.
    #[must_use]
    pub fn new(diffuse_white: f64) -> Self {
        Self {
            to_peak: (diffuse_white / PQ_PEAK_NITS) as f32,
            from_peak: (PQ_PEAK_NITS / diffuse_white) as f32,
            m1: PowF32::new(St2084::M1),
            inverse_m1: PowF32::new(1.0 / St2084::M1),
        }
    }
}

impl CurveF32 for PqF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let x = v.abs();
        let x = if x < 1e-30 { 1e-30 } else { x };
        let t = log2_positive(x) * (1.0 / St2084::M2) as f32;
        let distance = -exp2m1_f32(t);
        let below = D + distance * C3;
        let u = (D - distance) / below;
        let u = if u < 0.0 { 0.0 } else { u };
        let u = if below > 0.0 { u } else { f32::INFINITY };
        let u = if v.is_nan() { v } else { u };
        (self.inverse_m1.at(u) * self.from_peak).copysign(v)
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let u = self.m1.at(v.abs() * self.to_peak);
        let distance = D * (1.0 - u) / (1.0 + C3 * u);
        let distance = if v.abs() < f32::INFINITY { distance } else { -D / C3 };
        let distance = if v.is_nan() { v } else { distance };
        let code = exp2_f32(log2_1p_f32(-distance) * St2084::M2 as f32);
        let code = if v.is_nan() { v } else { code };
        code.copysign(v)
    }
}
