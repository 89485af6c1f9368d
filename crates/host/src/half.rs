//! 16-bit floating point, to and from 32-bit, rounding to nearest even.

/// The nearest half; what is too large becomes infinite, a NaN stays one.
pub(crate) fn from_f32(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let magnitude = bits & 0x7FFF_FFFF;
    if magnitude > 0x7F80_0000 {
        return sign | 0x7E00;
    }
    // 65520 is half way between the largest half and the next power of two.
    if magnitude >= 0x477F_F000 {
        return sign | 0x7C00;
    }
    if magnitude < 0x3880_0000 {
        // Subnormal: adding 0.5 leaves units of 2^-24 in the last place, rounded to even.
        let shifted = f32::from_bits(magnitude) + 0.5;
        return sign | (shifted.to_bits() - 0.5_f32.to_bits()) as u16;
    }
    let rounded = magnitude + 0x0FFF + ((magnitude >> 13) & 1);
    sign | ((rounded - 0x3800_0000) >> 13) as u16
}

/// The same value.
pub(crate) fn to_f32(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((half >> 10) & 0x1F);
    let fraction = f32::from(half & 0x3FF);
    match exponent {
        0x1F if fraction > 0.0 => f32::NAN,
        0x1F => sign * f32::INFINITY,
        0 => sign * fraction * 2.0_f32.powi(-24),
        _ => sign * (1024.0 + fraction) * 2.0_f32.powi(exponent - 25),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_the_way_through_float() {
        for half in 0..=u16::MAX {
            let value = to_f32(half);
            if !value.is_nan() {
                assert_eq!(from_f32(value), half, "{half:#06x} = {value}");
            }
        }
    }

    #[test]
    fn rounding_goes_to_the_nearest_and_ties_to_even() {
        // IEEE 754: 1 + 2^-11 lies half way between 1 and 1 + 2^-10, and 1 is even.
        assert_eq!(from_f32(1.0 + 2.0_f32.powi(-11)), 0x3C00);
        assert_eq!(from_f32(1.0 + 3.0 * 2.0_f32.powi(-11)), 0x3C02);
        assert_eq!(from_f32(65519.0), 0x7BFF);
        assert_eq!(from_f32(65520.0), 0x7C00);
        assert_eq!(from_f32(2.0_f32.powi(-25)), 0);
        assert_eq!(from_f32(-1.5), 0xBE00);
    }
}
