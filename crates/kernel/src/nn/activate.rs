//! The activations: of one number, and of a vector by polynomials.
//!
//! Relative errors of the vector forms are below 1e-6 where the result is a normal number.

use super::shape::Activation;
use super::vector::Vector;

impl Activation {
    /// The function of one number.
    #[must_use]
    pub fn apply(self, x: f32) -> f32 {
        match self {
            Self::None => x,
            Self::Relu if x < 0.0 => 0.0,
            Self::Relu => x,
            Self::LeakyRelu(slope) if x <= 0.0 => slope * x,
            Self::LeakyRelu(_) => x,
            Self::Silu => x / (1.0 + libm::expf(-x)),
            Self::Sigmoid => 1.0 / (1.0 + libm::expf(-x)),
            Self::Softplus => x.max(0.0) + libm::log1pf(libm::expf(-x.abs())),
            Self::Tanh => libm::tanhf(x),
            Self::Relu6 if x < 0.0 => 0.0,
            Self::Relu6 if x > 6.0 => 6.0,
            Self::Relu6 => x,
        }
    }
}

/// The function of every lane.
///
/// # Safety
/// As [`Vector`].
#[inline(always)]
pub(super) unsafe fn activate<V: Vector>(activation: Activation, x: V) -> V {
    // SAFETY: the caller's.
    unsafe {
        match activation {
            Activation::None => x,
            // In this order NaN stays NaN.
            Activation::Relu => V::zero().max(x),
            Activation::LeakyRelu(slope) => x.if_positive(x, x.mul(V::splat(slope))),
            Activation::Silu => x.mul(sigmoid(x)),
            Activation::Sigmoid => sigmoid(x),
            Activation::Softplus => {
                let small = exp(V::zero().sub(x.abs()));
                V::zero().max(x).add(ln_1p(small))
            }
            Activation::Tanh => tanh(x),
            Activation::Relu6 => V::splat(6.0).min(V::zero().max(x)),
        }
    }
}

#[inline(always)]
unsafe fn polynomial<V: Vector, const N: usize>(x: V, coefficients: [f32; N]) -> V {
    // SAFETY: the caller's.
    unsafe {
        let mut sum = V::splat(coefficients[N - 1]);
        for &coefficient in coefficients[..N - 1].iter().rev() {
            sum = V::fma(sum, x, V::splat(coefficient));
        }
        sum
    }
}

/// e^x, from 0 to infinity. With r = x - n ln 2 in |r| <= ln 2 / 2 it is 2^n e^r; the
/// coefficients interpolate e^r at Chebyshev nodes (relative error 2.5e-9 before rounding).
#[inline(always)]
unsafe fn exp<V: Vector>(x: V) -> V {
    // SAFETY: the caller's.
    unsafe {
        let x = V::splat(90.0).min(V::splat(-110.0).max(x));
        let n = x.mul(V::splat(std::f32::consts::LOG2_E)).round();
        // ln 2 in two parts, the first short enough for an exact product (Cody and Waite 1980).
        let r = V::fnma(n, V::splat(0.693_359_4), x);
        let r = V::fnma(n, V::splat(-2.121_944_4e-4), r);
        let e = polynomial(
            r,
            [1.0, 1.000_000_04, 0.5, 1.666_641_5e-1, 4.166_635e-2, 8.375_21e-3, 1.394_121_3e-3],
        );
        // In two steps, because 2^n itself may be too large or too small for a normal number.
        let half = n.mul(V::splat(0.5)).round();
        e.mul(half.power_of_two()).mul(n.sub(half).power_of_two())
    }
}

/// ln(1 + t) for 0 <= t <= 1: t times a polynomial that interpolates ln(1 + t) / t at Chebyshev
/// nodes (relative error 5.3e-9 before rounding).
#[inline(always)]
unsafe fn ln_1p<V: Vector>(t: V) -> V {
    // SAFETY: the caller's.
    unsafe {
        t.mul(polynomial(
            t,
            [
                1.0,
                -4.999_989_3e-1,
                3.332_971e-1,
                -2.495_161_6e-1,
                1.966_327_4e-1,
                -1.526_966_7e-1,
                1.054_362_4e-1,
                -5.637_361_3e-2,
                1.954_252_7e-2,
                -3.176_057e-3,
            ],
        ))
    }
}

#[inline(always)]
unsafe fn sigmoid<V: Vector>(x: V) -> V {
    // SAFETY: the caller's.
    unsafe {
        let one = V::splat(1.0);
        one.div(one.add(exp(V::zero().sub(x))))
    }
}

/// x times a polynomial in x^2 below 0.63 (interpolated, relative error 4.5e-9 before rounding),
/// else 1 - 2 / (e^2x + 1), which is accurate there.
#[inline(always)]
unsafe fn tanh<V: Vector>(x: V) -> V {
    // SAFETY: the caller's.
    unsafe {
        let one = V::splat(1.0);
        let size = x.abs();
        let near = polynomial(
            x.mul(x),
            [1.0, -3.333_325e-1, 1.333_091_7e-1, -5.370_427_7e-2, 2.053_697_2e-2, -5.599_785e-3],
        );
        let far = one.sub(V::splat(2.0).div(one.add(exp(size.add(size)))));
        let far = x.if_positive(far, V::zero().sub(far));
        size.sub(V::splat(0.63)).if_positive(far, x.mul(near))
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::nn::Isa;
    use crate::nn::vector::{Avx2, Avx512};

    type Function = unsafe fn(Activation, &mut [f32; 16]);

    const ALL: [Activation; 9] = [
        Activation::None,
        Activation::Relu,
        Activation::LeakyRelu(0.2),
        Activation::LeakyRelu(-1.5),
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Softplus,
        Activation::Tanh,
        Activation::Relu6,
    ];

    #[target_feature(enable = "avx2,fma")]
    unsafe fn avx2(activation: Activation, x: &mut [f32; 16]) {
        // SAFETY: both halves are eight numbers.
        unsafe {
            for half in x.chunks_exact_mut(8) {
                activate(activation, Avx2::load(half.as_ptr())).store(half.as_mut_ptr());
            }
        }
    }

    #[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
    unsafe fn avx512(activation: Activation, x: &mut [f32; 16]) {
        // SAFETY: sixteen numbers.
        unsafe { activate(activation, Avx512::load(x.as_ptr())).store(x.as_mut_ptr()) }
    }

    /// The definitions in f64.
    fn definition(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::None => x,
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu(slope) if x <= 0.0 => f64::from(slope) * x,
            Activation::LeakyRelu(_) => x,
            Activation::Silu => x / (1.0 + libm::exp(-x)),
            Activation::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Activation::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
            Activation::Tanh => libm::tanh(x),
            Activation::Relu6 => x.clamp(0.0, 6.0),
        }
    }

    #[test]
    fn every_form_is_the_definition_to_a_millionth() {
        let mut xs: Vec<f32> = (-1400..=1400).map(|i| i as f32 / 16.0).collect();
        xs.extend((-400..400).map(|i| i as f32 / 397.0));
        xs.extend([1e-6, -1e-6, 0.0, -0.0, 1e-30, 87.0, -87.0, 300.0, 1e30]);
        xs.resize(xs.len().next_multiple_of(16), 0.0);
        for activation in ALL {
            let check = |name: &str, x: f32, y: f32| {
                let truth = definition(activation, f64::from(x));
                let error = (f64::from(y) - truth).abs();
                let bound = truth.abs() * 1e-6 + 1.3e-38;
                assert!(error <= bound, "{name} {activation:?}({x:e}) = {y:e}, not {truth:e}");
            };
            for chunk in xs.as_chunks::<16>().0 {
                for &x in chunk {
                    check("one number", x, activation.apply(x));
                }
                for (isa, vector) in [(Isa::Avx2, avx2 as Function), (Isa::Avx512, avx512)] {
                    if !isa.available() {
                        continue;
                    }
                    let mut ys = *chunk;
                    // SAFETY: the set is there.
                    unsafe { vector(activation, &mut ys) };
                    for (&x, y) in chunk.iter().zip(ys) {
                        check(isa.id(), x, y);
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_number_stays_so() {
        for activation in ALL {
            assert!(activation.apply(f32::NAN).is_nan(), "{activation:?}");
            let mut x = [f32::NAN; 16];
            if Isa::Avx2.available() {
                // SAFETY: the set is there.
                unsafe { avx2(activation, &mut x) };
                assert!(x.iter().all(|x| x.is_nan()), "avx2 {activation:?}");
            }
            let mut x = [f32::NAN; 16];
            if Isa::Avx512.available() {
                // SAFETY: the set is there.
                unsafe { avx512(activation, &mut x) };
                assert!(x.iter().all(|x| x.is_nan()), "avx512 {activation:?}");
            }
        }
    }
}
