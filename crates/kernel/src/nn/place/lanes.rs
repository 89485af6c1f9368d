//! Looking numbers up by lane.

use crate::nn::vector::{Avx2, Avx512, Vector};
use std::arch::x86_64::*;

/// A vector with indices to look up with.
///
/// # Safety
/// All functions: the processor has the instruction set, and the addresses lead to what is read.
pub(super) trait Lookup: Vector {
    /// One whole number per lane.
    type Index: Copy;

    unsafe fn index(from: *const i32) -> Self::Index;
    /// Whole part of numbers that are not negative.
    unsafe fn whole(self) -> Self::Index;
    unsafe fn number(index: Self::Index) -> Self;
    /// `yes` where the index is `value`, else `no`.
    unsafe fn where_is(index: Self::Index, value: i32, yes: Self, no: Self) -> Self;
    /// table[index].
    unsafe fn gather(table: *const f32, index: Self::Index) -> Self;
    /// The same where all indices lie in first .. first + LANES, and as many numbers are readable
    /// from table[first] on.
    unsafe fn near(table: *const f32, first: i32, index: Self::Index) -> Self;
    /// table[index] and table[8 + index] for indices 0 to 7.
    unsafe fn bins(table: *const f32, index: Self::Index) -> [Self; 2];
    /// True when any lane is above 0.
    unsafe fn any_positive(self) -> bool;
}

// SAFETY of every block: the trait's contract gives the instruction set and the addresses.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Lookup for Avx2 {
    type Index = __m256i;

    #[inline(always)]
    unsafe fn index(from: *const i32) -> __m256i {
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
    #[inline(always)]
    unsafe fn whole(self) -> __m256i {
        unsafe { _mm256_cvttps_epi32(self.0) }
    }
    #[inline(always)]
    unsafe fn number(index: __m256i) -> Self {
        unsafe { Self(_mm256_cvtepi32_ps(index)) }
    }
    #[inline(always)]
    unsafe fn where_is(index: __m256i, value: i32, yes: Self, no: Self) -> Self {
        unsafe {
            let is = _mm256_cmpeq_epi32(index, _mm256_set1_epi32(value));
            Self(_mm256_blendv_ps(no.0, yes.0, _mm256_castsi256_ps(is)))
        }
    }
    #[inline(always)]
    unsafe fn gather(table: *const f32, index: __m256i) -> Self {
        unsafe { Self(_mm256_i32gather_ps::<4>(table, index)) }
    }
    #[inline(always)]
    unsafe fn near(table: *const f32, first: i32, index: __m256i) -> Self {
        unsafe {
            let numbers = _mm256_loadu_ps(table.add(first as usize));
            let index = _mm256_sub_epi32(index, _mm256_set1_epi32(first));
            Self(_mm256_permutevar8x32_ps(numbers, index))
        }
    }
    #[inline(always)]
    unsafe fn bins(table: *const f32, index: __m256i) -> [Self; 2] {
        unsafe {
            [0, 8].map(|at| Self(_mm256_permutevar8x32_ps(_mm256_loadu_ps(table.add(at)), index)))
        }
    }
    #[inline(always)]
    unsafe fn any_positive(self) -> bool {
        unsafe {
            let is = _mm256_cmp_ps::<_CMP_GT_OQ>(self.0, _mm256_setzero_ps());
            _mm256_movemask_ps(is) != 0
        }
    }
}

// SAFETY of every block: the trait's contract gives the instruction set and the addresses.
#[allow(clippy::undocumented_unsafe_blocks)]
impl Lookup for Avx512 {
    type Index = __m512i;

    #[inline(always)]
    unsafe fn index(from: *const i32) -> __m512i {
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn whole(self) -> __m512i {
        unsafe { _mm512_cvttps_epi32(self.0) }
    }
    #[inline(always)]
    unsafe fn number(index: __m512i) -> Self {
        unsafe { Self(_mm512_cvtepi32_ps(index)) }
    }
    #[inline(always)]
    unsafe fn where_is(index: __m512i, value: i32, yes: Self, no: Self) -> Self {
        unsafe {
            let is = _mm512_cmpeq_epi32_mask(index, _mm512_set1_epi32(value));
            Self(_mm512_mask_blend_ps(is, no.0, yes.0))
        }
    }
    #[inline(always)]
    unsafe fn gather(table: *const f32, index: __m512i) -> Self {
        unsafe { Self(_mm512_i32gather_ps::<4>(index, table)) }
    }
    #[inline(always)]
    unsafe fn near(table: *const f32, first: i32, index: __m512i) -> Self {
        unsafe {
            let numbers = _mm512_loadu_ps(table.add(first as usize));
            let index = _mm512_sub_epi32(index, _mm512_set1_epi32(first));
            Self(_mm512_permutexvar_ps(index, numbers))
        }
    }
    #[inline(always)]
    unsafe fn bins(table: *const f32, index: __m512i) -> [Self; 2] {
        unsafe {
            let both = _mm512_loadu_ps(table);
            let second = _mm512_add_epi32(index, _mm512_set1_epi32(8));
            [index, second].map(|index| Self(_mm512_permutexvar_ps(index, both)))
        }
    }
    #[inline(always)]
    unsafe fn any_positive(self) -> bool {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(self.0, _mm512_setzero_ps()) != 0 }
    }
}
