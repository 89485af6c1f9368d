//! Picture files to frames.
//!
//! The format is told from the first bytes, not from the name. Each decoder gets the whole file
//! as a slice, so no length it declares can make it read or allocate beyond what is there.

mod bytes;
mod exr;
mod hdr;
mod jpeg;
mod png;
mod samples;
mod tiff;

use std::fs;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::error::{FrameError, Refusal, Step};
use crate::frame::Frame;

/// How to read a picture file.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// The layer of an OpenEXR file: the name of a part or what stands before the last dot of a
    /// channel's name. `None` takes the channels without a layer, or the only layer there is.
    pub layer: Option<String>,
    /// Pictures with more pixels are refused before anything is allocated; default 2^30.
    pub max_pixels: u64,
    /// Significant bits of a TIFF's 16-bit samples where the file itself does not say, 9 to 16:
    /// 10 reads 1023 as 1.
    pub significant_bits: Option<u8>,
    /// Threads for decompression; 0, the default, takes one per processor. The pixels do not
    /// depend on it.
    pub threads: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { layer: None, max_pixels: 1 << 30, significant_bits: None, threads: 0 }
    }
}

/// Reads a PNG, JPEG, TIFF, OpenEXR or Radiance file.
///
/// # Errors
/// [`FrameError`] where the file cannot be opened, is none of these formats, is damaged, is
/// larger than the options allow or uses a feature that is not supported.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Frame, FrameError> {
    let bytes = load(path)?;
    // Decoders of third parties may panic on hostile files; that is the file's fault, not ours.
    catch_unwind(AssertUnwindSafe(|| decode(&bytes, options)))
        .unwrap_or_else(|_| {
            Err(Refusal::new("image data", "bytes its decoder cannot cope with", "an intact file"))
        })
        .map_err(|refusal| FrameError::refused(path, refusal))
}

fn load(path: &Path) -> Result<Vec<u8>, FrameError> {
    let failed = |error| FrameError::io(path, "file", "a file that can be read", error);
    let mut file = fs::File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    if facts.is_dir() {
        let refusal = Refusal::new("file", "a folder", "a picture file");
        return Err(FrameError::refused(path, refusal));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(facts.len()).unwrap_or(0));
    file.read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    match bytes {
        [] => Err(Refusal::new("file", "0 bytes", "a picture file")),
        [0x89, b'P', b'N', b'G', ..] => png::decode(bytes, options),
        [0xff, 0xd8, ..] => jpeg::decode(bytes, options),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => tiff::decode(bytes, options),
        [0x76, 0x2f, 0x31, 0x01, ..] => exr::decode(bytes, options),
        [b'#', b'?', ..] => hdr::decode(bytes, options),
        _ => Err(Refusal::new(
            "signature",
            format!("bytes {:02x?}", &bytes[..bytes.len().min(8)]),
            "the first bytes of a PNG, JPEG, TIFF, OpenEXR or Radiance file",
        )),
    }
}

/// Refuses empty and oversized pictures. `densest` is the most pixels that one byte of a file of
/// this kind can stand for: a short file cannot make us allocate a large picture.
fn check_size(
    field: &str,
    width: u64,
    height: u64,
    file_length: usize,
    densest: u64,
    options: &ReadOptions,
) -> Step<()> {
    let found = || format!("{width} x {height} pixels");
    if width == 0 || height == 0 {
        return Err(Refusal::new(field, found(), "at least 1 x 1"));
    }
    let pixels = width.saturating_mul(height);
    if pixels > options.max_pixels || width > 1 << 24 || height > 1 << 24 {
        let limit = format!("at most {} pixels", options.max_pixels);
        return Err(Refusal::new(field, found(), limit));
    }
    // Headers and rounding to blocks are covered by the constant.
    let possible = (file_length as u64).saturating_mul(densest).saturating_add(1 << 16);
    if pixels > possible {
        return Err(Refusal::new(
            field,
            format!("{} in a file of {file_length} bytes", found()),
            format!("at most {possible} pixels in a file of this length"),
        ));
    }
    Ok(())
}
