//! OpenEXR: scan lines and tiles, one or many parts, half, float and unsigned integer channels.
//!
//! The container is parsed here, where every length is checked and attributes keep their order;
//! the `exr` crate expands the compressed blocks. Deep pixels, subsampled channels and
//! luminance/chroma are refused.

mod blocks;
mod channels;
mod header;

use blocks::Storage;
use channels::Choice;
use header::Part;

use super::bytes::Bytes;
use super::{ReadOptions, check_size};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, SourceKind, Window};
use crate::metadata::Metadata;

pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    let file = header::File::parse(bytes)?;
    let choice = channels::choose(&file.parts, options.layer.as_deref())?;
    let part = &file.parts[choice.part];
    let data = part.window("dataWindow")?;
    check_size(
        "dataWindow",
        data.width.into(),
        data.height.into(),
        bytes.len(),
        part.densest(),
        options,
    )?;
    let display = part.window("displayWindow")?;
    if display.area() > options.max_pixels {
        let limit = format!("at most {} pixels", options.max_pixels);
        let found = format!("{} x {} pixels", display.width, display.height);
        return Err(Refusal::new("displayWindow", found, limit));
    }
    let pixel_aspect = part.float("pixelAspectRatio")?.unwrap_or(1.0);
    if !(1e-6..=1e6).contains(&pixel_aspect) {
        let expected = "a positive number";
        return Err(Refusal::new("pixelAspectRatio", pixel_aspect.to_string(), expected));
    }

    let storage = Storage::locate(&file, choice.part, bytes)?;
    let pixels = vec![0.0; data.width as usize * data.height as usize * 4];
    let alpha = if choice.alpha.is_some() { AlphaKind::Premultiplied } else { AlphaKind::Opaque };
    let mut frame = Frame::new(data.width, data.height, pixels, alpha);
    frame.data_window = data;
    frame.display_window = display;
    frame.pixel_aspect = pixel_aspect;
    storage.decode(bytes, part, data, &choice, options.threads, &mut frame.pixels)?;
    frame.source = source(part, &choice);
    frame.metadata = metadata(part)?;
    Ok(frame)
}

fn source(part: &Part, choice: &Choice) -> SourceKind {
    let halves = |index: usize| part.channels[index].sample == header::SampleType::Half;
    if choice.colour.iter().all(|&index| halves(index)) {
        SourceKind::Half
    } else {
        SourceKind::Float
    }
}

/// Attributes that say how pixels are stored; a writer sets its own.
const LAYOUT: [&str; 14] = [
    "channels",
    "chunkCount",
    "compression",
    "dataWindow",
    "deepImageState",
    "displayWindow",
    "dwaCompressionLevel",
    "lineOrder",
    "maxSamplesPerPixel",
    "name",
    "pixelAspectRatio",
    "tiles",
    "type",
    "version",
];

fn metadata(part: &Part) -> Step<Metadata> {
    let mut metadata = Metadata::default();
    for attribute in &part.attributes {
        match attribute.name.as_str() {
            "chromaticities" => metadata.chromaticities = part.chromaticities()?,
            "whiteLuminance" => metadata.white_luminance = part.float("whiteLuminance")?,
            name if LAYOUT.contains(&name) => {}
            _ => metadata.attributes.push(attribute.clone()),
        }
    }
    metadata.note("exr:compression", part.compression.name());
    if part.compression.is_lossy_by_processor() {
        metadata.note("exr:lossy", "last bits depend on the processor");
    }
    Ok(metadata)
}

/// A window from a box's corners, both inside.
fn window(field: &str, corners: [i32; 4]) -> Step<Window> {
    let [left, top, right, bottom] = corners;
    let side = |first: i32, last: i32| {
        let length = i64::from(last) - i64::from(first) + 1;
        u32::try_from(length).ok().filter(|&length| length > 0)
    };
    // Beyond this the format itself forbids corners, as sums of them overflow.
    let sane = corners.iter().all(|corner| corner.unsigned_abs() < 1 << 30);
    match (side(left, right), side(top, bottom)) {
        (Some(width), Some(height)) if sane => Ok(Window { x: left, y: top, width, height }),
        _ => Err(Refusal::new(
            field,
            format!("corners ({left}, {top}) and ({right}, {bottom})"),
            "corners in order, each less than 2^30 from the origin",
        )),
    }
}

fn cursor(bytes: &[u8]) -> Bytes<'_> {
    Bytes::new(bytes, false)
}
