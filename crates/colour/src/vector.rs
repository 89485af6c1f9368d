//! Elementary functions, curves and matrices on slices of f32, the same bits on every machine.
//!
//! Nothing here calls the platform's mathematics library or contracts a multiplication and an
//! addition into one rounding; every operation is an IEEE 754 addition, subtraction,
//! multiplication, division, square root, comparison or bit operation, in a fixed order. So the
//! width of the vectors that the compiler picks (AVX2 where the processor has it, through
//! [`pulp`]) changes the speed and not one bit.
//!
//! Functions ending in `_f32` are bodies for one value, always inlined, without branches, meant
//! for use inside loops that are dispatched with [`map`] or `pulp`. The others take slices.
//!
//! NaN gives NaN. Infinity gives what the mathematical limit is, as far as the descriptions do not
//! say otherwise. Subnormal inputs count as zero in powers; subnormal results are zero.
//!
//! Measured errors (`tests/vector.rs` asserts them) are in `docs/COLOUR.md`.

mod camera_log;
mod canon;
mod elementary;
mod hlg;
mod matrix;
mod other_logs;
mod power;
mod pq;

pub use camera_log::CameraLogF32;
pub use canon::{CanonLog2F32, CanonLog3F32};
pub use elementary::{Exp2Affine, PowF32, exp2_f32, exp2m1_f32, log2_1p_f32, log2_f32, pow_f32};
pub use hlg::HlgF32;
pub use matrix::matrix;
pub use other_logs::{AcesCcF32, AppleLogF32};
pub use power::{GammaF32, MoncurveF32};
pub use pq::PqF32;

use pulp::{Arch, NullaryFnOnce};

/// A function of one value whose body is inlined into a vectorised loop.
pub trait Body: Copy {
    /// The value of the function. Implementations are `#[inline(always)]` and branch-free.
    fn at(self, v: f32) -> f32;
}

/// A transfer function, both ways, as [`Body`] pairs need it.
pub trait CurveF32: Copy {
    /// Encoded to linear.
    fn decode(self, v: f32) -> f32;
    /// Linear to encoded.
    fn encode(self, v: f32) -> f32;
}

#[derive(Clone, Copy)]
struct Decoding<C>(C);
#[derive(Clone, Copy)]
struct Encoding<C>(C);

impl<C: CurveF32> Body for Decoding<C> {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        self.0.decode(v)
    }
}

impl<C: CurveF32> Body for Encoding<C> {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        self.0.encode(v)
    }
}

struct Loop<'a, B> {
    values: &'a mut [f32],
    body: B,
}

impl<B: Body> NullaryFnOnce for Loop<'_, B> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let body = self.body;
        for v in self.values {
            *v = body.at(*v);
        }
    }
}

/// Replaces every value by `body` of it, with the widest vectors that the processor has.
pub fn map(values: &mut [f32], body: impl Body) {
    Arch::new().dispatch(Loop { values, body });
}

/// Encoded to linear, in place.
pub fn decode(curve: impl CurveF32, values: &mut [f32]) {
    map(values, Decoding(curve));
}

/// Linear to encoded, in place.
pub fn encode(curve: impl CurveF32, values: &mut [f32]) {
    map(values, Encoding(curve));
}

#[derive(Clone, Copy)]
struct Log2;
impl Body for Log2 {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        log2_f32(v)
    }
}

#[derive(Clone, Copy)]
struct Exp2;
impl Body for Exp2 {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        exp2_f32(v)
    }
}

#[derive(Clone, Copy)]
struct Pow(PowF32);
impl Body for Pow {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        self.0.at(v)
    }
}

#[derive(Clone, Copy)]
struct Clamp(f32, f32);
impl Body for Clamp {
    #[inline(always)]
    fn at(self, v: f32) -> f32 {
        let v = if v < self.0 { self.0 } else { v };
        if v > self.1 { self.1 } else { v }
    }
}

/// Binary logarithm of every value: see [`log2_f32`].
pub fn log2(values: &mut [f32]) {
    map(values, Log2);
}

/// Two to the power of every value: see [`exp2_f32`].
pub fn exp2(values: &mut [f32]) {
    map(values, Exp2);
}

/// Every value to the power `exponent`: see [`PowF32`].
pub fn pow(values: &mut [f32], exponent: f32) {
    map(values, Pow(PowF32::new(f64::from(exponent))));
}

/// Limits every value to `low..=high`; NaN stays.
pub fn clamp(values: &mut [f32], low: f32, high: f32) {
    map(values, Clamp(low, high));
}
