//! Scales of light on which losses compare, with their slopes: log2 with a toe, log(1 + x), luminance.
//!
//! All are defined for every finite number, negative ones too, and have a slope other than 0 there.

use headroom_colour::vector::{log2_1p_f32, log2_f32};
use std::f32::consts::{LN_2, LOG2_E};

/// Light below which [`stops`] goes on as its tangent: 10 stops below diffuse white.
pub(super) const TOE: f32 = 1.0 / 1024.0;

/// log2 of light and its slope; below [`TOE`] the tangent there.
#[inline]
pub(super) fn stops(x: f32) -> [f32; 2] {
    if x > TOE {
        [log2_f32(x), LOG2_E / x]
    } else {
        [-10.0 + (x - TOE) * (LOG2_E / TOE), LOG2_E / TOE]
    }
}

/// `ln(1 + x)` and its slope, mirrored below zero: `-ln(1 - x)`.
#[inline]
pub(super) fn ln_1p(x: f32) -> [f32; 2] {
    let size = x.abs();
    [(LN_2 * log2_1p_f32(size)).copysign(x), 1.0 / (1.0 + size)]
}

/// CIE Y of a pixel.
#[inline]
pub(super) fn luminance(w: [f64; 3], rgb: &[f32]) -> f64 {
    w[0] * f64::from(rgb[0]) + w[1] * f64::from(rgb[1]) + w[2] * f64::from(rgb[2])
}

/// The sign of a difference, 0 of none.
#[inline]
pub(super) fn sign(x: f32) -> f32 {
    if x == 0.0 { 0.0 } else { 1.0_f32.copysign(x) }
}
