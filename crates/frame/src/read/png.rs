//! PNG: 1 to 16 bits, grey, RGB and palette, with or without alpha.

use std::io::Cursor;

use png::{BitDepth, ColorType, DecodingError, Transformations};

use super::samples::{Layout, spread_u8, spread_u16_be};
use super::{ReadOptions, check_size};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, SourceKind};
use crate::metadata::Metadata;

/// Deflate gives at most 1032 bytes for one; a byte may hold eight pixels.
const DENSEST: u64 = 1032 * 8;

pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    // Ancillary chunks may not take more than the file could sensibly hold.
    let limits = png::Limits { bytes: 64 << 20 };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND);
    let header = decoder.read_header_info().map_err(|error| damaged("header", &error))?;
    let (width, height) = (header.width, header.height);
    check_size("IHDR", width.into(), height.into(), bytes.len(), DENSEST, options)?;

    let mut reader = decoder.read_info().map_err(|error| damaged("chunks", &error))?;
    let (colour, depth) = reader.output_color_type();
    let layout = match colour {
        ColorType::Grayscale => Layout::Grey,
        ColorType::GrayscaleAlpha => Layout::GreyAlpha,
        ColorType::Rgb => Layout::Rgb,
        ColorType::Rgba => Layout::RgbAlpha,
        ColorType::Indexed => {
            return Err(Refusal::new("PLTE", "no palette", "a palette for indexed colour"));
        }
    };
    let spread = match depth {
        BitDepth::Eight => spread_u8,
        BitDepth::Sixteen => spread_u16_be,
        other => {
            let expected = "1, 2, 4, 8 or 16 bits";
            return Err(Refusal::new("IHDR bit depth", format!("{other:?}"), expected));
        }
    };

    let alpha = if layout.has_alpha() { AlphaKind::Straight } else { AlphaKind::Opaque };
    let mut frame = Frame::new(width, height, vec![0.0; pixels(width, height) * 4], alpha);
    let info = reader.info();
    let bits = if info.color_type == ColorType::Indexed { 8 } else { info.bit_depth as u8 };
    frame.source = SourceKind::Integer { bits };
    let interlaced = info.interlaced;

    let row_length = width as usize * 4;
    let damaged_data = |error: DecodingError| damaged("IDAT", &error);
    if interlaced {
        let length = reader.output_buffer_size().unwrap_or(usize::MAX);
        let line = reader.output_line_size(width).unwrap_or(usize::MAX);
        let mut codes = Vec::new();
        codes
            .try_reserve_exact(length)
            .map_err(|_| Refusal::new("IHDR", "more pixels than fit in memory", "fewer"))?;
        codes.resize(length, 0);
        reader.next_frame(&mut codes).map_err(damaged_data)?;
        for (row, codes) in frame.pixels.chunks_exact_mut(row_length).zip(codes.chunks(line)) {
            spread(layout, codes, row);
        }
    } else {
        for (y, row) in frame.pixels.chunks_exact_mut(row_length).enumerate() {
            let codes = reader.next_row().map_err(damaged_data)?.ok_or_else(|| {
                Refusal::new("IDAT", format!("{y} rows"), format!("{height} rows"))
            })?;
            spread(layout, codes.data(), row);
        }
    }
    // Reads on to the end chunk, which a file cut short lacks.
    reader.finish().map_err(|error| damaged("IDAT to IEND", &error))?;
    note_facts(reader.info(), &mut frame.metadata);
    if let Some(density) = reader.info().pixel_dims
        && density.xppu > 0
        && density.yppu > 0
    {
        // Twice the pixels to the unit are half as wide.
        frame.pixel_aspect = density.yppu as f32 / density.xppu as f32;
    }
    Ok(frame)
}

fn pixels(width: u32, height: u32) -> usize {
    width as usize * height as usize
}

fn note_facts(info: &png::Info<'_>, metadata: &mut Metadata) {
    if let Some(gamma) = info.gama_chunk {
        metadata.note("gAMA", format!("{}", gamma.into_value()));
    }
    if let Some(xy) = info.chrm_chunk {
        let pair = |(x, y): (png::ScaledFloat, png::ScaledFloat)| {
            format!("{} {}", x.into_value(), y.into_value())
        };
        let [red, green, blue, white] = [xy.red, xy.green, xy.blue, xy.white].map(pair);
        metadata.note("cHRM", format!("red {red} green {green} blue {blue} white {white}"));
    }
    if let Some(intent) = info.srgb {
        metadata.note("sRGB", format!("{intent:?}"));
    }
    if let Some(code) = info.coding_independent_code_points {
        metadata.note(
            "cICP",
            format!(
                "primaries {} transfer {} matrix {} range {}",
                code.color_primaries,
                code.transfer_function,
                code.matrix_coefficients,
                if code.is_video_full_range_image { "full" } else { "narrow" }
            ),
        );
    }
    if let Some(profile) = &info.icc_profile {
        metadata.note("iCCP", format!("{} bytes", profile.len()));
    }
    if let Some(bits) = &info.sbit {
        metadata.note("sBIT", format!("{bits:?}"));
    }
    for chunk in &info.uncompressed_latin1_text {
        metadata.note(chunk.keyword.clone(), chunk.text.clone());
    }
    for chunk in &info.utf8_text {
        if let Ok(text) = chunk.get_text() {
            metadata.note(chunk.keyword.clone(), text);
        }
    }
}

fn damaged(field: &str, error: &DecodingError) -> Refusal {
    // The decoder prints chunk types with all their flags; the name is enough.
    let text = error.to_string();
    let found = match text.split_once("ChunkType { type: ") {
        Some((before, after)) => {
            let (name, _) = after.split_once(',').unwrap_or((after, ""));
            let (_, after) = after.split_once('}').unwrap_or(("", ""));
            format!("{before}{name}{after}")
        }
        None => text,
    };
    Refusal::new(field, found.trim_end_matches('.'), "an intact PNG file")
}
