//! Picture files as linear Rec.709 light.

use super::raster::Raster;
use crate::Error;
use headroom_colour::{Conversion, Space, Viewing, find, linear_with, spaces};
use headroom_frame::{Attribute, AttributeValue, Frame, ReadOptions, SourceKind, read};
use std::path::Path;

/// What an infinity becomes: the largest half float.
const INFINITE: f32 = 65504.0;
/// No light is brighter; sums of it are still finite.
const LARGEST: f32 = 1e9;

/// The space of a name in an experiment.
///
/// # Errors
/// When there is none of that name.
pub fn space(field: &str, name: &str) -> Result<&'static Space, Error> {
    find(name)
        .ok_or_else(|| Error::setting(field, name, "a colour space that `headroom spaces` lists"))
}

fn known(name: &str) -> &'static Space {
    find(name).unwrap_or(&spaces()[0])
}

/// The space of a file: whole numbers are sRGB; floats are linear in the primaries that the file
/// declares, or in Rec.709 where it declares none that are known.
#[must_use]
pub fn space_of(frame: &Frame) -> &'static Space {
    if let SourceKind::Integer { .. } = frame.source {
        return known("srgb_tx");
    }
    let aces = frame.metadata.attribute("acesImageContainerFlag").map(Attribute::value);
    if aces == Some(AttributeValue::Int(1)) {
        return known("ACES2065-1");
    }
    let declared = frame.metadata.chromaticities.as_ref();
    declared.and_then(linear_with).unwrap_or_else(|| known("lin_rec709_srgb"))
}

/// Reads a file as linear Rec.709 light; `from` or, without it, what the file says. Alpha is left
/// out. Values that are no numbers become 0 and infinities the largest half float.
///
/// # Errors
/// When the file cannot be read.
pub fn load(
    path: &Path,
    from: Option<&'static Space>,
    significant_bits: Option<u8>,
) -> Result<Raster, Error> {
    let options = ReadOptions { threads: 1, significant_bits, ..ReadOptions::default() };
    let frame = read(path, &options)?;
    let from = from.unwrap_or_else(|| space_of(&frame));
    let conversion = Conversion::new(from, known("lin_rec709_srgb"), Viewing::default());
    let (width, height) =
        (frame.display_window.width as usize, frame.display_window.height as usize);
    let mut raster = Raster::filled(width, height, 0.0);
    let rgba = frame.display_pixels();
    for (to, from) in raster.pixels.as_chunks_mut::<3>().0.iter_mut().zip(rgba.as_chunks::<4>().0) {
        *to = [from[0], from[1], from[2]].map(finite);
    }
    convert(&mut raster.pixels, &conversion);
    Ok(raster)
}

fn finite(value: f32) -> f32 {
    match value {
        value if value.is_nan() => 0.0,
        value if value.is_infinite() => INFINITE.copysign(value),
        value => value.clamp(-LARGEST, LARGEST),
    }
}

/// Converts RGB pixels in place.
pub fn convert(rgb: &mut [f32], conversion: &Conversion) {
    const RUN: usize = 1024;
    if conversion.is_identity() {
        return;
    }
    let (mut r, mut g, mut b) = ([0.0; RUN], [0.0; RUN], [0.0; RUN]);
    for run in rgb.as_chunks_mut::<3>().0.chunks_mut(RUN) {
        let n = run.len();
        for (i, p) in run.iter().enumerate() {
            (r[i], g[i], b[i]) = (p[0], p[1], p[2]);
        }
        conversion.convert_planar(&mut r[..n], &mut g[..n], &mut b[..n]);
        for (i, p) in run.iter_mut().enumerate() {
            *p = [r[i], g[i], b[i]];
        }
    }
}

/// From one space to another, by their names in the registry.
#[must_use]
pub fn between(from: &str, to: &str) -> Conversion {
    Conversion::new(known(from), known(to), Viewing::default())
}
