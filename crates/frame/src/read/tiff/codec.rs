//! The compressions of TIFF, each expanding to a length known beforehand.

use std::io::Read;

use crate::error::{Refusal, Step};

/// A lossless compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Lzw,
    Deflate,
    PackBits,
}

impl Compression {
    pub(super) fn from_code(code: u64) -> Step<Self> {
        Ok(match code {
            1 => Self::None,
            5 => Self::Lzw,
            8 | 32946 => Self::Deflate,
            32773 => Self::PackBits,
            other => {
                let name = match other {
                    2..=4 => " (CCITT fax)",
                    6 | 7 => " (JPEG)",
                    34925 => " (LZMA)",
                    50000 => " (Zstandard)",
                    50001 => " (WebP)",
                    _ => "",
                };
                return Err(Refusal::new(
                    "Compression",
                    format!("{other}{name}"),
                    "1 (none), 5 (LZW), 8 or 32946 (Deflate) or 32773 (PackBits)",
                ));
            }
        })
    }

    /// The most bytes that one byte can expand to.
    pub(super) fn densest(self) -> usize {
        match self {
            Self::None => 1,
            // Strings grow to some 4096 bytes for a code of 12 bits.
            Self::Lzw => 4096,
            Self::Deflate => 1032,
            Self::PackBits => 64,
        }
    }

    /// Exactly `length` bytes; more are left, fewer are refused.
    pub(super) fn expand(self, packed: &[u8], length: usize) -> Step<Vec<u8>> {
        let short = |found: usize| {
            Refusal::new("data", format!("at most {found} bytes"), format!("{length} bytes"))
        };
        let broken = |error: std::io::Error| {
            Refusal::new("data", error.to_string(), format!("intact {self:?} data"))
        };
        // Before anything of that length is allocated.
        let most = packed.len().saturating_mul(self.densest()).saturating_add(64);
        if length > most {
            return Err(short(most));
        }
        let plain = match self {
            Self::None => packed.get(..length).ok_or_else(|| short(packed.len()))?.to_vec(),
            Self::Deflate => {
                let mut plain = Vec::new();
                let decoder = flate2::read::ZlibDecoder::new(packed);
                decoder.take(length as u64).read_to_end(&mut plain).map_err(broken)?;
                plain
            }
            Self::Lzw => {
                let mut decoder =
                    weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
                let mut plain = vec![0; length];
                let (mut read, mut written) = (0, 0);
                while written < length {
                    let step = decoder.decode_bytes(&packed[read..], &mut plain[written..]);
                    read += step.consumed_in;
                    written += step.consumed_out;
                    match step.status {
                        Ok(weezl::LzwStatus::Ok) => {}
                        Ok(weezl::LzwStatus::NoProgress | weezl::LzwStatus::Done) => break,
                        Err(error) => {
                            return Err(Refusal::new("data", error.to_string(), "intact LZW data"));
                        }
                    }
                }
                plain.truncate(written);
                plain
            }
            Self::PackBits => unpack_bits(packed, length),
        };
        if plain.len() == length { Ok(plain) } else { Err(short(plain.len())) }
    }
}

/// TIFF 6.0, section 9.
fn unpack_bits(mut packed: &[u8], length: usize) -> Vec<u8> {
    let mut plain = Vec::new();
    while plain.len() < length {
        let Some((&code, rest)) = packed.split_first() else { break };
        packed = rest;
        let room = length - plain.len();
        match code as i8 {
            -128 => {}
            code @ 0.. => {
                let count = (code as usize + 1).min(packed.len());
                plain.extend_from_slice(&packed[..count.min(room)]);
                packed = &packed[count..];
            }
            code => {
                let Some((&value, rest)) = packed.split_first() else { break };
                packed = rest;
                let count = 1 - isize::from(code);
                plain.resize(plain.len() + room.min(count as usize), value);
            }
        }
    }
    plain
}
