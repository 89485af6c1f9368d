//! AMPAS S-2014-003 (ACEScc), 4.4.

/// Lowest code that an encoder gives: OpenColorIO's, just under the document's code of zero
/// (-0.3584), so that values a hair below zero keep their order.
pub const ACESCC_FLOOR: f64 = -0.36;

/// Linear AP1 to ACEScc: `(log2 L + 9.72) / 17.52`; `(log2(2^-16 + L / 2) + 9.72) / 17.52` for L
/// below 2^-15.
///
/// A logarithm without a linear toe cannot hold negatives: the document sends them all to -0.3584,
/// OpenColorIO lets the formula run on to [`ACESCC_FLOOR`] (L = -5.7e-7) and stops there, and so
/// does this. L = 65504 gives 1.468.
#[must_use]
pub fn log_encoding_acescc(l: f64) -> f64 {
    if l.is_nan() {
        return l;
    }
    let tiny = 1.0 / 65536.0;
    let inside = if l < 2.0 * tiny { (tiny + 0.5 * l).max(f64::MIN_POSITIVE) } else { l };
    ((libm::log2(inside) + 9.72) / 17.52).max(ACESCC_FLOOR)
}

/// Inverse of [`log_encoding_acescc`]: `2^(17.52 V - 9.72)`, and `2 (2^(17.52 V - 9.72) - 2^-16)`
/// for V up to -0.3013698630. The document ends at L = 65504; this goes on.
#[must_use]
pub fn log_decoding_acescc(v: f64) -> f64 {
    let l = libm::exp2(v * 17.52 - 9.72);
    if v <= (9.72 - 15.0) / 17.52 { 2.0 * (l - 1.0 / 65536.0) } else { l }
}
