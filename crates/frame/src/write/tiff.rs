//! TIFF of 8 or 16 bits or 32-bit float, RGB or RGBA, in strips; uncompressed or Deflate.

use std::io::Write;

use flate2::Compression as Level;
use flate2::write::ZlibEncoder;

use super::integer::quantise;
use super::{Encoded, ExrCompression, Sample, WriteOptions, WriteReport, rule_of, with_alpha_rule};
use crate::error::{Refusal, Step};
use crate::frame::{AlphaKind, Frame};
use crate::parallel;

/// Strips of about this many bytes, as the specification recommends small ones.
const STRIP_BYTES: usize = 1 << 18;

pub(super) fn encode(
    frame: &Frame,
    sample: Sample,
    options: &WriteOptions,
    report: &mut WriteReport,
) -> Step<Encoded> {
    let window = frame.display_window;
    let (width, height) = (window.width as usize, window.height as usize);
    // Straight alpha is kept; associated alpha is what the format calls its default.
    let rule = if frame.alpha == AlphaKind::Straight {
        AlphaKind::Straight
    } else {
        AlphaKind::Premultiplied
    };
    let pixels = with_alpha_rule(frame.display_pixels(), rule_of(frame), rule);
    let channels = if frame.has_alpha { 4 } else { 3 };
    let samples = pixels.chunks_exact(4).flat_map(|pixel| &pixel[..channels]).copied();
    let (bits, bytes): (u16, Vec<u8>) = match sample {
        Sample::U8 => (8, samples.map(|value| quantise(value, report)).collect()),
        Sample::Float => {
            report.nan = pixels.iter().filter(|value| value.is_nan()).count() as u64;
            (32, samples.flat_map(f32::to_le_bytes).collect())
        }
        _ => {
            let codes = samples.flat_map(|value| quantise::<u16>(value, report).to_le_bytes());
            (16, codes.collect())
        }
    };

    let sample_bytes = usize::from(bits / 8);
    let row = width * channels * sample_bytes;
    let rows = (STRIP_BYTES / row).clamp(1, height);
    let deflate = options.compression != ExrCompression::None;
    // Differences of float bits rarely help; of codes they nearly always do.
    let predict = deflate && sample != Sample::Float;
    let mut strips: Vec<Vec<u8>> = bytes.chunks(rows * row).map(<[u8]>::to_vec).collect();
    drop(bytes);
    if deflate {
        parallel::for_each(options.threads, strips.iter_mut(), |_, strip| {
            if predict {
                strip.chunks_exact_mut(row).for_each(|row| difference(row, channels, sample_bytes));
            }
            let mut encoder = ZlibEncoder::new(Vec::new(), Level::new(3));
            let packed = encoder.write_all(strip).and_then(|()| encoder.finish());
            *strip = packed.map_err(|error| {
                Refusal::new("TIFF", error.to_string(), "strips that can be compressed")
            })?;
            Ok(())
        })?;
    }

    let mut directory = Directory::default();
    directory.long(256, &[window.width]);
    directory.long(257, &[window.height]);
    directory.short(258, &vec![bits; channels]);
    directory.short(259, &[if deflate { 8 } else { 1 }]);
    directory.short(262, &[2]);
    directory.long(273, &vec![0; strips.len()]);
    directory.short(274, &[1]);
    directory.short(277, &[channels as u16]);
    directory.long(278, &[rows as u32]);
    let lengths: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
    directory.long(279, &lengths);
    let aspect = (f64::from(frame.pixel_aspect) * 1e6).round().clamp(1.0, 4e9) as u32;
    directory.rational(282, [1_000_000, 1_000_000]);
    directory.rational(283, [aspect, 1_000_000]);
    directory.short(284, &[1]);
    directory.short(296, &[1]);
    if let Some(provenance) = &options.provenance {
        let text = format!("Headroom {} {}", provenance.version, provenance.model);
        directory.text(305, &text);
        directory.text(270, &provenance.settings);
    }
    if predict {
        directory.short(317, &[2]);
    }
    if frame.has_alpha {
        let kind = if rule == AlphaKind::Straight { 2 } else { 1 };
        directory.short(338, &[kind]);
    }
    directory.short(339, &vec![if sample == Sample::Float { 3 } else { 1 }; channels]);

    let length = directory.length() + strips.iter().map(|strip| strip.len() + 1).sum::<usize>();
    if length as u64 > u64::from(u32::MAX) {
        return Err(Refusal::new("TIFF", format!("{length} bytes"), "at most 4 GiB"));
    }
    // Strips follow the directory, each at an even offset.
    let mut offset = directory.length();
    let offsets = strips.iter_mut().map(|strip| {
        let start = offset as u32;
        strip.resize(strip.len().next_multiple_of(2), 0);
        offset += strip.len();
        start
    });
    let offsets: Vec<u32> = offsets.collect();
    directory.long(273, &offsets);
    strips.insert(0, directory.bytes());
    Ok(strips)
}

/// Replaces samples by what was added to the pixel before (TIFF 6.0, section 14).
fn difference(row: &mut [u8], channels: usize, sample_bytes: usize) {
    if sample_bytes == 1 {
        for at in (channels..row.len()).rev() {
            row[at] = row[at].wrapping_sub(row[at - channels]);
        }
    } else {
        let (codes, _) = row.as_chunks_mut::<2>();
        for at in (channels..codes.len()).rev() {
            let [here, before] = [codes[at], codes[at - channels]].map(u16::from_le_bytes);
            codes[at] = here.wrapping_sub(before).to_le_bytes();
        }
    }
}

/// The tags of the only directory, in ascending order as the specification demands.
#[derive(Default)]
struct Directory {
    entries: std::collections::BTreeMap<u16, Entry>,
}

struct Entry {
    kind: u16,
    count: usize,
    value: Vec<u8>,
}

impl Directory {
    fn set(&mut self, tag: u16, kind: u16, count: usize, value: Vec<u8>) {
        self.entries.insert(tag, Entry { kind, count, value });
    }

    fn short(&mut self, tag: u16, values: &[u16]) {
        let value = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.set(tag, 3, values.len(), value);
    }

    fn long(&mut self, tag: u16, values: &[u32]) {
        let value = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.set(tag, 4, values.len(), value);
    }

    fn rational(&mut self, tag: u16, quotient: [u32; 2]) {
        let value = quotient.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.set(tag, 5, 1, value);
    }

    fn text(&mut self, tag: u16, text: &str) {
        let mut value = text.replace('\0', " ").into_bytes();
        value.push(0);
        self.set(tag, 2, value.len(), value);
    }

    /// Header, directory and the values that do not fit into it.
    fn length(&self) -> usize {
        let outside = self.entries.values().map(|entry| match entry.value.len() {
            0..=4 => 0,
            length => length.next_multiple_of(2),
        });
        8 + 2 + self.entries.len() * 12 + 4 + outside.sum::<usize>()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"II\x2a\0\x08\0\0\0".to_vec();
        let mut outside = Vec::new();
        let values_start = 8 + 2 + self.entries.len() * 12 + 4;
        bytes.extend((self.entries.len() as u16).to_le_bytes());
        for (tag, entry) in &self.entries {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(entry.kind.to_le_bytes());
            bytes.extend((entry.count as u32).to_le_bytes());
            if entry.value.len() <= 4 {
                let mut value = entry.value.clone();
                value.resize(4, 0);
                bytes.extend(value);
            } else {
                bytes.extend(((values_start + outside.len()) as u32).to_le_bytes());
                outside.extend(&entry.value);
                outside.resize(outside.len().next_multiple_of(2), 0);
            }
        }
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend(outside);
        bytes
    }
}
