//! Pure power functions.

/// What a power function does with values below zero, where no power is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Negatives {
    /// The straight toe goes on; a pure power, which has none, passes them through unchanged.
    Extend,
    /// `f(-x) = -f(x)`.
    Mirror,
}

/// Exponent of Adobe RGB (1998), 4.3.4.2: 2 + 51/256.
pub const ADOBE_RGB_GAMMA: f64 = 563.0 / 256.0;

/// `L = V^exponent` for V > 0; below zero as `negatives` says. Any V.
#[must_use]
pub fn eotf_gamma(v: f64, exponent: f64, negatives: Negatives) -> f64 {
    match negatives {
        Negatives::Mirror => libm::pow(v.abs(), exponent).copysign(v),
        Negatives::Extend if v > 0.0 => libm::pow(v, exponent),
        Negatives::Extend => v,
    }
}

/// `V = L^(1/exponent)`: inverse of [`eotf_gamma`].
#[must_use]
pub fn inverse_eotf_gamma(l: f64, exponent: f64, negatives: Negatives) -> f64 {
    eotf_gamma(l, 1.0 / exponent, negatives)
}

/// ITU-R BT.1886, annex 1, with a screen whose black emits nothing: `L = V^2.4`, mirrored below
/// zero. 0 to 1 for 0 to 1.
#[must_use]
pub fn eotf_bt1886(v: f64) -> f64 {
    eotf_gamma(v, 2.4, Negatives::Mirror)
}

/// Inverse of [`eotf_bt1886`].
#[must_use]
pub fn inverse_eotf_bt1886(l: f64) -> f64 {
    inverse_eotf_gamma(l, 2.4, Negatives::Mirror)
}
