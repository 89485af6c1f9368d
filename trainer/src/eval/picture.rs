//! Picture files of light and of codes, for evaluation.

use crate::Error;
use headroom_colour::{Chromaticities, Conversion, Kind, Space, Viewing, find, spaces};
use headroom_frame::{Frame, ReadOptions, SourceKind, read};
use std::path::{Path, PathBuf};

/// Extensions of files that hold light, in the order in which they are looked for.
pub(crate) const LIGHT: &[&str] = &["exr", "hdr", "tif", "tiff"];
/// Extensions of files that hold codes.
pub(crate) const CODES: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff"];

/// Coordinates that differ less are the same: EXR stores them as f32 and people round them.
const NEAR: f64 = 6e-4;

/// A picture of three channels, rows from the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// Three numbers for each pixel.
    pub(crate) rgb: Vec<f32>,
}

/// The three channels of a file's display window as they are in the file.
fn channels(frame: &Frame) -> Picture {
    let window = frame.display_window;
    let pixels = frame.display_pixels();
    let rgb = pixels.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]);
    Picture { size: [window.height as usize, window.width as usize], rgb: rgb.collect() }
}

/// A file as linear Rec.709 light: floats are linear in the primaries that the file declares, or in
/// Rec.709 without any; whole numbers are sRGB. Light that is no number is 0, infinite light the
/// largest finite number of half floats.
///
/// # Errors
/// When the file cannot be read or declares primaries that nobody knows.
pub(crate) fn read_light(path: &Path) -> Result<Picture, Error> {
    let frame = read(path, &ReadOptions::default())?;
    let mut picture = channels(&frame);
    let from = space_of(path, &frame)?;
    let to = find("lin_rec709_srgb").unwrap_or(&spaces()[0]);
    convert(&mut picture.rgb, &Conversion::new(from, to, Viewing::default()));
    for value in &mut picture.rgb {
        *value = if value.is_nan() { 0.0 } else { value.clamp(-65504.0, 65504.0) };
    }
    Ok(picture)
}

/// A file as sRGB codes, 1 being full scale.
///
/// # Errors
/// When the file cannot be read, or holds floats.
pub(crate) fn read_codes(path: &Path) -> Result<Picture, Error> {
    let frame = read(path, &ReadOptions::default())?;
    match frame.source {
        SourceKind::Integer { .. } => Ok(channels(&frame)),
        SourceKind::Half | SourceKind::Float => {
            Err(Error::file(path, "samples: found floats, expected codes of 8 to 16 bits"))
        }
    }
}

fn space_of(path: &Path, frame: &Frame) -> Result<&'static Space, Error> {
    let known = |name: &str| find(name).unwrap_or(&spaces()[0]);
    if let SourceKind::Integer { .. } = frame.source {
        return Ok(known("srgb_tx"));
    }
    let Some(declared) = &frame.metadata.chromaticities else {
        return Ok(known("lin_rec709_srgb"));
    };
    let linear = |space: &&&Space| space.kind == Kind::SceneLinear;
    let same = |space: &&'static Space| near(&space.primaries, declared);
    spaces().iter().filter(|s| linear(&s)).find(same).ok_or_else(|| {
        let expected = "those of a linear space that `headroom spaces` lists, or none";
        Error::file(path, format!("chromaticities: found {declared:?}, expected {expected}"))
    })
}

fn near(a: &Chromaticities, b: &Chromaticities) -> bool {
    let points = |c: &Chromaticities| [c.red, c.green, c.blue, c.white];
    let pairs = points(a).into_iter().flatten().zip(points(b).into_iter().flatten());
    pairs.into_iter().all(|(a, b)| (a - b).abs() < NEAR)
}

fn convert(rgb: &mut [f32], conversion: &Conversion) {
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

/// The file `<folder>/<name>.<extension>` with the first extension for which there is one.
pub(crate) fn named(folder: &Path, name: &str, extensions: &[&str]) -> Option<PathBuf> {
    let path = |extension: &&str| folder.join(format!("{name}.{extension}"));
    extensions.iter().map(path).find(|path| path.is_file())
}

/// Files of a folder with one of the extensions, in order of name.
///
/// # Errors
/// When the folder cannot be listed.
pub(crate) fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::missing(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        if path.is_file() && extensions.contains(&extension.as_str()) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
