//! RED, "REDWideGamutRGB and Log3G10", 915-0187 rev. C.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static LOG3G10: LazyLock<CameraLog> = LazyLock::new(|| {
    let (a, b, c) = (0.224_282, 155.975_327, 0.01);
    CameraLog::new(10.0, [a, 0.0], [b, b * c + 1.0], -c)
});

/// Linear REDWideGamutRGB to Log3G10: `0.224282 log10(155.975327 (L + 0.01) + 1)`, and for L below
/// -0.01 the tangent (slope 15.1927).
///
/// Domain: any. V = 1 is ten stops over mid-grey, L = 184.32; mid-grey is V = 1/3.
#[must_use]
pub fn log_encoding_log3g10(l: f64) -> f64 {
    LOG3G10.encode(l)
}

/// Inverse of [`log_encoding_log3g10`].
#[must_use]
pub fn log_decoding_log3g10(v: f64) -> f64 {
    LOG3G10.decode(v)
}
