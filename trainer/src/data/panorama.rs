//! Panoramas (equirectangular, twice as wide as high) and perspective views of them.
//!
//! A panorama is kept as the base-2 logarithm of its light, so that the light between pixels is found
//! in stops and suns do not ring, and at halved sizes (means of light), so that views of low
//! resolution see area averages.

use super::raster::Raster;
use headroom_colour::Matrix3;
use headroom_colour::vector::{exp2_f32, log2_f32};

/// Light this many stops below the mean counts as no darker: a logarithm needs an end.
const DARKEST: f32 = 1.0 / 16384.0;

/// A panorama and its reductions by 2, 4, ... as log2 of light.
#[derive(Clone, Debug)]
pub struct Panorama {
    levels: Vec<Raster>,
}

/// Where a perspective view looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaze {
    /// Turn to the right, radians; 0 looks at the panorama's middle.
    pub yaw: f64,
    /// Turn upwards, radians.
    pub pitch: f64,
    /// Turn of the view about its axis, radians, clockwise.
    pub roll: f64,
    /// Pixels per unit of the tangent from the axis: the focal length.
    pub focal: f64,
}

impl Gaze {
    /// From the column, the row and 1 to the direction of a pixel's middle: x to the right, y up, z
    /// ahead to the panorama's middle; not of length 1.
    #[must_use]
    pub fn rays(&self, width: usize, height: usize) -> Matrix3 {
        let (sy, cy) = (libm::sin(self.yaw), libm::cos(self.yaw));
        let (sp, cp) = (libm::sin(self.pitch), libm::cos(self.pitch));
        let (sr, cr) = (libm::sin(self.roll), libm::cos(self.roll));
        let ahead = [sy * cp, sp, cy * cp];
        let right = [cy, 0.0, -sy];
        let up = [-sy * sp, cp, -cy * sp];
        let scale = 1.0 / self.focal;
        let (x, y) = (0.5 - 0.5 * width as f64, 0.5 - 0.5 * height as f64);
        Matrix3(std::array::from_fn(|i| {
            let across = (cr * right[i] - sr * up[i]) * scale;
            let down = (-sr * right[i] - cr * up[i]) * scale;
            [across, down, ahead[i] + across * x + down * y]
        }))
    }
}

impl Panorama {
    /// From light.
    #[must_use]
    pub fn new(light: Raster) -> Self {
        let mean = light.pixels.iter().map(|&v| f64::from(v)).sum::<f64>();
        let mean = (mean / light.pixels.len().max(1) as f64) as f32;
        let least = (mean * DARKEST).max(1e-30);
        let mut levels = vec![light];
        while let Some(last) = levels.last()
            && last.width >= 512
        {
            levels.push(last.halved());
        }
        for level in &mut levels {
            for value in &mut level.pixels {
                *value = log2_f32(if *value > least { *value } else { least });
            }
        }
        Self { levels }
    }

    /// Numbers in memory.
    #[must_use]
    pub fn numbers(&self) -> usize {
        self.levels.iter().map(|level| level.pixels.len()).sum()
    }

    /// Pixels per radian.
    #[must_use]
    pub fn density(&self) -> f64 {
        density(self.levels[0].width)
    }

    /// The light of a perspective view.
    #[must_use]
    pub fn view(&self, gaze: &Gaze, width: usize, height: usize) -> Raster {
        // The level whose pixels are nearest to the view's, rather smaller.
        let mut chosen = &self.levels[0];
        for level in &self.levels {
            if density(level.width) >= 0.75 * gaze.focal {
                chosen = level;
            }
        }
        let rays = Rays::new(gaze, width, height);
        let mut pixels = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let (column, row) = place(rays.at(x, y), chosen.width, chosen.height);
                pixels.extend(sample(chosen, column, row));
            }
        }
        pixels.iter_mut().for_each(|value| *value = exp2_f32(*value));
        Raster { width, height, pixels }
    }
}

/// Pixels per radian of a panorama.
#[must_use]
pub fn density(width: usize) -> f64 {
    width as f64 / std::f64::consts::TAU
}

/// The directions of a view's pixels: x to the right, y up, z ahead to the panorama's middle.
#[derive(Debug)]
pub struct Rays {
    right: [f32; 3],
    down: [f32; 3],
    /// Direction of the pixel at the top left.
    first: [f32; 3],
}

impl Rays {
    /// Of a view.
    #[must_use]
    pub fn new(gaze: &Gaze, width: usize, height: usize) -> Self {
        let rows = gaze.rays(width, height).0;
        let [right, down, first] = [0, 1, 2].map(|i| rows.map(|row| row[i] as f32));
        Self { right, down, first }
    }

    /// The direction of the middle of a pixel; not of length 1.
    #[inline]
    #[must_use]
    pub fn at(&self, x: usize, y: usize) -> [f32; 3] {
        let (x, y) = (x as f32, y as f32);
        std::array::from_fn(|i| self.first[i] + self.right[i] * x + self.down[i] * y)
    }
}

/// Where a direction lies in a panorama, pixels; the middle of the first pixel is at 0.
#[must_use]
pub fn place([x, y, z]: [f32; 3], width: usize, height: usize) -> (f32, f32) {
    use std::f32::consts::{PI, TAU};
    let longitude = libm::atan2f(x, z);
    let latitude = libm::atan2f(y, (x * x + z * z).sqrt());
    let column = (longitude / TAU + 0.5) * width as f32 - 0.5;
    let row = (0.5 - latitude / PI) * height as f32 - 0.5;
    (column, row)
}

/// Cubic (Catmull-Rom), limited to the range of the four nearest pixels so that nothing rings; round
/// about, and held at the poles.
#[inline]
fn sample(level: &Raster, column: f32, row: f32) -> [f32; 3] {
    let (width, height) = (level.width as i64, level.height as i64);
    let (left, top) = (column.floor(), row.floor());
    let (across, down) = (weights(column - left), weights(row - top));
    let (left, top) = (left as i64, top as i64);
    let columns: [usize; 4] =
        std::array::from_fn(|i| (left - 1 + i as i64).rem_euclid(width) as usize * 3);
    let mut sum = [0.0_f32; 3];
    let mut low = [f32::INFINITY; 3];
    let mut high = [f32::NEG_INFINITY; 3];
    for (j, down) in down.into_iter().enumerate() {
        let y = (top - 1 + j as i64).clamp(0, height - 1) as usize;
        let line = &level.pixels[y * level.width * 3..][..level.width * 3];
        let near_row = j == 1 || j == 2;
        for i in 0..4 {
            let pixel = &line[columns[i]..columns[i] + 3];
            let weight = across[i] * down;
            let near = near_row && (i == 1 || i == 2);
            for channel in 0..3 {
                let value = pixel[channel];
                sum[channel] += weight * value;
                if near {
                    low[channel] = if value < low[channel] { value } else { low[channel] };
                    high[channel] = if value > high[channel] { value } else { high[channel] };
                }
            }
        }
    }
    std::array::from_fn(|channel| sum[channel].max(low[channel]).min(high[channel]))
}

#[inline]
fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        0.5 * (2.0 * t2 - t - t3),
        0.5 * (3.0 * t3 - 5.0 * t2 + 2.0),
        0.5 * (t + 4.0 * t2 - 3.0 * t3),
        0.5 * (t3 - t2),
    ]
}

#[cfg(test)]
#[path = "panorama_tests.rs"]
mod tests;
