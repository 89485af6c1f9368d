//! Logarithm, exponential and power of one f32, without branches.

/// `1.5 * 2^23 + 127`: adding it rounds an f32 to an integer (ties to even) and leaves that, plus
/// the bias of an f32's exponent, in the lowest bits.
const ROUND: f32 = 12_583_039.0;
/// Bits of the square root of one half: where the mantissa's range is cut, so that the logarithm
/// of the rest is small on both sides of 1.
const HALF_ROOT: i32 = 0x3f35_04f3;

/// Minimax coefficients of `log2(m) = z P(z^2)`, `z = (m - 1) / (m + 1)`, on the square roots of
/// one half to two; relative error 7e-10 before rounding (fitted by `tests/golden/fit.py`).
const LOG2: [f32; 4] = [2.885_39, 0.961_798_85, 0.576_713_7, 0.431_751_88];
/// Minimax coefficients of `2^f - 1 = f Q(f)` on -1/2 to 1/2; error 2e-9 before rounding. The first
/// is the natural logarithm of 2.
const EXP2: [f32; 6] = [
    std::f32::consts::LN_2,
    0.240_226_48,
    0.055_503_32,
    0.009_618_44,
    0.001_339_913_2,
    0.000_153_531_54,
];

/// Splits `x = 2^k m` with m between the square roots of one half and two. Positive normal x only.
#[inline(always)]
fn split(x: f32) -> (f32, f32) {
    let bits = x.to_bits() as i32;
    let above = bits.wrapping_sub(HALF_ROOT);
    let mantissa = (above & 0x007f_ffff).wrapping_add(HALF_ROOT);
    ((above >> 23) as f32, f32::from_bits(mantissa as u32))
}

/// log2(1 + s) for s between the square roots of one half and two, less 1.
#[inline(always)]
fn log2_mantissa(s: f32) -> f32 {
    let z = s / (s + 2.0);
    let w = z * z;
    // Pairs, not Horner's nesting: the processor waits for the longest chain.
    z * ((LOG2[0] + w * LOG2[1]) + (w * w) * (LOG2[2] + w * LOG2[3]))
}

/// `2^f - 1` for f from -1/2 to 1/2.
#[inline(always)]
fn exp2m1_fraction(f: f32) -> f32 {
    let f2 = f * f;
    let high = (EXP2[2] + f * EXP2[3]) + f2 * (EXP2[4] + f * EXP2[5]);
    f * ((EXP2[0] + f * EXP2[1]) + f2 * high)
}

#[inline(always)]
fn clamp_exponent(t: f32) -> f32 {
    let t = if t < -127.0 { -127.0 } else { t };
    if t > 128.0 { 128.0 } else { t }
}

/// Nearest integer of t within -127 to 128, and 2 to that power (0 and infinity at the ends).
#[inline(always)]
fn nearest_power(t: f32) -> (f32, f32) {
    let shifted = t + ROUND;
    (shifted - ROUND, f32::from_bits(shifted.to_bits() << 23))
}

/// log2 of a positive normal finite number; anything else gives a number that means nothing.
#[inline(always)]
pub(super) fn log2_positive(x: f32) -> f32 {
    let (k, m) = split(x);
    k + log2_mantissa(m - 1.0)
}

/// Binary logarithm. Zero gives negative infinity, negatives NaN; exact for powers of two.
#[inline(always)]
#[must_use]
pub fn log2_f32(x: f32) -> f32 {
    // Subnormals are brought into range.
    let small = x < f32::MIN_POSITIVE;
    let scaled = if small { x * 16_777_216.0 } else { x };
    let l = log2_positive(scaled);
    let l = if small { l - 24.0 } else { l };
    let l = if x > 0.0 { l } else { f32::NAN };
    let l = if x == 0.0 { f32::NEG_INFINITY } else { l };
    if x < f32::INFINITY { l } else { x }
}

/// `log2(1 + y)` for y > -1, accurate near 0 too; infinity gives 128, NaN a number.
#[inline(always)]
#[must_use]
pub fn log2_1p_f32(y: f32) -> f32 {
    let (k, m) = split(1.0 + y);
    // Where 1 + y needs no split its rounding is avoided altogether.
    let s = if k == 0.0 { y } else { m - 1.0 };
    k + log2_mantissa(s)
}

/// Two to the power t. Exact for whole t; 0 below -126.5, infinity from 127.5 on.
#[inline(always)]
#[must_use]
pub fn exp2_f32(t: f32) -> f32 {
    let t = clamp_exponent(t);
    let (n, scale) = nearest_power(t);
    (1.0 + exp2m1_fraction(t - n)) * scale
}

/// `2^t - 1`, accurate near 0 too; t from -126 to 127.
#[inline(always)]
#[must_use]
pub fn exp2m1_f32(t: f32) -> f32 {
    let t = clamp_exponent(t);
    let (n, scale) = nearest_power(t);
    less_one(exp2m1_fraction(t - n), scale)
}

/// `(1 + p) * scale - 1` without losing p where the scale is 1.
#[inline(always)]
fn less_one(p: f32, scale: f32) -> f32 {
    let y = p * scale + (scale - 1.0);
    if scale < f32::INFINITY || p.is_nan() { y } else { scale }
}

/// Keeps the upper half of the mantissa, so that products with other such numbers are exact.
#[inline(always)]
fn upper(x: f32) -> f32 {
    f32::from_bits(x.to_bits() & 0xffff_f000)
}

/// `2^(a v + b)` without the loss that rounding the exponent to an f32 would bring.
#[derive(Clone, Copy, Debug)]
pub struct Exp2Affine {
    a: f32,
    a_upper: f32,
    a_lower: f32,
    b: f32,
    b_upper: f32,
    b_lower: f32,
}

impl Exp2Affine {
    /// Prepares the constants.
    #[must_use]
    pub fn new(a: f64, b: f64) -> Self {
        let (a_upper, b_upper) = (upper(a as f32), upper(b as f32));
        Self {
            a: a as f32,
            a_upper,
            a_lower: (a - f64::from(a_upper)) as f32,
            b: b as f32,
            b_upper,
            b_lower: (b - f64::from(b_upper)) as f32,
        }
    }

    /// Its constants: a, its upper and its lower part, b, its upper and its lower part.
    #[must_use]
    pub fn numbers(self) -> [f32; 6] {
        [self.a, self.a_upper, self.a_lower, self.b, self.b_upper, self.b_lower]
    }

    /// `2^(a v + b)`; limits as [`exp2_f32`].
    #[inline(always)]
    #[must_use]
    pub fn at(self, v: f32) -> f32 {
        let (fraction, scale) = self.split(v);
        (1.0 + exp2m1_fraction(fraction)) * scale
    }

    /// `2^(a v + b) - 1`, accurate near 0 too.
    #[inline(always)]
    #[must_use]
    pub fn at_m1(self, v: f32) -> f32 {
        let (fraction, scale) = self.split(v);
        less_one(exp2m1_fraction(fraction), scale)
    }

    #[inline(always)]
    fn split(self, v: f32) -> (f32, f32) {
        let rough = self.a * v + self.b;
        let (n, scale) = nearest_power(clamp_exponent(rough));
        let v_upper = upper(v);
        let v_lower = v - v_upper;
        let head = self.a_upper * v_upper + (self.b_upper - n);
        let tail = self.a_upper * v_lower + (self.a_lower * v + self.b_lower);
        let fraction = head + tail;
        // Far outside the range the scale alone decides.
        let inside = rough > -127.0 && rough < 128.0;
        let fraction = if inside { fraction } else { 0.0 };
        let fraction = if rough.is_nan() { rough } else { fraction };
        (fraction, scale)
    }
}

/// `factor * x^exponent` with the exponent prepared.
///
/// Zero, subnormals and negatives count as 0: 0 for a positive exponent, infinity for a negative
/// one, 1 for 0. NaN gives NaN. x = 1 gives the factor, exactly where it is 1. Exponents from -64 to
/// 64, factors from 1/16 to 16.
#[derive(Clone, Copy, Debug)]
pub struct PowF32 {
    upper: f32,
    lower: f32,
    exponent: f32,
    log2_factor: f32,
    at_zero: f32,
    at_infinity: f32,
}

impl PowF32 {
    /// Prepares an exponent.
    #[must_use]
    pub fn new(exponent: f64) -> Self {
        // Eleven bits, so that the product with a whole exponent of f32 is exact.
        let head = f32::from_bits((exponent as f32).to_bits() & 0xffff_e000);
        let (at_zero, at_infinity) = if exponent > 0.0 {
            (0.0, f32::INFINITY)
        } else if exponent < 0.0 {
            (f32::INFINITY, 0.0)
        } else {
            (1.0, 1.0)
        };
        Self {
            upper: head,
            lower: (exponent - f64::from(head)) as f32,
            exponent: exponent as f32,
            log2_factor: 0.0,
            at_zero,
            at_infinity,
        }
    }

    /// With a positive factor: it goes into the exponent, where it costs no rounding.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        let at_zero = if self.at_zero == 1.0 { factor as f32 } else { self.at_zero };
        let at_infinity = if self.at_infinity == 1.0 { factor as f32 } else { self.at_infinity };
        Self { log2_factor: libm::log2(factor) as f32, at_zero, at_infinity, ..self }
    }

    /// Its constants: upper and lower part of the exponent, the exponent, log2 of the factor, the
    /// values at 0 and at infinity.
    #[must_use]
    pub fn numbers(self) -> [f32; 6] {
        let Self { upper, lower, exponent, log2_factor, at_zero, at_infinity } = self;
        [upper, lower, exponent, log2_factor, at_zero, at_infinity]
    }

    /// x to the power.
    #[inline(always)]
    #[must_use]
    pub fn at(self, x: f32) -> f32 {
        let y = self.normal(x);
        let y = if x < f32::MIN_POSITIVE { self.at_zero } else { y };
        let y = if x == f32::INFINITY { self.at_infinity } else { y };
        if x.is_nan() { x } else { y }
    }

    /// x to the power for positive normal x; anything else gives a number that means nothing.
    #[inline(always)]
    pub(super) fn normal(self, x: f32) -> f32 {
        let (k, m) = split(x);
        let head = self.upper * k;
        let tail = (self.lower * k + self.log2_factor) + self.exponent * log2_mantissa(m - 1.0);
        let (n, scale) = nearest_power(clamp_exponent(head + tail));
        let fraction = (head - n) + tail;
        (1.0 + exp2m1_fraction(fraction)) * scale
    }
}

/// x to the power `exponent`; [`PowF32`] is faster for many x.
#[inline(always)]
#[must_use]
pub fn pow_f32(x: f32, exponent: f32) -> f32 {
    PowF32::new(f64::from(exponent)).at(x)
}
