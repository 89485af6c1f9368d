//! Transfer functions, named by standard and direction; exact, in f64.

/// IEC 61966-2-1: encoded sRGB to linear, mirrored below zero.
#[must_use]
pub fn eotf_srgb(v: f64) -> f64 {
    let a = v.abs();
    let l = if a <= 0.04045 { a / 12.92 } else { libm::pow((a + 0.055) / 1.055, 2.4) };
    l.copysign(v)
}

/// Inverse of [`eotf_srgb`].
#[must_use]
pub fn inverse_eotf_srgb(v: f64) -> f64 {
    let a = v.abs();
    let e = if a <= 0.003_130_8 { a * 12.92 } else { 1.055 * libm::pow(a, 1.0 / 2.4) - 0.055 };
    e.copysign(v)
}

/// AMPAS S-2016-001: linear AP1 to ACEScct.
#[must_use]
pub fn log_encoding_acescct(v: f64) -> f64 {
    if v <= 0.007_812_5 {
        10.540_237_741_654_5 * v + 0.072_905_534_195_835_5
    } else {
        (libm::log2(v) + 9.72) / 17.52
    }
}

/// Inverse of [`log_encoding_acescct`]; nothing is clamped above.
#[must_use]
pub fn log_decoding_acescct(v: f64) -> f64 {
    if v <= 0.155_251_141_552_511 {
        (v - 0.072_905_534_195_835_5) / 10.540_237_741_654_5
    } else {
        libm::exp2(v * 17.52 - 9.72)
    }
}
