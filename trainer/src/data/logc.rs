//! The table `[data.logc]`: LogC3 pictures, whose SDR side is made by a transform that does not vary.
//!
//! Truth is the linear light of the picture. Its SDR side is what the built-in transform to Rec.709
//! gives, or a `.cube` table from LogC3 / AWG3 to a display. The table's inverse for the base is
//! that of its grey axis: exact for greys, near for colours.

use super::camera::curve::Curve;
use super::camera::tables::Tables;
use super::light;
use super::raster::Raster;
use crate::Error;
use headroom_colour::Conversion;
use headroom_colour::lut::{Interpolation, Lut};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The table `[data.logc]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Folder of LogC3 / AWG3 pictures of EI 800: TIFF of 8, 10, 12 or 16 bits or float, or any other
    /// format that is read.
    pub folder: Option<PathBuf>,
    /// Table from LogC3 / AWG3 to the SDR picture; nothing: the built-in transform to Rec.709.
    pub lut: Option<PathBuf>,
    /// How values between the table's points are found.
    pub interpolation: Between,
    /// Significant bits of 16-bit samples where the file does not say, 9 to 16.
    pub bits: Option<u8>,
}

/// How values between a table's points are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Between {
    /// Of four corners.
    #[default]
    Tetrahedral,
    /// Of eight corners.
    Trilinear,
    /// The nearest point.
    Nearest,
}

/// What makes the SDR side of LogC3 pictures.
#[derive(Debug)]
pub struct Transform {
    way: Way,
    /// Signal of a grey to light.
    inverse: Tables,
}

#[derive(Debug)]
enum Way {
    BuiltIn,
    Table(Box<(Lut, Interpolation, Conversion)>),
}

/// The built-in transform: a logistic of LogC3 with white 6 stops above mid-grey, which lies at 0.41.
fn built_in() -> Curve {
    Curve::logc(0.18 * 64.0, 7.5, 0.41)
}

impl Settings {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// With the first setting that cannot.
    pub fn check(&self) -> Result<(), Error> {
        match self.bits {
            Some(bits) if !(9..=16).contains(&bits) => {
                Err(Error::setting("data.logc.bits", bits, "9 to 16"))
            }
            _ => Ok(()),
        }
    }

    /// The transform.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn transform(&self) -> Result<Transform, Error> {
        let Some(path) = &self.lut else {
            return Ok(Transform { way: Way::BuiltIn, inverse: Tables::new(&built_in(), 255) });
        };
        let lut = Lut::read(path)
            .map_err(|error| Error::Usage(format!("data.logc.lut: {}: {error}", path.display())))?;
        let interpolation = match self.interpolation {
            Between::Tetrahedral => Interpolation::Tetrahedral,
            Between::Trilinear => Interpolation::Trilinear,
            Between::Nearest => Interpolation::Nearest,
        };
        let encode = light::between("lin_rec709_srgb", "arri_logc3_ei800");
        let inverse = grey_axis(&lut, interpolation);
        Ok(Transform { way: Way::Table(Box::new((lut, interpolation, encode))), inverse })
    }
}

/// The inverse of what a table does to greys: their mean signal at 4096 points of LogC3, made to never
/// fall.
fn grey_axis(lut: &Lut, interpolation: Interpolation) -> Tables {
    let mut least = [f32::INFINITY; 256];
    let mut exact = [f32::NAN; 256];
    let mut before = (f64::NEG_INFINITY, 0.0);
    for step in 0..4096 {
        let log = f64::from(step) / 4095.0;
        let light = headroom_colour::transfer::log_decoding_logc3(log, 800).max(0.0);
        let [r, g, b] = lut.apply([log as f32; 3], interpolation);
        let signal = f64::from(r + g + b) / 3.0 * 255.0;
        for code in 0..256 {
            let cross = |at: f64| before.0 < at && signal >= at;
            let between = |at: f64| {
                let share =
                    if before.0.is_finite() { (at - before.0) / (signal - before.0) } else { 1.0 };
                (before.1 + share * (light - before.1)) as f32
            };
            let middle = f64::from(code as u8);
            if exact[code].is_nan() && cross(middle) {
                exact[code] = between(middle);
            }
            if least[code].is_infinite() && cross(middle - 0.5) {
                least[code] = between(middle - 0.5);
            }
        }
        if signal > before.0 {
            before = (signal, light);
        }
    }
    // Codes that no grey reaches are those of the next one that does, or of the brightest.
    let mut next = before.1 as f32;
    for code in (0..256).rev() {
        if exact[code].is_nan() {
            exact[code] = next;
        }
        next = exact[code];
    }
    Tables::of(least, exact)
}

impl Transform {
    /// Light to codes.
    #[must_use]
    pub fn codes(&self, picture: &Raster) -> Vec<u8> {
        match &self.way {
            Way::BuiltIn => picture.pixels.iter().map(|&v| self.inverse.code(v)).collect(),
            Way::Table(table) => {
                let (lut, interpolation, encode) = &**table;
                let mut log = picture.pixels.clone();
                light::convert(&mut log, encode);
                let pixels = log.as_chunks::<3>().0.iter();
                pixels
                    .flat_map(|&pixel| lut.apply(pixel, *interpolation))
                    .map(|signal| (signal.clamp(0.0, 1.0) * 255.0 + 0.5) as u8)
                    .collect()
            }
        }
    }

    /// Codes to light.
    #[must_use]
    pub fn base(&self, codes: &[u8]) -> Vec<f32> {
        codes.iter().map(|&code| self.inverse.light(code)).collect()
    }

    /// Its name, for the record.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.way {
            Way::BuiltIn => "LogC3 to Rec.709".to_owned(),
            Way::Table(table) => format!("table {}", table.0.title().unwrap_or("without a title")),
        }
    }
}
