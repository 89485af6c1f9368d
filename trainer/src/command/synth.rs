//! `headroom-train synth`: pairs or clips by simulated cameras, and SDR versions of HDR pictures.

mod develop;
mod pairs;

use crate::Error;
use crate::data::camera::{self, curve::CURVES};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Makes pairs of SDR and HDR pictures, or clips, by simulated cameras.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of HDR pictures.
    #[arg(long, value_name = "DIR")]
    hdr: PathBuf,
    /// Folder to write to: `ldr`, `hdr` and `manifest.csv`, or with --ldr-only the pictures
    /// themselves.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Views of each picture.
    #[arg(long, value_name = "N", default_value_t = 1)]
    count: usize,
    /// Frames in a clip; above 1 the view moves and each clip has a folder of its own.
    #[arg(long, value_name = "T", default_value_t = 1)]
    clip_len: usize,
    /// Most pixels by which the view of a clip moves from frame to frame, 0 to 256; by default as
    /// `data.motion`.
    #[arg(long, value_name = "PIXELS")]
    motion: Option<f64>,
    /// What everything that is drawn depends on.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Size of a view, multiples of 32.
    #[arg(long, value_name = "WxH", default_value = "1024x1024", value_parser = size)]
    size: [usize; 2],
    /// Families of camera curves, with weights where they differ: `srgb=3,filmic`; by default all.
    #[arg(long, value_name = "LIST", long_help = camera_help())]
    camera: Option<String>,
    /// Least and largest share of clipped pixels.
    #[arg(long, value_name = "MIN,MAX", value_delimiter = ',', num_args = 1..=2)]
    share: Vec<f64>,
    /// Only the curve: no noise, JPEG, resizing or white balance.
    #[arg(long)]
    clean: bool,
    /// Format of the SDR pictures.
    #[arg(long, value_enum, default_value_t = Format::Png)]
    fmt: Format,
    /// Quality of JPEG files, 1 to 100.
    #[arg(long, default_value_t = 95)]
    quality: u8,
    /// Only tone-mapped SDR versions of whole pictures, by the filmic camera.
    #[arg(long)]
    ldr_only: bool,
    /// Stops of exposure, with --ldr-only.
    #[arg(long, value_name = "STOPS", default_value_t = 0.0, allow_hyphen_values = true)]
    exposure: f64,
    /// Write over what is in the folder.
    #[arg(long)]
    overwrite: bool,
}

/// A format of SDR pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// 8 bits, as the camera left them.
    Png,
    /// Compressed once more.
    Jpg,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpg => "jpg",
        }
    }
}

fn camera_help() -> String {
    let list: Vec<_> =
        CURVES.iter().map(|family| format!("  {:9} {}", family.id, family.hint)).collect();
    format!(
        "Families of camera curves, with weights where they differ: `srgb=3,filmic`; by default \
         all.\n\n{}",
        list.join("\n")
    )
}

fn size(text: &str) -> Result<[usize; 2], String> {
    let expected = || format!("found \"{text}\", expected WxH, for example 1024x768");
    let (width, height) = text.split_once('x').ok_or_else(expected)?;
    let side = |text: &str| text.trim().parse().map_err(|_| expected());
    Ok([side(width)?, side(height)?])
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        if !(1..=100).contains(&self.quality) {
            return Err(Error::setting("--quality", self.quality, "1 to 100"));
        }
        if !self.exposure.is_finite() || self.exposure.abs() > 64.0 {
            return Err(Error::setting("--exposure", self.exposure, "-64 to 64 stops"));
        }
        if !self.hdr.is_dir() {
            return Err(Error::missing(format!("{}: no such folder", self.hdr.display())));
        }
        let occupied = std::fs::read_dir(&self.out).is_ok_and(|mut found| found.next().is_some());
        if occupied && !self.overwrite {
            let found = format!("{}, which is not empty", self.out.display());
            return Err(Error::setting("--out", found, "an empty folder, or --overwrite"));
        }
        if self.ldr_only { develop::run(self) } else { pairs::run(self) }
    }

    /// The cameras to draw from.
    fn cameras(&self) -> Result<camera::Settings, Error> {
        let mut settings = camera::Settings::default();
        if let Some(list) = &self.camera {
            settings.curves.clear();
            for entry in list.split(',') {
                let (id, weight) = entry.split_once('=').unwrap_or((entry, "1"));
                let weight = weight
                    .trim()
                    .parse()
                    .map_err(|_| Error::setting("--camera", entry, "a family or family=weight"))?;
                settings.curves.insert(id.trim().to_owned(), weight);
            }
        }
        if let [least, .., largest] | [least @ largest] = self.share[..] {
            (settings.share_min, settings.share_max, settings.unclipped) = (least, largest, 0.0);
        }
        if self.clean {
            settings.white_balance = 0.0;
            settings.noise_probability = 0.0;
            settings.jpeg_probability = 0.0;
            settings.resize_probability = 0.0;
        }
        settings.check()?;
        Ok(settings)
    }
}

/// The folder of a file, made where it is not there.
fn make_folder(path: &Path) -> Result<(), Error> {
    match path.parent() {
        Some(folder) => std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
