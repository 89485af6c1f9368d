//! Panasonic, "V-Log/V-Gamut Reference Manual" (2014), 2.2.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static VLOG: LazyLock<CameraLog> =
    LazyLock::new(|| CameraLog::new(10.0, [0.241_514, 0.598_206], [1.0, 0.008_73], 0.01));

/// Linear to V-Log: `0.241514 log10(L + 0.00873) + 0.598206`, and for L below 0.01 the tangent
/// (printed rounded: `5.6 L + 0.125`).
///
/// Domain: any; the line goes on below zero.
#[must_use]
pub fn log_encoding_vlog(l: f64) -> f64 {
    VLOG.encode(l)
}

/// Inverse of [`log_encoding_vlog`].
#[must_use]
pub fn log_decoding_vlog(v: f64) -> f64 {
    VLOG.decode(v)
}
