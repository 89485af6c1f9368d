//! Files to pictures in memory.

use super::cache::{Cached, Decoded};
use super::light;
use super::logc;
use super::panorama::Panorama;
use super::raster::Raster;
use super::scan::Source;
use super::settings::{Auto, Kind, Scale, Settings};
use super::view::Picture;
use crate::Error;

/// The light of a picture, and that of its SDR side where it has a file of its own.
///
/// # Errors
/// When a file cannot be read, or the two are not of one size.
pub fn decode(settings: &Settings, source: &Source) -> Result<Decoded, Error> {
    let space = |field, name: &Option<String>| match name {
        Some(name) => light::space(field, name).map(Some),
        None => Ok(None),
    };
    let (from, bits) = match settings.kind()? {
        Kind::LogC => (Some(light::space("data.logc", "arri_logc3_ei800")?), settings.logc.bits),
        Kind::Pairs | Kind::Camera => (space("data.hdr_space", &settings.hdr_space)?, None),
    };
    let mut truth = light::load(&source.truth, from, bits)?;
    let Some(path) = &source.sdr else {
        return Ok((truth, None));
    };
    let from = light::space("data.ldr_space", &settings.ldr_space)?;
    let base = light::load(path, Some(from), None)?;
    if (base.width, base.height) != (truth.width, truth.height) {
        return Err(Error::file(
            path,
            format!(
                "size: found {} x {}, expected {} x {} as {}",
                base.width,
                base.height,
                truth.width,
                truth.height,
                source.truth.display()
            ),
        ));
    }
    let scale = match settings.scale_hdr {
        Scale::Factor(factor) => factor as f32,
        Scale::Named(Auto::Auto) => fitted(&truth, &base),
    };
    truth.pixels.iter_mut().for_each(|value| *value *= scale);
    Ok((truth, Some(base)))
}

/// The factor on the truth that is nearest to the base in stops where codes are neither dark nor
/// bright; 1 where there are no such pixels.
#[must_use]
pub fn fitted(truth: &Raster, base: &Raster) -> f32 {
    // The light of codes 0.1 and 0.85.
    let middle = 0.010..0.69;
    let (mut sum, mut count) = (0.0, 0_u64);
    for (truth, base) in truth.pixels.iter().zip(&base.pixels) {
        if middle.contains(base) && *truth > 0.0 {
            sum += libm::log2(f64::from(*base) / f64::from(*truth));
            count += 1;
        }
    }
    if count == 0 { 1.0 } else { libm::exp2(sum / count as f64) as f32 }
}

/// A picture as it is kept in memory.
///
/// # Errors
/// As [`decode`].
pub fn picture(settings: &Settings, source: &Source, panorama: bool) -> Result<Picture, Error> {
    let cached = Cached::of(settings, source);
    let (truth, base) = match cached.as_ref().and_then(Cached::pixels) {
        Some(decoded) => decoded,
        None => {
            let decoded = decode(settings, source)?;
            if let Some(cached) = cached {
                cached.keep(&source.facts, &decoded);
            }
            decoded
        }
    };
    if panorama {
        return Ok(Picture::Panorama(Panorama::new(truth)));
    }
    Ok(Picture::Flat { truth, base })
}

/// What makes the SDR side of LogC3 pictures, where there are such.
///
/// # Errors
/// When its table cannot be read.
pub fn transform(settings: &Settings) -> Result<Option<logc::Transform>, Error> {
    match settings.kind()? {
        Kind::LogC => settings.logc.transform().map(Some),
        Kind::Pairs | Kind::Camera => Ok(None),
    }
}
