//! The product: rows of operands times packed weights, all sums in registers.

use super::kernels::{Product, SLOT};
use super::vector::Vector;

/// How one word of an operand meets a vector of weights.
///
/// # Safety
/// The processor has the instruction set; `word` is readable.
pub(super) trait Accumulate {
    type V: Vector;
    unsafe fn accumulate(sum: Self::V, word: *const f32, weights: Self::V) -> Self::V;
}

/// f32 products, rounded once with the sum.
pub(super) struct Single<V>(std::marker::PhantomData<V>);

impl<V: Vector> Accumulate for Single<V> {
    type V = V;
    #[inline(always)]
    unsafe fn accumulate(sum: V, word: *const f32, weights: V) -> V {
        // SAFETY: the caller's.
        unsafe { V::fma(V::splat(*word), weights, sum) }
    }
}

/// The sums of one element are made in one order whatever `ROWS` and `COLUMNS` are, so that results
/// do not depend on how pixels fall into products.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn multiply<A: Accumulate, const ROWS: usize, const COLUMNS: usize>(p: &Product) {
    let lanes = A::V::LANES;
    // SAFETY: the product names only memory that is there.
    unsafe {
        let mut sums = [[A::V::zero(); COLUMNS]; ROWS];
        let mut weights = p.weights;
        for &tap in p.taps {
            let mut slot = p.operand.add(tap);
            for block in 0..p.slots {
                let words = if block + 1 == p.slots { p.last_words } else { SLOT };
                for word in 0..words {
                    let mut columns = [A::V::zero(); COLUMNS];
                    for (column, vector) in columns.iter_mut().enumerate() {
                        *vector = A::V::load(weights.add(column * lanes));
                    }
                    for (row, sums) in sums.iter_mut().enumerate() {
                        for (sum, &column) in sums.iter_mut().zip(&columns) {
                            *sum = A::accumulate(*sum, slot.add(row * SLOT + word), column);
                        }
                    }
                    weights = weights.add(COLUMNS * lanes);
                }
                slot = slot.add(p.slot_stride);
            }
        }
        for (row, sums) in sums.iter().enumerate() {
            for (column, sum) in sums.iter().enumerate() {
                sum.store(p.result.add(column * p.result_stride + row * lanes));
            }
        }
    }
}
