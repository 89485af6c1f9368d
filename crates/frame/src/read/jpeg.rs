//! JPEG: 8-bit baseline and progressive, grey and colour.
//!
//! The decoder is built without SIMD, whose inverse cosine transform may round otherwise than the
//! portable one: every machine must read the same codes.

use std::io::Cursor;

use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::samples::{Layout, spread_u8};
use super::{ReadOptions, check_size};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, SourceKind};

/// A block of 64 pixels takes at least one bit.
const DENSEST: u64 = 64 * 8;

pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    let limits = DecoderOptions::new_safe()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(true)
        .jpeg_set_max_scans(256);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), limits);
    decoder.decode_headers().map_err(|error| damaged("header", &error))?;
    let (Some(info), Some(stored)) = (decoder.info(), decoder.input_colorspace()) else {
        return Err(Refusal::new("SOF", "no frame header", "a frame header"));
    };
    let (width, height) = (info.width, info.height);
    check_size("SOF", width.into(), height.into(), bytes.len(), DENSEST, options)?;
    let (layout, colour) = match stored {
        ColorSpace::Luma => (Layout::Grey, ColorSpace::Luma),
        ColorSpace::YCbCr | ColorSpace::RGB => (Layout::Rgb, ColorSpace::RGB),
        other => {
            let expected = "grey, YCbCr or RGB";
            return Err(Refusal::new("colour", format!("{other:?}"), expected));
        }
    };
    // A file cut short still decodes, to grey where data is missing.
    if !bytes.windows(2).rev().any(|pair| pair == [0xff, 0xd9]) {
        return Err(Refusal::new("EOI", "the end of the file", "an end-of-image marker"));
    }
    decoder.set_options(limits.jpeg_set_out_colorspace(colour));
    let codes = decoder.decode().map_err(|error| damaged("scan", &error))?;
    let pixels = usize::from(width) * usize::from(height);
    if codes.len() != pixels * layout.channels() {
        let expected = format!("{} samples", pixels * layout.channels());
        return Err(Refusal::new("scan", format!("{} samples", codes.len()), expected));
    }
    let mut frame =
        Frame::new(width.into(), height.into(), vec![0.0; pixels * 4], AlphaKind::Opaque);
    spread_u8(layout, &codes, &mut frame.pixels);
    frame.source = SourceKind::Integer { bits: 8 };
    if let Some(profile) = decoder.icc_profile() {
        frame.metadata.note("ICC", format!("{} bytes", profile.len()));
    }
    if let Some(exif) = decoder.exif() {
        frame.metadata.note("Exif", format!("{} bytes", exif.len()));
    }
    Ok(frame)
}

fn damaged(field: &str, error: &DecodeErrors) -> Refusal {
    Refusal::new(field, error.to_string(), "an intact baseline or progressive 8-bit JPEG file")
}
