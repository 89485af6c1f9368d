//! Frames to picture files, whole or not at all.

mod atomic;
mod exr;
mod integer;
mod jpeg;
mod png;
mod tiff;

pub use atomic::write as write_whole;

use std::borrow::Cow;
use std::path::Path;

use headroom_colour::Chromaticities;

use crate::error::{FrameError, Refusal, Step};
use crate::frame::{AlphaKind, Frame};

/// A format that can be written, told by the file's extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// OpenEXR, `.exr`.
    Exr,
    /// PNG, `.png`.
    Png,
    /// JPEG, `.jpg`, `.jpeg`.
    Jpeg,
    /// TIFF, `.tif`, `.tiff`.
    Tiff,
}

impl FileKind {
    /// The kind that a path's extension names, in upper or lower case.
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "exr" => Self::Exr,
            "png" => Self::Png,
            "jpg" | "jpeg" => Self::Jpeg,
            "tif" | "tiff" => Self::Tiff,
            _ => return None,
        })
    }
}

/// Compression of OpenEXR. For TIFF, `None` is uncompressed and all others are Deflate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ExrCompression {
    /// As large as the pixels are; the only one in an ACES container.
    None,
    /// Deflate over 16 rows.
    #[default]
    Zip,
    /// Deflate row by row.
    Zips,
    /// Wavelets; best for grain.
    Piz,
}

/// What a sample becomes in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Sample {
    /// The format's usual one: half for OpenEXR, 8 bits for PNG and JPEG, 16 bits for TIFF.
    #[default]
    Auto,
    /// 16-bit float: OpenEXR.
    Half,
    /// 32-bit float: OpenEXR and TIFF.
    Float,
    /// 8 bits: PNG, JPEG and TIFF.
    U8,
    /// 16 bits: PNG and TIFF.
    U16,
}

/// Which program made a picture, and how.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Provenance {
    /// Version of the tool: `headroomVersion`.
    pub version: String,
    /// Method or model with its hash: `headroomModel`.
    pub model: String,
    /// All settings as JSON: `headroomSettings`.
    pub settings: String,
}

impl Provenance {
    /// The names and texts as written into OpenEXR attributes and PNG text.
    fn entries(&self) -> [(&'static str, &str); 3] {
        [
            ("headroomVersion", &self.version),
            ("headroomModel", &self.model),
            ("headroomSettings", &self.settings),
        ]
    }
}

/// How to write a picture file.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// Compression of OpenEXR and TIFF.
    pub compression: ExrCompression,
    /// What a sample becomes.
    pub sample: Sample,
    /// 1 to 100; default 95. From 90 on colour is kept at full resolution.
    pub jpeg_quality: u8,
    /// Written as attributes of OpenEXR and text of PNG and TIFF.
    pub provenance: Option<Provenance>,
    /// OpenEXR `chromaticities`; otherwise those of the frame's metadata.
    pub chromaticities: Option<Chromaticities>,
    /// OpenEXR `whiteLuminance`, cd/m²; otherwise that of the frame's metadata.
    pub white_luminance: Option<f32>,
    /// Set `acesImageContainerFlag` if the file may carry it (SMPTE ST 2065-4): uncompressed
    /// scan lines of half RGB or RGBA with the ACES primaries. [`WriteReport::aces_container`]
    /// tells.
    pub aces_container: bool,
    /// Threads for compression; 0, the default, takes one per processor. The bytes do not depend
    /// on it.
    pub threads: usize,
}

impl Default for WriteOptions {
    fn default() -> Self {
        Self {
            compression: ExrCompression::default(),
            sample: Sample::default(),
            jpeg_quality: 95,
            provenance: None,
            chromaticities: None,
            white_luminance: None,
            aces_container: false,
            threads: 0,
        }
    }
}

/// What writing had to change, and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// Samples beyond ±65504, infinities among them, written to half as ±65504.
    pub clamped_to_half: u64,
    /// Samples outside 0 to 1 by more than rounding, written to integers as 0 or the maximum.
    pub clamped_to_range: u64,
    /// Samples that are not numbers: written as 0, but kept in 32-bit float files.
    pub nan: u64,
    /// The frame has an alpha that the format cannot hold.
    pub alpha_dropped: bool,
    /// Whether the file carries `acesImageContainerFlag`.
    pub aces_container: bool,
    /// Why it does not although it was asked for.
    pub aces_refused: Option<String>,
    /// Length of the file.
    pub bytes: u64,
}

/// Writes a frame to the format that the extension names.
///
/// The file appears under its name complete or not at all: it is written beside it under a
/// temporary name, synchronised to the disk and renamed. Colour is multiplied or divided by
/// alpha where the format's rule is not the frame's. Formats that know no data window get the
/// pixels of the display window.
///
/// # Errors
/// [`FrameError`] where the extension is unknown, the options do not fit the format, the frame
/// cannot be stored in it, or the system refuses. Nothing is left behind and a file that was
/// there before stays as it was.
pub fn write(
    path: &Path,
    frame: &Frame,
    options: &WriteOptions,
) -> Result<WriteReport, FrameError> {
    let refused = |refusal| FrameError::refused(path, refusal);
    let kind = FileKind::from_path(path).ok_or_else(|| {
        let found = match path.extension() {
            Some(extension) => format!("{:?}", extension.to_string_lossy()),
            None => "none".to_owned(),
        };
        refused(Refusal::new("extension", found, "exr, png, jpg, jpeg, tif or tiff"))
    })?;
    let sample = sample(kind, options.sample).map_err(refused)?;
    check(frame).map_err(refused)?;
    let mut report = WriteReport::default();
    let encoded = match kind {
        FileKind::Exr => exr::encode(frame, sample, options, &mut report),
        FileKind::Png => png::encode(frame, sample, options, &mut report),
        FileKind::Jpeg => jpeg::encode(frame, options, &mut report),
        FileKind::Tiff => tiff::encode(frame, sample, options, &mut report),
    }
    .map_err(refused)?;
    report.bytes = encoded.iter().map(|piece| piece.len() as u64).sum();
    atomic::write(path, &encoded)?;
    Ok(report)
}

/// A file as the pieces it consists of, one after another.
type Encoded = Vec<Vec<u8>>;

fn sample(kind: FileKind, wanted: Sample) -> Step<Sample> {
    let (allowed, names): (&[Sample], _) = match kind {
        FileKind::Exr => (&[Sample::Half, Sample::Float], "half or float for OpenEXR"),
        FileKind::Png => (&[Sample::U8, Sample::U16], "8 or 16 bits for PNG"),
        FileKind::Jpeg => (&[Sample::U8], "8 bits for JPEG"),
        FileKind::Tiff => {
            (&[Sample::U16, Sample::U8, Sample::Float], "8 or 16 bits or float for TIFF")
        }
    };
    match wanted {
        Sample::Auto => Ok(allowed[0]),
        wanted if allowed.contains(&wanted) => Ok(wanted),
        other => Err(Refusal::new("sample", format!("{other:?}"), names)),
    }
}

fn check(frame: &Frame) -> Step<()> {
    let data = frame.data_window;
    let found = format!("{} x {} pixels, {} samples", data.width, data.height, frame.pixels.len());
    if data.area() == 0 || frame.display_window.area() == 0 {
        return Err(Refusal::new("frame", found, "at least one pixel"));
    }
    if data.area().checked_mul(4) != Some(frame.pixels.len() as u64) {
        return Err(Refusal::new("frame", found, "four samples for each pixel"));
    }
    if !(1e-6..=1e6).contains(&frame.pixel_aspect) {
        let expected = "a positive number";
        return Err(Refusal::new("pixel aspect", frame.pixel_aspect.to_string(), expected));
    }
    Ok(())
}

/// The frame's alpha rule; without alpha there is nothing to multiply by.
fn rule_of(frame: &Frame) -> AlphaKind {
    if frame.has_alpha { frame.alpha } else { AlphaKind::Opaque }
}

/// The pixels with the alpha rule of the format. No colour survives division by an alpha of 0;
/// it is kept as it is.
fn with_alpha_rule<'a>(pixels: Cow<'a, [f32]>, from: AlphaKind, to: AlphaKind) -> Cow<'a, [f32]> {
    let apply = |change: fn(f32, f32) -> f32| {
        let mut pixels = pixels.clone().into_owned();
        for pixel in pixels.chunks_exact_mut(4) {
            let alpha = pixel[3];
            // Exact, and it keeps infinities and NaN of opaque pixels as they are.
            if alpha != 1.0 {
                pixel[..3].iter_mut().for_each(|colour| *colour = change(*colour, alpha));
            }
        }
        Cow::Owned(pixels)
    };
    match (from, to) {
        (AlphaKind::Straight, AlphaKind::Premultiplied) => apply(|colour, alpha| colour * alpha),
        (AlphaKind::Premultiplied, AlphaKind::Straight) => {
            apply(|colour, alpha| if alpha == 0.0 { colour } else { colour / alpha })
        }
        _ => pixels,
    }
}
