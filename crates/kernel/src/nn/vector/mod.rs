//! Vectors of f32, so that each kernel is written once for every width.
//!
//! The functions are inlined into callers that are compiled for the instruction set: called from
//! anywhere else they would be slow, and wrong on a processor without it.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;

/// A vector register of f32.
///
/// # Safety
/// All functions: the processor has the instruction set. Those with an address: the numbers they
/// name there are readable or writable (`LANES`, or the first `count`).
pub(super) trait Vector: Copy {
    /// Numbers in it.
    const LANES: usize;

    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    /// The first `count` (at most `LANES`) numbers, then zeros.
    unsafe fn load_some(from: *const f32, count: usize) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// Past the caches; `to` is a multiple of the vector's size.
    unsafe fn stream(self, to: *mut f32);
    unsafe fn store_some(self, to: *mut f32, count: usize);

    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// a b + c, rounded once.
    unsafe fn fma(a: Self, b: Self, c: Self) -> Self;
    /// c - a b, rounded once.
    unsafe fn fnma(a: Self, b: Self, c: Self) -> Self;
    /// The larger; `other` where either is not a number.
    unsafe fn max(self, other: Self) -> Self;
    /// The smaller; `other` where either is not a number.
    unsafe fn min(self, other: Self) -> Self;
    /// `yes` where self > 0, else `no`.
    unsafe fn if_positive(self, yes: Self, no: Self) -> Self;
    unsafe fn abs(self) -> Self;
    /// The nearest integer, to even.
    unsafe fn round(self) -> Self;
    /// 2 to the power of self, an integer from -126 to 127.
    unsafe fn power_of_two(self) -> Self;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: as the trait's.
        unsafe { Self::splat(0.0) }
    }
}
