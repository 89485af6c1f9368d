//! The table `[data]`: which pictures, and how they become batches.

use super::{camera, light, logc, split, store};
use crate::Error;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The table `[data]`. Which kind of data it is follows from what is given: `ldr` and `hdr` are pairs by
/// file name, `hdr` alone has its SDR side made by simulated cameras, `logc.folder` by a transform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Folder of SDR pictures, each the partner of the one in `hdr` with the same name.
    pub ldr: Option<PathBuf>,
    /// Folder of HDR pictures (linear EXR or Radiance), with folders in it.
    pub hdr: Option<PathBuf>,
    /// Folder to measure on, instead of a split; for pairs it holds the folders `ldr` and `hdr`.
    pub val: Option<PathBuf>,
    /// What everything that is drawn depends on.
    pub seed: u64,
    /// Clips in a batch, 1 to 1024.
    pub batch_size: usize,
    /// Frames that validation passes through the network at once, 1 to 1024.
    pub val_batch_size: usize,
    /// Threads that make batches, 1 to 256; 0: one per processor. Batches do not depend on it.
    pub workers: usize,
    /// Side of a tile, pixels, 256 to 1024, a multiple of 32. A tile is never larger than its view.
    pub tile: usize,
    /// Width and height of a view, pixels, multiples of 32 from 32 to 4096: the frame that networks see
    /// as a whole, of which the tile is cut. Nothing: one and a half tiles wide and one high.
    pub view: Option<[usize; 2]>,
    /// Of a view that is learned on, every so manieth row and column is kept, after everything that is
    /// seen of the whole frame was measured: losses cost less, and are of pixels as they are. Odd, 1 to
    /// 9, and a divisor of the view's sides. Only for networks whose full-size part looks at single
    /// pixels: `grid`.
    pub thin: usize,
    /// Largest reduction of a picture that is no panorama, 1 to 64; what is drawn is between 1 and
    /// it, uniformly in the logarithm, as far as the picture is large enough. 1: never.
    pub scale_jitter: f64,
    /// Least width and height of a picture that is no panorama, pixels. Nothing: 1024 for pairs, the
    /// view's size else. A panorama has to be wide enough for the field of view.
    pub min_size: Option<usize>,
    /// Which pictures are panoramas.
    pub panorama: Panoramas,
    /// Least and largest horizontal field of view in a panorama, degrees, 10 to 150. It is never so
    /// small that the panorama is enlarged beyond `enlarge`.
    pub field_of_view: [f64; 2],
    /// Largest enlargement of a panorama at the middle of a view, 0.1 to 8.
    pub enlarge: f64,
    /// Largest turn of a view of a panorama about its axis, degrees, 0 to 180.
    pub roll: f64,
    /// Views of each picture in an epoch, 1 to 100000.
    pub views: usize,
    /// Views of each panorama that are measured, 1 to 1000; other pictures are measured whole.
    pub val_views: usize,
    /// Longest side of a picture that is measured whole, pixels; larger ones are reduced. 32 to 16384.
    pub val_side: usize,
    /// Frames in a clip, 1 to 64. Sequences give frames that follow one another, other pictures a view
    /// that moves.
    pub clip_len: usize,
    /// Frame numbers of sequences below are left out.
    pub frame_start: Option<i64>,
    /// Largest movement of a view from one frame to the next, view pixels, 0 to 256.
    pub motion: f64,
    /// Whether every second view is mirrored left to right.
    pub flip_horizontal: bool,
    /// Whether every second view is mirrored top to bottom.
    pub flip_vertical: bool,
    /// Crops that are not reduced, and tiles, start at multiples of this, 1 to 64 pixels.
    pub align: usize,
    /// What becomes of files that cannot be read.
    pub unreadable: Unreadable,
    /// Space of the SDR pictures of pairs.
    pub ldr_space: String,
    /// Space of the HDR pictures; nothing: what the file says, else linear Rec.709.
    pub hdr_space: Option<String>,
    /// What the light of the HDR pictures of pairs is multiplied by.
    pub scale_hdr: Scale,
    /// Decoded pictures, in memory and on disk.
    pub cache: store::Settings,
    /// Training and validation.
    pub split: split::Settings,
    /// Simulated cameras.
    pub camera: camera::Settings,
    /// The camera of pictures that are measured: one whose curve is known, so that figures say what
    /// becomes of highlights.
    pub val_camera: camera::Settings,
    /// LogC3 pictures.
    pub logc: logc::Settings,
}

/// Which pictures are panoramas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Panoramas {
    /// Those exactly twice as wide as high, of HDR alone.
    #[default]
    Auto,
    /// All.
    Always,
    /// None.
    Never,
}

/// What becomes of files that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unreadable {
    /// They are left out, named and counted.
    #[default]
    Skip,
    /// They end the command.
    Fatal,
}

/// What light is multiplied by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scale {
    /// A number above 0.
    Factor(f64),
    /// What the pair itself says.
    Named(Auto),
}

/// A factor that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Auto {
    /// Least squares between the logarithms of SDR and HDR light where codes are between 0.1 and 0.85.
    Auto,
}

/// What the SDR side comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of its own.
    Pairs,
    /// A simulated camera.
    Camera,
    /// A transform of LogC3.
    LogC,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            ldr: None,
            hdr: None,
            val: None,
            seed: 0,
            batch_size: 8,
            val_batch_size: 1,
            workers: 0,
            tile: 256,
            view: None,
            thin: 1,
            scale_jitter: 4.0,
            min_size: None,
            panorama: Panoramas::Auto,
            field_of_view: [60.0, 140.0],
            enlarge: 1.5,
            roll: 10.0,
            views: 48,
            val_views: 2,
            val_side: 1024,
            clip_len: 1,
            frame_start: None,
            motion: 4.0,
            flip_horizontal: true,
            flip_vertical: false,
            align: 2,
            unreadable: Unreadable::Skip,
            ldr_space: "srgb_tx".to_owned(),
            hdr_space: None,
            scale_hdr: Scale::Factor(1.0),
            cache: store::Settings::default(),
            split: split::Settings::default(),
            camera: camera::Settings::default(),
            val_camera: camera::Settings::measuring(),
            logc: logc::Settings::default(),
        }
    }
}

impl Settings {
    /// Whether it can be followed.
    ///
    /// # Errors
    /// With the first setting that cannot.
    pub fn check(&self) -> Result<(), Error> {
        self.kind()?;
        let within = |name: &str, value: f64, low: f64, high: f64| {
            if (low..=high).contains(&value) {
                return Ok(());
            }
            Err(Error::setting(&format!("data.{name}"), value, format!("{low} to {high}")))
        };
        within("batch_size", self.batch_size as f64, 1.0, 1024.0)?;
        within("val_batch_size", self.val_batch_size as f64, 1.0, 1024.0)?;
        within("workers", self.workers as f64, 0.0, 256.0)?;
        within("tile", self.tile as f64, 256.0, 1024.0)?;
        self.multiple("tile", self.tile)?;
        for side in self.view.iter().flatten() {
            within("view", *side as f64, 32.0, 4096.0)?;
            self.multiple("view", *side)?;
        }
        let fits = |side: &usize| side.is_multiple_of(self.thin);
        if self.thin.is_multiple_of(2) || self.thin > 9 || !self.view_size().iter().all(fits) {
            let [width, height] = self.view_size();
            let expected = format!("1, 3, 5, 7 or 9, a divisor of {width} and {height}");
            return Err(Error::setting("data.thin", self.thin, expected));
        }
        within("scale_jitter", self.scale_jitter, 1.0, 64.0)?;
        within("field_of_view", self.field_of_view[0], 10.0, 150.0)?;
        within("field_of_view", self.field_of_view[1], self.field_of_view[0], 150.0)?;
        within("enlarge", self.enlarge, 0.1, 8.0)?;
        within("roll", self.roll, 0.0, 180.0)?;
        within("views", self.views as f64, 1.0, 1e5)?;
        within("val_views", self.val_views as f64, 1.0, 1000.0)?;
        within("val_side", self.val_side as f64, 32.0, 16384.0)?;
        within("clip_len", self.clip_len as f64, 1.0, 64.0)?;
        within("motion", self.motion, 0.0, 256.0)?;
        within("align", self.align as f64, 1.0, 64.0)?;
        if let Scale::Factor(factor) = self.scale_hdr {
            within("scale_hdr", factor, 1e-9, 1e9)?;
        }
        light::space("data.ldr_space", &self.ldr_space)?;
        if let Some(name) = &self.hdr_space {
            light::space("data.hdr_space", name)?;
        }
        self.cache.check()?;
        self.split.check()?;
        self.camera.check()?;
        self.val_camera.check()?;
        self.logc.check()
    }

    fn multiple(&self, name: &str, side: usize) -> Result<(), Error> {
        if side.is_multiple_of(32) {
            return Ok(());
        }
        Err(Error::setting(&format!("data.{name}"), side, "a multiple of 32"))
    }

    /// What the SDR side comes from.
    ///
    /// # Errors
    /// When that cannot be told.
    pub fn kind(&self) -> Result<Kind, Error> {
        match (&self.ldr, &self.hdr, &self.logc.folder) {
            (Some(_), Some(_), None) => Ok(Kind::Pairs),
            (None, Some(_), None) => Ok(Kind::Camera),
            (None, None, Some(_)) => Ok(Kind::LogC),
            (ldr, hdr, logc) => {
                let given = [("ldr", ldr), ("hdr", hdr), ("logc.folder", logc)];
                let names: Vec<_> = given
                    .iter()
                    .filter(|(_, path)| path.is_some())
                    .map(|(name, _)| *name)
                    .collect();
                let found =
                    if names.is_empty() { "no folder".to_owned() } else { names.join(" and ") };
                Err(Error::setting("data", found, "ldr and hdr, hdr alone, or logc.folder"))
            }
        }
    }

    /// Width and height of a view.
    #[must_use]
    pub fn view_size(&self) -> [usize; 2] {
        self.view.unwrap_or([(self.tile * 3 / 2).next_multiple_of(32), self.tile])
    }

    /// Height and width of a tile; of a view that is thinned, what is left of it.
    #[must_use]
    pub fn tile_size(&self) -> [usize; 2] {
        let [width, height] = self.view_size().map(|side| side / self.thin);
        [self.tile.min(height), self.tile.min(width)]
    }

    /// Threads that make batches.
    #[must_use]
    pub fn threads(&self) -> usize {
        match self.workers {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            workers => workers,
        }
    }
}
