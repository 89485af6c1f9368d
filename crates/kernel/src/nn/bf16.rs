//! Products of bfloat16 pairs (AVX512-BF16), and the same product in plain Rust.

#[cfg(test)]
use super::kernels::{Product, SLOT};
#[cfg(target_arch = "x86_64")]
use super::{multiply::Accumulate, operand::Operand, vector::Avx512};
use half::bf16;

/// f32 products of pairs of bfloat16, summed in f32.
#[cfg(target_arch = "x86_64")]
pub(super) struct Pairs;

#[cfg(target_arch = "x86_64")]
impl Accumulate for Pairs {
    type V = Avx512;
    #[inline(always)]
    unsafe fn accumulate(sum: Avx512, word: *const f32, weights: Avx512) -> Avx512 {
        use std::arch::x86_64::*;
        // SAFETY: the caller's. The registers hold bits; their types only name them.
        unsafe {
            let pair: __m512bh = std::mem::transmute(_mm512_set1_epi32(word.cast::<i32>().read()));
            let weights: __m512bh = std::mem::transmute(weights.0);
            Avx512(_mm512_dpbf16_ps(sum.0, pair, weights))
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Operand for Pairs {
    type V = Avx512;
    const CHANNELS: usize = 32;
    #[inline(always)]
    unsafe fn store(vector: Avx512, slot: *mut f32, channel: usize) {
        use std::arch::x86_64::*;
        // SAFETY: the caller's: 16 channels are half a slot.
        unsafe {
            let half: __m256i = std::mem::transmute(_mm512_cvtneps_pbh(vector.0));
            _mm256_storeu_si256(slot.cast::<half::bf16>().add(channel).cast(), half);
        }
    }
}

/// Two weights as a word: the first in the low half. Rounded to nearest even.
pub(super) fn word(first: f32, second: f32) -> f32 {
    let bits = |value| u32::from(bf16::from_f32(value).to_bits());
    f32::from_bits(bits(first) | bits(second) << 16)
}

/// The product of pairs in plain Rust, for up to 32 rows and 2 columns of 16 lanes: what a tile
/// product computes, up to the order of its sums.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[cfg(test)]
pub(super) unsafe fn emulate(p: &Product) {
    const LANES: usize = 16;
    let parts = |word: f32| {
        let bits = word.to_bits();
        [f32::from_bits(bits << 16), f32::from_bits(bits & 0xffff_0000)]
    };
    for row in 0..p.rows {
        for lane in 0..p.columns * LANES {
            let mut sum = 0.0_f32;
            let mut weights = p.weights;
            for &tap in p.taps {
                for block in 0..p.slots {
                    let words = if block + 1 == p.slots { p.last_words } else { SLOT };
                    for word in 0..words {
                        // SAFETY: the product names only memory that is there.
                        let (a, b) = unsafe {
                            let slot = p.operand.add(tap + block * p.slot_stride + row * SLOT);
                            (slot.add(word).read(), weights.add(lane).read())
                        };
                        let ([a0, a1], [b0, b1]) = (parts(a), parts(b));
                        sum += a0 * b0 + a1 * b1;
                        weights = weights.wrapping_add(p.columns * LANES);
                    }
                }
            }
            let at = lane / LANES * p.result_stride + row * LANES + lane % LANES;
            // SAFETY: as above.
            unsafe { p.result.add(at).write(sum) };
        }
    }
}
