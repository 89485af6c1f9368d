//! Whole frames at the fixed size that parts of a network work at.

use crate::Error;
use crate::shot::Shot;

/// Means of a picture (three numbers per pixel, channels last) over the cells of a smaller grid, each
/// pixel weighed by how much of it lies in the cell.
pub(super) fn reduce(pixels: &[f32], from: [usize; 2], to: [usize; 2]) -> Vec<f32> {
    let columns = spans(from[1], to[1]);
    let rows = spans(from[0], to[0]);
    let mut narrow = vec![0.0f64; from[0] * to[1] * 3];
    for (row, out) in pixels.chunks_exact(from[1] * 3).zip(narrow.chunks_exact_mut(to[1] * 3)) {
        for (span, out) in columns.iter().zip(out.as_chunks_mut::<3>().0) {
            for (x, weight) in span {
                for c in 0..3 {
                    out[c] += weight * f64::from(row[x * 3 + c]);
                }
            }
        }
    }
    let mut small = Vec::with_capacity(to[0] * to[1] * 3);
    for span in &rows {
        for i in 0..to[1] * 3 {
            let sum: f64 = span.iter().map(|(y, weight)| weight * narrow[y * to[1] * 3 + i]).sum();
            small.push(sum as f32);
        }
    }
    small
}

/// Which pixels of a line make up each cell, and with what weight; weights add up to 1.
fn spans(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let size = from as f64 / to as f64;
    let span = |cell: usize| {
        let (a, b) = (cell as f64 * size, (cell + 1) as f64 * size);
        let last = (b.ceil() as usize).min(from);
        (a as usize..last)
            .map(|x| (x, ((x + 1) as f64).min(b) - (x as f64).max(a)))
            .filter(|(_, covered)| *covered > 0.0)
            .map(|(x, covered)| (x, covered / size))
            .collect()
    };
    (0..to).map(span).collect()
}

/// # Errors
/// When a shot is only a tile: what needs the whole frame's truth cannot learn from it.
pub(super) fn check_whole(shot: &Shot, what: &str) -> Result<(), Error> {
    if shot.size == shot.frame {
        return Ok(());
    }
    let [height, width] = shot.size;
    let found = format!("tiles of {width} x {height} of larger views");
    let expected = format!("views of the tile's size, as {what} learns from whole frames");
    Err(Error::setting("data.view", found, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_keep_all_of_the_light() {
        let (from, to) = ([7, 10], [3, 4]);
        let pixels: Vec<f32> = (0..7 * 10 * 3).map(|i| (i * i % 17) as f32).collect();
        let small = reduce(&pixels, from, to);
        let mean = |v: &[f32]| v.iter().map(|x| f64::from(*x)).sum::<f64>() / v.len() as f64;
        assert!((mean(&pixels) - mean(&small)).abs() < 1e-5);
        // The first cell covers 2 1/3 rows of 2 1/2 columns.
        let at = |y: usize, x: usize| f64::from(pixels[(y * 10 + x) * 3]);
        let row = |y: usize| (at(y, 0) + at(y, 1) + 0.5 * at(y, 2)) / 2.5;
        let expected = (row(0) + row(1) + row(2) / 3.0) / (7.0 / 3.0);
        assert!((f64::from(small[0]) - expected).abs() < 1e-5);
    }

    #[test]
    fn a_frame_enlarged_keeps_its_pixels() {
        assert_eq!(reduce(&[1.0, 2.0, 3.0], [1, 1], [2, 1]), [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    }
}
