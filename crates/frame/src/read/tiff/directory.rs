//! The header and the first image file directory of a TIFF or BigTIFF file.

use crate::error::{Refusal, Step};
use crate::read::bytes::Bytes;

/// The tags read here, by their names in the TIFF 6.0 specification.
pub(super) mod tag {
    pub(crate) const IMAGE_WIDTH: u16 = 256;
    pub(crate) const IMAGE_LENGTH: u16 = 257;
    pub(crate) const BITS_PER_SAMPLE: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const IMAGE_DESCRIPTION: u16 = 270;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(crate) const MAX_SAMPLE_VALUE: u16 = 281;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const PLANAR_CONFIGURATION: u16 = 284;
    pub(crate) const SOFTWARE: u16 = 305;
    pub(crate) const DATE_TIME: u16 = 306;
    pub(crate) const ARTIST: u16 = 315;
    pub(crate) const PREDICTOR: u16 = 317;
    pub(crate) const COLOR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_LENGTH: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_BYTE_COUNTS: u16 = 325;
    pub(crate) const EXTRA_SAMPLES: u16 = 338;
    pub(crate) const SAMPLE_FORMAT: u16 = 339;
    pub(crate) const S_MAX_SAMPLE_VALUE: u16 = 341;
    pub(crate) const COPYRIGHT: u16 = 33432;
    pub(crate) const ICC_PROFILE: u16 = 34675;
}

/// No file needs more directories, nor more entries in one.
const MOST_DIRECTORIES: usize = 4096;
const MOST_ENTRIES: u64 = 4096;

/// The first directory, its values still in the file.
pub(super) struct Directory<'a> {
    file: Bytes<'a>,
    big_endian: bool,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    tag: u16,
    kind: u16,
    value: &'a [u8],
}

struct Form {
    /// BigTIFF: 64-bit offsets and counts.
    big: bool,
}

impl<'a> Directory<'a> {
    /// Reads the first directory and walks the chain of the others, whose loops are refused.
    pub(super) fn first(bytes: &'a [u8]) -> Step<Self> {
        let big_endian = bytes.first() == Some(&b'M');
        let mut file = Bytes::new(bytes, big_endian).at(2);
        let form = Form { big: file.u16("version")? == 43 };
        if form.big {
            let (size, zero) = (file.u16("offset size")?, file.u16("offset size")?);
            if (size, zero) != (8, 0) {
                let found = format!("{size} and {zero}");
                return Err(Refusal::new("offset size", found, "8 and 0"));
            }
        }
        let start = form.offset(&mut file, "directory offset")?;
        let (entries, mut next) = form.entries(&file, start)?;
        let mut seen = vec![start];
        while next != 0 {
            if seen.contains(&next) || seen.len() >= MOST_DIRECTORIES {
                return Err(Refusal::new(
                    "next directory",
                    format!("offset {next}, which leads back"),
                    "a directory not seen before or 0",
                ));
            }
            seen.push(next);
            next = form.skip_entries(&file, next)?;
        }
        Ok(Self { file, big_endian, entries })
    }

    pub(super) fn big_endian(&self) -> bool {
        self.big_endian
    }

    pub(super) fn has(&self, tag: u16) -> bool {
        self.entry(tag).is_some()
    }

    pub(super) fn byte_length(&self, tag: u16) -> Option<usize> {
        self.entry(tag).map(|entry| entry.value.len())
    }

    fn entry(&self, tag: u16) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// All numbers of a tag of one of the unsigned integer types.
    pub(super) fn numbers(&self, tag: u16) -> Step<Option<Vec<u64>>> {
        let Some(entry) = self.entry(tag) else { return Ok(None) };
        let mut values = Bytes::new(entry.value, self.big_endian);
        let field = name(tag);
        let count = entry.value.len() / size_of_kind(entry.kind).unwrap_or(1);
        let mut numbers = Vec::with_capacity(count);
        for _ in 0..count {
            numbers.push(match entry.kind {
                1 => values.u8(&field)?.into(),
                3 => values.u16(&field)?.into(),
                4 | 13 => values.u32(&field)?.into(),
                16 | 18 => values.u64(&field)?,
                kind => {
                    let expected = "an unsigned integer type";
                    return Err(Refusal::new(field, format!("type {kind}"), expected));
                }
            });
        }
        Ok(Some(numbers))
    }

    pub(super) fn number(&self, tag: u16, default: u64) -> Step<u64> {
        let numbers = self.numbers(tag)?;
        Ok(numbers.and_then(|numbers| numbers.first().copied()).unwrap_or(default))
    }

    pub(super) fn required(&self, tag: u16) -> Step<u64> {
        let numbers = self.numbers(tag)?;
        numbers
            .and_then(|numbers| numbers.first().copied())
            .ok_or_else(|| Refusal::new(name(tag), "no such tag", "this tag"))
    }

    /// The quotient of a `RATIONAL`; `None` where it has none.
    pub(super) fn rational(&self, tag: u16) -> Step<Option<f64>> {
        let Some(Entry { kind: 5, value, .. }) = self.entry(tag) else { return Ok(None) };
        let mut values = Bytes::new(value, self.big_endian);
        let field = name(tag);
        let (above, below) = (values.u32(&field)?, values.u32(&field)?);
        Ok((below != 0).then(|| f64::from(above) / f64::from(below)))
    }

    pub(super) fn text(&self, tag: u16) -> Step<Option<String>> {
        let Some(Entry { kind: 2, value, .. }) = self.entry(tag) else { return Ok(None) };
        let text = String::from_utf8_lossy(value);
        Ok(Some(text.trim_end_matches('\0').to_owned()))
    }

    /// The bytes of a strip or tile.
    pub(super) fn slice(&self, bytes: &'a [u8], offset: u64, length: u64) -> Step<&'a [u8]> {
        debug_assert_eq!(bytes.len(), self.file.len());
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.file.at(offset).take(length, "data")
    }
}

impl Form {
    fn offset(&self, file: &mut Bytes<'_>, field: &str) -> Step<u64> {
        if self.big { file.u64(field) } else { file.u32(field).map(u64::from) }
    }

    fn entry_count(&self, file: &mut Bytes<'_>) -> Step<u64> {
        let field = "directory entry count";
        let count = if self.big { file.u64(field)? } else { file.u16(field)?.into() };
        if count == 0 || count > MOST_ENTRIES {
            let expected = format!("1 to {MOST_ENTRIES}");
            return Err(Refusal::new(field, count.to_string(), expected));
        }
        Ok(count)
    }

    fn skip_entries(&self, file: &Bytes<'_>, start: u64) -> Step<u64> {
        let mut file = file.at(start);
        let count = self.entry_count(&mut file)? as usize;
        file.take(count * if self.big { 20 } else { 12 }, "directory")?;
        self.offset(&mut file, "next directory")
    }

    fn entries<'a>(&self, file: &Bytes<'a>, start: u64) -> Step<(Vec<Entry<'a>>, u64)> {
        let mut cursor = file.at(start);
        let count = self.entry_count(&mut cursor)?;
        let mut entries = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let tag = cursor.u16("directory entry")?;
            let field = name(tag);
            let kind = cursor.u16(&field)?;
            let values = self.offset(&mut cursor, &field)?;
            let inline = if self.big { 8 } else { 4 };
            let mut place = cursor.clone();
            cursor.take(inline, &field)?;
            // Types of the future are to be skipped, says the specification.
            let Some(size) = size_of_kind(kind) else { continue };
            let length = values.saturating_mul(size as u64);
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            if length > inline {
                let offset = self.offset(&mut place, &field)?;
                place = file.at(offset);
            }
            entries.push(Entry { tag, kind, value: place.take(length, &field)? });
        }
        let next = self.offset(&mut cursor, "next directory")?;
        Ok((entries, next))
    }
}

fn size_of_kind(kind: u16) -> Option<usize> {
    Some(match kind {
        1 | 2 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16 | 17 | 18 => 8,
        _ => return None,
    })
}

/// The name of a tag for messages.
fn name(number: u16) -> String {
    let name = match number {
        tag::IMAGE_WIDTH => "ImageWidth",
        tag::IMAGE_LENGTH => "ImageLength",
        tag::BITS_PER_SAMPLE => "BitsPerSample",
        tag::COMPRESSION => "Compression",
        tag::PHOTOMETRIC => "PhotometricInterpretation",
        tag::STRIP_OFFSETS => "StripOffsets",
        tag::ORIENTATION => "Orientation",
        tag::SAMPLES_PER_PIXEL => "SamplesPerPixel",
        tag::ROWS_PER_STRIP => "RowsPerStrip",
        tag::STRIP_BYTE_COUNTS => "StripByteCounts",
        tag::PLANAR_CONFIGURATION => "PlanarConfiguration",
        tag::PREDICTOR => "Predictor",
        tag::COLOR_MAP => "ColorMap",
        tag::TILE_WIDTH => "TileWidth",
        tag::TILE_LENGTH => "TileLength",
        tag::TILE_OFFSETS => "TileOffsets",
        tag::TILE_BYTE_COUNTS => "TileByteCounts",
        tag::EXTRA_SAMPLES => "ExtraSamples",
        tag::SAMPLE_FORMAT => "SampleFormat",
        other => return format!("tag {other}"),
    };
    name.to_owned()
}
