//! ACEScc and Apple Log, whose toes are not straight.

use super::CurveF32;
use super::elementary::{Exp2Affine, log2_positive};
use crate::transfer::{ACESCC_FLOOR, AppleLog};

/// [`crate::transfer::log_encoding_acescc`] and its inverse in f32.
#[derive(Clone, Copy, Debug)]
pub struct AcesCcF32 {
    power: Exp2Affine,
}

const TINY: f32 = 1.0 / 65536.0;

impl AcesCcF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let rest =
            [(9.72 - 15.0) / 17.52, f64::from(TINY), 1.0 / 17.52, 9.72 / 17.52, ACESCC_FLOOR];
        [self.power.numbers().as_slice(), &rest.map(|v| v as f32)].concat()
    }

    /// Prepares the curve.
    #[must_use]
    pub fn new() -> Self {
        Self { power: Exp2Affine::new(17.52, -9.72) }
    }
}

impl Default for AcesCcF32 {
    fn default() -> Self {
        Self::new()
    }
}

impl CurveF32 for AcesCcF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let log = self.power.at(v);
        if v <= ((9.72 - 15.0) / 17.52) as f32 { 2.0 * (log - TINY) } else { log }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let toe = TINY + 0.5 * v;
        let toe = if toe < f32::MIN_POSITIVE { f32::MIN_POSITIVE } else { toe };
        let inside = if v < 2.0 * TINY { toe } else { v };
        let log = log2_positive(inside) * (1.0 / 17.52) as f32 + (9.72 / 17.52) as f32;
        let log = if log < ACESCC_FLOOR as f32 { ACESCC_FLOOR as f32 } else { log };
        if v < f32::INFINITY { log } else { v }
    }
}

/// [`crate::transfer::log_encoding_apple_log`] and its inverse in f32.
#[derive(Clone, Copy, Debug)]
pub struct AppleLogF32 {
    power: Exp2Affine,
}

impl AppleLogF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let rest = [
            AppleLog::BETA,
            1.0 / AppleLog::C,
            AppleLog::R0,
            AppleLog::PT,
            AppleLog::GAMMA,
            AppleLog::DELTA,
            AppleLog::RT,
            AppleLog::C,
        ];
        [self.power.numbers().as_slice(), &rest.map(|v| v as f32)].concat()
    }

    /// Prepares the curve.
    #[must_use]
    pub fn new() -> Self {
        Self { power: Exp2Affine::new(1.0 / AppleLog::GAMMA, -AppleLog::DELTA / AppleLog::GAMMA) }
    }
}

impl Default for AppleLogF32 {
    fn default() -> Self {
        Self::new()
    }
}

impl CurveF32 for AppleLogF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let log = self.power.at(v) - AppleLog::BETA as f32;
        let positive = if v < 0.0 { 0.0 } else { v };
        let square = (positive * (1.0 / AppleLog::C) as f32).sqrt() + AppleLog::R0 as f32;
        if v >= AppleLog::PT as f32 { log } else { square }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let log = log2_positive(v + AppleLog::BETA as f32) * AppleLog::GAMMA as f32
            + AppleLog::DELTA as f32;
        let log = if v < f32::INFINITY { log } else { v };
        let above = v - AppleLog::R0 as f32;
        let above = if above < 0.0 { 0.0 } else { above };
        let square = above * above * AppleLog::C as f32;
        if v >= AppleLog::RT as f32 { log } else { square }
    }
}
