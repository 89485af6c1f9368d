//! DJI, "White Paper on D-Log and D-Gamut of DJI Cinema Color System" (2017), 1.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static DLOG: LazyLock<CameraLog> = LazyLock::new(|| {
    let (a, b) = (3.896_16, 2.277_52);
    CameraLog::new(10.0, [1.0 / a, b / a], [0.9892, 0.0108], 0.007_580_786_75)
});

/// Linear to D-Log: `log10(0.9892 L + 0.0108) * 0.256663 + 0.584555`, and for L up to 0.0078 a line
/// (printed rounded: `6.025 L + 0.0929`).
///
/// The constants come from the paper's inverse, `10^(3.89616 V - 2.27752)`; the line is the
/// tangent at L = 0.00758078675, as OpenColorIO has it. Domain: any.
#[must_use]
pub fn log_encoding_dlog(l: f64) -> f64 {
    DLOG.encode(l)
}

/// Inverse of [`log_encoding_dlog`].
#[must_use]
pub fn log_decoding_dlog(v: f64) -> f64 {
    DLOG.decode(v)
}
