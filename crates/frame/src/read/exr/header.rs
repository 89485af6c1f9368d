//! Signature, version and the attributes of every part of an OpenEXR file.

use exr::compression::Compression;
use headroom_colour::Chromaticities;

use super::cursor;
use crate::error::{Refusal, Step};
use crate::frame::Window;
use crate::metadata::{Attribute, AttributeValue};
use crate::read::bytes::Bytes;

/// Bits of the version field.
const TILED: u32 = 0x200;
const LONG_NAMES: u32 = 0x400;
const DEEP: u32 = 0x800;
const MULTI_PART: u32 = 0x1000;

/// All headers, and where the chunk tables begin.
pub(super) struct File {
    pub(super) parts: Vec<Part>,
    pub(super) multi_part: bool,
    pub(super) tables: usize,
}

/// One part: its attributes in the file's order, and what decoding needs of them.
pub(super) struct Part {
    pub(super) attributes: Vec<Attribute>,
    pub(super) channels: Vec<Channel>,
    pub(super) compression: Packing,
    pub(super) tiles: Option<Tiles>,
}

/// A channel as `channels` lists it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Channel {
    pub(super) name: String,
    pub(super) sample: SampleType,
    pub(super) linear: bool,
    pub(super) sampling: (i32, i32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SampleType {
    Uint,
    Half,
    Float,
}

impl SampleType {
    pub(super) fn bytes(self) -> usize {
        if self == Self::Half { 2 } else { 4 }
    }
}

/// Sides of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tiles {
    pub(super) width: u32,
    pub(super) height: u32,
}

/// A compression this reader expands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Packing(pub(super) Compression);

impl Packing {
    fn from_code(code: u8) -> Step<Self> {
        Ok(Self(match code {
            0 => Compression::Uncompressed,
            1 => Compression::RLE,
            2 => Compression::ZIP1,
            3 => Compression::ZIP16,
            4 => Compression::PIZ,
            5 => Compression::PXR24,
            6 => Compression::B44,
            7 => Compression::B44A,
            8 => Compression::DWAA(None),
            9 => Compression::DWAB(None),
            other => {
                let expected = "0 to 9: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB";
                return Err(Refusal::new("compression", other.to_string(), expected));
            }
        }))
    }

    pub(super) fn name(self) -> &'static str {
        match self.0 {
            Compression::Uncompressed => "none",
            Compression::RLE => "rle",
            Compression::ZIP1 => "zips",
            Compression::ZIP16 => "zip",
            Compression::PIZ => "piz",
            Compression::PXR24 => "pxr24",
            Compression::B44 => "b44",
            Compression::B44A => "b44a",
            Compression::DWAA(_) => "dwaa",
            Compression::DWAB(_) => "dwab",
            _ => "unknown",
        }
    }

    pub(super) fn is_lossy_by_processor(self) -> bool {
        matches!(self.0, Compression::DWAA(_) | Compression::DWAB(_))
    }

    pub(super) fn rows(self) -> u32 {
        self.0.scan_lines_per_block() as u32
    }

    /// The most bytes that one byte can expand to.
    fn densest(self) -> u64 {
        match self.0 {
            Compression::Uncompressed => 1,
            Compression::RLE | Compression::B44 | Compression::B44A => 64,
            // Blocks of 64 coefficients whose ends are deflated.
            Compression::DWAA(_) | Compression::DWAB(_) => 1 << 18,
            // Deflate; three bytes of PXR24 become four; the runs of PIZ are shorter.
            _ => 1032 * 4 / 3,
        }
    }
}

impl File {
    pub(super) fn parse(bytes: &[u8]) -> Step<Self> {
        let mut file = cursor(bytes).at(4);
        let version = file.u32("version")?;
        let known = TILED | LONG_NAMES | DEEP | MULTI_PART;
        if version & 0xff != 2 || version & !(0xff | known) != 0 {
            let found = format!("{version:#x}");
            return Err(Refusal::new("version", found, "2 with known flags"));
        }
        if version & DEEP != 0 {
            return Err(Refusal::new("version", "deep data", "flat pictures"));
        }
        let longest = if version & LONG_NAMES != 0 { 255 } else { 31 };
        let multi_part = version & MULTI_PART != 0;
        let mut parts = Vec::new();
        loop {
            let attributes = attributes(&mut file, longest)?;
            if attributes.is_empty() {
                if multi_part && !parts.is_empty() {
                    break;
                }
                return Err(Refusal::new("header", "no attributes", "at least one part"));
            }
            if parts.len() >= 4096 {
                return Err(Refusal::new("parts", "more than 4096", "at most 4096"));
            }
            parts.push(Part::from_attributes(attributes, version & TILED != 0, longest)?);
            if !multi_part {
                break;
            }
        }
        Ok(Self { parts, multi_part, tables: file.position() })
    }
}

fn attributes(file: &mut Bytes<'_>, longest: usize) -> Step<Vec<Attribute>> {
    let mut attributes: Vec<Attribute> = Vec::new();
    loop {
        let name = file.take_string(longest, "attribute name")?;
        if name.is_empty() {
            return Ok(attributes);
        }
        let name = String::from_utf8_lossy(name).into_owned();
        let kind = file.take_string(longest, &name)?;
        let kind = String::from_utf8_lossy(kind).into_owned();
        let size = file.i32(&name)?;
        let size = usize::try_from(size)
            .map_err(|_| Refusal::new(name.as_str(), format!("{size} bytes"), "a size"))?;
        let bytes = file.take(size, &name)?.to_vec();
        if attributes.iter().any(|other| other.name == name) {
            return Err(Refusal::new(name, "this attribute twice", "it once"));
        }
        if attributes.len() >= 65536 {
            return Err(Refusal::new("header", "more than 65536 attributes", "fewer"));
        }
        attributes.push(Attribute { name, kind, bytes });
    }
}

impl Part {
    fn from_attributes(attributes: Vec<Attribute>, tiled: bool, longest: usize) -> Step<Self> {
        let mut part = Self {
            attributes,
            channels: Vec::new(),
            compression: Packing(Compression::Uncompressed),
            tiles: None,
        };
        let kind = match part.attribute("type").map(Attribute::value) {
            Some(AttributeValue::Text(kind)) => kind,
            _ if tiled => "tiledimage".to_owned(),
            _ => "scanlineimage".to_owned(),
        };
        match kind.as_str() {
            "scanlineimage" => {}
            "tiledimage" => part.tiles = Some(part.tile_description()?),
            // Other parts of the file may be flat.
            "deepscanline" | "deeptile" => return Ok(part),
            other => {
                let expected = "scanlineimage or tiledimage";
                return Err(Refusal::new("type", format!("{other:?}"), expected));
            }
        }
        let [code] = part.fixed("compression", "compression")?;
        part.compression = Packing::from_code(code)?;
        part.channels = part.channel_list(longest)?;
        Ok(part)
    }

    /// Bytes of all channels of a pixel.
    pub(super) fn bytes_per_pixel(&self) -> usize {
        self.channels.iter().map(|channel| channel.sample.bytes()).sum()
    }

    /// The most pixels that one byte of the file can stand for.
    pub(super) fn densest(&self) -> u64 {
        (self.compression.densest() / self.bytes_per_pixel().max(1) as u64).max(1)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The value of a required attribute of that type and size.
    fn fixed<const N: usize>(&self, name: &str, kind: &str) -> Step<[u8; N]> {
        let expected = format!("an attribute of type {kind} with {N} bytes");
        let attribute = self
            .attribute(name)
            .ok_or_else(|| Refusal::new(name, "no such attribute", expected.as_str()))?;
        let bytes = attribute.bytes.as_slice().try_into().ok();
        bytes.filter(|_| attribute.kind == kind).ok_or_else(|| {
            let found = format!("type {} with {} bytes", attribute.kind, attribute.bytes.len());
            Refusal::new(name, found, expected.as_str())
        })
    }

    pub(super) fn window(&self, name: &str) -> Step<Window> {
        let bytes: [u8; 16] = self.fixed(name, "box2i")?;
        let mut cursor = cursor(&bytes);
        let mut corners = [0; 4];
        for corner in &mut corners {
            *corner = cursor.i32(name)?;
        }
        super::window(name, corners)
    }

    pub(super) fn float(&self, name: &str) -> Step<Option<f32>> {
        if self.attribute(name).is_none() {
            return Ok(None);
        }
        self.fixed(name, "float").map(|bytes| Some(f32::from_le_bytes(bytes)))
    }

    pub(super) fn chromaticities(&self) -> Step<Option<Chromaticities>> {
        let name = "chromaticities";
        if self.attribute(name).is_none() {
            return Ok(None);
        }
        let bytes: [u8; 32] = self.fixed(name, "chromaticities")?;
        let mut cursor = cursor(&bytes);
        let mut pair = || Step::Ok([cursor.f32(name)?, cursor.f32(name)?].map(shortest_double));
        Ok(Some(Chromaticities { red: pair()?, green: pair()?, blue: pair()?, white: pair()? }))
    }

    /// Chunks of this part, as files of several parts must say.
    pub(super) fn chunk_count(&self) -> Step<u64> {
        let count = i32::from_le_bytes(self.fixed("chunkCount", "int")?);
        u64::try_from(count)
            .map_err(|_| Refusal::new("chunkCount", count.to_string(), "a positive number"))
    }

    fn tile_description(&self) -> Step<Tiles> {
        let bytes: [u8; 9] = self.fixed("tiles", "tiledesc")?;
        let mut cursor = cursor(&bytes);
        let (width, height) = (cursor.u32("tiles")?, cursor.u32("tiles")?);
        let sane = 1..=1_u32 << 16;
        if !sane.contains(&width) || !sane.contains(&height) {
            let found = format!("{width} x {height}");
            return Err(Refusal::new("tiles", found, "1 to 65536 pixels each way"));
        }
        Ok(Tiles { width, height })
    }

    fn channel_list(&self, longest: usize) -> Step<Vec<Channel>> {
        let field = "channels";
        let attribute = self
            .attribute(field)
            .filter(|attribute| attribute.kind == "chlist")
            .ok_or_else(|| Refusal::new(field, "no such list", "an attribute of type chlist"))?;
        let mut list = cursor(&attribute.bytes);
        let mut channels: Vec<Channel> = Vec::new();
        loop {
            let name = list.take_string(longest, field)?;
            if name.is_empty() {
                break;
            }
            let name = String::from_utf8_lossy(name).into_owned();
            let sample = match list.u32(field)? {
                0 => SampleType::Uint,
                1 => SampleType::Half,
                2 => SampleType::Float,
                other => {
                    let found = format!("sample type {other} of channel {name:?}");
                    let expected = "0 (uint), 1 (half) or 2 (float)";
                    return Err(Refusal::new(field, found, expected));
                }
            };
            let linear = list.u8(field)? != 0;
            list.take(3, field)?;
            let sampling = (list.i32(field)?, list.i32(field)?);
            // Blocks store channels in this order; the decoder relies on it.
            if channels.last().is_some_and(|before| before.name >= name) {
                let found = format!("{name:?} after {:?}", channels[channels.len() - 1].name);
                return Err(Refusal::new(field, found, "names in alphabetical order"));
            }
            if channels.len() >= 4096 {
                return Err(Refusal::new(field, "more than 4096", "at most 4096"));
            }
            channels.push(Channel { name, sample, linear, sampling });
        }
        Ok(channels)
    }
}

/// The double that prints like the float: 0.3127f becomes 0.3127.
fn shortest_double(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}
