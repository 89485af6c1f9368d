//! Pictures inside a page.

use crate::Error;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Bytes as a `data:` URI.
pub(super) fn uri(kind: &str, bytes: &[u8]) -> String {
    format!("data:{kind};base64,{}", base64(bytes))
}

/// A PNG of three 8-bit channels as a `data:` URI in JPEG, a fifth of its size.
pub(super) fn jpeg_uri(path: &Path) -> Result<String, Error> {
    let failed = |error: png::DecodingError| Error::file(path, error);
    let file = File::open(path).map_err(|error| Error::file(path, error))?;
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().map_err(failed)?;
    let (width, height) = reader.info().size();
    let size = reader.output_buffer_size().ok_or_else(|| Error::file(path, "too large"))?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).map_err(failed)?;
    if (info.color_type, info.bit_depth) != (png::ColorType::Rgb, png::BitDepth::Eight) {
        return Err(Error::file(path, format!("found {:?}, expected 8-bit RGB", info.color_type)));
    }
    let side = |length: u32| u16::try_from(length).map_err(|error| Error::file(path, error));
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 88)
        .encode(&pixels, side(width)?, side(height)?, jpeg_encoder::ColorType::Rgb)
        .map_err(|error| Error::file(path, error))?;
    Ok(uri("image/jpeg", &bytes))
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let at = |index: usize| u32::from(part.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for letter in 0..4 {
            let six = (bits >> (18 - 6 * letter)) as usize & 63;
            text.push(if letter <= part.len() { char::from(LETTERS[six]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_as_rfc_4648_section_10_shows_it() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let expected = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64(text.as_bytes())), expected);
    }
}
