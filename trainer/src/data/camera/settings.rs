//! The table `[data.camera]`: what simulated cameras are drawn from.

use super::curve::{self, CURVES};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The table `[data.camera]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Least share of a view's pixels that clips in a channel, above 0 to 1.
    pub share_min: f64,
    /// Largest share; between the two it is drawn uniformly in the logarithm.
    pub share_max: f64,
    /// Probability of a view in which nothing clips, 0 to 1.
    pub unclipped: f64,
    /// Largest shift of a channel by a wrong white balance, stops, 0 to 4.
    pub white_balance: f64,
    /// Largest shift of red against blue by light of another colour temperature, stops, 0 to 4.
    pub temperature: f64,
    /// How often a family of tone curves is drawn, beside the others; those not named are never
    /// drawn.
    pub curves: BTreeMap<String, f64>,
    /// Whether networks see pictures of curves other than sRGB's as an sRGB camera with the same white would have recorded
    /// them, which is how a render gives them to networks of stops where the curve was found.
    pub recoded: bool,
    /// Whether families of curves that have it mix channels before the curve.
    pub cross_talk: bool,
    /// Probability of noise, 0 to 1.
    pub noise_probability: f64,
    /// Largest deviation of the shot noise at the light that clips, share of that light, 0 to 1.
    pub shot_noise: f64,
    /// Largest deviation of the read noise, share of the light that clips, 0 to 1.
    pub read_noise: f64,
    /// Probability that the codes go through JPEG, 0 to 1.
    pub jpeg_probability: f64,
    /// Least JPEG quality, 1 to 100.
    pub jpeg_min: u8,
    /// Largest JPEG quality, 1 to 100.
    pub jpeg_max: u8,
    /// Probability that a JPEG has colour at half resolution (4:2:0), 0 to 1.
    pub jpeg_subsampled: f64,
    /// Probability that the picture was taken larger and its codes reduced, 0 to 1.
    pub resize_probability: f64,
    /// Largest such reduction, 1 to 4.
    pub resize_max: f64,
    /// Probability of a white below full scale, as of legal-range round trips and of grades, 0 to 1.
    pub top_probability: f64,
    /// Least code of such a white, 128 to 255.
    pub top_min: u8,
    /// Largest change of the scene's own contrast, truth included, before the camera: light to a power
    /// between 2 to minus and to plus this, 0 to 1.
    pub scene_contrast: f64,
    /// Largest change of the scene's own saturation, truth included: 0 to 1.
    pub scene_saturation: f64,
    /// Probability of graphics over the picture, which end at its white: titles, logos, pages, frames;
    /// 0 to 1.
    pub graphics_probability: f64,
}

impl Default for Settings {
    fn default() -> Self {
        let weights = CURVES.iter().map(|family| (family.id.to_owned(), family.weight));
        Self {
            share_min: 0.003,
            share_max: 0.25,
            unclipped: 0.1,
            white_balance: 0.25,
            temperature: 0.0,
            curves: weights.collect(),
            recoded: false,
            cross_talk: true,
            noise_probability: 0.5,
            shot_noise: 0.01,
            read_noise: 0.001,
            jpeg_probability: 0.3,
            jpeg_min: 60,
            jpeg_max: 98,
            jpeg_subsampled: 0.5,
            resize_probability: 0.1,
            resize_max: 2.0,
            top_probability: 0.0,
            top_min: 235,
            scene_contrast: 0.0,
            scene_saturation: 0.0,
            graphics_probability: 0.0,
        }
    }
}

impl Settings {
    /// Plain sRGB of which a twentieth clips, and nothing else: the condition `srgb_c5` of the protocol.
    pub(in crate::data) fn measuring() -> Self {
        Self {
            share_min: 0.05,
            share_max: 0.05,
            unclipped: 0.0,
            white_balance: 0.0,
            curves: BTreeMap::from([("srgb".to_owned(), 1.0)]),
            cross_talk: false,
            noise_probability: 0.0,
            jpeg_probability: 0.0,
            resize_probability: 0.0,
            ..Self::default()
        }
    }

    /// The plain sRGB camera that clips `share` of the pixels and does nothing else.
    #[must_use]
    pub fn plain(family: &str, share: f64) -> Self {
        Self {
            share_min: share.max(1e-6),
            share_max: share.max(1e-6),
            unclipped: if share > 0.0 { 0.0 } else { 1.0 },
            white_balance: 0.0,
            curves: BTreeMap::from([(family.to_owned(), 1.0)]),
            noise_probability: 0.0,
            jpeg_probability: 0.0,
            resize_probability: 0.0,
            ..Self::default()
        }
    }

    /// Whether it can be followed.
    ///
    /// # Errors
    /// With the first setting that cannot.
    pub fn check(&self) -> Result<(), Error> {
        let within = |name: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::setting(&format!("data.camera.{name}"), value, format!("{low} to {high}")))
        };
        within("share_min", self.share_min, 1e-6, 1.0)?;
        within("share_max", self.share_max, self.share_min, 1.0)?;
        within("unclipped", self.unclipped, 0.0, 1.0)?;
        within("white_balance", self.white_balance, 0.0, 4.0)?;
        within("temperature", self.temperature, 0.0, 4.0)?;
        within("noise_probability", self.noise_probability, 0.0, 1.0)?;
        within("shot_noise", self.shot_noise, 0.0, 1.0)?;
        within("read_noise", self.read_noise, 0.0, 1.0)?;
        within("jpeg_probability", self.jpeg_probability, 0.0, 1.0)?;
        within("jpeg_min", self.jpeg_min.into(), 1.0, 100.0)?;
        within("jpeg_max", self.jpeg_max.into(), self.jpeg_min.into(), 100.0)?;
        within("jpeg_subsampled", self.jpeg_subsampled, 0.0, 1.0)?;
        within("resize_probability", self.resize_probability, 0.0, 1.0)?;
        within("resize_max", self.resize_max, 1.0, 4.0)?;
        within("top_probability", self.top_probability, 0.0, 1.0)?;
        within("top_min", self.top_min.into(), 128.0, 255.0)?;
        within("scene_contrast", self.scene_contrast, 0.0, 1.0)?;
        within("scene_saturation", self.scene_saturation, 0.0, 1.0)?;
        within("graphics_probability", self.graphics_probability, 0.0, 1.0)?;
        for (id, &weight) in &self.curves {
            if curve::find(id).is_none() {
                let ids: Vec<_> = CURVES.iter().map(|family| family.id).collect();
                return Err(Error::setting("data.camera.curves", id, ids.join(", ")));
            }
            within(&format!("curves.{id}"), weight, 0.0, 1e9)?;
        }
        if self.curves.values().sum::<f64>() <= 0.0 {
            return Err(Error::setting("data.camera.curves", "no weight", "a weight above 0"));
        }
        Ok(())
    }

    /// The weights in the order of [`CURVES`].
    pub(super) fn weights(&self) -> Vec<f64> {
        CURVES.iter().map(|family| self.curves.get(family.id).copied().unwrap_or(0.0)).collect()
    }
}
