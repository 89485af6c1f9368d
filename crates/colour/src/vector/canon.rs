//! Canon Log 2 and 3, logarithms mirrored about black.

use super::CurveF32;
use super::elementary::{Exp2Affine, log2_1p_f32};
use crate::transfer::{CanonLog2, CanonLog3};
use std::f64::consts::{LOG2_10, LOG10_2};

/// [`crate::transfer::log_encoding_canonlog2`] and its inverse in f32.
#[derive(Clone, Copy, Debug)]
pub struct CanonLog2F32 {
    power: Exp2Affine,
}

impl CanonLog2F32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let (a, b) = (CanonLog2::A * LOG10_2, CanonLog2::B);
        let rest = [CanonLog2::ZERO, 1.0 / b, b, a].map(|v| v as f32);
        [self.power.numbers().as_slice(), &rest].concat()
    }

    /// Prepares the curve.
    #[must_use]
    pub fn new() -> Self {
        Self { power: Exp2Affine::new(LOG2_10 / CanonLog2::A, 0.0) }
    }
}

impl Default for CanonLog2F32 {
    fn default() -> Self {
        Self::new()
    }
}

impl CurveF32 for CanonLog2F32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let d = v - CanonLog2::ZERO as f32;
        (self.power.at_m1(d.abs()) * (1.0 / CanonLog2::B) as f32).copysign(d)
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let log = log2_1p_f32(v.abs() * CanonLog2::B as f32) * (CanonLog2::A * LOG10_2) as f32;
        let log = if v.abs() < f32::INFINITY { log } else { v.abs() };
        log.copysign(v) + CanonLog2::ZERO as f32
    }
}

/// [`crate::transfer::log_encoding_canonlog3`] and its inverse in f32.
#[derive(Clone, Copy, Debug)]
pub struct CanonLog3F32 {
    power: Exp2Affine,
}

impl CanonLog3F32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let rest = [
            CanonLog3::ENCODED_LOW,
            CanonLog3::LOW,
            CanonLog3::HIGH,
            1.0 / CanonLog3::B,
            CanonLog3::ENCODED_HIGH,
            CanonLog3::ZERO,
            1.0 / CanonLog3::SLOPE,
            CanonLog3::B,
            CanonLog3::A * LOG10_2,
            CanonLog3::LINEAR_LOW,
            CanonLog3::LINEAR_HIGH,
            CanonLog3::SLOPE,
        ];
        [self.power.numbers().as_slice(), &rest.map(|v| v as f32)].concat()
    }

    /// Prepares the curve.
    #[must_use]
    pub fn new() -> Self {
        Self { power: Exp2Affine::new(LOG2_10 / CanonLog3::A, 0.0) }
    }
}

impl Default for CanonLog3F32 {
    fn default() -> Self {
        Self::new()
    }
}

impl CurveF32 for CanonLog3F32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let low = v < CanonLog3::ENCODED_LOW as f32;
        let d = if low { CanonLog3::LOW as f32 - v } else { v - CanonLog3::HIGH as f32 };
        let log = self.power.at_m1(d) * (1.0 / CanonLog3::B) as f32;
        let log = if low { -log } else { log };
        let line = (v - CanonLog3::ZERO as f32) * (1.0 / CanonLog3::SLOPE) as f32;
        let on_line = !low & (v <= CanonLog3::ENCODED_HIGH as f32);
        if on_line { line } else { log }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let log = log2_1p_f32(v.abs() * CanonLog3::B as f32) * (CanonLog3::A * LOG10_2) as f32;
        let log = if v.abs() < f32::INFINITY { log } else { v.abs() };
        let low = v < CanonLog3::LINEAR_LOW as f32;
        let log = if low { CanonLog3::LOW as f32 - log } else { CanonLog3::HIGH as f32 + log };
        let line = v * CanonLog3::SLOPE as f32 + CanonLog3::ZERO as f32;
        let on_line = !low & (v <= CanonLog3::LINEAR_HIGH as f32);
        if on_line { line } else { log }
    }
}
