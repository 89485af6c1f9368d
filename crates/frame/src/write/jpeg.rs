//! JPEG of 8 bits. Alpha is dropped: colour is written as it looks on black.

use jpeg_encoder::{ColorType, Encoder};

use super::integer::quantise;
use super::{Encoded, WriteOptions, WriteReport, rule_of, with_alpha_rule};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame};

pub(super) fn encode(
    frame: &Frame,
    options: &WriteOptions,
    report: &mut WriteReport,
) -> Step<Encoded> {
    let window = frame.display_window;
    let (Ok(width), Ok(height)) = (u16::try_from(window.width), u16::try_from(window.height))
    else {
        let found = format!("{} x {} pixels", window.width, window.height);
        return Err(Refusal::new("JPEG", found, "at most 65535 x 65535"));
    };
    if !(1..=100).contains(&options.jpeg_quality) {
        let found = options.jpeg_quality.to_string();
        return Err(Refusal::new("JPEG quality", found, "1 to 100"));
    }
    report.alpha_dropped = frame.has_alpha;
    let pixels = with_alpha_rule(frame.display_pixels(), rule_of(frame), AlphaKind::Premultiplied);
    let codes: Vec<u8> = pixels
        .chunks_exact(4)
        .flat_map(|pixel| &pixel[..3])
        .map(|&value| quantise(value, report))
        .collect();
    let mut file = Vec::new();
    Encoder::new(&mut file, options.jpeg_quality)
        .encode(&codes, width, height, ColorType::Rgb)
        .map_err(|error| Refusal::new("JPEG", error.to_string(), "a picture JPEG can hold"))?;
    Ok(vec![file])
}
