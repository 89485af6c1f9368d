//! PNG files.

use std::io::Write;

use super::{Broken, golden, patched};

const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', 13, 10, 26, 10];

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let length = (data.len() as u32).to_be_bytes();
    [&length, &kind[..], data, &crc.sum().to_be_bytes()].concat()
}

fn header(width: u32, height: u32, depth: u8, colour: u8, interlace: u8) -> Vec<u8> {
    let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&sizes[..], &[depth, colour, 0, 0, interlace]].concat())
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&SIGNATURE[..], &chunks.concat()].concat()
}

pub(crate) fn broken() -> Vec<Broken> {
    let data = chunk(b"IDAT", &deflated(&[0; 2 * 7]));
    let end = chunk(b"IEND", &[]);
    let with_header = |header: Vec<u8>| file(&[header, data.clone(), end.clone()]);
    let good_header = || header(2, 2, 8, 2, 0);
    let with_data = |data: &[u8]| file(&[good_header(), chunk(b"IDAT", data), end.clone()]);
    assert!(
        png::Decoder::new(std::io::Cursor::new(with_header(good_header()))).read_info().is_ok()
    );
    let mut bad_crc = with_header(good_header());
    bad_crc[8 + 8 + 13] ^= 1;
    let mut bad_data_crc = with_header(good_header());
    let at = bad_data_crc.len() - end.len() - 1;
    bad_data_crc[at] ^= 1;
    let huge_chunk = [&SIGNATURE[..], &[0x7f, 0xff, 0xff, 0xff], b"IHDR", &[0; 13]].concat();
    vec![
        Broken::new("signature-only.png", "header", SIGNATURE.to_vec()),
        Broken::new("half-signature.png", "header", SIGNATURE[..5].to_vec()),
        Broken::new("header-crc.png", "header", bad_crc),
        Broken::new("zero-width.png", "header", with_header(header(0, 2, 8, 2, 0))),
        Broken::new("zero-height.png", "header", with_header(header(2, 0, 8, 2, 0))),
        Broken::new("huge.png", "IHDR", with_header(header(0x7fff_ffff, 0x7fff_ffff, 8, 2, 0))),
        Broken::new("bomb.png", "IHDR", with_header(header(30_000, 30_000, 16, 6, 0))),
        Broken::new("wide.png", "IHDR", with_header(header(0x7fff_ffff, 1, 8, 2, 0))),
        Broken::new("bit-depth.png", "header", with_header(header(2, 2, 3, 0, 0))),
        Broken::new("colour-type.png", "header", with_header(header(2, 2, 8, 5, 0))),
        Broken::new("palette-of-16-bits.png", "header", with_header(header(2, 2, 16, 3, 0))),
        Broken::new("interlace.png", "header", with_header(header(2, 2, 8, 2, 2))),
        Broken::new("no-palette.png", "IDAT", with_header(header(2, 2, 8, 3, 0))),
        Broken::new("no-data.png", "chunks", file(&[good_header(), end.clone()])),
        Broken::new("no-end.png", "IEND", file(&[good_header(), data.clone()])),
        Broken::new("data-crc.png", "IDAT", bad_data_crc),
        Broken::new("data-garbage.png", "IDAT", with_data(b"this is not deflate")),
        Broken::new("data-short.png", "IDAT", with_data(&deflated(&[0; 9]))),
        Broken::new("data-empty.png", "IDAT", with_data(&[])),
        Broken::new("filter.png", "IDAT", with_data(&deflated(&[9; 14]))),
        Broken::new("no-header.png", "header", file(&[data.clone(), end.clone()])),
        Broken::new("chunk-length.png", "header", huge_chunk),
        Broken::new(
            "unknown-critical.png",
            "chunks",
            patched(golden("palette.png"), b"IDAT", b"IDAX"),
        ),
    ]
}
