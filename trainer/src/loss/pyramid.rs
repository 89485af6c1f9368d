//! Differences between neighbours at several scales, in log light: edges of highlights and their slopes.

use super::frame::{Frame, Where, divisor};
use super::light::{ln_1p, sign};

/// Compares gradients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gradients {
    /// How many scales, each of half the size.
    pub(super) scales: usize,
    pub(super) place: Where,
    /// Truth is limited to it.
    pub(super) limit: f32,
}

/// One scale: what is left to explain, in `ln(1 + light)`, and how much it counts.
struct Level {
    size: [usize; 2],
    rest: Vec<f32>,
    weight: Vec<f32>,
    gradient: Vec<f32>,
}

impl Level {
    /// Means of 2 by 2; a last odd row or column is left out.
    fn halved(&self) -> Self {
        let size = self.size.map(|side| side / 2);
        let mean = |of: &[f32]| -> Vec<f32> {
            (0..size[0] * size[1] * 3)
                .map(|i| 0.25 * self.four(size[1], i).iter().map(|j| of[*j]).sum::<f32>())
                .collect()
        };
        let (rest, weight) = (mean(&self.rest), mean(&self.weight));
        Self { size, gradient: vec![0.0; rest.len()], rest, weight }
    }

    /// The four values under a value of the halved level.
    fn four(&self, width: usize, i: usize) -> [usize; 4] {
        let (y, x, c) = (i / 3 / width, i / 3 % width, i % 3);
        let first = (2 * y * self.size[1] + 2 * x) * 3 + c;
        let below = first + 3 * self.size[1];
        [first, first + 3, below, below + 3]
    }

    /// Sum over neighbours of their weight times the size of their difference, and the weights' sum;
    /// signs of the differences go into the gradient.
    fn differences(&mut self) -> [f64; 2] {
        let [height, width] = self.size;
        let (mut sum, mut weights) = (0.0, 0.0);
        for i in 0..self.rest.len() {
            let right = (i / 3 % width + 1 < width).then_some(i + 3);
            let below = (i / 3 / width + 1 < height).then_some(i + 3 * width);
            for j in [right, below].into_iter().flatten() {
                let weight = 0.5 * (self.weight[i] + self.weight[j]);
                if weight > 0.0 {
                    let d = self.rest[j] - self.rest[i];
                    sum += f64::from(weight) * f64::from(d.abs());
                    weights += f64::from(weight);
                    self.gradient[j] += weight * sign(d);
                    self.gradient[i] -= weight * sign(d);
                }
            }
        }
        [sum, weights]
    }
}

impl Gradients {
    /// Mean over scales of the weighted mean difference; its gradient times `factor` is added.
    pub(super) fn frame(&self, frame: &Frame<'_>, factor: f64, gradient: &mut [f32]) -> f64 {
        let values = frame.prediction.iter().zip(frame.truth);
        let rest = values.map(|(p, y)| ln_1p(*p)[0] - ln_1p(y.min(self.limit))[0]).collect();
        let weight = frame.clip.iter().map(|clip| self.place.weight(*clip)).collect();
        let zeros = vec![0.0; frame.clip.len()];
        let mut levels = vec![Level { size: frame.size, rest, weight, gradient: zeros }];
        while levels.len() < self.scales {
            let next = levels[levels.len() - 1].halved();
            if next.size.iter().any(|side| *side < 2) {
                break;
            }
            levels.push(next);
        }
        let scales = levels.len() as f64;
        let mut value = 0.0;
        for level in &mut levels {
            let [sum, weights] = level.differences();
            let all = divisor(weights, 2 * level.rest.len());
            value += sum / all / scales;
            let scale = (factor / all / scales) as f32;
            level.gradient.iter_mut().for_each(|g| *g *= scale);
        }
        while let Some(level) = levels.pop() {
            let Some(finer) = levels.last_mut() else {
                for ((to, g), p) in gradient.iter_mut().zip(&level.gradient).zip(frame.prediction) {
                    *to += g * ln_1p(*p)[1];
                }
                break;
            };
            for (i, g) in level.gradient.iter().enumerate() {
                for j in finer.four(level.size[1], i) {
                    finer.gradient[j] += 0.25 * g;
                }
            }
        }
        value
    }
}
