//! Sony, "Technical Summary for S-Gamut3.Cine/S-Log3 and S-Gamut3/S-Log3", S-Log3 formula.

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static SLOG3: LazyLock<CameraLog> = LazyLock::new(|| {
    CameraLog::new(10.0, [261.5 / 1023.0, 420.0 / 1023.0], [1.0 / 0.19, 0.01 / 0.19], 0.011_25)
        .with_toe_slope((171.210_294_692_9 - 95.0) / (0.011_25 * 1023.0))
});

/// Linear to S-Log3: `(420 + 261.5 log10((L + 0.01) / 0.19)) / 1023`, and the line from 95 at 0 to
/// 171.2102946929 at L = 0.01125 (over 1023) below.
///
/// Domain: any; the line goes on below zero.
#[must_use]
pub fn log_encoding_slog3(l: f64) -> f64 {
    SLOG3.encode(l)
}

/// Inverse of [`log_encoding_slog3`].
#[must_use]
pub fn log_decoding_slog3(v: f64) -> f64 {
    SLOG3.decode(v)
}
