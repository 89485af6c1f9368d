//! JPEG files, made from good ones of `golden`.

use super::{Broken, golden};

/// The offset of the first marker of that code.
fn marker(bytes: &[u8], code: u8) -> usize {
    bytes.windows(2).position(|pair| pair == [0xff, code]).unwrap()
}

/// The file with a byte at some distance from a marker replaced.
fn with(code: u8, distance: usize, new: &[u8]) -> Vec<u8> {
    let mut bytes = golden("444.jpg");
    let at = marker(&bytes, code) + distance;
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

/// The file without the segments of that marker.
fn without(code: u8) -> Vec<u8> {
    let mut bytes = golden("444.jpg");
    while let Some(at) = bytes.windows(2).position(|pair| pair == [0xff, code]) {
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        bytes.drain(at..at + 2 + length);
    }
    bytes
}

pub(crate) fn broken() -> Vec<Broken> {
    const FRAME: u8 = 0xc0;
    let good = golden("444.jpg");
    let scan = marker(&good, 0xda);
    let four = {
        // Four components in the frame header, the last a copy of the third.
        let mut bytes = good.clone();
        let at = marker(&bytes, FRAME);
        bytes[at + 3] += 3;
        bytes[at + 9] = 4;
        bytes.splice(at + 19..at + 19, [4, 0x11, 1]);
        bytes
    };
    vec![
        Broken::new("start-only.jpg", "header", vec![0xff, 0xd8]),
        Broken::new("start-and-end.jpg", "", vec![0xff, 0xd8, 0xff, 0xd9]),
        Broken::new("headers-only.jpg", "", good[..scan].to_vec()),
        Broken::new("cut-in-scan.jpg", "EOI", good[..scan + 40].to_vec()),
        Broken::new("no-end.jpg", "EOI", good[..good.len() - 2].to_vec()),
        Broken::new("zero-width.jpg", "header", with(FRAME, 7, &[0, 0])),
        Broken::new("zero-height.jpg", "", with(FRAME, 5, &[0, 0])),
        Broken::new("twelve-bits.jpg", "header", with(FRAME, 4, &[12])),
        Broken::new("arithmetic.jpg", "", with(FRAME, 1, &[0xc9])),
        Broken::new("lossless.jpg", "", with(FRAME, 1, &[0xc3])),
        Broken::new("huge.jpg", "SOF", with(FRAME, 5, &[0xff, 0xff, 0xff, 0xff])),
        Broken::new("four-components.jpg", "", four),
        Broken::new("no-frame.jpg", "", without(FRAME)),
        Broken::new("no-huffman.jpg", "scan", without(0xc4)),
        Broken::new("no-quantisation.jpg", "", without(0xdb)),
        Broken::new("segment-length.jpg", "header", with(0xdb, 2, &[0, 1])),
    ]
}
