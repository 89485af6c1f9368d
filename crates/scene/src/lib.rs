//! A procedural HDR scene with known ground truth, for demo and tests.
//!
//! A sunlit terrace: sun and clouds, a house wall with a bright window, lamps with glow, a light
//! box with writing on it, red and blue neon tubes, a chart with a gradient, glossy and matt balls
//! on tiles. Every kind of highlight that a camera clips is there, with structure inside it that
//! an expansion should find again.
//!
//! Values are linear light in Rec.709 primaries; 1.0 is a white card in the sun. The scene knows
//! no files, cameras or colour spaces. It is computed in f64 with IEEE operations and `libm`
//! alone, so the same size and time give the same bits on every machine.

mod balls;
mod font;
mod ground;
mod light;
mod noise;
mod shade;
mod sky;
mod vec3;
mod wall;

use vec3::{Vec3, vec3};

/// Rays per pixel and direction: 2 x 2 on a regular grid.
const SUPERSAMPLING: usize = 2;

/// How fast the camera turns, radians per second: a slow pan.
const PAN: f64 = 0.05;

/// Half the height of the picture divided by the distance of the picture plane.
const TAN_HALF_HEIGHT: f64 = 0.46;

/// The scene, seen by a camera with a picture of a given size at a given time.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    width: usize,
    height: usize,
    eye: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
}

impl Scene {
    /// The scene at time 0 in a picture of `width` x `height` square pixels, each at least 1.
    #[must_use]
    pub fn new(width: usize, height: usize) -> Self {
        Self::at(width, height, 0.0)
    }

    /// The scene `seconds` after the start of a slow pan to the right (0.05 rad/s).
    #[must_use]
    pub fn at(width: usize, height: usize, seconds: f64) -> Self {
        let yaw = PAN * seconds;
        let pitch = 0.035;
        let forward = vec3(libm::sin(yaw), pitch, libm::cos(yaw)).unit();
        let right = vec3(libm::cos(yaw), 0.0, -libm::sin(yaw));
        let up = forward.cross(right);
        Self {
            width: width.max(1),
            height: height.max(1),
            eye: vec3(0.0, 1.45, 0.0),
            right,
            up,
            forward,
        }
    }

    /// Pixels across.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Pixels down.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// Linear Rec.709 light of one pixel; (0, 0) is the top left one.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [f32; 3] {
        let mut sum = Vec3::ZERO;
        let n = SUPERSAMPLING as f64;
        for j in 0..SUPERSAMPLING {
            for i in 0..SUPERSAMPLING {
                let px = x as f64 + (i as f64 + 0.5) / n;
                let py = y as f64 + (j as f64 + 0.5) / n;
                sum = sum + self.ray(px, py);
            }
        }
        let mean = sum * (1.0 / (n * n));
        [mean.x as f32, mean.y as f32, mean.z as f32]
    }

    /// One row as RGBA with alpha 1. `rgba` holds four values per pixel of the width.
    pub fn row(&self, y: usize, rgba: &mut [f32]) {
        for (x, out) in rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let [r, g, b] = self.pixel(x, y);
            *out = [r, g, b, 1.0];
        }
    }

    /// The whole picture as RGBA with alpha 1, top row first.
    #[must_use]
    pub fn render(&self) -> Vec<f32> {
        let mut rgba = vec![0.0; self.width * self.height * 4];
        for (y, row) in rgba.chunks_exact_mut(self.width * 4).enumerate() {
            self.row(y, row);
        }
        rgba
    }

    fn ray(&self, px: f64, py: f64) -> Vec3 {
        let scale = 2.0 * TAN_HALF_HEIGHT / self.height as f64;
        let u = (px - 0.5 * self.width as f64) * scale;
        let v = (0.5 * self.height as f64 - py) * scale;
        let direction = (self.forward + self.right * u + self.up * v).unit();
        shade::radiance(self.eye, direction) + light::glow(self.eye, direction)
    }
}

#[cfg(test)]
mod tests;
