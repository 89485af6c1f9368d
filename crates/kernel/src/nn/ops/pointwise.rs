//! Functions of one number, on every number.

use super::bands::{expect, for_each_plain_band, row, row_mut, size_mut};
use super::dispatch::run;
use crate::Pool;
use crate::nn::activate::activate;
use crate::nn::machine::Isa;
use crate::nn::shape::{Activation, ShapeError};
use crate::nn::tensor::{Tensor, TensorMut};
use crate::nn::vector::Vector;
#[cfg(target_arch = "x86_64")]
use crate::nn::vector::{Avx2, Avx512};

/// Numbers that are copied and worked on while they are in the nearest cache.
const SPAN: usize = 2048;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Map {
    /// As at the end of a convolution.
    Activation(Activation),
    /// x * scale + offset.
    Affine {
        /// Factor.
        scale: f32,
        /// Added after it.
        offset: f32,
    },
    /// x limited to [low, high]; what is not a number stays so.
    Clamp {
        /// Least value.
        low: f32,
        /// Greatest value.
        high: f32,
    },
    /// 2^x, x limited to [-126, 126]; relative error below 3e-7, exactly 1 at 0.
    Exp2,
}

impl Map {
    /// Replaces every number by the function of it.
    fn apply(self, isa: Isa, span: &mut [f32]) {
        match self {
            Self::Activation(activation) => activate_span(isa, activation, span),
            Self::Affine { scale, offset } => run(isa, || affine(span, scale, offset)),
            Self::Clamp { low, high } => run(isa, || clamp(span, low, high)),
            Self::Exp2 => run(isa, || exp2_span(span)),
        }
    }
}

/// The function of every number of `input`, or of `output` itself where there is no input.
///
/// # Errors
/// When the sizes differ or do not fit the data.
pub fn map(
    isa: Isa,
    function: Map,
    input: Option<Tensor<'_>>,
    output: TensorMut<'_>,
    pool: &Pool,
) -> Result<(), ShapeError> {
    if let Some(input) = &input {
        expect("input of a pointwise function", input, size_mut(&output))?;
    }
    for_each_plain_band(output, pool, |first, mut band| {
        let (channels, stride) = (band.channels, band.pixel_stride);
        for y in 0..band.height {
            let out = row_mut(&mut band, y);
            let (from, from_stride) = match &input {
                Some(input) => (Some(row(input, first + y)), input.pixel_stride),
                None => (None, stride),
            };
            if stride == channels && from_stride == channels {
                for (index, out) in out.chunks_mut(SPAN).enumerate() {
                    if let Some(from) = from {
                        out.copy_from_slice(&from[index * SPAN..][..out.len()]);
                    }
                    function.apply(isa, out);
                }
            } else {
                for (x, out) in out.chunks_mut(stride).enumerate() {
                    let out = &mut out[..channels];
                    if let Some(from) = from {
                        out.copy_from_slice(&from[x * from_stride..][..channels]);
                    }
                    function.apply(isa, out);
                }
            }
        }
    })
}

#[inline(always)]
fn affine(span: &mut [f32], scale: f32, offset: f32) {
    for x in span {
        *x = *x * scale + offset;
    }
}

#[inline(always)]
fn clamp(span: &mut [f32], low: f32, high: f32) {
    for x in span {
        let above = if *x < low { low } else { *x };
        *x = if above > high { high } else { above };
    }
}

#[inline(always)]
fn exp2_span(span: &mut [f32]) {
    for x in span {
        *x = exp2(*x);
    }
}

/// 2 to the power of x, which is limited to [-126, 126].
#[inline(always)]
fn exp2(x: f32) -> f32 {
    /// Adding it rounds to a whole number: 1.5 * 2^23.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -126.0 { -126.0 } else { x };
    let x = if x > 126.0 { 126.0 } else { x };
    let shifted = x + ROUND;
    let f = x - (shifted - ROUND);
    // Taylor series of 2^f; |f| <= 1/2, so the first term left out is below 1e-7.
    let p = 1.540_353e-4 * f + 1.333_355_8e-3;
    let p = p * f + 9.618_129e-3;
    let p = p * f + 5.550_411e-2;
    let p = p * f + 2.402_265e-1;
    let p = p * f + std::f32::consts::LN_2;
    let p = p * f + 1.0;
    let scale =
        f32::from_bits(shifted.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23);
    p * scale
}

fn activate_span(isa: Isa, activation: Activation, span: &mut [f32]) {
    match isa {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the instructions.
        Isa::Avx2 if isa.available() => unsafe { activate_avx2(activation, span) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the instructions.
        Isa::Avx512 | Isa::Avx512Bf16 | Isa::Amx if Isa::Avx512.available() => unsafe {
            activate_avx512(activation, span);
        },
        _ => span.iter_mut().for_each(|x| *x = activation.apply(*x)),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn activate_avx2(activation: Activation, span: &mut [f32]) {
    // SAFETY: the instructions are there, or this function could not have been called.
    unsafe { sweep::<Avx2>(activation, span) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn activate_avx512(activation: Activation, span: &mut [f32]) {
    // SAFETY: as above.
    unsafe { sweep::<Avx512>(activation, span) }
}

/// # Safety
/// The processor has the instructions of the vector.
#[inline(always)]
unsafe fn sweep<V: Vector>(activation: Activation, span: &mut [f32]) {
    let mut chunks = span.chunks_exact_mut(V::LANES);
    for chunk in &mut chunks {
        // SAFETY: a chunk holds as many numbers as a vector; the instructions are the caller's.
        unsafe { activate(activation, V::load(chunk.as_ptr())).store(chunk.as_mut_ptr()) }
    }
    let rest = chunks.into_remainder();
    if !rest.is_empty() {
        // SAFETY: only the numbers that are there are touched.
        unsafe {
            let x = V::load_some(rest.as_ptr(), rest.len());
            activate(activation, x).store_some(rest.as_mut_ptr(), rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp2_agrees_with_libm_and_stays_finite() {
        for isa in Isa::ALL {
            let mut span: Vec<f32> = (-13_000..13_000).map(|i| i as f32 * 0.01).collect();
            let inputs = span.clone();
            Map::Exp2.apply(isa, &mut span);
            for (x, y) in inputs.into_iter().zip(span) {
                let exact = libm::exp2(f64::from(x.clamp(-126.0, 126.0)));
                assert!((f64::from(y) / exact - 1.0).abs() < 3e-7, "{x} gives {y}");
            }
            let mut ends = [0.0, 1e30, -1e30, f32::INFINITY];
            Map::Exp2.apply(isa, &mut ends);
            assert_eq!(ends[0], 1.0);
            assert!(ends.iter().all(|v| v.is_finite()));
        }
    }

    #[test]
    fn what_is_not_a_number_is_not_hidden() {
        for isa in Isa::ALL {
            for map in [
                Map::Clamp { low: 0.0, high: 1.0 },
                Map::Affine { scale: 0.0, offset: 1.0 },
                Map::Exp2,
            ] {
                let mut span = [f32::NAN; 19];
                map.apply(isa, &mut span);
                assert!(span.iter().all(|v| v.is_nan()), "{map:?}");
            }
        }
    }
}
