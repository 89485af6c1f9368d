//! "ARRI LogC4 Logarithmic Color Space - Specification" (2022), 2.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static LOGC4: LazyLock<CameraLog> = LazyLock::new(|| {
    let a = (262_144.0 - 16.0) / 117.45;
    let (b, c) = (928.0 / 1023.0, 95.0 / 1023.0);
    let t = (libm::exp2(6.0 - 14.0 * c / b) - 64.0) / a;
    CameraLog::new(2.0, [b / 14.0, c - 6.0 * b / 14.0], [a, 64.0], t)
});

/// Linear ARRI Wide Gamut 4 to LogC4: `(log2(a L + 64) - 6) / 14 * b + c` with
/// `a = (2^18 - 16) / 117.45`, `b = (1023 - 95) / 1023`, `c = 95 / 1023`; the tangent for L below
/// `t = (2^(6 - 14 c / b) - 64) / a`, which is where V is 0.
///
/// Domain: any. V = 1 is L = 469.8.
#[must_use]
pub fn log_encoding_logc4(l: f64) -> f64 {
    LOGC4.encode(l)
}

/// Inverse of [`log_encoding_logc4`].
#[must_use]
pub fn log_decoding_logc4(v: f64) -> f64 {
    LOGC4.decode(v)
}
