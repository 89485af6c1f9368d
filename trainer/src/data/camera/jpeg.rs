//! Codes through JPEG and back.

use crate::Error;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use std::io::Cursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// How a JPEG is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jpeg {
    /// 1 to 100.
    pub quality: u8,
    /// Whether colour has half the resolution (4:2:0).
    pub subsampled: bool,
}

impl Jpeg {
    /// What is left of RGB codes.
    ///
    /// # Errors
    /// When the picture is larger than JPEG can hold.
    pub fn pass(self, codes: &[u8], width: usize, height: usize) -> Result<Vec<u8>, Error> {
        let decoded = decode(&self.encode(codes, width, height)?)?;
        if decoded.len() != codes.len() {
            return Err(Error::failed("JPEG: another size came back"));
        }
        Ok(decoded)
    }

    /// The file.
    ///
    /// # Errors
    /// When the picture is larger than JPEG can hold.
    pub fn encode(self, codes: &[u8], width: usize, height: usize) -> Result<Vec<u8>, Error> {
        let failed = |problem: String| Error::failed(format!("JPEG: {problem}"));
        let side = |length: usize| {
            u16::try_from(length).map_err(|_| failed(format!("found a side of {length} pixels")))
        };
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.quality.clamp(1, 100));
        encoder.set_sampling_factor(if self.subsampled {
            SamplingFactor::F_2_2
        } else {
            SamplingFactor::F_1_1
        });
        encoder
            .encode(codes, side(width)?, side(height)?, ColorType::Rgb)
            .map_err(|error| failed(error.to_string()))?;
        Ok(file)
    }
}

fn decode(file: &[u8]) -> Result<Vec<u8>, Error> {
    let options = DecoderOptions::new_safe().jpeg_set_out_colorspace(ColorSpace::RGB);
    JpegDecoder::new_with_options(Cursor::new(file), options)
        .decode()
        .map_err(|error| Error::failed(format!("JPEG: {error}")))
}
