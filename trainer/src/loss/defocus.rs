//! Light after a lens out of focus: what one pixel lacks its neighbours may not make up for in peaks.

use super::frame::Frame;
use super::light::stops;

/// Compares stops after a blur by a disc.
#[derive(Clone, Copy, Debug)]
pub(super) struct Defocus {
    /// Radius of the disc as a share of the width.
    pub(super) radius: f64,
    /// Truth is limited to it.
    pub(super) limit: f32,
}

/// A disc that is cut off at the picture's edges: mean of what of it lies inside.
struct Disc {
    /// Half the length of each row, from the middle row outwards.
    spans: Vec<usize>,
    size: [usize; 2],
}

impl Disc {
    fn new(radius: f64, size: [usize; 2]) -> Self {
        let rows = (radius as usize).min(size[0]);
        let spans = (0..=rows)
            .map(|y| libm::sqrt((radius * radius - (y * y) as f64).max(0.0)) as usize)
            .collect();
        Self { spans, size }
    }

    /// Sums over the disc about every pixel.
    fn sums(&self, of: &[f32]) -> Vec<f64> {
        let [height, width] = self.size;
        let mut to = vec![0.0; of.len()];
        let mut running = vec![[0.0; 3]; width + 1];
        for from in 0..height {
            for x in 0..width {
                for c in 0..3 {
                    let value = f64::from(of[(from * width + x) * 3 + c]);
                    running[x + 1][c] = running[x][c] + value;
                }
            }
            let reach = self.spans.len() - 1;
            for y in from.saturating_sub(reach)..height.min(from + reach + 1) {
                let span = self.spans[y.abs_diff(from)];
                for x in 0..width {
                    let (left, right) = (x.saturating_sub(span), width.min(x + span + 1));
                    for c in 0..3 {
                        to[(y * width + x) * 3 + c] += running[right][c] - running[left][c];
                    }
                }
            }
        }
        to
    }
}

impl Defocus {
    /// Mean squared difference in stops; its gradient times `factor` is added.
    pub(super) fn frame(&self, frame: &Frame<'_>, factor: f64, gradient: &mut [f32]) -> f64 {
        let disc = Disc::new(self.radius * frame.size[1] as f64, frame.size);
        let areas = disc.sums(&vec![1.0; frame.clip.len()]);
        let truth: Vec<f32> = frame.truth.iter().map(|y| y.min(self.limit)).collect();
        let (p, y) = (disc.sums(frame.prediction), disc.sums(&truth));
        let count = p.len().max(1) as f64;
        let mut sum = 0.0;
        let mut back = vec![0.0; p.len()];
        for i in 0..p.len() {
            let [a, slope] = stops((p[i] / areas[i]) as f32);
            let [b, _] = stops((y[i] / areas[i]) as f32);
            let d = f64::from(a) - f64::from(b);
            sum += d * d;
            back[i] = (2.0 * d * f64::from(slope) / areas[i]) as f32;
        }
        // A disc about every pixel is its own transpose.
        for (to, g) in gradient.iter_mut().zip(disc.sums(&back)) {
            *to += (factor / count * g) as f32;
        }
        sum / count
    }
}
