//! Expands a folder of SDR pictures to EXR files of linear Rec.709 light, with previews.

mod tiles;

use crate::Error;
use crate::eval::Expander;
use crate::eval::picture::{CODES, files, read_codes};
use crate::eval::report::gallery::exposed;
use crate::record::checkpoints_of;
use crate::shot;
use crate::train::{BEST, LATEST, model_file};
use headroom_frame::{Provenance, Sample, WriteOptions};
use headroom_kernel::Pool;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use tiles::{Expand, Tiling};

/// What a sample of the EXR files becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// 16-bit floats; light above 65504 is written as 65504.
    Half,
    /// 32-bit floats.
    Float,
}

/// What to expand, and how.
#[derive(Debug)]
pub struct Options {
    /// Expands.
    pub expander: Expander,
    /// Folder of PNG, JPEG or TIFF files of sRGB codes.
    pub ldr: PathBuf,
    /// Folder that receives `<name>.exr` and `previews/<name>.png`; made where it is missing.
    pub out: PathBuf,
    /// What a sample becomes.
    pub format: Format,
    /// Stops that previews are shown brighter, -16 to 16.
    pub exposure: f64,
    /// Tiles instead of whole frames.
    pub tiling: Option<Tiling>,
    /// Threads; 0 means one per core.
    pub jobs: usize,
}

/// Expands every picture of the folder. One that cannot be read or written is named and counted, and
/// the others are done all the same.
///
/// # Errors
/// When the folder cannot be listed or holds no picture, two pictures would get one name, the output
/// folder cannot be made, or pictures failed: how many, after all others are done.
pub fn infer(options: &Options) -> Result<(), Error> {
    if !(-16.0..=16.0).contains(&options.exposure) {
        return Err(Error::setting("--exposure", options.exposure, "stops from -16 to 16"));
    }
    if let Some(tiling) = &options.tiling {
        tiling.check()?;
    }
    let pictures = files(&options.ldr, CODES)?;
    if pictures.is_empty() {
        let expected = CODES.join(", ");
        let problem = format!("found no picture, expected files of {expected}");
        return Err(Error::missing(format!("{}: {problem}", options.ldr.display())));
    }
    let mut names: BTreeMap<String, &Path> = BTreeMap::new();
    for path in &pictures {
        if let Some(other) = names.insert(stem(path), path) {
            let problem = format!("has the name of {}, expected one of each", other.display());
            return Err(Error::Usage(format!("{}: {problem}", path.display())));
        }
    }
    let previews = options.out.join("previews");
    std::fs::create_dir_all(&previews).map_err(|error| Error::file(&previews, error))?;
    let pool = Pool::new(options.jobs);
    let mut failed = 0;
    for (index, path) in pictures.iter().enumerate() {
        match one(options, path, &previews, &pool) {
            Ok(()) => eprintln!("{} of {}: {}", index + 1, pictures.len(), path.display()),
            Err(error) => {
                failed += 1;
                eprintln!("error: {error}");
            }
        }
    }
    let done = pictures.len() - failed;
    eprintln!("{done} written to {}, {failed} failed", options.out.display());
    if failed > 0 {
        return Err(Error::failed(format!("{failed} of {} pictures failed", pictures.len())));
    }
    Ok(())
}

/// The weights of a run folder: `best`, `latest`, or a file of its own.
#[must_use]
pub fn weights_of(run: &Path, resume: &str) -> PathBuf {
    match resume {
        BEST | LATEST => model_file(&checkpoints_of(run), resume),
        path => PathBuf::from(path),
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn one(options: &Options, path: &Path, previews: &Path, pool: &Pool) -> Result<(), Error> {
    let picture = read_codes(path)?;
    let expand = |size, code: &[f32]| options.expander.expand(size, code, pool);
    let light = match &options.tiling {
        None => expand(picture.size, &picture.rgb),
        Some(tiling) => tiling.run(picture.size, &picture.rgb, &expand),
    }
    .map_err(|error| match error {
        Error::Failed(text) => Error::file(path, text),
        other => other,
    })?;
    let name = stem(path);
    let codes = exposed(&light, options.exposure);
    let codes: Vec<f32> = codes.into_iter().map(|code| f32::from(code) / 255.0).collect();
    let provenance = Provenance {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        model: options.expander.name().to_owned(),
        settings: String::new(),
    };
    let sample = match options.format {
        Format::Half => Sample::Half,
        Format::Float => Sample::Float,
    };
    // The EXR last: where it is, the picture is done.
    let preview = WriteOptions { sample: Sample::U8, ..WriteOptions::default() };
    write(&previews.join(format!("{name}.png")), picture.size, &codes, &preview)?;
    let exr = WriteOptions {
        sample,
        provenance: Some(provenance),
        chromaticities: Some(headroom_colour::REC709),
        ..WriteOptions::default()
    };
    write(&options.out.join(format!("{name}.exr")), picture.size, &light, &exr)
}

fn write(path: &Path, size: [usize; 2], rgb: &[f32], options: &WriteOptions) -> Result<(), Error> {
    headroom_frame::write(path, &shot::opaque(size, rgb), options)?;
    Ok(())
}

#[cfg(test)]
mod tests;
