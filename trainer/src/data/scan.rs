//! Which files there are, what is in them, and which cannot be used and why.
//!
//! Every file is decoded once when a data set is opened, so that a file that cannot be read is known
//! before training begins and batches do not depend on when it is met.

use super::cache::Cached;
use super::decode::decode;
use super::list::{Listed, list};
use super::settings::{Kind, Panoramas, Settings, Unreadable};
use super::view::least_panorama;
use crate::Error;
use crate::shot::luminance_weights;
use headroom_kernel::Pool;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// One picture: a file, or a pair of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Path below the folder, without the extension; `/` between folders.
    pub name: String,
    /// The file with the light.
    pub truth: PathBuf,
    /// The file with the SDR side.
    pub sdr: Option<PathBuf>,
    /// Number of the frame; 0 for a still.
    pub frame: i64,
    /// What is in it.
    pub facts: Facts,
}

/// What is in a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// Length and SHA-256 of each file.
    pub files: Vec<(String, u64, String)>,
    /// Stops from the 1st percentile of luminance to its maximum.
    pub stops: f64,
    /// Share of the pixels that clip in the SDR file.
    pub clipped: Option<f64>,
}

/// Frames that follow one another, or a still.
#[derive(Clone, Debug, PartialEq)]
pub struct Video {
    /// Its name.
    pub name: String,
    /// Frames in ascending order.
    pub frames: Vec<Source>,
    /// Whether it is a panorama.
    pub panorama: bool,
}

/// A picture that is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its name or file.
    pub name: String,
    /// Why.
    pub reason: String,
    /// Whether it could not be read.
    pub unreadable: bool,
}

/// What a folder holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// By name.
    pub videos: Vec<Video>,
    /// In the order they were met.
    pub skipped: Vec<Skipped>,
}

/// The pictures of the training folders, or of the validation folder.
///
/// # Errors
/// When a folder is missing, or a file cannot be read and that is fatal.
pub fn scan(settings: &Settings, validation: bool) -> Result<Found, Error> {
    let kind = settings.kind()?;
    let (light, sdr) = folders(settings, kind, validation)?;
    let mut found = Found::default();
    let truths = list(&light)?;
    let mut partners = match &sdr {
        Some(folder) => {
            let listed = list(folder)?.into_iter();
            Some(listed.map(|l| (l.name, l.path)).collect::<BTreeMap<_, _>>())
        }
        None => None,
    };
    let mut sources = Vec::new();
    for Listed { name, video, frame, path } in truths {
        let sdr = match &mut partners {
            Some(partners) => match partners.remove(&name) {
                Some(path) => Some(path),
                None => {
                    found.skip(&name, "no SDR picture of this name");
                    continue;
                }
            },
            None => None,
        };
        if settings.frame_start.is_some_and(|start| video != name && frame < start) {
            found.skip(&name, "before frame_start");
            continue;
        }
        sources.push((video, Source { name, truth: path, sdr, frame, facts: Facts::default() }));
    }
    for name in partners.unwrap_or_default().keys() {
        found.skip(name, "no HDR picture of this name");
    }
    let pool = Pool::new(settings.threads());
    let facts = pool.map(sources.len(), |i| inspect(settings, &sources[i].1));
    let mut videos: BTreeMap<String, Video> = BTreeMap::new();
    for ((video, mut source), facts) in sources.into_iter().zip(facts) {
        match facts {
            Ok(facts) => source.facts = facts,
            Err(error) if settings.unreadable == Unreadable::Fatal => return Err(error),
            Err(error) => {
                let reason = error.to_string();
                found.skipped.push(Skipped { name: source.name, reason, unreadable: true });
                continue;
            }
        }
        let panorama = is_panorama(settings, kind, &source.facts);
        if let Some(reason) = unsuitable(settings, kind, panorama, &source.facts) {
            found.skip(&source.name, reason);
            continue;
        }
        let entry = videos.entry(video.clone()).or_insert_with(|| Video {
            name: video,
            frames: Vec::new(),
            panorama,
        });
        let first = entry.frames.first().map(|first| (first.facts.width, first.facts.height));
        if first.is_some_and(|size| size != (source.facts.width, source.facts.height)) {
            found.skip(&source.name, "another size than the first frame");
            continue;
        }
        entry.frames.push(source);
    }
    found.videos = videos.into_values().collect();
    Ok(found)
}

impl Found {
    fn skip(&mut self, name: &str, reason: impl Into<String>) {
        let (name, reason) = (name.to_owned(), reason.into());
        self.skipped.push(Skipped { name, reason, unreadable: false });
    }
}

fn folders(
    settings: &Settings,
    kind: Kind,
    validation: bool,
) -> Result<(PathBuf, Option<PathBuf>), Error> {
    let needed = |path: &Option<PathBuf>, name| {
        path.clone().ok_or_else(|| Error::setting(name, "nothing", "a folder"))
    };
    if validation {
        let folder = needed(&settings.val, "data.val")?;
        return Ok(match kind {
            Kind::Pairs => (folder.join("hdr"), Some(folder.join("ldr"))),
            Kind::Camera | Kind::LogC => (folder, None),
        });
    }
    Ok(match kind {
        Kind::Pairs => {
            (needed(&settings.hdr, "data.hdr")?, Some(needed(&settings.ldr, "data.ldr")?))
        }
        Kind::Camera => (needed(&settings.hdr, "data.hdr")?, None),
        Kind::LogC => (needed(&settings.logc.folder, "data.logc.folder")?, None),
    })
}

fn is_panorama(settings: &Settings, kind: Kind, facts: &Facts) -> bool {
    match settings.panorama {
        Panoramas::Auto => kind == Kind::Camera && facts.width == 2 * facts.height,
        Panoramas::Always => kind == Kind::Camera,
        Panoramas::Never => false,
    }
}

fn unsuitable(settings: &Settings, kind: Kind, panorama: bool, facts: &Facts) -> Option<String> {
    let (width, height) = (facts.width, facts.height);
    let [view_width, view_height] = settings.view_size();
    let least = settings.min_size.unwrap_or(if kind == Kind::Pairs { 1024 } else { 0 });
    let small = |least: String| Some(format!("{width} x {height} pixels, less than {least}"));
    if panorama {
        let least = least_panorama(settings);
        return if width < least { small(format!("{least} across")) } else { None };
    }
    if width < least || height < least {
        return small(format!("{least} x {least} (data.min_size)"));
    }
    if width < view_width || height < view_height {
        return small(format!("a view of {view_width} x {view_height}"));
    }
    None
}

fn inspect(settings: &Settings, source: &Source) -> Result<Facts, Error> {
    let cached = Cached::of(settings, source);
    if let Some(facts) = cached.as_ref().and_then(Cached::facts) {
        return Ok(facts);
    }
    let decoded = decode(settings, source)?;
    let (truth, base) = &decoded;
    let weights = luminance_weights().map(|weight| weight as f32);
    let mut luminance: Vec<f32> = truth
        .pixels
        .as_chunks::<3>()
        .0
        .iter()
        .map(|[r, g, b]| weights[0] * r + weights[1] * g + weights[2] * b)
        .collect();
    let nth = luminance.len() / 100;
    let low = *luminance.select_nth_unstable_by(nth, f32::total_cmp).1;
    let high = luminance.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let stops = rounded(libm::log2(f64::from(high) / f64::from(low.max(high * 1e-9))));
    let clipped = base.as_ref().map(|base| {
        let white = 0.955; // The light of code 250.
        let clips = |pixel: &&[f32; 3]| pixel.iter().any(|&value| value >= white);
        let pixels = base.pixels.as_chunks::<3>().0;
        rounded(pixels.iter().filter(clips).count() as f64 / pixels.len() as f64)
    });
    let mut files = Vec::new();
    for (part, path) in [("hdr", Some(&source.truth)), ("ldr", source.sdr.as_ref())] {
        if let Some(path) = path {
            let bytes = std::fs::read(path).map_err(|error| Error::file(path, error))?;
            let name = format!("{part}/{}", source.name);
            files.push((name, bytes.len() as u64, hex(&Sha256::digest(&bytes))));
        }
    }
    let facts = Facts { width: truth.width, height: truth.height, files, stops, clipped };
    if let Some(cached) = cached {
        cached.keep(&facts, &decoded);
    }
    Ok(facts)
}

/// To six places, which JSON gives back exactly.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Bytes in hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
