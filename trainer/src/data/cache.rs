//! Decoded pictures on disk, so that a folder of large files is decoded once and not in every run.
//!
//! A file holds what was found in a picture (JSON) and its pixels, each with a checksum (xxh3). Its name
//! is a hash of the path, length and time of change of what was decoded, and of the settings that
//! change the pixels; a picture that changes gets another file. Pixels are half floats where every value
//! survives that, else f32, so they are the same bits with and without the cache. Files appear whole
//! (written aside and renamed): processes may share a folder. What is damaged is decoded again.

use super::raster::Raster;
use super::scan::{Facts, Source};
use super::settings::Settings;
use half::f16;
use headroom_frame::write_whole;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

const MAGIC: &[u8; 8] = b"HRdata01";
const EXTENSION: &str = "decoded";
/// A longer header is damage.
const LONGEST_HEADER: u32 = 1 << 20;

/// The truth, and the light of the SDR side where it has a file of its own.
pub type Decoded = (Raster, Option<Raster>);

/// The file of one picture.
#[derive(Debug)]
pub struct Cached {
    folder: PathBuf,
    path: PathBuf,
    limit: u64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    facts: Facts,
    /// Width, height and whether pixels are half floats.
    rasters: Vec<(usize, usize, bool)>,
}

impl Cached {
    /// The file of a picture; none without a folder, or when the picture's own files are not there.
    #[must_use]
    pub fn of(settings: &Settings, source: &Source) -> Option<Self> {
        let folder = settings.cache.folder.clone()?;
        let mut key = format!(
            "{:?} {:?} {:?} {:?}",
            settings.ldr_space, settings.hdr_space, settings.scale_hdr, settings.logc
        );
        key += &format!(" {:?}", settings.kind());
        for path in std::iter::once(&source.truth).chain(&source.sdr) {
            let facts = fs::metadata(path).ok()?;
            let changed = facts.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
            let whole = fs::canonicalize(path).ok()?;
            key += &format!("\n{} {} {}", whole.display(), facts.len(), changed.as_nanos());
        }
        let name = format!("{:032x}.{EXTENSION}", xxh3_128(key.as_bytes()));
        let limit = (settings.cache.disk_mb as u64) << 20;
        Some(Self { path: folder.join(name), folder, limit })
    }

    /// What was found in the picture.
    #[must_use]
    pub fn facts(&self) -> Option<Facts> {
        let mut file = File::open(&self.path).ok()?;
        header(&mut file).map(|header| header.facts)
    }

    /// The picture's pixels.
    #[must_use]
    pub fn pixels(&self) -> Option<Decoded> {
        let mut file = File::open(&self.path).ok()?;
        let header = header(&mut file)?;
        let mut payload = Vec::new();
        file.read_to_end(&mut payload).ok()?;
        let (pixels, sum) = payload.split_last_chunk::<8>()?;
        if xxh3_64(pixels).to_le_bytes() != *sum {
            log::warn!("{}: damaged, decoded again", self.path.display());
            return None;
        }
        // For the order in which files are removed; the pixels are good without it.
        let _ = file.set_modified(SystemTime::now());
        let mut rest = pixels;
        let mut rasters = Vec::new();
        for (width, height, half) in header.rasters {
            let count = width.checked_mul(height)?.checked_mul(3)?;
            let (own, after) = rest.split_at_checked(count * if half { 2 } else { 4 })?;
            let pixels = if half {
                own.as_chunks().0.iter().map(|&b| f16::from_le_bytes(b).to_f32()).collect()
            } else {
                own.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
            };
            rasters.push(Raster { width, height, pixels });
            rest = after;
        }
        let mut rasters = rasters.into_iter();
        Some((rasters.next()?, rasters.next()))
    }

    /// Keeps a picture. A folder that cannot be written to costs time and nothing else.
    pub fn keep(&self, facts: &Facts, (truth, base): &Decoded) {
        if let Err(error) = self.write(facts, truth, base.as_ref()) {
            log::warn!("data.cache.folder: {error}");
        }
        self.tidy();
    }

    fn write(&self, facts: &Facts, truth: &Raster, base: Option<&Raster>) -> Result<(), String> {
        fs::create_dir_all(&self.folder).map_err(|error| error.to_string())?;
        let mut payload = Vec::new();
        let mut rasters = Vec::new();
        for raster in std::iter::once(truth).chain(base) {
            let survives = |&v: &f32| f16::from_f32(v).to_f32().to_bits() == v.to_bits();
            let half = raster.pixels.iter().all(survives);
            rasters.push((raster.width, raster.height, half));
            for &value in &raster.pixels {
                if half {
                    payload.extend(f16::from_f32(value).to_le_bytes());
                } else {
                    payload.extend(value.to_le_bytes());
                }
            }
        }
        let header = Header { facts: facts.clone(), rasters };
        let header = serde_json::to_vec(&header).map_err(|error| error.to_string())?;
        let length = u32::try_from(header.len()).map_err(|error| error.to_string())?;
        let sum = xxh3_64(&payload).to_le_bytes().to_vec();
        let mut head = MAGIC.to_vec();
        head.extend(length.to_le_bytes());
        head.extend(xxh3_64(&header).to_le_bytes());
        head.extend(header);
        write_whole(&self.path, &[head, payload, sum]).map_err(|error| error.to_string())
    }

    /// Removes what was used least recently until the folder is within its bound.
    fn tidy(&self) {
        let mut files = decoded_files(&self.folder);
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        files.sort();
        for (_, length, path) in files {
            if total <= self.limit {
                return;
            }
            // Another process may have removed it.
            let _ = fs::remove_file(path);
            total -= length;
        }
    }
}

/// Time of use, length and path of every cached picture.
fn decoded_files(folder: &Path) -> Vec<(SystemTime, u64, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let of = |path: PathBuf| {
        let facts = fs::metadata(&path).ok()?;
        Some((facts.modified().ok()?, facts.len(), path))
    };
    let paths = entries.flatten().map(|entry| entry.path());
    paths.filter(|path| path.extension().is_some_and(|e| e == EXTENSION)).filter_map(of).collect()
}

fn header(file: &mut File) -> Option<Header> {
    let mut fixed = [0; 20];
    file.read_exact(&mut fixed).ok()?;
    let length = u32::from_le_bytes(fixed[8..12].try_into().ok()?);
    if fixed[..8] != MAGIC[..] || length > LONGEST_HEADER {
        return None;
    }
    let mut text = vec![0; length as usize];
    file.read_exact(&mut text).ok()?;
    if xxh3_64(&text).to_le_bytes() != fixed[12..] {
        return None;
    }
    serde_json::from_slice(&text).ok()
}
