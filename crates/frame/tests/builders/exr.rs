//! OpenEXR files: uncompressed half R, G, B of 2 x 2 pixels.

use super::{Broken, golden};

#[derive(Clone)]
struct Exr {
    version: u32,
    /// Name, type, bytes.
    attributes: Vec<(&'static str, &'static str, Vec<u8>)>,
    /// Where chunks begin; `None` is the right place.
    offset: Option<u64>,
    /// y, size field, data.
    chunks: Vec<(i32, i32, Vec<u8>)>,
}

const NAMES: [&str; 3] = ["B", "G", "R"];

fn channels(list: &[(&str, u32, [u32; 2])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, kind, sampling) in list {
        bytes.extend(name.bytes().chain([0]));
        bytes.extend(kind.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend(sampling.iter().flat_map(|every| every.to_le_bytes()));
    }
    bytes.push(0);
    bytes
}

fn halves(names: &[&str]) -> Vec<u8> {
    channels(&names.iter().map(|name| (*name, 1, [1, 1])).collect::<Vec<_>>())
}

fn corners(corners: [i32; 4]) -> Vec<u8> {
    corners.iter().flat_map(|corner| corner.to_le_bytes()).collect()
}

fn good() -> Exr {
    Exr {
        version: 2,
        attributes: vec![
            ("channels", "chlist", halves(&NAMES)),
            ("compression", "compression", vec![0]),
            ("dataWindow", "box2i", corners([0, 0, 1, 1])),
            ("displayWindow", "box2i", corners([0, 0, 1, 1])),
            ("lineOrder", "lineOrder", vec![0]),
            ("pixelAspectRatio", "float", 1_f32.to_le_bytes().into()),
            ("screenWindowCenter", "v2f", vec![0; 8]),
            ("screenWindowWidth", "float", 1_f32.to_le_bytes().into()),
        ],
        offset: None,
        chunks: vec![(0, 12, vec![0x3c; 12]), (1, 12, vec![0x3c; 12])],
    }
}

impl Exr {
    fn set(mut self, name: &'static str, bytes: Vec<u8>) -> Self {
        let at = self.attributes.iter().position(|one| one.0 == name).unwrap();
        self.attributes[at].2 = bytes;
        self
    }

    fn add(mut self, name: &'static str, kind: &'static str, bytes: Vec<u8>) -> Self {
        self.attributes.push((name, kind, bytes));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.attributes.retain(|one| one.0 != name);
        self
    }

    fn chunk(mut self, y: i32, size: i32, data: Vec<u8>) -> Self {
        self.chunks[1] = (y, size, data);
        self
    }

    /// One block of both rows with a compression that packs several.
    fn packed(self, code: u8, data: &[u8]) -> Self {
        let mut file = self.set("compression", vec![code]);
        file.chunks = vec![(0, data.len() as i32, data.to_vec())];
        file
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0x76, 0x2f, 0x31, 0x01];
        bytes.extend(self.version.to_le_bytes());
        for (name, kind, value) in &self.attributes {
            bytes.extend(name.bytes().chain([0]));
            bytes.extend(kind.bytes().chain([0]));
            bytes.extend((value.len() as i32).to_le_bytes());
            bytes.extend(value);
        }
        bytes.push(0);
        let mut offset = (bytes.len() + self.chunks.len() * 8) as u64;
        for (_, _, data) in &self.chunks {
            bytes.extend(self.offset.unwrap_or(offset).to_le_bytes());
            offset += 8 + data.len() as u64;
        }
        for (y, size, data) in &self.chunks {
            bytes.extend(y.to_le_bytes());
            bytes.extend(size.to_le_bytes());
            bytes.extend(data);
        }
        bytes
    }
}

pub(crate) fn broken() -> Vec<Broken> {
    let file = |name, field, exr: Exr| Broken::new(name, field, exr.bytes());
    let window = |name, corner| file(name, "dataWindow", good().set("dataWindow", corners(corner)));
    let channel = |name, list: &[(&str, u32, [u32; 2])]| {
        file(name, "channels", good().set("channels", channels(list)))
    };
    let (half, each) = (1, [1, 1]);
    let size_field = |size: i32| {
        // The size of the first attribute.
        let mut bytes = good().bytes();
        let at = 8 + "channels\0chlist\0".len();
        bytes[at..at + 4].copy_from_slice(&size.to_le_bytes());
        bytes
    };
    let mut tiles = 64_u32.to_le_bytes().repeat(2);
    tiles.push(0);
    let tiled = Exr { version: 2 | 0x200, ..good() };
    let cut = |by: usize| {
        let bytes = good().bytes();
        bytes[..bytes.len() - by].to_vec()
    };
    // Parts depth, beauty and left; without its R the last is no picture, so beauty is read.
    let mut wrong_part = golden("parts.exr");
    let red = wrong_part
        .windows(2)
        .collect::<Vec<_>>()
        .into_iter()
        .rposition(|pair| pair == b"R\0")
        .unwrap();
    wrong_part[red] = b'S';
    // Its one chunk, of 5 x 4 pixels stored as they are, stands before the four of the last.
    let beauty = wrong_part.len() - 4 * (12 + 5 * 3 * 2) - (12 + 5 * 4 * 4 * 2);
    assert_eq!(wrong_part[beauty], 1);
    wrong_part[beauty] = 2;
    let mut name_without_end = good().bytes();
    name_without_end.truncate(8);
    name_without_end.extend([b'x'; 4000]);
    // Thousands of channels in a deflated tile of many pixels: gigabytes from a few bytes.
    let names: Vec<String> = (0..4000).map(|number| format!("N{number:04}")).collect();
    let all: Vec<&str> =
        NAMES[..2].iter().copied().chain(names.iter().map(String::as_str)).chain(["R"]).collect();
    let many = good()
        .set("channels", halves(&all))
        .set("dataWindow", corners([0, 0, 9_999, 9_999]))
        .packed(3, &[0xaa; 20]);
    vec![
        file("many-channels.exr", "dataWindow", many),
        Broken::new("magic-only.exr", "version", vec![0x76, 0x2f, 0x31, 0x01]),
        file("version-3.exr", "version", Exr { version: 3, ..good() }),
        file("unknown-flag.exr", "version", Exr { version: 2 | 0x8000, ..good() }),
        file("deep.exr", "version", Exr { version: 2 | 0x800, ..good() }),
        file("no-attributes.exr", "header", Exr { attributes: Vec::new(), ..good() }),
        file("multi-part-of-one-part.exr", "compression", Exr { version: 2 | 0x1000, ..good() }),
        Broken::new("name-without-end.exr", "attribute name", name_without_end),
        file("twice.exr", "compression", good().add("compression", "compression", vec![0])),
        Broken::new("negative-size.exr", "channels", size_field(-1)),
        Broken::new("size-beyond.exr", "channels", size_field(i32::MAX)),
        file("no-channels.exr", "channels", good().without("channels")),
        file("empty-channels.exr", "channels", good().set("channels", vec![0])),
        file("channels-cut.exr", "channels", good().set("channels", b"B\0\x01\0".to_vec())),
        file("alpha-and-depth.exr", "channels", good().set("channels", halves(&["A", "Z"]))),
        file("no-green.exr", "channels", good().set("channels", halves(&["A", "B", "R"]))),
        file("chroma.exr", "channels", good().set("channels", halves(&["BY", "RY", "Y"]))),
        channel("subsampled.exr", &[("B", half, [2, 2]), ("G", half, each), ("R", half, [2, 2])]),
        channel("sampling-zero.exr", &[("B", half, [0, 0]), ("G", half, each), ("R", half, each)]),
        channel("sample-type.exr", &[("B", 3, each), ("G", half, each), ("R", half, each)]),
        channel("unsorted.exr", &[("R", half, each), ("G", half, each), ("B", half, each)]),
        channel("same-name.exr", &[("B", half, each), ("B", half, each), ("R", half, each)]),
        file("no-compression.exr", "compression", good().without("compression")),
        file("compression.exr", "compression", good().set("compression", vec![77])),
        file("compression-size.exr", "compression", good().set("compression", vec![0; 4])),
        file("no-data-window.exr", "dataWindow", good().without("dataWindow")),
        window("inverted-window.exr", [1, 1, 0, 0]),
        window("negative-window.exr", [0, 0, -2, -2]),
        window("absurd-window.exr", [i32::MIN, i32::MIN, i32::MAX, i32::MAX]),
        window("far-window.exr", [i32::MAX - 1, 0, i32::MAX, 1]),
        window("huge.exr", [0, 0, 1 << 20, 1 << 20]),
        window("bomb.exr", [0, 0, 29_999, 29_999]),
        window("tall.exr", [0, 0, 0, 99_999]),
        file("no-display.exr", "displayWindow", good().without("displayWindow")),
        file(
            "inverted-display.exr",
            "displayWindow",
            good().set("displayWindow", corners([5, 5, 0, 0])),
        ),
        file(
            "huge-display.exr",
            "displayWindow",
            good().set("displayWindow", corners([0, 0, 1 << 29, 1 << 29])),
        ),
        file(
            "aspect-nan.exr",
            "pixelAspectRatio",
            good().set("pixelAspectRatio", f32::NAN.to_le_bytes().into()),
        ),
        file("aspect-zero.exr", "pixelAspectRatio", good().set("pixelAspectRatio", vec![0; 4])),
        file("type.exr", "type", good().add("type", "string", b"hologram".to_vec())),
        file("deep-part.exr", "channels", good().add("type", "string", b"deepscanline".to_vec())),
        file("no-tiles.exr", "tiles", tiled.clone()),
        file("tiles-zero.exr", "tiles", tiled.clone().add("tiles", "tiledesc", vec![0; 9])),
        file("tile-position.exr", "chunk 0: tile", tiled.add("tiles", "tiledesc", tiles)),
        file("table-of-zeros.exr", "chunk table", Exr { offset: Some(0), ..good() }),
        file("offset-beyond.exr", "chunk 0", Exr { offset: Some(1 << 40), ..good() }),
        file("offset-overflow.exr", "chunk 0", Exr { offset: Some(u64::MAX), ..good() }),
        file("offset-into-header.exr", "chunk 0", Exr { offset: Some(4), ..good() }),
        file("chunk-y.exr", "chunk 1: y", good().chunk(7, 12, vec![0; 12])),
        file("chunk-negative.exr", "chunk 1: size", good().chunk(1, -1, vec![0; 12])),
        file("chunk-long.exr", "chunk 1: size", good().chunk(1, 13, vec![0; 13])),
        file("chunk-short.exr", "chunk 1: data", good().chunk(1, 11, vec![0; 11])),
        file("chunk-beyond.exr", "chunk 1: data", good().chunk(1, 12, vec![0; 5])),
        file(
            "rle-garbage.exr",
            "chunk 0: data",
            good().set("compression", vec![1]).packed(1, &[9; 5]),
        ),
        file("zip-garbage.exr", "chunk 0: data", good().packed(3, &[0xaa; 20])),
        file("piz-garbage.exr", "chunk 0: data", good().packed(4, &[0xff; 20])),
        file("pxr24-garbage.exr", "chunk 0: data", good().packed(5, &[0x55; 20])),
        file("b44-garbage.exr", "chunk 0: data", good().packed(6, &[0xff; 3])),
        file("dwa-garbage.exr", "chunk 0: data", good().packed(8, &[0xff; 20])),
        Broken::new("cut-in-data.exr", "chunk 1: data", cut(1)),
        Broken::new("cut-in-chunk.exr", "chunk 1", cut(14)),
        Broken::new("cut-in-table.exr", "chunk table", cut(2 * 20 + 3)),
        Broken::new("part-number.exr", "part number", wrong_part),
    ]
}
