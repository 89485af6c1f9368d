//! Radiance pictures (.hdr, .pic): RGBE and XYZE, flat, old and new run lengths.
//!
//! Samples are divided by the product of the file's EXPOSURE and COLORCORR lines, which gives
//! the original radiances. XYZE stays XYZ; the note `FORMAT` says which it is.

use super::{ReadOptions, check_size};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame, SourceKind};
use crate::metadata::Metadata;

/// A scan line takes at least four bytes and is at most 2^24 pixels long.
const DENSEST: u64 = 1 << 22;
/// New run-length coding exists for these lengths of scan line.
const NEW_RUNS: std::ops::Range<usize> = 8..0x8000;

pub(super) fn decode(bytes: &[u8], options: &ReadOptions) -> Step<Frame> {
    let mut lines = Lines { rest: bytes };
    let mut metadata = Metadata::default();
    let header = read_header(&mut lines, &mut metadata)?;
    let order = Order::parse(lines.next("resolution")?)?;
    check_size("resolution", order.width, order.height, bytes.len(), DENSEST, options)?;
    let (lines_count, length) = order.scan_lines();
    // A scan line takes at least four bytes; this bounds what a short file can ask for.
    if lines_count > lines.rest.len() / 4 {
        return Err(Refusal::new(
            "pixels",
            format!("{} bytes for {lines_count} scan lines", lines.rest.len()),
            "at least 4 bytes for each scan line",
        ));
    }

    let pixels = vec![0.0; (order.width * order.height * 4) as usize];
    let mut frame = Frame::new(order.width as u32, order.height as u32, pixels, AlphaKind::Opaque);
    let mut line = vec![[0_u8; 4]; length];
    let mut rest = lines.rest;
    for index in 0..lines_count {
        rest = read_scan_line(rest, &mut line).map_err(|found| {
            Refusal::new(
                "pixels",
                format!("{found} in scan line {index}"),
                "an intact Radiance file",
            )
        })?;
        for (along, rgbe) in line.iter().enumerate() {
            let at = order.pixel(index, along) * 4;
            for (channel, value) in decode_rgbe(*rgbe).into_iter().enumerate() {
                frame.pixels[at + channel] = (value / header.scale[channel]) as f32;
            }
            frame.pixels[at + 3] = 1.0;
        }
    }
    frame.source = SourceKind::Float;
    frame.pixel_aspect = header.pixel_aspect;
    frame.metadata = metadata;
    Ok(frame)
}

struct Header {
    scale: [f64; 3],
    pixel_aspect: f32,
}

fn read_header(lines: &mut Lines<'_>, metadata: &mut Metadata) -> Step<Header> {
    let magic = lines.next("signature")?;
    if magic != "#?RADIANCE" && magic != "#?RGBE" && magic != "#?AUTOPANO" {
        return Err(Refusal::new(
            "signature",
            format!("{magic:?}"),
            "\"#?RADIANCE\" or \"#?RGBE\"",
        ));
    }
    let mut header = Header { scale: [1.0; 3], pixel_aspect: 1.0 };
    let mut format = None;
    loop {
        let line = lines.next("header")?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim());
        match name {
            "FORMAT" => {
                if value != "32-bit_rle_rgbe" && value != "32-bit_rle_xyze" {
                    let expected = "32-bit_rle_rgbe or 32-bit_rle_xyze";
                    return Err(Refusal::new("FORMAT", format!("{value:?}"), expected));
                }
                format = Some(value.to_owned());
            }
            // Repeated lines multiply, as every program that scales the picture adds one.
            "EXPOSURE" => {
                let [exposure] = positive_numbers(name, value)?;
                header.scale = header.scale.map(|scale| scale * exposure);
            }
            "COLORCORR" => {
                let correction: [f64; 3] = positive_numbers(name, value)?;
                for (scale, factor) in header.scale.iter_mut().zip(correction) {
                    *scale *= factor;
                }
            }
            // Radiance's aspect is height over width.
            "PIXASPECT" => {
                let [aspect] = positive_numbers(name, value)?;
                header.pixel_aspect /= aspect as f32;
            }
            _ => {}
        }
        metadata.note(name, value);
    }
    if format.is_none() {
        return Err(Refusal::new("FORMAT", "no such line", "FORMAT=32-bit_rle_rgbe"));
    }
    if !header.scale.iter().all(|scale| scale.is_normal()) {
        let found = format!("a product of {:?}", header.scale);
        return Err(Refusal::new("EXPOSURE", found, "positive finite numbers"));
    }
    Ok(header)
}

fn positive_numbers<const N: usize>(field: &str, text: &str) -> Step<[f64; N]> {
    let refusal =
        || Refusal::new(field, format!("{text:?}"), format!("{N} positive finite number(s)"));
    let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    let numbers: [f64; N] =
        numbers.map_err(|_| refusal())?.try_into().map_err(|_: Vec<f64>| refusal())?;
    if numbers.iter().all(|number| number.is_normal() && *number > 0.0) {
        Ok(numbers)
    } else {
        Err(refusal())
    }
}

/// The resolution string: which way scan lines and the pixels in them run.
struct Order {
    width: u64,
    height: u64,
    /// Scan lines are rows rather than columns.
    rows: bool,
    /// The first line is the top row; columns run down.
    from_top: bool,
    from_left: bool,
}

impl Order {
    fn parse(line: &str) -> Step<Self> {
        let refusal = || {
            let expected = "a resolution such as \"-Y 1080 +X 1920\"";
            Refusal::new("resolution", format!("{line:?}"), expected)
        };
        let words: Vec<&str> = line.split_whitespace().collect();
        let [first, lines, second, along] = words[..] else { return Err(refusal()) };
        let lines: u64 = lines.parse().map_err(|_| refusal())?;
        let along: u64 = along.parse().map_err(|_| refusal())?;
        let rows = matches!((first, second), ("-Y" | "+Y", "-X" | "+X"));
        if !rows && !matches!((first, second), ("-X" | "+X", "-Y" | "+Y")) {
            return Err(refusal());
        }
        let (y, x) = if rows { (first, second) } else { (second, first) };
        let (height, width) = if rows { (lines, along) } else { (along, lines) };
        Ok(Self { width, height, rows, from_top: y == "-Y", from_left: x == "+X" })
    }

    /// How many scan lines there are and how long each is.
    fn scan_lines(&self) -> (usize, usize) {
        let (width, height) = (self.width as usize, self.height as usize);
        if self.rows { (height, width) } else { (width, height) }
    }

    /// The index of a pixel, top row first, from its scan line and place in it.
    fn pixel(&self, line: usize, along: usize) -> usize {
        let (width, height) = (self.width as usize, self.height as usize);
        let (y, x) = if self.rows { (line, along) } else { (along, line) };
        let y = if self.from_top { y } else { height - 1 - y };
        let x = if self.from_left { x } else { width - 1 - x };
        y * width + x
    }
}

/// The header's lines.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn next(&mut self, field: &str) -> Step<&'a str> {
        let window = &self.rest[..self.rest.len().min(4096)];
        let end = window.iter().position(|&byte| byte == b'\n').ok_or_else(|| {
            Refusal::new(field, "no end of line", "a text line of at most 4096 bytes")
        })?;
        self.rest = &self.rest[end + 1..];
        let line = std::str::from_utf8(&window[..end])
            .map_err(|_| Refusal::new(field, "bytes that are no text", "a text line"))?;
        Ok(line.strip_suffix('\r').unwrap_or(line))
    }
}

type Line<'a> = Result<&'a [u8], String>;

/// Decodes one scan line and returns what follows it.
fn read_scan_line<'a>(bytes: &'a [u8], line: &mut [[u8; 4]]) -> Line<'a> {
    match bytes {
        [2, 2, high, low, rest @ ..] if *high < 0x80 && NEW_RUNS.contains(&line.len()) => {
            let length = usize::from(*high) << 8 | usize::from(*low);
            if length != line.len() {
                return Err(format!("a length of {length} instead of {}", line.len()));
            }
            read_new_runs(rest, line)
        }
        _ => read_old_runs(bytes, line),
    }
}

/// The four components one after another, each in runs and dumps.
fn read_new_runs<'a>(mut bytes: &'a [u8], line: &mut [[u8; 4]]) -> Line<'a> {
    let cut_short = || "the end of the file".to_owned();
    for component in 0..4 {
        let mut at = 0;
        while at < line.len() {
            let (&code, rest) = bytes.split_first().ok_or_else(cut_short)?;
            let count = usize::from(if code > 128 { code - 128 } else { code });
            if count == 0 || at + count > line.len() {
                return Err(format!("a run of {count} at {at} of {}", line.len()));
            }
            let target = &mut line[at..at + count];
            if code > 128 {
                let (&value, rest) = rest.split_first().ok_or_else(cut_short)?;
                target.iter_mut().for_each(|pixel| pixel[component] = value);
                bytes = rest;
            } else {
                let (values, rest) = rest.split_at_checked(count).ok_or_else(cut_short)?;
                target.iter_mut().zip(values).for_each(|(pixel, &value)| pixel[component] = value);
                bytes = rest;
            }
            at += count;
        }
    }
    Ok(bytes)
}

/// Pixels as they are, where 1, 1, 1, n repeats the one before n times; several such in a row
/// are the digits of the count, lowest first, to the base 256.
fn read_old_runs<'a>(mut bytes: &'a [u8], line: &mut [[u8; 4]]) -> Line<'a> {
    let mut at = 0;
    let mut shift = 0;
    while at < line.len() {
        let (pixel, rest) =
            bytes.split_first_chunk::<4>().ok_or_else(|| "the end of the file".to_owned())?;
        bytes = rest;
        if let [1, 1, 1, count] = *pixel {
            let count = if shift < 24 { usize::from(count) << shift } else { usize::MAX };
            if at == 0 || count > line.len() - at {
                return Err(format!("a run of {count} at {at} of {}", line.len()));
            }
            let before = line[at - 1];
            line[at..at + count].fill(before);
            at += count;
            shift += 8;
        } else {
            line[at] = *pixel;
            at += 1;
            shift = 0;
        }
    }
    Ok(bytes)
}

/// The mantissas times 2^(exponent - 136); exact. (Radiance's own reader adds half a step to the
/// mantissa, others do not; the value as coded is what other picture readers give.)
fn decode_rgbe([red, green, blue, exponent]: [u8; 4]) -> [f64; 3] {
    if exponent == 0 {
        return [0.0; 3];
    }
    // 2^(exponent - 136) as a double: 1023 is the bias of its exponent field.
    let scale = f64::from_bits((u64::from(exponent) + 1023 - 136) << 52);
    [red, green, blue].map(|mantissa| f64::from(mantissa) * scale)
}
