//! Elementary functions of one f32 that compilers vectorise, with the same bits on every machine:
//! only `+`, `*`, `/` and integer operations in a fixed order.
//!
//! [`exp2`] and [`log2`] stand beside those of `headroom_colour::vector` because their ends differ:
//! here every input gives a finite number (the logarithm of 0 and of light below nothing is -127,
//! powers stay within 126 stops), so that a mix in log light needs no special cases. There the ends
//! are infinite and not a number, as a transfer function needs them, and each costs a selection.

/// Adding it rounds to a whole number: 1.5 * 2^23.
const ROUND: f32 = 12_582_912.0;

/// 2 to the power of `x`, which is limited to [-126, 126]; relative error below 2e-7, exactly 1
/// at 0.
#[inline(always)]
pub(crate) fn exp2(x: f32) -> f32 {
    let x = x.clamp(-126.0, 126.0);
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    // Taylor series of 2^f; |f| <= 1/2, so the first term left out is below 1e-7.
    let p = 1.540_353e-4 * f + 1.333_355_8e-3;
    let p = p * f + 9.618_129e-3;
    let p = p * f + 5.550_411e-2;
    let p = p * f + 2.402_265e-1;
    let p = p * f + 6.931_472e-1;
    let p = p * f + 1.0;
    let scale =
        f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    p * scale
}

/// Binary logarithm of a positive normal number; absolute error below 2e-7 plus rounding. Zero and
/// below give about -127.
#[inline(always)]
pub(crate) fn log2(x: f32) -> f32 {
    /// Bits of the square root of one half: mantissas are reduced to [0.707, 1.414).
    const HALF: u32 = 0x3f35_04f3;
    let bits = x.max(f32::MIN_POSITIVE).to_bits();
    let exponent = (bits.wrapping_sub(HALF) as i32) >> 23;
    let m = f32::from_bits(bits.wrapping_sub((exponent as u32) << 23));
    // ln m = 2 artanh((m - 1) / (m + 1)).
    let r = (m - 1.0) / (m + 1.0);
    let s = r * r;
    let p = 0.320_599 * s + 0.412_198_6;
    let p = p * s + 0.577_078;
    let p = p * s + 0.961_796_7;
    let p = p * s + 2.885_39;
    p * r + exponent as f32
}

/// 0 below 0, 1 above 1, between them a curve that leaves and arrives level.
#[inline(always)]
pub(crate) fn smoothstep(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// The greater of two, `b` when they are equal; unlike `f32::max` it is one instruction.
#[inline(always)]
pub(crate) fn max(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The lesser of two.
#[inline(always)]
pub(crate) fn min(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The greatest value of three planes of one length; `f32::MIN` when they are empty.
#[inline(always)]
pub(crate) fn greatest(planes: [&[f32]; 3]) -> f32 {
    const LANES: usize = 16;
    let mut top = [f32::MIN; LANES];
    for plane in planes {
        let (chunks, rest) = plane.as_chunks::<LANES>();
        for chunk in chunks {
            for (top, &v) in top.iter_mut().zip(chunk) {
                *top = max(v, *top);
            }
        }
        for &v in rest {
            top[0] = max(v, top[0]);
        }
    }
    top.into_iter().fold(f32::MIN, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp2_and_log2_agree_with_libm() {
        assert_eq!(exp2(0.0).to_bits(), 1.0f32.to_bits());
        for i in -12_000..12_000 {
            let x = i as f32 * 0.01;
            let exact = libm::exp2(f64::from(x));
            assert!((f64::from(exp2(x)) / exact - 1.0).abs() < 3e-7, "{x}");
            let back = f64::from(log2(exact as f32));
            assert!(
                (back - libm::log2(f64::from(exact as f32))).abs()
                    < 4e-7 * f64::from(x.abs().max(1.0)),
                "{x}"
            );
        }
        assert!(exp2(1e9).is_finite() && log2(0.0) < -120.0 && log2(-3.0) < -120.0);
    }
}
