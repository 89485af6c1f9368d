//! Whether a picture survives a defocus: PU21-PSNR after a disc blur in linear light.
//!
//! A defocus spreads the light of lamps and suns over discs that everybody sees; a lamp without its
//! peak then shows as a missing disc.

use super::encoding::Encoding;
use super::pair::Pair;
use super::psnr;

/// Radius of the disc as a share of the picture's width.
const RADIUS: f64 = 0.02;

/// In decibels; infinite for equal pictures.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let [test, truth] = pair.blurred().each_ref().map(Vec::as_slice);
    match Pair::new(pair.width(), pair.height(), test, truth) {
        Ok(blurred) => psnr::measure(&blurred, region, Encoding::Pu21),
        Err(_) => f64::NAN,
    }
}

/// The mean over the pixels whose middle lies in the disc; pixels outside the picture do not count.
pub(super) fn blur(width: usize, height: usize, light: &[[f32; 3]]) -> Vec<[f32; 3]> {
    let radius = RADIUS * width as f64;
    let reach = radius.floor() as usize;
    // Of the disc's rows, by distance from its middle.
    let spans: Vec<usize> = (0..=reach)
        .map(|dy| (radius * radius - (dy * dy) as f64).max(0.0).sqrt().floor() as usize)
        .collect();
    // Sums of each row from its start, in f64: a sun does not drown its neighbours.
    let mut sums = vec![[0.0f64; 3]; (width + 1) * height];
    for (row, sums) in light.chunks_exact(width).zip(sums.chunks_exact_mut(width + 1)) {
        let mut sum = [0.0; 3];
        for (pixel, to) in row.iter().zip(&mut sums[1..]) {
            for (sum, v) in sum.iter_mut().zip(pixel) {
                *sum += f64::from(*v);
            }
            *to = sum;
        }
    }
    let mut blurred = Vec::with_capacity(light.len());
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut count) = ([0.0f64; 3], 0usize);
            for row in y.saturating_sub(reach)..(y + reach + 1).min(height) {
                let span = spans[row.abs_diff(y)];
                let (from, to) = (x.saturating_sub(span), (x + span + 1).min(width));
                let start = row * (width + 1);
                for (c, sum) in sum.iter_mut().enumerate() {
                    *sum += sums[start + to][c] - sums[start + from][c];
                }
                count += to - from;
            }
            blurred.push(sum.map(|v| (v / count as f64) as f32));
        }
    }
    blurred
}
