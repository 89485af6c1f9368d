//! Rows of pictures, and their division among threads.

use crate::Pool;
use crate::nn::shape::ShapeError;
use crate::nn::tensor::{Tensor, TensorMut};

/// Numbers of a band: enough to be worth a thread's while, few enough to stay in its cache.
const BAND: usize = 16 * 1024;

/// Bands of operations that need scratch for each.
const MOST_WITH_SCRATCH: usize = 64;

/// Rows of a band where a row holds that many numbers.
pub(super) fn rows_of_band(row: usize) -> usize {
    BAND.div_ceil(row.max(1)).max(1)
}

/// As [`rows_of_band`], with at most [`MOST_WITH_SCRATCH`] bands.
pub(super) fn rows_of_scratch_band(height: usize, row: usize) -> usize {
    rows_of_band(row).max(height.div_ceil(MOST_WITH_SCRATCH))
}

/// Numbers of a row from its first to its last.
#[inline(always)]
pub(super) const fn row_length(width: usize, channels: usize, pixel_stride: usize) -> usize {
    if width == 0 { 0 } else { (width - 1) * pixel_stride + channels }
}

/// A row with the gaps between its pixels.
#[inline(always)]
pub(super) fn row<'a>(of: &Tensor<'a>, y: usize) -> &'a [f32] {
    let start = y * of.row_stride;
    &of.data[start..start + row_length(of.width, of.channels, of.pixel_stride)]
}

/// A row with the gaps between its pixels.
#[inline(always)]
pub(super) fn row_mut<'a>(of: &'a mut TensorMut<'_>, y: usize) -> &'a mut [f32] {
    let start = y * of.row_stride;
    &mut of.data[start..start + row_length(of.width, of.channels, of.pixel_stride)]
}

/// The channels of pixel x of a row.
#[inline(always)]
pub(super) fn pixel(row: &[f32], x: usize, stride: usize, channels: usize) -> &[f32] {
    &row[x * stride..x * stride + channels]
}

/// True when there is no number in it.
pub(super) const fn is_empty(of: &TensorMut<'_>) -> bool {
    of.height == 0 || of.width == 0 || of.channels == 0
}

/// An address that threads write apart from each other.
#[derive(Clone, Copy)]
struct Start(*mut f32);
// SAFETY: used by `for_each_band` alone, whose bands do not overlap.
unsafe impl Sync for Start {}

impl Start {
    /// # Safety
    /// The numbers belong to whoever asks, for as long as the slice lives.
    unsafe fn part<'a>(self, from: usize, length: usize) -> &'a mut [f32] {
        // SAFETY: the caller's.
        unsafe { std::slice::from_raw_parts_mut(self.0.add(from), length) }
    }
}

/// Calls `task(first row, band, scratch)` once for every band of `rows` rows of `out`, with
/// `per_band` numbers of scratch.
///
/// # Errors
/// When `out` does not fit its data or the scratch is too small.
pub(super) fn for_each_band(
    out: TensorMut<'_>,
    rows: usize,
    (scratch, per_band): (&mut [f32], usize),
    pool: &Pool,
    task: impl Fn(usize, TensorMut<'_>, &mut [f32]) + Sync,
) -> Result<(), ShapeError> {
    out.check("output")?;
    if is_empty(&out) {
        return Ok(());
    }
    let TensorMut { data, height, width, channels, pixel_stride, row_stride } = out;
    let rows = rows.clamp(1, height);
    let count = height.div_ceil(rows);
    let needed = count.saturating_mul(per_band);
    if scratch.len() < needed {
        return Err(ShapeError::new("scratch", scratch.len(), format!("at least {needed}")));
    }
    let row = row_length(width, channels, pixel_stride);
    let (data, scratch) = (Start(data.as_mut_ptr()), Start(scratch.as_mut_ptr()));
    pool.for_each_index(count, &|index| {
        let first = index * rows;
        let height = rows.min(height - first);
        // SAFETY: `check` holds that all rows lie in the data and none reaches into the next (its
        // stride is at least its length), so bands are apart; so is the scratch, whose length was
        // held above. Each index is run once, and the borrows of both outlast the pool's call.
        let (data, scratch) = unsafe {
            (
                data.part(first * row_stride, (height - 1) * row_stride + row),
                scratch.part(index * per_band, per_band),
            )
        };
        task(first, TensorMut { data, height, width, channels, pixel_stride, row_stride }, scratch);
    });
    Ok(())
}

/// As [`for_each_band`] with rows by the size of `out` and no scratch.
///
/// # Errors
/// When `out` does not fit its data.
pub(super) fn for_each_plain_band(
    out: TensorMut<'_>,
    pool: &Pool,
    task: impl Fn(usize, TensorMut<'_>) + Sync,
) -> Result<(), ShapeError> {
    let rows = rows_of_band(out.width.saturating_mul(out.channels));
    for_each_band(out, rows, (&mut [], 0), pool, |first, band, _| task(first, band))
}

/// Height, width and channels of a tensor.
pub(super) fn size(of: &Tensor<'_>) -> [usize; 3] {
    [of.height, of.width, of.channels]
}

/// Height, width and channels of a tensor.
pub(super) fn size_mut(of: &TensorMut<'_>) -> [usize; 3] {
    [of.height, of.width, of.channels]
}

/// # Errors
/// When the tensor does not have that height, width and channels, or does not fit its data.
pub(super) fn expect(
    what: &'static str,
    of: &Tensor<'_>,
    wanted: [usize; 3],
) -> Result<(), ShapeError> {
    of.check(what)?;
    same(what, size(of), wanted)
}

/// # Errors
/// When the sizes differ.
pub(super) fn same(
    what: &'static str,
    found: [usize; 3],
    wanted: [usize; 3],
) -> Result<(), ShapeError> {
    if found == wanted {
        return Ok(());
    }
    let text = |[h, w, c]: [usize; 3]| format!("{h} x {w} x {c}");
    Err(ShapeError::new(what, text(found), text(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_cover_every_row_once_and_leave_gaps_alone() {
        let pool = Pool::new(3);
        for rows in [1, 2, 5, 100] {
            // Channels 1 and 2 of five, seven rows of three pixels.
            let mut data = vec![0.0; 7 * 3 * 5];
            let mut scratch = vec![0.0; 7];
            let (height, width, channels) = (7, 3, 2);
            let out = TensorMut {
                data: &mut data[1..],
                height,
                width,
                channels,
                pixel_stride: 5,
                row_stride: 15,
            };
            for_each_band(out, rows, (&mut scratch, 1), &pool, |first, mut band, scratch| {
                scratch[0] += 1.0;
                for y in 0..band.height {
                    for pixel in row_mut(&mut band, y).chunks_mut(5) {
                        for value in &mut pixel[..2] {
                            *value += (first + y + 1) as f32;
                        }
                    }
                }
            })
            .expect("fits");
            for (index, &value) in data.iter().enumerate() {
                let inside = matches!(index % 5, 1 | 2);
                let wanted = if inside { (index / 15 + 1) as f32 } else { 0.0 };
                assert_eq!(value, wanted, "{rows} rows, number {index}");
            }
            assert!(scratch[..7usize.div_ceil(rows)].iter().all(|&n| n == 1.0));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let pool = Pool::new(1);
        let mut data = [0.0; 11];
        let run = |out: TensorMut<'_>, scratch: &mut [f32]| {
            for_each_band(out, 1, (scratch, 2), &pool, |_, _, _| ())
        };
        assert!(run(TensorMut::packed(&mut data, 2, 2, 3), &mut [0.0; 4]).is_err());
        assert!(run(TensorMut::packed(&mut data, 3, 1, 3), &mut [0.0; 5]).is_err());
        assert!(run(TensorMut::packed(&mut data, 3, 1, 3), &mut [0.0; 6]).is_ok());
        assert!(run(TensorMut::packed(&mut [], 0, 9, 3), &mut []).is_ok());
    }
}
