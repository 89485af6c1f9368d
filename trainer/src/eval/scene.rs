//! The pictures that are evaluated: files of light, views of panoramas, pairs of files.

use super::motion;
use super::picture::{CODES, LIGHT, files, folders, named, read_codes};
use crate::Error;
use crate::data::light::load;
use crate::data::panorama::{Gaze, Panorama};
use crate::data::random::{Draw, of_text};
use crate::data::raster::Raster;
use headroom::metrics::Motion;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Width and height of a panorama's view.
const VIEW: [usize; 2] = [512, 384];

/// Directions among which the view of a panorama is chosen.
const CANDIDATES: usize = 2;
/// How much smaller they are when they are looked at for that.
const REDUCTION: usize = 4;

/// Where pictures come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A folder of light; SDR pictures are made by the conditions.
    Light {
        /// The folder.
        folder: PathBuf,
        /// Views of each panorama; 0: the panorama itself is the picture.
        views: usize,
    },
    /// Two folders of files that are named alike.
    Pairs {
        /// SDR pictures.
        ldr: PathBuf,
        /// Their light.
        hdr: PathBuf,
    },
}

/// One picture to evaluate, not read yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Unique in the evaluation.
    pub name: String,
    /// The clip that it is a frame of.
    pub clip: Option<String>,
    /// Where its pixels were in the frame before, where that is known.
    pub motion: Option<Motion>,
    light: PathBuf,
    codes: Option<PathBuf>,
    view: Option<usize>,
}

/// A picture to evaluate, in memory.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its light.
    pub light: Raster,
    /// Its codes, where they have a file.
    pub code: Option<Vec<f32>>,
}

impl Source {
    /// Everything there is, in order of name. `clips`: files that differ by a number at the end of
    /// their name are frames of a clip, and each folder in the folder may hold one, as `synth` makes
    /// them.
    ///
    /// # Errors
    /// When a folder cannot be listed or holds nothing, or a pair lacks its other half.
    pub fn scenes(&self, clips: bool) -> Result<Vec<Scene>, Error> {
        let (folder, views) = match self {
            Self::Light { folder, views } => (folder, *views),
            Self::Pairs { hdr, .. } => (hdr, 0),
        };
        let mut scenes = Vec::new();
        let motions = if clips { motion::of_clips(folder)? } else { BTreeMap::new() };
        let mut lights = files(folder, LIGHT)?;
        if clips {
            for inner in folders(folder)? {
                lights.extend(files(&inner, LIGHT)?);
            }
        }
        for light in lights {
            let stem = light.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let clip = clips.then(|| numbered(&stem)).flatten();
            let codes = match self {
                Self::Light { .. } => None,
                Self::Pairs { ldr, .. } => {
                    let inner = light.parent().and_then(|place| place.strip_prefix(folder).ok());
                    let ldr = inner.map_or_else(|| ldr.clone(), |inner| ldr.join(inner));
                    Some(named(&ldr, &stem, CODES).ok_or_else(|| {
                        let expected = CODES.join(", ");
                        let problem =
                            format!("{stem}: found no picture, expected one as {expected}");
                        Error::missing(format!("{}: {problem}", ldr.display()))
                    })?)
                }
            };
            let motion = motions.get(&stem).copied();
            let scene = Scene { name: stem, clip, motion, light, codes, view: None };
            if views == 0 {
                scenes.push(scene);
                continue;
            }
            for view in 0..views {
                let name = match view {
                    0 => scene.name.clone(),
                    _ => format!("{}_view{}", scene.name, view + 1),
                };
                scenes.push(Scene { name, view: Some(view), ..scene.clone() });
            }
        }
        if scenes.is_empty() {
            let expected = LIGHT.join(", ");
            let problem = format!("found no picture, expected files of {expected}");
            return Err(Error::missing(format!("{}: {problem}", folder.display())));
        }
        Ok(scenes)
    }
}

impl Scene {
    /// Reads it; none for a second view of what is no panorama.
    ///
    /// # Errors
    /// When a file cannot be read, or a pair's sizes differ.
    pub fn load(&self) -> Result<Option<Loaded>, Error> {
        let mut light = load(&self.light, None, None)?;
        if let Some(view) = self.view {
            if light.width == 2 * light.height {
                light = look(light, &self.name);
            } else if view > 0 {
                return Ok(None);
            }
        }
        let code = match &self.codes {
            None => None,
            Some(path) => {
                let codes = read_codes(path)?;
                if codes.size != [light.height, light.width] {
                    let [height, width] = codes.size;
                    let expected = format!("{} x {}", light.width, light.height);
                    let problem = format!("found {width} x {height}, expected {expected}");
                    return Err(Error::file(path, format!("size: {problem} as its light has")));
                }
                Some(codes.rgb)
            }
        };
        Ok(Some(Loaded { light, code }))
    }
}

/// What stands before the number at the end of a name.
fn numbered(stem: &str) -> Option<String> {
    let before = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    (before.len() < stem.len()).then(|| before.trim_end_matches(['.', '_', '-']).to_owned())
}

/// The fixed view of a panorama. [`CANDIDATES`] directions and fields of view (75 to 105 degrees
/// across) are drawn from its name, and the one that shows the most light above what 5 % of its pixels
/// exceed is taken: a view of the floor has no highlights to judge. It is the same for every method,
/// on every machine.
fn look(panorama: Raster, name: &str) -> Raster {
    let panorama = Panorama::new(panorama);
    let mut draw = Draw::new(&[of_text(name)]);
    let mut best: Option<(f64, Gaze)> = None;
    for _ in 0..CANDIDATES {
        let degrees = |degrees: f64| degrees.to_radians();
        let yaw = degrees(draw.range(-180.0, 180.0));
        let pitch = degrees(draw.range(-15.0, 20.0));
        let half = degrees(0.5 * draw.range(75.0, 105.0));
        let focal = 0.5 * VIEW[0] as f64 / libm::tan(half);
        let gaze = Gaze { yaw, pitch, roll: 0.0, focal };
        let small = Gaze { focal: focal / REDUCTION as f64, ..gaze };
        let seen = panorama.view(&small, VIEW[0] / REDUCTION, VIEW[1] / REDUCTION);
        let excess = excess(&seen);
        if best.is_none_or(|(most, _)| excess > most) {
            best = Some((excess, gaze));
        }
    }
    let gaze =
        best.map_or(Gaze { yaw: 0.0, pitch: 0.0, roll: 0.0, focal: 256.0 }, |(_, gaze)| gaze);
    panorama.view(&gaze, VIEW[0], VIEW[1])
}

/// Mean stops by which the brightest 5 % of the pixels exceed the darkest of them.
fn excess(light: &Raster) -> f64 {
    let brightest = |p: &[f32; 3]| p[0].max(p[1]).max(p[2]);
    let mut pixels: Vec<f32> = light.pixels.as_chunks::<3>().0.iter().map(brightest).collect();
    pixels.sort_unstable_by(|a, b| b.total_cmp(a));
    pixels.truncate(pixels.len() / 20);
    let stops = |v: f32| libm::log2(f64::from(v.max(f32::MIN_POSITIVE)));
    let least = pixels.last().map_or(0.0, |v| stops(*v));
    pixels.iter().map(|v| stops(*v) - least).sum::<f64>() / pixels.len().max(1) as f64
}

/// A name that can be a file's.
#[must_use]
pub fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

/// The file of a picture in the folder of a method, and of a condition there.
#[must_use]
pub fn prediction_path(folder: &Path, condition: &str, name: &str) -> PathBuf {
    folder.join(condition).join(format!("{}.exr", file_name(name)))
}
