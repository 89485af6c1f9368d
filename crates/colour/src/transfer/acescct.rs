//! AMPAS S-2016-001 (ACEScct), 4.4.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static ACESCCT: LazyLock<CameraLog> =
    LazyLock::new(|| CameraLog::new(2.0, [1.0 / 17.52, 9.72 / 17.52], [1.0, 0.0], 0.007_812_5));

/// Linear AP1 to ACEScct: `(log2 L + 9.72) / 17.52`, and the line
/// `10.5402377416545 L + 0.0729055341958355` for L up to 0.0078125.
///
/// Domain: any; the line goes on below zero. L = 65504 gives 1.468. The document ends decoding at
/// 65504; this goes on.
#[must_use]
pub fn log_encoding_acescct(l: f64) -> f64 {
    ACESCCT.encode(l)
}

/// Inverse of [`log_encoding_acescct`].
#[must_use]
pub fn log_decoding_acescct(v: f64) -> f64 {
    ACESCCT.decode(v)
}
