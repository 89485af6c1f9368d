//! TIFF and BigTIFF: the first picture of the file.
//!
//! Unsigned integers of 1 to 16 and 32 bits (packed 10 and 12 bits included), half and single floats;
//! grey, RGB, palette; strips and tiles, chunky and planar; none, LZW, Deflate and PackBits;
//! predictors 1, 2 and 3; associated and unassociated alpha.

mod codec;
mod directory;
mod unpack;

use codec::Compression;
use directory::{Directory, tag};

use super::{ReadOptions, check_size};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, SourceKind};
use crate::metadata::Metadata;
use crate::parallel;
use unpack::{Predictor, Samples};

/// What the directory says about the picture, checked.
struct Picture {
    width: usize,
    height: usize,
    /// Samples of a pixel in the file, extra ones included.
    samples: usize,
    planar: bool,
    encoding: Samples,
    predictor: Predictor,
    compression: Compression,
    colour: Colour,
    /// Which sample is alpha.
    alpha: Option<(usize, AlphaKind)>,
    blocks: Blocks,
}

enum Colour {
    /// Whether 0 is white.
    Grey {
        inverted: bool,
    },
    Rgb,
    /// Red, green and blue of every index.
    Palette(Vec<[f32; 3]>),
}

/// Strips, or tiles, of equal size, left to right and top to bottom.
struct Blocks {
    width: usize,
    height: usize,
    across: usize,
    /// Strips end with the picture; tiles are always whole.
    padded: bool,
    /// Offset and length in the file of each, plane after plane.
    places: Vec<(u64, u64)>,
}

pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    let directory = Directory::first(bytes)?;
    let picture = describe(&directory, bytes.len(), options)?;
    let (width, height) = (picture.width, picture.height);
    let pixels = vec![0.0; width * height * 4];
    let alpha = picture.alpha.map_or(AlphaKind::Opaque, |(_, kind)| kind);
    let mut frame = Frame::new(width as u32, height as u32, pixels, alpha);
    let bands = frame.pixels.chunks_mut(picture.blocks.height * width * 4);
    parallel::for_each(options.threads, bands, |index, band| {
        decode_band(bytes, &directory, &picture, index, band)
    })?;
    frame.source = match picture.encoding {
        Samples::Integer { significant, .. } => SourceKind::Integer { bits: significant },
        Samples::Half => SourceKind::Half,
        Samples::Float => SourceKind::Float,
    };
    if let (Some(x), Some(y)) =
        (directory.rational(tag::X_RESOLUTION)?, directory.rational(tag::Y_RESOLUTION)?)
        && x > 0.0
        && y > 0.0
    {
        frame.pixel_aspect = (y / x) as f32;
    }
    note_facts(&directory, &mut frame.metadata)?;
    Ok(frame)
}

fn describe(directory: &Directory<'_>, length: usize, options: &ReadOptions) -> Step<Picture> {
    let width = directory.required(tag::IMAGE_WIDTH)?;
    let height = directory.required(tag::IMAGE_LENGTH)?;
    let compression = Compression::from_code(directory.number(tag::COMPRESSION, 1)?)?;
    // A byte may hold eight pixels.
    let densest = compression.densest() as u64 * 8;
    check_size("ImageWidth x ImageLength", width, height, length, densest, options)?;
    let (width, height) = (width as usize, height as usize);

    let samples = directory.number(tag::SAMPLES_PER_PIXEL, 1)?;
    if !(1..=64).contains(&samples) {
        return Err(Refusal::new("SamplesPerPixel", samples.to_string(), "1 to 64"));
    }
    let samples = samples as usize;
    let encoding = encoding(directory, samples, options)?;
    let planar = match directory.number(tag::PLANAR_CONFIGURATION, 1)? {
        1 => false,
        2 => samples > 1,
        other => return Err(Refusal::new("PlanarConfiguration", other.to_string(), "1 or 2")),
    };
    let predictor = Predictor::from_code(directory.number(tag::PREDICTOR, 1)?, encoding)?;
    let order = directory.number(tag::FILL_ORDER, 1)?;
    if order != 1 {
        return Err(Refusal::new("FillOrder", order.to_string(), "1"));
    }
    let orientation = directory.number(tag::ORIENTATION, 1)?;
    if orientation != 1 {
        return Err(Refusal::new("Orientation", orientation.to_string(), "1 (top left)"));
    }

    let photometric = directory.required(tag::PHOTOMETRIC)?;
    let (colour, colours) = match photometric {
        0 | 1 => (Colour::Grey { inverted: photometric == 0 }, 1),
        2 => (Colour::Rgb, 3),
        3 => (Colour::Palette(palette(directory, encoding)?), 1),
        other => {
            let expected = "0 or 1 (grey), 2 (RGB) or 3 (palette)";
            return Err(Refusal::new("PhotometricInterpretation", other.to_string(), expected));
        }
    };
    if samples < colours {
        let expected = format!("at least {colours} for this PhotometricInterpretation");
        return Err(Refusal::new("SamplesPerPixel", samples.to_string(), expected));
    }
    let alpha = alpha(directory, colours, samples)?;
    let blocks = blocks(directory, width, height, if planar { samples } else { 1 })?;
    Ok(Picture {
        width,
        height,
        samples,
        planar,
        encoding,
        predictor,
        compression,
        colour,
        alpha,
        blocks,
    })
}

fn encoding(directory: &Directory<'_>, samples: usize, options: &ReadOptions) -> Step<Samples> {
    let bits = same_for_all(directory, tag::BITS_PER_SAMPLE, "BitsPerSample", samples, 1)?;
    let format = same_for_all(directory, tag::SAMPLE_FORMAT, "SampleFormat", samples, 1)?;
    match (format, bits) {
        // Wider codes that are no whole words have a byte order of their own; nobody writes them.
        (1 | 4, 1..=16 | 32) => {
            let stored = bits as u8;
            let significant = significant_bits(directory, stored, options)?;
            Ok(Samples::Integer { stored, significant })
        }
        (3, 16) => Ok(Samples::Half),
        (3, 32) => Ok(Samples::Float),
        _ => Err(Refusal::new(
            "SampleFormat and BitsPerSample",
            format!("format {format} with {bits} bits"),
            "unsigned integers of 1 to 16 or 32 bits or floats of 16 or 32 bits",
        )),
    }
}

/// 16-bit samples that carry fewer bits, as the caller or the file's largest value says.
fn significant_bits(directory: &Directory<'_>, stored: u8, options: &ReadOptions) -> Step<u8> {
    if stored != 16 {
        return Ok(stored);
    }
    if let Some(bits) = options.significant_bits {
        if !(9..=16).contains(&bits) {
            return Err(Refusal::new("significant bits", bits.to_string(), "9 to 16"));
        }
        return Ok(bits);
    }
    for tag in [tag::S_MAX_SAMPLE_VALUE, tag::MAX_SAMPLE_VALUE] {
        let largest = directory.numbers(tag)?.and_then(|values| values.into_iter().max());
        for bits in 9..16_u8 {
            if largest == Some((1 << bits) - 1) {
                return Ok(bits);
            }
        }
    }
    Ok(stored)
}

fn same_for_all(
    directory: &Directory<'_>,
    tag: u16,
    name: &str,
    samples: usize,
    default: u64,
) -> Step<u64> {
    let Some(values) = directory.numbers(tag)? else { return Ok(default) };
    let first = values.first().copied().unwrap_or(default);
    if values.len() != samples && values.len() != 1 {
        let found = format!("{} values", values.len());
        return Err(Refusal::new(name, found, format!("{samples}, one for each sample")));
    }
    if values.iter().any(|&value| value != first) {
        return Err(Refusal::new(name, format!("{values:?}"), "the same for every sample"));
    }
    Ok(first)
}

fn palette(directory: &Directory<'_>, encoding: Samples) -> Step<Vec<[f32; 3]>> {
    let Samples::Integer { stored: bits @ 1..=8, .. } = encoding else {
        return Err(Refusal::new("BitsPerSample", "no index", "1 to 8 bits for a palette"));
    };
    let size = 1_usize << bits;
    let map = directory.numbers(tag::COLOR_MAP)?.unwrap_or_default();
    if map.len() != 3 * size {
        let expected = format!("{} values for {bits} bits", 3 * size);
        return Err(Refusal::new("ColorMap", format!("{} values", map.len()), expected));
    }
    let entry = |index: usize| map[index].min(65535) as f32 / 65535.0;
    Ok((0..size)
        .map(|index| [entry(index), entry(size + index), entry(2 * size + index)])
        .collect())
}

/// The sample that is alpha. A fourth sample nobody describes is taken for unassociated alpha,
/// as most programs that write such files mean it.
fn alpha(
    directory: &Directory<'_>,
    colours: usize,
    samples: usize,
) -> Step<Option<(usize, AlphaKind)>> {
    let kinds = directory.numbers(tag::EXTRA_SAMPLES)?.unwrap_or_default();
    let described = kinds.iter().enumerate().find_map(|(index, &kind)| match kind {
        1 => Some((colours + index, AlphaKind::Premultiplied)),
        2 => Some((colours + index, AlphaKind::Straight)),
        _ => None,
    });
    match described {
        Some((index, _)) if index >= samples => {
            let expected = format!("at most {} entries", samples - colours);
            Err(Refusal::new("ExtraSamples", format!("{} entries", kinds.len()), expected))
        }
        None if samples == colours + 1 && kinds.first() != Some(&0) => {
            Ok(Some((colours, AlphaKind::Straight)))
        }
        described => Ok(described),
    }
}

fn blocks(directory: &Directory<'_>, width: usize, height: usize, planes: usize) -> Step<Blocks> {
    let tiled = directory.has(tag::TILE_WIDTH);
    let (block_width, block_height, offsets, lengths, name) = if tiled {
        let sides = (directory.required(tag::TILE_WIDTH)?, directory.required(tag::TILE_LENGTH)?);
        if sides.0 == 0 || sides.1 == 0 || sides.0 > 1 << 16 || sides.1 > 1 << 16 {
            let expected = "1 to 65536 pixels each way";
            return Err(Refusal::new("TileWidth x TileLength", format!("{sides:?}"), expected));
        }
        let (offsets, lengths) = (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS);
        (sides.0 as usize, sides.1 as usize, offsets, lengths, "TileOffsets")
    } else {
        let rows = directory.number(tag::ROWS_PER_STRIP, u64::MAX)?.min(height as u64);
        if rows == 0 {
            return Err(Refusal::new("RowsPerStrip", "0", "at least 1"));
        }
        (width, rows as usize, tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS, "StripOffsets")
    };
    let across = width.div_ceil(block_width);
    let count = across * height.div_ceil(block_height) * planes;
    let offsets = directory.numbers(offsets)?.unwrap_or_default();
    let lengths = directory.numbers(lengths)?.unwrap_or_default();
    if offsets.len() < count || lengths.len() < count {
        return Err(Refusal::new(
            name,
            format!("{} offsets and {} byte counts", offsets.len(), lengths.len()),
            format!("{count} of each"),
        ));
    }
    let places = offsets.into_iter().zip(lengths).take(count).collect();
    Ok(Blocks { width: block_width, height: block_height, across, padded: tiled, places })
}

/// Decodes all blocks that lie beside each other into their rows of the picture.
fn decode_band(
    bytes: &[u8],
    directory: &Directory<'_>,
    picture: &Picture,
    index: usize,
    band: &mut [f32],
) -> Step<()> {
    let blocks = &picture.blocks;
    let rows = band.len() / (picture.width * 4);
    let planes = if picture.planar { picture.samples } else { 1 };
    let samples = if picture.planar { 1 } else { picture.samples };
    let per_plane = blocks.places.len() / planes;
    let stored_rows = if blocks.padded { blocks.height } else { rows };
    let row_bytes = picture.encoding.row_bytes(blocks.width * samples);
    for across in 0..blocks.across {
        let x = across * blocks.width;
        let wide = blocks.width.min(picture.width - x);
        // The samples of each plane, or of the one plane with all samples, row by row.
        let mut unpacked: Vec<Vec<f32>> = Vec::with_capacity(planes);
        for plane in 0..planes {
            let number = plane * per_plane + index * blocks.across + across;
            let context = |refusal: Refusal| {
                let name = if blocks.padded { "tile" } else { "strip" };
                Refusal { field: format!("{name} {number}: {}", refusal.field), ..refusal }
            };
            let (offset, length) = blocks.places[number];
            let packed = directory.slice(bytes, offset, length).map_err(context)?;
            let mut plain =
                picture.compression.expand(packed, row_bytes * stored_rows).map_err(context)?;
            let mut values = vec![0.0; rows * wide * samples];
            for (row, values) in
                plain.chunks_exact_mut(row_bytes).zip(values.chunks_exact_mut(wide * samples))
            {
                picture.predictor.undo(row, picture.encoding, samples, directory.big_endian());
                // Palettes need the index itself.
                let scaled = !matches!(picture.colour, Colour::Palette(_));
                picture
                    .encoding
                    .unpack(row, values, directory.big_endian(), scaled)
                    .map_err(context)?;
            }
            unpacked.push(values);
        }
        for y in 0..rows {
            let start = (y * picture.width + x) * 4;
            let row = &mut band[start..start + wide * 4];
            let planes: Vec<&[f32]> =
                unpacked.iter().map(|plane| &plane[y * wide * samples..]).collect();
            assemble(picture, &planes, row);
        }
    }
    Ok(())
}

/// A row of samples, in one plane or in one for each, to RGBA.
fn assemble(picture: &Picture, planes: &[&[f32]], row: &mut [f32]) {
    let pixels = row.chunks_exact_mut(4);
    // The usual layouts without looking anything up.
    if !picture.planar && matches!(picture.colour, Colour::Rgb) {
        match (picture.samples, picture.alpha) {
            (3, None) => {
                for (pixel, from) in pixels.zip(planes[0].chunks_exact(3)) {
                    pixel.copy_from_slice(&[from[0], from[1], from[2], 1.0]);
                }
                return;
            }
            (4, Some((3, _))) => {
                row.copy_from_slice(&planes[0][..row.len()]);
                return;
            }
            _ => {}
        }
    }
    let sample = |pixel: usize, channel: usize| {
        if picture.planar {
            planes[channel][pixel]
        } else {
            planes[0][pixel * picture.samples + channel]
        }
    };
    for (at, pixel) in pixels.enumerate() {
        let [red, green, blue] = match &picture.colour {
            Colour::Rgb => [sample(at, 0), sample(at, 1), sample(at, 2)],
            Colour::Grey { inverted: false } => [sample(at, 0); 3],
            Colour::Grey { inverted: true } => [1.0 - sample(at, 0); 3],
            Colour::Palette(entries) => {
                entries.get(sample(at, 0) as usize).copied().unwrap_or_default()
            }
        };
        let alpha = picture.alpha.map_or(1.0, |(channel, _)| sample(at, channel));
        pixel.copy_from_slice(&[red, green, blue, alpha]);
    }
}

fn note_facts(directory: &Directory<'_>, metadata: &mut Metadata) -> Step<()> {
    let texts = [
        (tag::IMAGE_DESCRIPTION, "ImageDescription"),
        (tag::SOFTWARE, "Software"),
        (tag::DATE_TIME, "DateTime"),
        (tag::ARTIST, "Artist"),
        (tag::COPYRIGHT, "Copyright"),
    ];
    for (tag, name) in texts {
        if let Some(text) = directory.text(tag)? {
            metadata.note(name, text);
        }
    }
    if let Some(length) = directory.byte_length(tag::ICC_PROFILE) {
        metadata.note("ICC", format!("{length} bytes"));
    }
    Ok(())
}
