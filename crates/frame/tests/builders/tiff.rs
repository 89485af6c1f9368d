//! TIFF files: little-endian, one strip of 2 x 2 pixels.

use super::{Broken, golden};

#[derive(Clone)]
struct Tiff {
    /// Tag, type, values.
    entries: Vec<(u16, u16, Vec<u32>)>,
    data: Vec<u8>,
    next: u32,
}

const SHORT: u16 = 3;
const LONG: u16 = 4;
/// Where the pixels stand: right after the header.
const DATA: u32 = 8;

fn good() -> Tiff {
    Tiff {
        entries: vec![
            (256, LONG, vec![2]),
            (257, LONG, vec![2]),
            (258, SHORT, vec![8, 8, 8]),
            (259, SHORT, vec![1]),
            (262, SHORT, vec![2]),
            (273, LONG, vec![DATA]),
            (277, SHORT, vec![3]),
            (278, LONG, vec![2]),
            (279, LONG, vec![12]),
        ],
        data: vec![7; 12],
        next: 0,
    }
}

impl Tiff {
    fn set(mut self, tag: u16, kind: u16, values: &[u32]) -> Self {
        self.entries.retain(|entry| entry.0 != tag);
        self.entries.push((tag, kind, values.to_vec()));
        self.entries.sort_by_key(|entry| entry.0);
        self
    }

    fn without(mut self, tag: u16) -> Self {
        self.entries.retain(|entry| entry.0 != tag);
        self
    }

    fn data(self, data: &[u8]) -> Self {
        let length = data.len() as u32;
        Self { data: data.to_vec(), ..self }.set(279, LONG, &[length])
    }

    fn directory_offset(&self) -> u32 {
        DATA + self.data.len().next_multiple_of(2) as u32
    }

    fn bytes(&self) -> Vec<u8> {
        let start = self.directory_offset();
        let mut bytes = b"II\x2a\0".to_vec();
        bytes.extend(start.to_le_bytes());
        bytes.extend(&self.data);
        bytes.resize(start as usize, 0);
        bytes.extend((self.entries.len() as u16).to_le_bytes());
        let mut outside = start + 2 + self.entries.len() as u32 * 12 + 4;
        let mut values = Vec::new();
        for (tag, kind, numbers) in &self.entries {
            let field: Vec<u8> = match *kind {
                SHORT => numbers.iter().flat_map(|&value| (value as u16).to_le_bytes()).collect(),
                2 => numbers.iter().map(|&value| value as u8).collect(),
                _ => numbers.iter().flat_map(|value| value.to_le_bytes()).collect(),
            };
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend((numbers.len() as u32).to_le_bytes());
            if field.len() <= 4 {
                bytes.extend(field.iter().chain(&[0; 4]).take(4));
            } else {
                bytes.extend(outside.to_le_bytes());
                outside += field.len() as u32;
                values.extend(field);
            }
        }
        bytes.extend(self.next.to_le_bytes());
        bytes.extend(values);
        bytes
    }
}

pub(crate) fn broken() -> Vec<Broken> {
    let file = |name, field, tiff: Tiff| Broken::new(name, field, tiff.bytes());
    let at = |offset: u32| {
        let mut bytes = good().bytes();
        bytes[4..8].copy_from_slice(&offset.to_le_bytes());
        bytes
    };
    let cyclic = |next: u32| Tiff { next, ..good() };
    let start = good().directory_offset();
    let mut no_entries = good().bytes();
    no_entries[start as usize..start as usize + 2].fill(0);
    let mut bits_beyond = good().bytes();
    // The third entry's offset: its values do not fit inline.
    let entry = start as usize + 2 + 2 * 12 + 8;
    bits_beyond[entry..entry + 4].fill(0xff);
    let mut width_count = good().bytes();
    let entry = start as usize + 2 + 4;
    width_count[entry..entry + 4].fill(0xff);
    let mut big = golden("rgb16-bigtiff.tif");
    big[4] = 4;
    let in_sixteen = good()
        .set(258, SHORT, &[16, 16, 16])
        .set(281, SHORT, &[1023, 1023, 1023])
        .data(&[0xff; 24]);
    let tiled = |size: [u32; 2], count: usize| {
        good()
            .without(273)
            .without(278)
            .without(279)
            .set(322, SHORT, &size[..1])
            .set(323, SHORT, &size[1..])
            .set(324, LONG, &vec![DATA; count])
            .set(325, LONG, &vec![12; count])
    };
    vec![
        Broken::new("header-cut.tif", "directory offset", b"II\x2a\0\x08\0".to_vec()),
        Broken::new("directory-beyond.tif", "directory", at(1 << 30)),
        Broken::new("directory-at-end.tif", "directory", at(good().bytes().len() as u32 - 1)),
        Broken::new("directory-empty.tif", "directory entry count", no_entries),
        file("cyclic.tif", "next directory", cyclic(start)),
        file("next-beyond.tif", "directory", cyclic(1 << 20)),
        Broken::new("value-beyond.tif", "BitsPerSample", bits_beyond),
        Broken::new("value-count.tif", "ImageWidth", width_count),
        Broken::new("bigtiff-offsets.tif", "offset size", big),
        file("zero-width.tif", "ImageWidth", good().set(256, LONG, &[0])),
        file("zero-length.tif", "ImageLength", good().set(257, LONG, &[0])),
        file("no-width.tif", "ImageWidth", good().without(256)),
        file("width-is-text.tif", "ImageWidth", good().set(256, 2, &[50, 0])),
        file(
            "huge.tif",
            "ImageWidth",
            good().set(256, LONG, &[1 << 31]).set(257, LONG, &[1 << 31]),
        ),
        file("bomb.tif", "ImageWidth", good().set(256, LONG, &[30_000]).set(257, LONG, &[30_000])),
        file("no-offsets.tif", "StripOffsets", good().without(273)),
        file("no-counts.tif", "StripOffsets", good().without(279)),
        file("strip-beyond.tif", "strip 0", good().set(273, LONG, &[1 << 30])),
        file("strip-short.tif", "strip 0", good().set(279, LONG, &[11])),
        file("strip-long.tif", "strip 0", good().set(279, LONG, &[1 << 31])),
        file("strips-missing.tif", "StripOffsets", good().set(278, LONG, &[1])),
        file("rows-per-strip.tif", "RowsPerStrip", good().set(278, LONG, &[0])),
        file("jpeg-inside.tif", "Compression", good().set(259, SHORT, &[7])),
        file("compression.tif", "Compression", good().set(259, SHORT, &[999])),
        file("deflate-garbage.tif", "strip 0", good().set(259, SHORT, &[8])),
        file("lzw-garbage.tif", "strip 0", good().set(259, SHORT, &[5]).data(&[0x3f; 12])),
        file("packbits-short.tif", "strip 0", good().set(259, SHORT, &[32773]).data(&[0x80; 12])),
        file("mixed-bits.tif", "BitsPerSample", good().set(258, SHORT, &[8, 8, 16])),
        file("bits-count.tif", "BitsPerSample", good().set(258, SHORT, &[8, 8])),
        file("zero-bits.tif", "SampleFormat", good().set(258, SHORT, &[0, 0, 0])),
        file(
            "doubles.tif",
            "SampleFormat",
            good().set(258, SHORT, &[64; 3]).set(339, SHORT, &[3; 3]),
        ),
        file("signed.tif", "SampleFormat", good().set(339, SHORT, &[2; 3])),
        file("samples-zero.tif", "SamplesPerPixel", good().set(277, SHORT, &[0])),
        file(
            "samples-two.tif",
            "SamplesPerPixel",
            good().set(277, SHORT, &[2]).set(258, SHORT, &[8, 8]),
        ),
        file("cmyk.tif", "Photometric", good().set(262, SHORT, &[5])),
        file("ycbcr.tif", "Photometric", good().set(262, SHORT, &[6])),
        file("no-photometric.tif", "Photometric", good().without(262)),
        file(
            "no-palette.tif",
            "ColorMap",
            good().set(262, SHORT, &[3]).set(277, SHORT, &[1]).set(258, SHORT, &[8]),
        ),
        file("planar.tif", "PlanarConfiguration", good().set(284, SHORT, &[3])),
        file("planes-missing.tif", "StripOffsets", good().set(284, SHORT, &[2])),
        file("predictor.tif", "Predictor", good().set(317, SHORT, &[3])),
        file("fill-order.tif", "FillOrder", good().set(266, SHORT, &[2])),
        file("orientation.tif", "Orientation", good().set(274, SHORT, &[3])),
        file("extra-samples.tif", "ExtraSamples", good().set(338, SHORT, &[2])),
        file("beyond-ten-bits.tif", "samples", in_sixteen),
        file("tile-zero.tif", "TileWidth", tiled([0, 16], 1)),
        file("tile-huge.tif", "TileWidth", tiled([65535, 65535], 1).set(322, LONG, &[1 << 30])),
        file("tiles-missing.tif", "TileOffsets", tiled([1, 1], 3)),
        file("tile-bomb.tif", "tile 0", tiled([65535, 65535], 1).set(259, SHORT, &[5])),
        file("tile-short.tif", "tile 0", tiled([16, 16], 1)),
    ]
}
