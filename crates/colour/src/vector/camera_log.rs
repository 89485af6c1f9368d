//! Logarithms with a straight toe.

use super::CurveF32;
use super::elementary::{Exp2Affine, log2_positive};
use crate::transfer::CameraLog;
use std::f64::consts::LN_2;

/// [`CameraLog`] in f32.
#[derive(Clone, Copy, Debug)]
pub struct CameraLogF32 {
    per_log2: f32,
    log_offset: f32,
    lin_slope: f32,
    lin_offset: f32,
    linear_break: f32,
    encoded_break: f32,
    toe_slope: f32,
    toe_offset: f32,
    inverse_toe_slope: f32,
    zero_signal: f32,
    power: Exp2Affine,
    linear_at_zero_power: f32,
}

impl CameraLogF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let line = [
            self.per_log2,
            self.log_offset,
            self.lin_slope,
            self.lin_offset,
            self.linear_break,
            self.encoded_break,
            self.toe_slope,
            self.toe_offset,
            self.inverse_toe_slope,
            self.zero_signal,
        ];
        [&line[..], &self.power.numbers(), &[self.linear_at_zero_power]].concat()
    }

    /// Prepares a curve.
    #[must_use]
    pub fn new(curve: &CameraLog) -> Self {
        let per_log2 = curve.per_ln * LN_2;
        // The division by lin_slope goes into the exponent.
        let shift = -curve.log_offset / per_log2 - libm::log2(curve.lin_slope);
        Self {
            per_log2: per_log2 as f32,
            log_offset: curve.log_offset as f32,
            lin_slope: curve.lin_slope as f32,
            lin_offset: curve.lin_offset as f32,
            linear_break: curve.linear_break as f32,
            encoded_break: curve.encoded_break as f32,
            toe_slope: curve.toe_slope as f32,
            toe_offset: curve.toe_offset as f32,
            inverse_toe_slope: (1.0 / curve.toe_slope) as f32,
            zero_signal: (-curve.toe_offset / curve.toe_slope) as f32,
            power: Exp2Affine::new(1.0 / per_log2, shift),
            linear_at_zero_power: (-curve.lin_offset / curve.lin_slope) as f32,
        }
    }
}

impl CurveF32 for CameraLogF32 {
    #[inline(always)]
    fn decode(self, v: f32) -> f32 {
        let log = self.power.at(v) + self.linear_at_zero_power;
        let toe = v * self.inverse_toe_slope + self.zero_signal;
        if v > self.encoded_break { log } else { toe }
    }

    #[inline(always)]
    fn encode(self, v: f32) -> f32 {
        let log =
            self.per_log2 * log2_positive(self.lin_slope * v + self.lin_offset) + self.log_offset;
        let log = if v < f32::INFINITY { log } else { v };
        let toe = v * self.toe_slope + self.toe_offset;
        if v > self.linear_break { log } else { toe }
    }
}
