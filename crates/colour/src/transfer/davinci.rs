//! "DaVinci Resolve 17 Wide Gamut Intermediate" (Blackmagic Design, 2021).

use super::CameraLog;
use std::sync::LazyLock;

/// The curve's constants.
pub static DAVINCI_INTERMEDIATE: LazyLock<CameraLog> = LazyLock::new(|| {
    let c = 0.073_292_48;
    CameraLog::new(2.0, [c, 7.0 * c], [1.0, 0.0075], 0.002_624_09).with_toe_slope(10.444_268_55)
});

/// Linear to DaVinci Intermediate: `(log2(L + 0.0075) + 7) * 0.07329248`, `10.44426855 L` for L up
/// to 0.00262409.
///
/// Domain: any; the line goes on below zero. V = 1 is L = 100.
#[must_use]
pub fn log_encoding_davinci_intermediate(l: f64) -> f64 {
    DAVINCI_INTERMEDIATE.encode(l)
}

/// Inverse of [`log_encoding_davinci_intermediate`].
#[must_use]
pub fn log_decoding_davinci_intermediate(v: f64) -> f64 {
    DAVINCI_INTERMEDIATE.decode(v)
}
