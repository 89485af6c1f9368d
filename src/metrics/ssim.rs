//! Structural similarity of the luminance (Wang et al. 2004).
//!
//! Gaussian window of 11 x 11 with a standard deviation of 1.5, K1 = 0.01, K2 = 0.03, population
//! covariance, as the paper has it. Windows that would leave the picture do not count.

use super::encoding::Encoding;
use super::pair::Pair;

const RADIUS: usize = 5;
const SIGMA: f64 = 1.5;

fn window() -> [f64; 2 * RADIUS + 1] {
    let mut w = [0.0; 2 * RADIUS + 1];
    for (i, w) in w.iter_mut().enumerate() {
        let x = i as f64 - RADIUS as f64;
        *w = libm::exp(-0.5 * x * x / (SIGMA * SIGMA));
    }
    let sum: f64 = w.iter().sum();
    w.map(|v| v / sum)
}

/// Mean over the windows whose centre is in the region; NaN when there is none.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>, encoding: Encoding) -> f64 {
    let (width, height) = (pair.width(), pair.height());
    let [a, b] = pair.encoded(encoding);
    let (c1, c2) = (0.01 * encoding.peak(), 0.03 * encoding.peak());
    let (c1, c2) = (c1 * c1, c2 * c2);
    let w = window();
    let (mut sum, mut count) = (0.0, 0u64);
    // Per column: weighted sums of a, b, a a, b b, a b over the rows of the window.
    let mut columns = vec![[0.0f64; 5]; width];
    for y in RADIUS..height.saturating_sub(RADIUS) {
        for (x, column) in columns.iter_mut().enumerate() {
            *column = [0.0; 5];
            for (k, w) in w.iter().enumerate() {
                let i = (y + k - RADIUS) * width + x;
                let (a, b) = (f64::from(a.luminance[i]), f64::from(b.luminance[i]));
                for (sum, v) in column.iter_mut().zip([a, b, a * a, b * b, a * b]) {
                    *sum += w * v;
                }
            }
        }
        for x in RADIUS..width.saturating_sub(RADIUS) {
            if !region.is_none_or(|r| r[y * width + x]) {
                continue;
            }
            let mut m = [0.0; 5];
            for (k, w) in w.iter().enumerate() {
                for (sum, v) in m.iter_mut().zip(&columns[x + k - RADIUS]) {
                    *sum += w * v;
                }
            }
            let (va, vb, vab) = (m[2] - m[0] * m[0], m[3] - m[1] * m[1], m[4] - m[0] * m[1]);
            sum += (2.0 * m[0] * m[1] + c1) * (2.0 * vab + c2)
                / ((m[0] * m[0] + m[1] * m[1] + c1) * (va + vb + c2));
            count += 1;
        }
    }
    if count == 0 { f64::NAN } else { sum / count as f64 }
}
