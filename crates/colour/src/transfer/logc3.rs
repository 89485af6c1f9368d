//! ARRI LogC3 (ALEXA Log C, SUP 3.x): "ALEXA Log C Curve - Usage in VFX" (ARRI, 2017).

use super::CameraLog;
use std::sync::LazyLock;

/// The exposure indices of ARRI's table.
pub const EXPOSURE_INDICES: [u32; 11] = [160, 200, 250, 320, 400, 500, 640, 800, 1000, 1280, 1600];

static CURVES: LazyLock<[CameraLog; EXPOSURE_INDICES.len()]> =
    LazyLock::new(|| EXPOSURE_INDICES.map(derive));

/// The curve of an exposure index of [`EXPOSURE_INDICES`]; of the nearest where it is another.
#[must_use]
pub fn logc3(exposure_index: u32) -> &'static CameraLog {
    let mut best = 0;
    for (i, ei) in EXPOSURE_INDICES.into_iter().enumerate() {
        if ei.abs_diff(exposure_index) < EXPOSURE_INDICES[best].abs_diff(exposure_index) {
            best = i;
        }
    }
    &CURVES[best]
}

/// Linear scene exposure to LogC3: `c log10(a L + b) + d` above the cut, `e L + f` below.
///
/// a to f depend on the exposure index (EI): see [`logc3`]. Domain: any; the line goes on below
/// zero.
#[must_use]
pub fn log_encoding_logc3(l: f64, exposure_index: u32) -> f64 {
    logc3(exposure_index).encode(l)
}

/// Inverse of [`log_encoding_logc3`].
#[must_use]
pub fn log_decoding_logc3(v: f64, exposure_index: u32) -> f64 {
    logc3(exposure_index).decode(v)
}

/// ARRI's construction of a to f, of which the paper prints six digits: the higher the exposure
/// index the lower the contrast, and black lands on code 95 of 1023.
fn derive(exposure_index: u32) -> CameraLog {
    // The straight piece is the tangent at a ninth, before black is lifted.
    let cut = 1.0 / 9.0;
    let toe_slope = 1.0 / (cut * std::f64::consts::LN_10);
    let toe_offset = libm::log10(cut) - toe_slope * cut;

    let stops = libm::log2(f64::from(exposure_index) / 400.0);
    let contrast = (stops * (0.89 - 1.0) / 3.0 + 1.0) * (500.0 / 1023.0 * 0.525);
    let mut offset = 400.0 / 1023.0;
    let mut black_lift = 0.0;
    for _ in 0..3 {
        black_lift = ((95.0 / 1023.0 - offset) / contrast - toe_offset) / toe_slope;
        offset = 400.0 / 1023.0 - libm::log10(1.0 + black_lift) * contrast;
    }
    CameraLog::new(10.0, [contrast, offset], [1.0 / 0.18, black_lift], (cut - black_lift) * 0.18)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logc3_agrees_with_every_row_of_arris_table() {
        // cut, b, c, d, e, f of the table "Linear Scene Exposure Factor, SUP 3.x"; a is 5.555556.
        let table = [
            (160, [0.005561, 0.080216, 0.269036, 0.381991, 5.842037, 0.092778]),
            (200, [0.006208, 0.076621, 0.266007, 0.382478, 5.776265, 0.092782]),
            (250, [0.006871, 0.072941, 0.262978, 0.382966, 5.710494, 0.092786]),
            (320, [0.007622, 0.068768, 0.259627, 0.383508, 5.637732, 0.092791]),
            (400, [0.008318, 0.064901, 0.256598, 0.383999, 5.571960, 0.092795]),
            (500, [0.009031, 0.060939, 0.253569, 0.384493, 5.506188, 0.092800]),
            (640, [0.009840, 0.056443, 0.250219, 0.385040, 5.433426, 0.092805]),
            (800, [0.010591, 0.052272, 0.247190, 0.385537, 5.367655, 0.092809]),
            (1000, [0.011361, 0.047996, 0.244161, 0.386036, 5.301883, 0.092814]),
            (1280, [0.012235, 0.043137, 0.240810, 0.386590, 5.229121, 0.092819]),
            (1600, [0.013047, 0.038625, 0.237781, 0.387093, 5.163350, 0.092824]),
        ];
        assert_eq!(table.map(|row| row.0), EXPOSURE_INDICES);
        for (ei, [cut, b, c, d, e, f]) in table {
            let curve = logc3(ei);
            let found = [
                curve.linear_break,
                curve.lin_offset,
                curve.per_ln * std::f64::consts::LN_10,
                curve.log_offset,
                curve.toe_slope,
                curve.toe_offset,
            ];
            for (found, expected) in found.into_iter().zip([cut, b, c, d, e, f]) {
                assert!((found - expected).abs() < 1.01e-6, "EI {ei}: {found} {expected}");
            }
        }
    }
}
