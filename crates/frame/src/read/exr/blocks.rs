//! Where the blocks of a part lie in the file, and their pixels.

use exr::math::{RoundingMode, Vec2};
use exr::meta::BlockDescription;
use exr::meta::attribute::{
    ChannelDescription, IntegerBounds, LevelMode, LineOrder, SampleType as Stored, Text,
    TileDescription,
};
use exr::meta::header::Header;
use half::f16;
use half::slice::HalfFloatSliceExt;

use super::channels::Choice;
use super::cursor;
use super::header::{File, Part, SampleType};
use crate::error::{Refusal, Step};
use crate::frame::Window;
use crate::parallel;

/// The chunks of one part at full resolution.
pub(super) struct Storage {
    /// Columns and rows of blocks, and the size of each.
    across: usize,
    width: usize,
    height: usize,
    /// Where each chunk begins, left to right, top to bottom.
    offsets: Vec<u64>,
    part: Option<i32>,
}

impl Storage {
    /// Reads the part's table of chunks.
    pub(super) fn locate(file: &File, index: usize, bytes: &[u8]) -> Step<Self> {
        let part = &file.parts[index];
        let data = part.window("dataWindow")?;
        let (width, height) = match part.tiles {
            Some(tiles) => (tiles.width as usize, tiles.height as usize),
            None => (data.width as usize, part.compression.rows() as usize),
        };
        let across = (data.width as usize).div_ceil(width);
        let count = across * (data.height as usize).div_ceil(height);

        let mut start = file.tables as u64;
        for earlier in &file.parts[..index] {
            start = start.saturating_add(earlier.chunk_count()?.saturating_mul(8));
        }
        let field = "chunk table";
        // All of it at once, so that a short file cannot make us allocate a long table.
        let table = cursor(bytes).at(start).take(count.saturating_mul(8), field)?;
        let (table, _) = table.as_chunks::<8>();
        let offsets: Vec<u64> = table.iter().map(|&offset| u64::from_le_bytes(offset)).collect();
        if offsets.contains(&0) {
            let missing = offsets.iter().filter(|&&offset| offset == 0).count();
            let found = format!("{missing} of {count} chunks missing");
            return Err(Refusal::new(field, found, "a file written to its end"));
        }
        let part = file.multi_part.then(|| i32::try_from(index).unwrap_or(i32::MAX));
        Ok(Self { across, width, height, offsets, part })
    }

    /// Fills RGBA pixels of the data window.
    pub(super) fn decode(
        &self,
        bytes: &[u8],
        part: &Part,
        data: Window,
        choice: &Choice,
        threads: usize,
        pixels: &mut [f32],
    ) -> Step<()> {
        let header = codec_header(part, data);
        let row = data.width as usize * 4;
        let bands = pixels.chunks_mut(self.height * row);
        parallel::for_each(threads, bands, |down, band| {
            for across in 0..self.across {
                let number = down * self.across + across;
                self.decode_chunk(bytes, part, data, choice, &header, number, band).map_err(
                    |refusal| Refusal {
                        field: format!("chunk {number}: {}", refusal.field),
                        ..refusal
                    },
                )?;
            }
            Ok(())
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn decode_chunk(
        &self,
        bytes: &[u8],
        part: &Part,
        data: Window,
        choice: &Choice,
        header: &Header,
        number: usize,
        band: &mut [f32],
    ) -> Step<()> {
        let (across, down) = (number % self.across, number / self.across);
        let (x, y) = (across * self.width, down * self.height);
        let width = self.width.min(data.width as usize - x);
        let height = self.height.min(data.height as usize - y);

        let mut chunk = cursor(bytes).at(self.offsets[number]);
        if let Some(part) = self.part {
            check("part number", chunk.i32("part number")?, part)?;
        }
        if part.tiles.is_some() {
            check("tile column", chunk.i32("tile column")?, across as i32)?;
            check("tile row", chunk.i32("tile row")?, down as i32)?;
            check("level", chunk.i32("level")?, 0)?;
            check("level", chunk.i32("level")?, 0)?;
        } else {
            check("y coordinate", chunk.i32("y coordinate")?, data.y + y as i32)?;
        }
        let size = chunk.i32("size")?;
        let length = usize::try_from(size)
            .map_err(|_| Refusal::new("size", size.to_string(), "a positive number"))?;
        let packed = chunk.take(length, "data")?;

        let expected = width * height * part.bytes_per_pixel();
        if length > expected {
            let limit = format!("at most {expected} bytes");
            return Err(Refusal::new("size", format!("{length} bytes"), limit));
        }
        let section =
            IntegerBounds { position: Vec2(x as i32, y as i32), size: Vec2(width, height) };
        let plain = part
            .compression
            .0
            .decompress_image_section_from_le(header, packed.to_vec(), section, false)
            .map_err(|error| {
                let expected = format!("intact {} data", part.compression.name());
                Refusal::new("data", error.to_string(), expected)
            })?;
        if plain.len() != expected {
            let found = format!("{} bytes", plain.len());
            return Err(Refusal::new("data", found, format!("{expected} bytes")));
        }
        scatter(part, choice, &plain, width, &mut band[x * 4..], data.width as usize * 4);
        Ok(())
    }
}

/// Takes the chosen channels' rows apart into RGBA.
fn scatter(
    part: &Part,
    choice: &Choice,
    plain: &[u8],
    width: usize,
    target: &mut [f32],
    target_row: usize,
) {
    // Byte offset of each channel's samples in a row.
    let starts: Vec<usize> = part
        .channels
        .iter()
        .scan(0, |end, channel| {
            let start = *end;
            *end += width * channel.sample.bytes();
            Some(start)
        })
        .collect();
    let row_bytes = width * part.bytes_per_pixel();
    let mut planes = [const { Vec::new() }; 4];
    planes.iter_mut().for_each(|plane| plane.resize(width, 1.0_f32));
    let mut halves = vec![f16::ZERO; width];
    for (plain, target) in plain.chunks_exact(row_bytes).zip(target.chunks_mut(target_row)) {
        let wanted = choice.colour.iter().map(|&index| Some(index)).chain([choice.alpha]);
        for (plane, index) in planes.iter_mut().zip(wanted) {
            let Some(index) = index else { continue };
            let sample = part.channels[index].sample;
            let samples = &plain[starts[index]..starts[index] + width * sample.bytes()];
            read_samples(sample, samples, &mut halves, plane);
        }
        let [red, green, blue, alpha] = &planes;
        let colours = red.iter().zip(green).zip(blue).zip(alpha);
        for (pixel, (((red, green), blue), alpha)) in target.chunks_exact_mut(4).zip(colours) {
            pixel.copy_from_slice(&[*red, *green, *blue, *alpha]);
        }
    }
}

/// Samples in the machine's own byte order, as the codec returns them.
fn read_samples(sample: SampleType, bytes: &[u8], halves: &mut [f16], values: &mut [f32]) {
    let (pairs, _) = bytes.as_chunks::<2>();
    let (quads, _) = bytes.as_chunks::<4>();
    match sample {
        SampleType::Half => {
            for (half, &bytes) in halves.iter_mut().zip(pairs) {
                *half = f16::from_ne_bytes(bytes);
            }
            halves.convert_to_f32_slice(values);
        }
        SampleType::Float => {
            for (value, &bytes) in values.iter_mut().zip(quads) {
                *value = f32::from_ne_bytes(bytes);
            }
        }
        SampleType::Uint => {
            for (value, &bytes) in values.iter_mut().zip(quads) {
                *value = u32::from_ne_bytes(bytes) as f32;
            }
        }
    }
}

fn check(field: &str, found: i32, expected: i32) -> Step<()> {
    if found == expected {
        return Ok(());
    }
    Err(Refusal::new(field, found.to_string(), expected.to_string()))
}

/// What the codec needs to know of the part.
fn codec_header(part: &Part, data: Window) -> Header {
    let channels = part
        .channels
        .iter()
        .map(|channel| ChannelDescription {
            // Only the lossy compressions look at names.
            name: Text::from_slice_unchecked(channel.name.as_bytes()),
            sample_type: match channel.sample {
                SampleType::Uint => Stored::U32,
                SampleType::Half => Stored::F16,
                SampleType::Float => Stored::F32,
            },
            quantize_linearly: channel.linear,
            sampling: Vec2(1, 1),
        })
        .collect();
    let blocks = match part.tiles {
        None => BlockDescription::ScanLines,
        Some(tiles) => BlockDescription::Tiles(TileDescription {
            tile_size: Vec2(tiles.width as usize, tiles.height as usize),
            level_mode: LevelMode::Singular,
            rounding_mode: RoundingMode::Down,
        }),
    };
    let size = Vec2(data.width as usize, data.height as usize);
    Header::new(Text::from_slice_unchecked(b"part"), size, channels).with_encoding(
        part.compression.0,
        blocks,
        LineOrder::Increasing,
    )
}
