//! Eight or sixteen pixels at a time.

use super::lanes::Lookup;
use super::row::{PlaceRow, TABLE};
use super::{BINS, COEFFICIENTS, Guide, Place, Run};
use crate::nn::activate::activate;
use crate::nn::shape::Activation;
use crate::nn::vector::{Avx2, Avx512};

/// # Safety
/// The processor has AVX2 and FMA, `row` was prepared for `place` and this run.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2(place: &Place, row: &PlaceRow, run: &mut Run<'_>) {
    // SAFETY: the caller's.
    unsafe { all::<Avx2>(place, row, run) }
}

/// # Safety
/// The processor has x86-64-v4, `row` was prepared for `place` and this run.
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
pub(super) unsafe fn avx512(place: &Place, row: &PlaceRow, run: &mut Run<'_>) {
    // SAFETY: the caller's.
    unsafe { all::<Avx512>(place, row, run) }
}

/// # Safety
/// As [`Lookup`]; the planes of `run` are of one length, for which `row` was prepared.
#[inline(always)]
unsafe fn all<V: Lookup>(place: &Place, row: &PlaceRow, run: &mut Run<'_>) {
    let n = run.code[0].len();
    let mut i = 0;
    while i < n {
        let count = (n - i).min(V::LANES);
        // SAFETY: `i + count <= n`, the planes' length; `row` holds LANES more than `n` entries.
        unsafe { group::<V>(place, row, run, i, count) };
        i += count;
    }
}

/// # Safety
/// As [`all`]; `i + count` is at most the run's length.
#[inline(always)]
unsafe fn group<V: Lookup>(
    place: &Place,
    row: &PlaceRow,
    run: &mut Run<'_>,
    i: usize,
    count: usize,
) {
    // SAFETY: the caller's. Tables are read at cells of the prepared columns, and `near` only where
    // all cells lie within a vector; rows of maps have room for a vector behind their last cell.
    unsafe {
        let zero = V::zero();
        let clip = run.clip.map(|plane| V::load_some(plane.as_ptr().add(i), count));
        let stops = run.stops.each_mut().map(|plane| plane.as_mut_ptr().add(i));
        if !clip[0].max(clip[1]).max(clip[2]).any_positive() {
            for to in stops {
                zero.store_some(to, count);
            }
            return;
        }
        let code = run.code.map(|plane| V::load_some(plane.as_ptr().add(i), count));
        let local = match &place.guide {
            Some(guide) => local::<V>(guide, row, i, count, code),
            None => [zero; 3],
        };
        let cells = V::index(row.in_maps.cells.as_ptr().add(i));
        let part = V::load(row.in_maps.parts.as_ptr().add(i));
        let (first, last) = (row.in_maps.cells[i], row.in_maps.cells[i + count - 1]);
        let maps = Maps { row, cells, part, first, together: last - first < V::LANES as i32 };
        for c in 0..3 {
            let base = maps.read(c).div(maps.read(c + 3).max(V::splat(place.least)));
            let sum = base.add(local[c]).max(zero);
            clip[c].mul(sum).store_some(stops[c], count);
        }
    }
}

/// Where a group reads the maps.
struct Maps<'a, V: Lookup> {
    row: &'a PlaceRow,
    cells: V::Index,
    part: V,
    first: i32,
    /// All cells lie within a vector from the first on.
    together: bool,
}

impl<V: Lookup> Maps<'_, V> {
    /// A plane of the maps.
    ///
    /// # Safety
    /// As [`group`].
    #[inline(always)]
    unsafe fn read(&self, plane: usize) -> V {
        // SAFETY: the caller's.
        unsafe {
            let values = self.row.maps.as_ptr().add(plane * 2 * self.row.map_stride);
            let slopes = values.add(self.row.map_stride);
            let [value, slope] = if self.together {
                [V::near(values, self.first, self.cells), V::near(slopes, self.first, self.cells)]
            } else {
                [V::gather(values, self.cells), V::gather(slopes, self.cells)]
            };
            V::fma(self.part, slope, value)
        }
    }
}

/// Where a group reads a cell of the grid.
struct At<V: Lookup> {
    bin: V::Index,
    along_z: V,
    along_x: V,
}

impl<V: Lookup> At<V> {
    /// Coefficient `k` of the cell with these tables.
    ///
    /// # Safety
    /// As [`group`].
    #[inline(always)]
    unsafe fn read(&self, tables: *const f32, k: usize) -> V {
        // SAFETY: the caller's.
        unsafe {
            let table = tables.add(k * TABLE);
            let [value, slope] = V::bins(table, self.bin);
            let [along, both] = V::bins(table.add(2 * BINS), self.bin);
            let near = V::fma(self.along_x, along, value);
            V::fma(self.along_z, V::fma(self.along_x, both, slope), near)
        }
    }
}

/// What the grid says, for each channel.
///
/// # Safety
/// As [`group`].
#[inline(always)]
unsafe fn local<V: Lookup>(
    guide: &Guide,
    row: &PlaceRow,
    i: usize,
    count: usize,
    [r, g, b]: [V; 3],
) -> [V; 3] {
    // SAFETY: the caller's; `prepare` made the tables of every cell between the run's first and last.
    unsafe {
        let z = position::<V>(guide, [r, g, b]);
        let bin = z.whole();
        let along_z = z.sub(V::number(bin));
        let along_x = V::load(row.in_grid.parts.as_ptr().add(i));
        let cells = V::index(row.in_grid.cells.as_ptr().add(i));
        let (first, last) = (row.in_grid.cells[i], row.in_grid.cells[i + count - 1]);
        let mut found = [V::zero(); 3];
        for cell in first..=last {
            let tables = row.tables.as_ptr().add(cell as usize * COEFFICIENTS * TABLE);
            let at = At { bin, along_z, along_x };
            for (c, found) in found.iter_mut().enumerate() {
                let k = c * 4;
                let sum = V::fma(at.read(tables, k + 2), b, at.read(tables, k + 3));
                let sum = V::fma(at.read(tables, k + 1), g, sum);
                let sum = V::fma(at.read(tables, k), r, sum);
                *found = V::where_is(cells, cell, sum, *found);
            }
        }
        found
    }
}

/// Where the guide reads, in bins: 0 to 7.
///
/// # Safety
/// As [`Lookup`].
#[inline(always)]
unsafe fn position<V: Lookup>(guide: &Guide, [r, g, b]: [V; 3]) -> V {
    // SAFETY: the caller's.
    unsafe {
        let mut sum = V::splat(guide.out_bias);
        for ((w, bias), out) in guide.hidden.iter().zip(guide.hidden_bias).zip(guide.out) {
            let x = V::fma(V::splat(w[2]), b, V::splat(bias));
            let x = V::fma(V::splat(w[1]), g, x);
            let x = V::fma(V::splat(w[0]), r, x).max(V::zero());
            sum = V::fma(V::splat(out), x, sum);
        }
        let guide = activate(Activation::Sigmoid, sum);
        let z = V::fma(guide, V::splat(BINS as f32), V::splat(-0.5));
        // In this order what is no number becomes 0, which is a bin.
        z.max(V::zero()).min(V::splat((BINS - 1) as f32))
    }
}
