//! Rows of TIFF samples to floats: predictors undone, bits unpacked, codes scaled.

use half::f16;

use crate::error::{Refusal, Step};

/// How a sample is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Samples {
    /// Unsigned codes of `stored` bits, of which `significant` count.
    Integer {
        stored: u8,
        significant: u8,
    },
    Half,
    Float,
}

impl Samples {
    fn bits(self) -> usize {
        match self {
            Self::Integer { stored, .. } => usize::from(stored),
            Self::Half => 16,
            Self::Float => 32,
        }
    }

    /// Bytes of a row; rows start at whole bytes.
    pub(super) fn row_bytes(self, samples: usize) -> usize {
        (samples * self.bits()).div_ceil(8)
    }

    /// Decodes as many samples as `values` holds. Codes become code / maximum if `scaled`.
    pub(super) fn unpack(
        self,
        row: &[u8],
        values: &mut [f32],
        big_endian: bool,
        scaled: bool,
    ) -> Step<()> {
        let (pairs, _) = row.as_chunks::<2>();
        let (quads, _) = row.as_chunks::<4>();
        let u16_of = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
        let u32_of = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        match self {
            Self::Float => {
                let floats = quads.iter().map(|&bytes| f32::from_bits(u32_of(bytes)));
                values.iter_mut().zip(floats).for_each(|(to, value)| *to = value);
            }
            Self::Half => {
                let halves = pairs.iter().map(|&bytes| f16::from_bits(u16_of(bytes)).to_f32());
                values.iter_mut().zip(halves).for_each(|(to, value)| *to = value);
            }
            Self::Integer { stored, significant } => {
                let maximum = if scaled { ((1_u64 << significant) - 1) as f32 } else { 1.0 };
                match stored {
                    8 => values
                        .iter_mut()
                        .zip(row)
                        .for_each(|(to, &code)| *to = f32::from(code) / maximum),
                    16 => values
                        .iter_mut()
                        .zip(pairs)
                        .for_each(|(to, &code)| *to = f32::from(u16_of(code)) / maximum),
                    // In double precision, where all 32 bits count.
                    32 => values.iter_mut().zip(quads).for_each(|(to, &code)| {
                        *to = (f64::from(u32_of(code)) / f64::from(u32::MAX)) as f32;
                    }),
                    _ => {
                        let codes = Bits { bytes: row, at: 0, width: usize::from(stored) };
                        values
                            .iter_mut()
                            .zip(codes)
                            .for_each(|(to, code)| *to = code as f32 / maximum);
                    }
                }
                if significant < stored
                    && let Some(beyond) = values.iter().find(|value| **value > 1.0)
                {
                    return Err(Refusal::new(
                        "samples",
                        format!("code {}", (beyond * maximum).round()),
                        format!("codes of {significant} bits, at most {maximum}"),
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Codes of any width, most significant bit first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    width: usize,
}

impl Iterator for Bits<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.at + self.width > self.bytes.len() * 8 {
            return None;
        }
        let mut code = 0;
        for bit in self.at..self.at + self.width {
            code = code << 1 | u32::from(self.bytes[bit / 8] >> (7 - bit % 8) & 1);
        }
        self.at += self.width;
        Some(code)
    }
}

/// What was subtracted from the samples before compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predictor {
    None,
    /// The same sample of the pixel to the left.
    Horizontal,
    /// The byte to the left, after the bytes of all samples were sorted by significance.
    FloatingPoint,
}

impl Predictor {
    pub(super) fn from_code(code: u64, samples: Samples) -> Step<Self> {
        match (code, samples) {
            (1, _) => Ok(Self::None),
            (2, Samples::Integer { stored: 8 | 16 | 32, .. } | Samples::Half | Samples::Float) => {
                Ok(Self::Horizontal)
            }
            (3, Samples::Half | Samples::Float) => Ok(Self::FloatingPoint),
            _ => Err(Refusal::new(
                "Predictor",
                format!("{code} for {samples:?}"),
                "1, 2 for samples of 8, 16 or 32 bits or 3 for floats",
            )),
        }
    }

    /// Restores a row in place.
    pub(super) fn undo(self, row: &mut [u8], samples: Samples, channels: usize, big_endian: bool) {
        let width = samples.bits() / 8;
        match self {
            Self::None => {}
            Self::Horizontal if width == 1 => accumulate(row, channels, u8::wrapping_add),
            Self::Horizontal if width == 2 => {
                let (codes, _) = row.as_chunks_mut::<2>();
                if big_endian {
                    accumulate(codes, channels, |before, code| {
                        u16::from_be_bytes(before)
                            .wrapping_add(u16::from_be_bytes(code))
                            .to_be_bytes()
                    });
                } else {
                    accumulate(codes, channels, |before, code| {
                        u16::from_le_bytes(before)
                            .wrapping_add(u16::from_le_bytes(code))
                            .to_le_bytes()
                    });
                }
            }
            Self::Horizontal => {
                let (codes, _) = row.as_chunks_mut::<4>();
                if big_endian {
                    accumulate(codes, channels, |before, code| {
                        u32::from_be_bytes(before)
                            .wrapping_add(u32::from_be_bytes(code))
                            .to_be_bytes()
                    });
                } else {
                    accumulate(codes, channels, |before, code| {
                        u32::from_le_bytes(before)
                            .wrapping_add(u32::from_le_bytes(code))
                            .to_le_bytes()
                    });
                }
            }
            Self::FloatingPoint => {
                accumulate(row, channels, u8::wrapping_add);
                let count = row.len() / width;
                let sorted = row.to_vec();
                for sample in 0..count {
                    for byte in 0..width {
                        // Most significant bytes come first whatever the file's byte order.
                        let place = if big_endian { byte } else { width - 1 - byte };
                        row[sample * width + place] = sorted[byte * count + sample];
                    }
                }
            }
        }
    }
}

/// Replaces every code by its sum with the one `distance` before it.
fn accumulate<C: Copy>(codes: &mut [C], distance: usize, sum: impl Fn(C, C) -> C) {
    for at in distance..codes.len() {
        codes[at] = sum(codes[at - distance], codes[at]);
    }
}
