//! "Blackmagic Generation 5 Color Science" (Blackmagic Design, 2021).

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static BMDFILM_GEN5: LazyLock<CameraLog> = LazyLock::new(|| {
    let (a, b, c) = (0.086_928_760_654_912_24, 0.005_494_072_432_257_808, 0.530_013_339_229_193_9);
    CameraLog::new(std::f64::consts::E, [a, c], [1.0, b], 0.005)
});

/// Linear to Blackmagic Film, generation 5: `A ln(L + B) + C` with A = 0.08692876065491224,
/// B = 0.005494072432257808, C = 0.5300133392291939; the tangent for L below 0.005.
///
/// Domain: any; the line goes on below zero.
#[must_use]
pub fn log_encoding_bmdfilm_gen5(l: f64) -> f64 {
    BMDFILM_GEN5.encode(l)
}

/// Inverse of [`log_encoding_bmdfilm_gen5`].
#[must_use]
pub fn log_decoding_bmdfilm_gen5(v: f64) -> f64 {
    BMDFILM_GEN5.decode(v)
}
