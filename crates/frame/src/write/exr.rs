//! OpenEXR: one part of half or float scan lines.
//!
//! The container is written here, so that attributes stand in a fixed order and the same frame
//! gives the same bytes in every run; the `exr` crate does the wavelets of PIZ.

use std::io::Write;

use exr::compression::Compression;
use exr::math::Vec2;
use exr::meta::BlockDescription;
use exr::meta::attribute::{
    ChannelDescription, IntegerBounds, LineOrder, SampleType as Stored, Text,
};
use exr::meta::header::Header;
use flate2::Compression as Level;
use flate2::write::ZlibEncoder;
use half::f16;
use half::slice::HalfFloatSliceExt;
use headroom_colour::{AP0, Chromaticities};

use super::{Encoded, ExrCompression, Sample, WriteOptions, WriteReport, rule_of, with_alpha_rule};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, Window};
use crate::metadata::Attribute;
use crate::parallel;

/// Deflate levels for half and float. At 1080p with noise level 1 takes half the time of 4 and
/// makes half 5 % larger, but float 40 %.
const DEFLATE_LEVELS: [u32; 2] = [1, 3];

/// Attributes that are set here, or that would no longer be true of the new pixels.
const REPLACED: [&str; 22] = [
    "acesImageContainerFlag",
    "channels",
    "chromaticities",
    "chunkCount",
    "compression",
    "dataWindow",
    "deepImageState",
    "displayWindow",
    "dwaCompressionLevel",
    "headroomModel",
    "headroomSettings",
    "headroomVersion",
    "lineOrder",
    "maxSamplesPerPixel",
    "multiView",
    "name",
    "pixelAspectRatio",
    "preview",
    "tiles",
    "type",
    "version",
    "whiteLuminance",
];

pub(super) fn encode(
    frame: &Frame,
    sample: Sample,
    options: &WriteOptions,
    report: &mut WriteReport,
) -> Step<Encoded> {
    let half = sample == Sample::Half;
    let compression = match options.compression {
        ExrCompression::None => Compression::Uncompressed,
        ExrCompression::Zip => Compression::ZIP16,
        ExrCompression::Zips => Compression::ZIP1,
        ExrCompression::Piz => Compression::PIZ,
    };
    let attributes = attributes(frame, half, options, report)?;
    let longest = attributes.iter().map(|one| one.name.len().max(one.kind.len())).max();
    let long_names = longest.is_some_and(|longest| longest > 31);

    let (chunks, counts) = chunks(frame, half, compression, options.threads)?;
    report.clamped_to_half = counts.clamped;
    report.nan = counts.nan;

    let mut head = vec![0x76, 0x2f, 0x31, 0x01];
    head.extend((2_u32 | if long_names { 0x400 } else { 0 }).to_le_bytes());
    for attribute in &attributes {
        head.extend(attribute.name.bytes().chain([0]));
        head.extend(attribute.kind.bytes().chain([0]));
        let size = i32::try_from(attribute.bytes.len()).map_err(|_| {
            let found = format!("{} bytes", attribute.bytes.len());
            Refusal::new(attribute.name.as_str(), found, "less than 2 GiB")
        })?;
        head.extend(size.to_le_bytes());
        head.extend(&attribute.bytes);
    }
    head.push(0);
    let mut offset = (head.len() + chunks.len() * 8) as u64;
    for chunk in &chunks {
        head.extend(offset.to_le_bytes());
        offset += chunk.len() as u64;
    }
    let mut pieces = Vec::with_capacity(chunks.len() + 1);
    pieces.push(head);
    pieces.extend(chunks);
    Ok(pieces)
}

fn attributes(
    frame: &Frame,
    half: bool,
    options: &WriteOptions,
    report: &mut WriteReport,
) -> Step<Vec<Attribute>> {
    let raw = |name: &str, kind: &str, bytes: Vec<u8>| Attribute {
        name: name.into(),
        kind: kind.into(),
        bytes,
    };
    let code = match options.compression {
        ExrCompression::None => 0,
        ExrCompression::Zips => 2,
        ExrCompression::Zip => 3,
        ExrCompression::Piz => 4,
    };
    let chromaticities = options.chromaticities.or(frame.metadata.chromaticities);
    let white_luminance = options.white_luminance.or(frame.metadata.white_luminance);

    // The order in which the reference library lists the required ones.
    let mut attributes = vec![
        raw("channels", "chlist", channel_list(frame, half)),
        raw("compression", "compression", vec![code]),
        raw("dataWindow", "box2i", box_bytes("dataWindow", frame.data_window)?),
        raw("displayWindow", "box2i", box_bytes("displayWindow", frame.display_window)?),
        raw("lineOrder", "lineOrder", vec![0]),
        Attribute::float("pixelAspectRatio", frame.pixel_aspect),
    ];
    if frame.metadata.attribute("screenWindowCenter").is_none() {
        attributes.push(Attribute::floats("screenWindowCenter", "v2f", &[0.0, 0.0]));
    }
    if frame.metadata.attribute("screenWindowWidth").is_none() {
        attributes.push(Attribute::float("screenWindowWidth", 1.0));
    }
    if let Some(chromaticities) = chromaticities {
        let Chromaticities { red, green, blue, white } = chromaticities;
        let numbers = [red, green, blue, white].concat();
        let numbers: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
        attributes.push(Attribute::floats("chromaticities", "chromaticities", &numbers));
    }
    if let Some(luminance) = white_luminance {
        attributes.push(Attribute::float("whiteLuminance", luminance));
    }
    if options.aces_container {
        report.aces_refused = aces_obstacle(half, options.compression, chromaticities);
        report.aces_container = report.aces_refused.is_none();
        if report.aces_container {
            attributes.push(Attribute::int("acesImageContainerFlag", 1));
        }
    }
    if let Some(provenance) = &options.provenance {
        let entries = provenance.entries();
        attributes.extend(entries.map(|(name, text)| Attribute::text(name, text)));
    }
    for attribute in &frame.metadata.attributes {
        if REPLACED.contains(&attribute.name.as_str()) {
            continue;
        }
        for (what, name) in [("name", &attribute.name), ("type", &attribute.kind)] {
            if name.is_empty() || name.len() > 255 || name.contains('\0') {
                let expected = "1 to 255 bytes without zeros";
                return Err(Refusal::new(
                    format!("attribute {what}"),
                    format!("{name:?}"),
                    expected,
                ));
            }
        }
        if attributes.iter().any(|other| other.name == attribute.name) {
            let found = "this attribute twice";
            return Err(Refusal::new(attribute.name.as_str(), found, "it once"));
        }
        attributes.push(attribute.clone());
    }
    Ok(attributes)
}

/// What forbids the flag (SMPTE ST 2065-4: uncompressed scan lines, half, RGB or RGBA, the
/// primaries of ST 2065-1).
fn aces_obstacle(
    half: bool,
    compression: ExrCompression,
    chromaticities: Option<Chromaticities>,
) -> Option<String> {
    if compression != ExrCompression::None {
        return Some(format!("compression is {compression:?}, an ACES container has none"));
    }
    if !half {
        return Some("samples are float, an ACES container holds half".to_owned());
    }
    let aces = |chromaticities: Chromaticities| {
        let all = |one: Chromaticities| [one.red, one.green, one.blue, one.white].concat();
        let (here, there) = (all(chromaticities), all(AP0));
        here.iter().zip(&there).all(|(here, there)| (here - there).abs() < 1e-6)
    };
    if !chromaticities.is_some_and(aces) {
        return Some("chromaticities are not those of ACES2065-1".to_owned());
    }
    None
}

/// Names of the channels in the file's order, with their place in RGBA.
fn channels(frame: &Frame) -> &'static [(&'static str, usize)] {
    let all = &[("A", 3), ("B", 2), ("G", 1), ("R", 0)];
    if frame.has_alpha { all } else { &all[1..] }
}

fn channel_list(frame: &Frame, half: bool) -> Vec<u8> {
    let mut list = Vec::new();
    for (name, _) in channels(frame) {
        list.extend(name.bytes().chain([0]));
        list.extend((if half { 1_u32 } else { 2 }).to_le_bytes());
        list.extend([0; 4]);
        list.extend([1_u32, 1].map(u32::to_le_bytes).concat());
    }
    list.push(0);
    list
}

fn box_bytes(field: &str, window: Window) -> Step<Vec<u8>> {
    let corner = |start: i32, length: u32| i64::from(start) + i64::from(length) - 1;
    let corners = [
        i64::from(window.x),
        i64::from(window.y),
        corner(window.x, window.width),
        corner(window.y, window.height),
    ];
    if corners.iter().any(|corner| corner.abs() >= 1 << 30) {
        let found = format!("corners {corners:?}");
        return Err(Refusal::new(field, found, "corners less than 2^30 from the origin"));
    }
    Ok(corners.iter().flat_map(|&corner| (corner as i32).to_le_bytes()).collect())
}

#[derive(Clone, Copy, Default)]
struct Counts {
    clamped: u64,
    nan: u64,
}

/// All chunks of the file, top first: y coordinate, size, data.
fn chunks(
    frame: &Frame,
    half: bool,
    compression: Compression,
    threads: usize,
) -> Step<(Vec<Vec<u8>>, Counts)> {
    let pixels =
        with_alpha_rule((&frame.pixels[..]).into(), rule_of(frame), AlphaKind::Premultiplied);
    let data = frame.data_window;
    let (width, height) = (data.width as usize, data.height as usize);
    let rows = compression.scan_lines_per_block();
    let channels = channels(frame);
    let header = codec_header(channels, half, compression, width, height);

    let mut done = vec![(Vec::new(), Counts::default()); height.div_ceil(rows)];
    parallel::for_each(threads, done.iter_mut(), |index, (chunk, counts)| {
        let first = index * rows;
        let count = rows.min(height - first);
        let band = &pixels[first * width * 4..(first + count) * width * 4];
        let plain = gather(band, width, channels, half, counts);
        let packed = match compression {
            Compression::Uncompressed => plain,
            Compression::ZIP1 | Compression::ZIP16 => {
                zip(plain, DEFLATE_LEVELS[usize::from(!half)])?
            }
            _ => {
                let plain = native(plain, if half { 2 } else { 4 });
                let section =
                    IntegerBounds { position: Vec2(0, first as i32), size: Vec2(width, count) };
                compression
                    .compress_image_section_to_le(&header, plain, section)
                    .map_err(|error| Refusal::new("EXR", error.to_string(), "pixels to compress"))?
            }
        };
        let size = i32::try_from(packed.len()).map_err(|_| {
            Refusal::new("EXR", format!("a block of {} bytes", packed.len()), "less than 2 GiB")
        })?;
        chunk.reserve_exact(8 + packed.len());
        chunk.extend((data.y + first as i32).to_le_bytes());
        chunk.extend(size.to_le_bytes());
        chunk.extend(packed);
        Ok(())
    })?;
    let mut total = Counts::default();
    let chunks = done.into_iter().map(|(chunk, counts)| {
        total.clamped += counts.clamped;
        total.nan += counts.nan;
        chunk
    });
    Ok((chunks.collect(), total))
}

/// RGBA to rows of channels, little-endian.
fn gather(
    band: &[f32],
    width: usize,
    channels: &[(&str, usize)],
    half: bool,
    counts: &mut Counts,
) -> Vec<u8> {
    let sample_bytes = if half { 2 } else { 4 };
    let mut plain = Vec::with_capacity(band.len() / 4 * channels.len() * sample_bytes);
    let mut values = vec![0.0_f32; width];
    let mut halves = vec![f16::ZERO; width];
    for row in band.chunks_exact(width * 4) {
        for &(_, channel) in channels {
            for (value, pixel) in values.iter_mut().zip(row.chunks_exact(4)) {
                *value = pixel[channel];
            }
            counts.nan += values.iter().filter(|value| value.is_nan()).count() as u64;
            if half {
                make_storable(&mut values, counts);
                halves.convert_from_f32_slice(&values);
                plain.extend(halves.iter().flat_map(|half| half.to_le_bytes()));
            } else {
                plain.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            }
        }
    }
    plain
}

/// The machine's own byte order, in which the `exr` crate takes samples.
fn native(mut plain: Vec<u8>, sample_bytes: usize) -> Vec<u8> {
    if cfg!(target_endian = "big") {
        plain.chunks_exact_mut(sample_bytes).for_each(<[u8]>::reverse);
    }
    plain
}

/// ZIP and ZIPS: low and high bytes apart, differences of neighbours, Deflate. What does not get
/// smaller is stored as it is; readers tell by the length.
fn zip(plain: Vec<u8>, level: u32) -> Step<Vec<u8>> {
    let (lows, highs) = (plain.iter().step_by(2), plain.iter().skip(1).step_by(2));
    let sorted: Vec<u8> = lows.chain(highs).copied().collect();
    let mut before = None;
    let differences: Vec<u8> = sorted
        .iter()
        .map(|&byte| {
            let difference = before.map_or(byte, |before| byte.wrapping_sub(before) ^ 0x80);
            before = Some(byte);
            difference
        })
        .collect();
    let room = Vec::with_capacity(plain.len() / 2);
    let mut encoder = ZlibEncoder::new(room, Level::new(level));
    let packed = encoder.write_all(&differences).and_then(|()| encoder.finish());
    let packed =
        packed.map_err(|error| Refusal::new("EXR", error.to_string(), "pixels to compress"))?;
    Ok(if packed.len() < plain.len() { packed } else { plain })
}

/// Half has no use for infinities and NaN in a picture: no compositor survives them.
fn make_storable(values: &mut [f32], counts: &mut Counts) {
    const LARGEST: f32 = 65504.0;
    for value in values {
        if value.is_nan() {
            *value = 0.0;
        } else if value.abs() > LARGEST {
            counts.clamped += 1;
            *value = LARGEST.copysign(*value);
        }
    }
}

fn codec_header(
    channels: &[(&str, usize)],
    half: bool,
    compression: Compression,
    width: usize,
    height: usize,
) -> Header {
    let list = channels
        .iter()
        .map(|(name, _)| ChannelDescription {
            name: Text::from_slice_unchecked(name.as_bytes()),
            sample_type: if half { Stored::F16 } else { Stored::F32 },
            quantize_linearly: false,
            sampling: Vec2(1, 1),
        })
        .collect();
    Header::new(Text::from_slice_unchecked(b"part"), Vec2(width, height), list).with_encoding(
        compression,
        BlockDescription::ScanLines,
        LineOrder::Increasing,
    )
}
