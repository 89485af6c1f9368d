//! PNG of 8 or 16 bits, RGB or RGB with straight alpha.

use png::{BitDepth, ColorType, Compression, PixelDimensions, Unit};

use super::integer::quantise;
use super::{Encoded, Sample, WriteOptions, WriteReport, rule_of, with_alpha_rule};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame};

pub(super) fn encode(
    frame: &Frame,
    sample: Sample,
    options: &WriteOptions,
    report: &mut WriteReport,
) -> Step<Encoded> {
    let pixels = with_alpha_rule(frame.display_pixels(), rule_of(frame), AlphaKind::Straight);
    let channels = if frame.has_alpha { 4 } else { 3 };
    let samples = pixels.chunks_exact(4).flat_map(|pixel| &pixel[..channels]).copied();
    let (depth, codes): (_, Vec<u8>) = if sample == Sample::U16 {
        let codes = samples.flat_map(|value| quantise::<u16>(value, report).to_be_bytes());
        (BitDepth::Sixteen, codes.collect())
    } else {
        (BitDepth::Eight, samples.map(|value| quantise(value, report)).collect())
    };

    let mut file = Vec::new();
    let window = frame.display_window;
    let mut encoder = png::Encoder::new(&mut file, window.width, window.height);
    encoder.set_color(if frame.has_alpha { ColorType::Rgba } else { ColorType::Rgb });
    encoder.set_depth(depth);
    // The others take seconds for a frame of film and save a tenth.
    encoder.set_compression(Compression::Fast);
    if (frame.pixel_aspect - 1.0).abs() > 1e-6 {
        // Only the ratio counts; a thousand steps keep six digits of it.
        let yppu = (f64::from(frame.pixel_aspect) * 1e6).round().clamp(1.0, 4e9) as u32;
        let dims = PixelDimensions { xppu: 1_000_000, yppu, unit: Unit::Unspecified };
        encoder.set_pixel_dims(Some(dims));
    }
    if let Some(provenance) = &options.provenance {
        for (name, text) in provenance.entries() {
            encoder
                .add_itxt_chunk(name.to_owned(), text.to_owned())
                .map_err(|error| failed(&error))?;
        }
    }
    let mut writer = encoder.write_header().map_err(|error| failed(&error))?;
    writer.write_image_data(&codes).map_err(|error| failed(&error))?;
    writer.finish().map_err(|error| failed(&error))?;
    Ok(vec![file])
}

fn failed(error: &png::EncodingError) -> Refusal {
    Refusal::new("PNG", error.to_string(), "a picture PNG can hold")
}
