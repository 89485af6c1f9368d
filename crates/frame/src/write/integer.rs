//! Floats to codes: rounded to nearest, clamped and counted.

use super::WriteReport;

/// Codes of one integer type.
pub(super) trait Code: Copy {
    const MAXIMUM: f32;
    fn from_float(value: f32) -> Self;
}

impl Code for u8 {
    const MAXIMUM: f32 = 255.0;
    fn from_float(value: f32) -> Self {
        value as Self
    }
}

impl Code for u16 {
    const MAXIMUM: f32 = 65535.0;
    fn from_float(value: f32) -> Self {
        value as Self
    }
}

/// The nearest code to `value`, where 1 is the largest code.
pub(super) fn quantise<C: Code>(value: f32, report: &mut WriteReport) -> C {
    if value.is_nan() {
        report.nan += 1;
        return C::from_float(0.0);
    }
    let scaled = value * C::MAXIMUM + 0.5;
    // Less than half a code outside is rounding, not clamping.
    if scaled < 0.0 || scaled >= C::MAXIMUM + 1.0 {
        report.clamped_to_range += 1;
    }
    // The conversion drops the fraction and saturates.
    C::from_float(scaled.min(C::MAXIMUM))
}
