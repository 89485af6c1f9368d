//! Pixels in memory: three numbers each, rows from the top down; cropped, flipped and reduced.

/// A picture of three channels.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Channels last.
    pub pixels: Vec<f32>,
}

impl Raster {
    /// A picture of one value.
    #[must_use]
    pub fn filled(width: usize, height: usize, value: f32) -> Self {
        Self { width, height, pixels: vec![value; width * height * 3] }
    }

    /// A pixel; coordinates beyond the edge are those of the edge.
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let start = (y.min(self.height - 1) * self.width + x.min(self.width - 1)) * 3;
        [self.pixels[start], self.pixels[start + 1], self.pixels[start + 2]]
    }

    /// A rectangle of it, which has to lie inside.
    #[must_use]
    pub fn crop(&self, left: usize, top: usize, width: usize, height: usize) -> Self {
        let rows = (top..top + height).map(|y| (y * self.width + left) * 3);
        let pixels =
            rows.flat_map(|start| self.pixels[start..start + width * 3].iter().copied()).collect();
        Self { width, height, pixels }
    }

    /// Mirrored left to right.
    pub fn mirror(&mut self) {
        for row in self.pixels.chunks_exact_mut(self.width * 3) {
            let row = row.as_chunks_mut::<3>().0;
            row.reverse();
        }
    }

    /// Mirrored top to bottom.
    pub fn overturn(&mut self) {
        let length = self.width * 3;
        let rows = self.pixels.chunks_exact(length).rev();
        self.pixels = rows.flat_map(|row| row.iter().copied()).collect();
    }

    /// The area from `left`, `top` whose pixels are `factor` (1 or more) pixels of this picture
    /// wide and high, each the mean over its area. What lies beyond the edge is not counted.
    #[must_use]
    pub fn reduced(&self, left: f64, top: f64, factor: f64, width: usize, height: usize) -> Self {
        if factor == 1.0 && left.fract() == 0.0 && top.fract() == 0.0 {
            let (left, top) = (left.max(0.0) as usize, top.max(0.0) as usize);
            if left + width <= self.width && top + height <= self.height {
                return self.crop(left, top, width, height);
            }
        }
        let columns = spans(left, factor, width, self.width);
        let rows = spans(top, factor, height, self.height);
        let mut pixels = vec![0.0; width * height * 3];
        let mut sum = vec![0.0_f32; self.width * 3];
        let first = columns.first().map_or(0, |span| span.0);
        let last = columns.last().map_or(0, |span| span.0 + span.1.len());
        for (row, (start, weights)) in pixels.chunks_exact_mut(width * 3).zip(&rows) {
            sum[first * 3..last * 3].fill(0.0);
            for (y, weight) in (*start..).zip(weights) {
                let line = &self.pixels[(y * self.width + first) * 3..(y * self.width + last) * 3];
                sum[first * 3..last * 3].iter_mut().zip(line).for_each(|(s, v)| *s += weight * v);
            }
            for (pixel, (start, weights)) in row.as_chunks_mut::<3>().0.iter_mut().zip(&columns) {
                let from = sum[start * 3..].as_chunks::<3>().0;
                for (value, weight) in from.iter().zip(weights) {
                    (0..3).for_each(|channel| pixel[channel] += weight * value[channel]);
                }
            }
        }
        Self { width, height, pixels }
    }

    /// Halved: the means of two by two pixels.
    #[must_use]
    pub fn halved(&self) -> Self {
        self.reduced(0.0, 0.0, 2.0, (self.width / 2).max(1), (self.height / 2).max(1))
    }
}

/// For each of `count` pixels the first source pixel and the weights, which sum to 1.
fn spans(start: f64, factor: f64, count: usize, length: usize) -> Vec<(usize, Vec<f32>)> {
    let span = |index: usize| {
        let limit = length as f64;
        let low = (start + index as f64 * factor).clamp(0.0, limit - 1.0);
        let high = (start + (index + 1) as f64 * factor).clamp(low + 1e-6, limit);
        let first = low as usize;
        let last = (high.ceil() as usize).clamp(first + 1, length);
        let share = |x: usize| ((x + 1) as f64).min(high) - (x as f64).max(low);
        let weights = (first..last).map(|x| (share(x) / (high - low)) as f32).collect();
        (first, weights)
    };
    (0..count).map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Raster {
        let pixels = (0..width * height * 3).map(|i| (i / 3 % width) as f32).collect();
        Raster { width, height, pixels }
    }

    #[test]
    fn reducing_keeps_the_mean_and_takes_areas_by_their_share() {
        let whole = ramp(12, 8);
        let reduced = whole.reduced(0.0, 0.0, 2.0, 6, 4);
        assert_eq!(reduced.at(0, 0), [0.5; 3]);
        assert_eq!(reduced.at(5, 3), [10.5; 3]);
        // One and a half pixels: all of the first, half of the second.
        let reduced = whole.reduced(1.0, 0.0, 1.5, 4, 4);
        assert!((reduced.at(0, 0)[0] - (1.0 + 0.5 * 2.0) / 1.5).abs() < 1e-6);
        assert_eq!(whole.reduced(3.0, 2.0, 1.0, 5, 4), whole.crop(3, 2, 5, 4));
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let whole = Raster { width: 3, height: 2, pixels: (0..18).map(|i| i as f32).collect() };
        let mut turned = whole.clone();
        turned.mirror();
        assert_eq!(turned.at(0, 0), whole.at(2, 0));
        turned.mirror();
        turned.overturn();
        assert_eq!(turned.at(1, 0), whole.at(1, 1));
        turned.overturn();
        assert_eq!(turned, whole);
    }
}
