//! Simulated cameras that are drawn at random: light to 8-bit codes, and back by their exact inverse.
//!
//! Light is first exposed, graphics are laid over it, and it is shifted by a wrong white balance; then
//! channels are mixed, then come shot and read noise, the tone curve, rounding to 8 bits, and JPEG.
//! Everything is a pure function of the key a camera is drawn by.

pub mod curve;
mod expose;
mod graphics;
pub mod jpeg;
mod scene;
mod settings;
pub mod tables;

use super::random::Draw;
use super::raster::Raster;
use crate::Error;
use curve::{CURVES, Curve, Family};
use graphics::Graphics;
use headroom::expand::Tone;
use jpeg::Jpeg;
use scene::Scene;
pub use settings::Settings;
use tables::Tables;

/// Light that is told from none in a curve: ten stops below the white of sRGB.
const DARKEST: f64 = 1.0 / 1024.0;

/// What light of a lower colour temperature adds to red, green and blue, per stop of red against blue: about that of
/// black bodies between 3000 and 10000 K in linear Rec.709, beside one of 6500 K.
const WARMER: [f64; 3] = [0.38, 0.0, -0.62];

/// Deviations of noise, as shares of the light that clips.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Noise {
    shot: f32,
    read: f32,
}

/// A camera, with everything about it drawn.
#[derive(Clone, Debug)]
pub struct Camera {
    family: &'static Family,
    curve: Curve,
    tables: Tables,
    /// The code of its white.
    top: u8,
    /// Factors of the channels.
    balance: [f32; 3],
    cross_talk: f32,
    recoded: bool,
    goal: expose::Goal,
    noise: Option<Noise>,
    jpeg: Option<Jpeg>,
    /// How much larger the picture is that the codes are reduced from.
    resize: f64,
    scene: Option<Scene>,
    /// What its graphics are drawn by, where there are any.
    graphics: Option<u64>,
}

impl Camera {
    /// Draws a camera.
    #[must_use]
    pub fn draw(settings: &Settings, draw: &mut Draw) -> Self {
        let family = &CURVES[draw.pick(&settings.weights()).unwrap_or(0)];
        let curve = family.draw(draw);
        let talk = draw.range(family.cross_talk[0], family.cross_talk[1]);
        let mut shift = || draw.range(-settings.white_balance, settings.white_balance);
        let shifts = [shift(), shift(), shift()];
        let goal = expose::Goal::draw(settings, draw);
        let noise = draw.chance(settings.noise_probability).then(|| Noise {
            shot: draw.range(0.0, settings.shot_noise) as f32,
            read: draw.range(0.0, settings.read_noise) as f32,
        });
        let jpeg = draw.chance(settings.jpeg_probability).then(|| Jpeg {
            quality: draw.range(settings.jpeg_min.into(), f64::from(settings.jpeg_max) + 1.0) as u8,
            subsampled: draw.chance(settings.jpeg_subsampled),
        });
        let resized = draw.chance(settings.resize_probability);
        let resize = if resized { draw.range(1.0, settings.resize_max) } else { 1.0 };
        let scene = Scene::draw(settings, draw);
        let lower = settings.top_probability > 0.0 && draw.chance(settings.top_probability);
        let least = f64::from(settings.top_min);
        let over =
            settings.graphics_probability > 0.0 && draw.chance(settings.graphics_probability);
        let top = if lower { draw.range(least, 256.0).min(255.0) as u8 } else { 255 };
        let warmer = match settings.temperature {
            most if most > 0.0 => draw.range(-most, most),
            _ => 0.0,
        };
        let balance: [f32; 3] =
            std::array::from_fn(|i| libm::exp2(shifts[i] + warmer * WARMER[i]) as f32);
        Self {
            family,
            curve,
            tables: Tables::new(&curve, top),
            top,
            balance,
            recoded: settings.recoded && !matches!(curve, Curve::Srgb),
            cross_talk: if settings.cross_talk { talk as f32 } else { 0.0 },
            goal,
            noise,
            jpeg,
            resize,
            scene,
            graphics: over.then(|| draw.bits()),
        }
    }

    /// Varies the scene's light, red, green and blue in turn, where that was drawn.
    pub fn vary(&self, light: &mut [f32]) {
        if let Some(scene) = self.scene {
            scene.vary(light);
        }
    }

    /// Lays graphics over exposed light, where that was drawn: as bright as the codes that they are
    /// painted with, and no brighter.
    pub fn lay_graphics(&self, light: &mut Raster) {
        if let Some(key) = self.graphics {
            let aspect = light.width as f64 / light.height as f64;
            let graphics = Graphics::draw(aspect, &mut Draw::new(&[key]));
            graphics.lay(light, |codes| self.inverse(codes));
        }
    }

    /// How much larger than the view the picture is that the camera takes, 1 or more.
    #[must_use]
    pub fn resize(&self) -> f64 {
        self.resize
    }

    /// Factors of the channels by a wrong white balance.
    pub(in crate::data) fn balance(&self) -> [f32; 3] {
        self.balance
    }

    /// Light on the sensor: shifted, then mixed. A tenth of cross-talk leaves a channel 80 % of its
    /// own and takes 10 % from each other one. Negative light and NaN count as 0.
    #[inline]
    fn sensor(&self, light: &[f32; 3]) -> [f32; 3] {
        let shifted: [f32; 3] = std::array::from_fn(|i| {
            let value = light[i] * self.balance[i];
            if value > 0.0 { value } else { 0.0 }
        });
        let sum = shifted[0] + shifted[1] + shifted[2];
        shifted.map(|value| (1.0 - 3.0 * self.cross_talk) * value + self.cross_talk * sum)
    }

    /// The light of a code of three channels: the exact inverse of everything but noise, rounding and
    /// clipping.
    #[inline]
    fn inverse(&self, codes: [u8; 3]) -> [f32; 3] {
        let mixed = codes.map(|code| self.tables.light(code));
        let sum = mixed[0] + mixed[1] + mixed[2];
        let own = 1.0 - 3.0 * self.cross_talk;
        std::array::from_fn(|i| (mixed[i] - self.cross_talk * sum) / own / self.balance[i])
    }

    /// The factor on the light with which the wanted share of pixels clips.
    #[must_use]
    pub fn exposure(&self, light: &[f32]) -> f32 {
        self.goal.exposure(light, self.tables.clipping(self.top), |pixel| {
            let [r, g, b] = self.sensor(pixel);
            r.max(g).max(b)
        })
    }

    /// Exposed light to codes; `key` is what the noise of this frame is drawn by.
    ///
    /// # Errors
    /// When the picture is larger than JPEG can hold.
    pub fn codes(&self, exposed: &Raster, key: u64) -> Result<Vec<u8>, Error> {
        let white = self.tables.light(255);
        let mut draw = Draw::new(&[key]);
        let mut codes = vec![0; exposed.pixels.len()];
        let pixels = exposed.pixels.as_chunks::<3>().0;
        for (to, light) in codes.as_chunks_mut::<3>().0.iter_mut().zip(pixels) {
            let mut sensed = self.sensor(light);
            if let Some(noise) = self.noise {
                for value in &mut sensed {
                    let shot = noise.shot * noise.shot * *value * white;
                    let read = noise.read * white;
                    *value += (shot + read * read).sqrt() * draw.normal();
                }
            }
            *to = sensed.map(|value| self.tables.code(value));
        }
        Ok(codes)
    }

    /// What JPEG leaves of codes.
    ///
    /// # Errors
    /// When the picture is larger than JPEG can hold.
    pub fn store(&self, codes: Vec<u8>, width: usize, height: usize) -> Result<Vec<u8>, Error> {
        match self.jpeg {
            Some(jpeg) => jpeg.pass(&codes, width, height),
            None => Ok(codes),
        }
    }

    /// Codes to light by the exact inverse of the camera; clipped codes become the camera's white.
    #[must_use]
    pub fn base(&self, codes: &[u8]) -> Vec<f32> {
        codes.as_chunks::<3>().0.iter().flat_map(|&codes| self.inverse(codes)).collect()
    }

    /// Its curve and cross-talk, where networks are to see the picture as an sRGB camera would have recorded it.
    #[must_use]
    pub fn tone(&self) -> Option<Tone> {
        let top = f64::from(self.top) / 255.0;
        let stops = |code: f64| libm::log2(self.curve.inverse((code / top).min(1.0)).max(DARKEST));
        self.recoded.then(|| Tone::known(stops, 3.0 * self.cross_talk))
    }

    /// Everything about it, in one line.
    #[must_use]
    pub fn describe(&self, exposure: f32) -> String {
        let mut text = self.family.id.to_owned();
        let parameters = self.curve.describe();
        if !parameters.is_empty() {
            text += &format!(" ({parameters})");
        }
        text += &format!(", exposure {:+.2} stops", libm::log2(f64::from(exposure)));
        text += &format!(", {}", self.goal);
        if self.balance != [1.0; 3] {
            let [r, g, b] = self.balance.map(|factor| libm::log2(f64::from(factor)));
            text += &format!(", white balance {r:+.2} {g:+.2} {b:+.2} stops");
        }
        if self.cross_talk > 0.0 {
            text += &format!(", cross-talk {:.3}", self.cross_talk);
        }
        if let Some(Noise { shot, read }) = self.noise {
            text += &format!(", noise {shot:.4} shot {read:.5} read");
        }
        if self.top < 255 {
            text += &format!(", white at code {}", self.top);
        }
        if let Some(scene) = self.scene {
            text += &scene.describe();
        }
        if self.graphics.is_some() {
            text += ", graphics";
        }
        if self.resize > 1.0 {
            text += &format!(", reduced {:.2} times", self.resize);
        }
        if let Some(Jpeg { quality, subsampled }) = self.jpeg {
            text += &format!(", JPEG {quality} {}", if subsampled { "4:2:0" } else { "4:4:4" });
        }
        text
    }
}

#[cfg(test)]
mod tests;
