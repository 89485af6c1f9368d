//! Sums of outer products along a row of pixels, in registers.

use crate::nn::machine::Isa;
#[cfg(target_arch = "x86_64")]
use crate::nn::vector::{Avx2, Avx512, Vector};

/// `sums[row][column] += sum over pixels of broadcast[row] * vector[column]`.
pub(super) struct Outer<'a> {
    /// The first pixel's channels from the first row on.
    pub broadcast: &'a [f32],
    /// f32s from pixel to pixel.
    pub broadcast_step: usize,
    pub rows: usize,
    /// The first pixel's channels from the first column on.
    pub vector: &'a [f32],
    pub vector_step: usize,
    pub columns: usize,
    pub pixels: usize,
    /// Rows `stride` apart, each padded to whole vectors.
    pub sums: &'a mut [f32],
    pub stride: usize,
}

/// The function of one instruction set.
pub(super) struct OuterKernels {
    /// f32s of a vector.
    pub(super) lanes: usize,
    /// Most rows of a product.
    pub(super) rows: usize,
    /// Most vectors of a row.
    pub(super) columns: usize,
    /// # Safety
    /// The processor has the instruction set and the lengths were checked.
    add: unsafe fn(&mut Outer<'_>),
}

impl OuterKernels {
    /// Those of an instruction set that this processor has; the portable ones where it has not.
    pub(super) fn of(isa: Isa) -> &'static Self {
        #[cfg(target_arch = "x86_64")]
        match isa {
            _ if !isa.available() => {}
            Isa::Portable => {}
            Isa::Avx2 => return &AVX2,
            Isa::Avx512 | Isa::Avx512Bf16 | Isa::Amx => return &AVX512,
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = isa;
        &PORTABLE
    }

    /// Adds a product.
    ///
    /// # Panics
    /// When a slice is too short: the caller's sizes were wrong.
    pub(super) fn add(&self, mut outer: Outer<'_>) {
        let o = &outer;
        assert!(o.rows <= self.rows && o.columns <= self.columns * self.lanes);
        if o.pixels == 0 || o.rows == 0 || o.columns == 0 {
            return;
        }
        assert!((o.pixels - 1) * o.broadcast_step + o.rows <= o.broadcast.len());
        assert!((o.pixels - 1) * o.vector_step + o.columns <= o.vector.len());
        let padded = o.columns.next_multiple_of(self.lanes);
        assert!((o.rows - 1) * o.stride + padded <= o.sums.len());
        // SAFETY: `of` gives only what the processor has, and the lengths were held above.
        unsafe { (self.add)(&mut outer) }
    }
}

static PORTABLE: OuterKernels = OuterKernels { lanes: 8, rows: 4, columns: 2, add: portable };

/// Plain Rust; also what the others are held against.
fn portable(o: &mut Outer<'_>) {
    for pixel in 0..o.pixels {
        let vector = &o.vector[pixel * o.vector_step..][..o.columns];
        for row in 0..o.rows {
            let factor = o.broadcast[pixel * o.broadcast_step + row];
            let sums = &mut o.sums[row * o.stride..][..o.columns];
            for (sum, value) in sums.iter_mut().zip(vector) {
                *sum += factor * value;
            }
        }
    }
}

/// `ROWS` x `COLUMNS` vectors of sums stay in registers for all pixels.
///
/// # Safety
/// As [`OuterKernels::add`] checks; `o.rows` is `ROWS` and `o.columns` more than `COLUMNS - 1` vectors and
/// no more than `COLUMNS`.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn outer<V: Vector, const ROWS: usize, const COLUMNS: usize>(o: &mut Outer<'_>) {
    let rest = o.columns - (COLUMNS - 1) * V::LANES;
    // SAFETY: the caller's.
    unsafe {
        let start = o.sums.as_mut_ptr();
        let at = |row: usize, column: usize| start.add(row * o.stride + column * V::LANES);
        let mut sums = [[V::zero(); COLUMNS]; ROWS];
        for (row, sums) in sums.iter_mut().enumerate() {
            for (column, sum) in sums.iter_mut().enumerate() {
                *sum = V::load(at(row, column));
            }
        }
        let (mut broadcast, mut vector) = (o.broadcast.as_ptr(), o.vector.as_ptr());
        let mut pixel = 0;
        loop {
            let mut values = [V::zero(); COLUMNS];
            for (column, value) in values.iter_mut().enumerate() {
                let from = vector.add(column * V::LANES);
                *value = if column + 1 < COLUMNS || rest == V::LANES {
                    V::load(from)
                } else {
                    V::load_some(from, rest)
                };
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let factor = V::splat(*broadcast.add(row));
                for (sum, value) in sums.iter_mut().zip(values) {
                    *sum = V::fma(factor, value, *sum);
                }
            }
            pixel += 1;
            if pixel == o.pixels {
                break;
            }
            broadcast = broadcast.add(o.broadcast_step);
            vector = vector.add(o.vector_step);
        }
        for (row, sums) in sums.iter().enumerate() {
            for (column, sum) in sums.iter().enumerate() {
                sum.store(at(row, column));
            }
        }
    }
}

/// One function per number of rows and vectors.
#[cfg(target_arch = "x86_64")]
macro_rules! outers {
    ($name:ident, $features:literal, $vector:ty, $($rows:literal)+) => {
        unsafe fn $name(o: &mut Outer<'_>) {
            #[target_feature(enable = $features)]
            unsafe fn fixed<const ROWS: usize, const COLUMNS: usize>(o: &mut Outer<'_>) {
                // SAFETY: the caller's.
                unsafe { outer::<$vector, ROWS, COLUMNS>(o) }
            }
            // SAFETY: the caller's.
            unsafe {
                match (o.rows, o.columns.div_ceil(<$vector>::LANES)) {
                    $(($rows, 1) => fixed::<$rows, 1>(o), ($rows, _) => fixed::<$rows, 2>(o),)+
                    _ => portable(o),
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
outers!(avx2, "avx2,fma", Avx2, 1 2 3 4 5 6);
#[cfg(target_arch = "x86_64")]
outers!(avx512, "avx512f,avx512vl,avx512bw,avx512dq", Avx512, 1 2 3 4 5 6 7 8);

/// 6 x 2 sums in 16 registers.
#[cfg(target_arch = "x86_64")]
static AVX2: OuterKernels = OuterKernels { lanes: 8, rows: 6, columns: 2, add: avx2 };

/// 8 x 2 sums in 32 registers.
#[cfg(target_arch = "x86_64")]
static AVX512: OuterKernels = OuterKernels { lanes: 16, rows: 8, columns: 2, add: avx512 };
