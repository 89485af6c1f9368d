//! The scene as it might have been: more or less contrast, more or less colour. It stretches a small
//! set of scenes; light and truth are varied alike, before a camera sees them.

use super::Settings;
use crate::data::random::Draw;
use crate::shot::luminance_weights;
use headroom_colour::vector::{exp2_f32, log2_f32};

/// How a scene is varied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scene {
    /// Light is taken to this power; what it does to the level is the exposure's to undo.
    power: f32,
    /// Distance of a colour from its luminance is multiplied by this.
    saturation: f32,
}

impl Scene {
    /// Draws; nothing, and without a draw, where scenes are to stay as they are.
    pub(super) fn draw(settings: &Settings, draw: &mut Draw) -> Option<Self> {
        let (contrast, saturation) = (settings.scene_contrast, settings.scene_saturation);
        if contrast == 0.0 && saturation == 0.0 {
            return None;
        }
        Some(Self {
            power: libm::exp2(draw.range(-contrast, contrast)) as f32,
            saturation: (1.0 + draw.range(-saturation, saturation)) as f32,
        })
    }

    /// Varies linear light, red, green and blue in turn. Nothing becomes negative.
    pub(super) fn vary(self, light: &mut [f32]) {
        let weights = luminance_weights().map(|weight| weight as f32);
        for pixel in light.as_chunks_mut::<3>().0 {
            let powered = pixel.map(|value| match value {
                v if v > 0.0 => exp2_f32(self.power * log2_f32(v)),
                _ => 0.0,
            });
            let luminance: f32 = powered.iter().zip(weights).map(|(value, w)| value * w).sum();
            *pixel = powered.map(|v| (luminance + self.saturation * (v - luminance)).max(0.0));
        }
    }

    pub(super) fn describe(self) -> String {
        format!(", scene to the power {:.2}, saturation {:.2}", self.power, self.saturation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_keep_their_colour_and_ratios_become_their_power() {
        let scene = Scene { power: 1.25, saturation: 0.5 };
        let mut light = [0.25_f32, 0.25, 0.25, 4.0, 4.0, 4.0, 1.0, 0.0, -1.0];
        scene.vary(&mut light);
        let grey = light[0];
        assert!(light[..3].iter().all(|v| (v - grey).abs() < 1e-6));
        assert!((light[3] / grey - libm::exp2f(4.0 * 1.25)).abs() < 1e-3, "{light:?}");
        // Half-way between red of 1 and its luminance, by hand.
        let red = [0.5 + 0.5 * 0.212_639, 0.5 * 0.212_639, 0.5 * 0.212_639];
        assert!(light[6..].iter().zip(red).all(|(v, e)| (v - e).abs() < 1e-5), "{light:?}");
    }

    #[test]
    fn more_colour_than_there_is_leaves_nothing_negative() {
        let mut light = [1.0_f32, 0.0, 0.0];
        Scene { power: 1.0, saturation: 1.5 }.vary(&mut light);
        assert!(light[0] > 1.0 && light[1] == 0.0 && light[2] == 0.0, "{light:?}");
    }
}
