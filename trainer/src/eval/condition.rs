//! The conditions of the protocol: which camera, how much it clips, what becomes of its codes.

use crate::Error;
use crate::data::camera::jpeg::Jpeg;
use crate::data::raster::Raster;
use headroom::camera::{self, exposure_for};

/// A condition.
#[derive(Debug)]
pub struct Condition {
    /// Name in flags and tables.
    pub id: &'static str,
    /// The camera's identifier.
    pub camera: &'static str,
    /// Share of the pixels with a channel at code 250 or more, 0 to 1.
    pub share: f64,
    /// What the codes go through, if anything.
    pub jpeg: Option<Jpeg>,
}

const JPEG: Option<Jpeg> = Some(Jpeg { quality: 90, subsampled: true });

/// Every condition of the protocol.
pub static CONDITIONS: &[Condition] = &[
    Condition { id: "srgb_c1", camera: "srgb", share: 0.01, jpeg: None },
    Condition { id: "srgb_c5", camera: "srgb", share: 0.05, jpeg: None },
    Condition { id: "srgb_c15", camera: "srgb", share: 0.15, jpeg: None },
    Condition { id: "srgb_c5_jpg", camera: "srgb", share: 0.05, jpeg: JPEG },
    Condition { id: "filmic_c1", camera: "filmic", share: 0.01, jpeg: None },
    Condition { id: "filmic_c5", camera: "filmic", share: 0.05, jpeg: None },
    Condition { id: "filmic_c15", camera: "filmic", share: 0.15, jpeg: None },
    Condition { id: "filmic_c5_jpg", camera: "filmic", share: 0.05, jpeg: JPEG },
];

impl Condition {
    /// The condition of that name.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(id: &str) -> Result<&'static Self, Error> {
        CONDITIONS.iter().find(|condition| condition.id == id).ok_or_else(|| {
            let ids: Vec<_> = CONDITIONS.iter().map(|condition| condition.id).collect();
            Error::setting("--conditions", id, format!("one of {}", ids.join(", ")))
        })
    }

    fn camera(&self) -> Result<&'static camera::Camera, Error> {
        camera::find(self.camera)
            .ok_or_else(|| Error::failed(format!("{}: no camera {}", self.id, self.camera)))
    }

    /// The factor on the light at which the wanted share clips.
    ///
    /// # Errors
    /// When the camera is gone from the engine.
    pub fn exposure(&self, light: &Raster) -> Result<f64, Error> {
        let pixels = light.pixels.as_chunks::<3>().0;
        let rgba: Vec<f32> = pixels.iter().flat_map(|p| [p[0], p[1], p[2], 1.0]).collect();
        Ok(exposure_for(self.camera()?, &rgba, self.share))
    }

    /// The camera's codes (1 being full scale) and the light as it was exposed.
    ///
    /// # Errors
    /// When JPEG cannot hold the picture.
    pub fn shoot(&self, light: &Raster, exposure: f64) -> Result<(Vec<f32>, Vec<f32>), Error> {
        let camera = self.camera()?;
        let pixels = light.pixels.as_chunks::<3>().0;
        let mut codes: Vec<u8> = pixels.iter().flat_map(|p| camera.codes(*p, exposure)).collect();
        if let Some(jpeg) = self.jpeg {
            codes = jpeg.pass(&codes, light.width, light.height)?;
        }
        let codes = codes.into_iter().map(|code| f32::from(code) / 255.0).collect();
        let truth = light.pixels.iter().map(|v| (f64::from(*v) * exposure) as f32).collect();
        Ok((codes, truth))
    }
}
