//! The text of a `.cube` file.

use super::{Lut, Lut1d, Lut3d, LutError, MAX_1D_SIZE, MAX_3D_SIZE};

/// Shortest row: three one-digit numbers, two blanks, a line end.
const SHORTEST_ROW: usize = 6;

#[derive(Default)]
struct Header {
    title: Option<String>,
    size_1d: Option<usize>,
    size_3d: Option<usize>,
    domain_min: Option<[f32; 3]>,
    domain_max: Option<[f32; 3]>,
    range_1d: Option<[f32; 2]>,
    range_3d: Option<[f32; 2]>,
    /// Line of the last domain or range, to blame when they contradict.
    domain_line: usize,
}

pub(super) fn parse(text: &[u8]) -> Result<Lut, LutError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut header = Header::default();
    let mut rows: Vec<[f32; 3]> = Vec::new();
    let mut expected_rows = 0;
    let mut last_line = 0;
    let mut offset = 0;
    for (index, bytes) in text.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        let here = offset;
        offset += bytes.len() + 1;
        let line = String::from_utf8_lossy(bytes);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        last_line = number;
        if line.contains('\0') {
            return Err(LutError::at(number, "a zero byte", "text"));
        }
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) && !is_number(line) {
            if !rows.is_empty() {
                return Err(LutError::at(number, quoted(line), "a row of three numbers"));
            }
            header.keyword(number, line)?;
            continue;
        }
        if rows.is_empty() {
            expected_rows = header.rows(number)?;
            let room = text.len().saturating_sub(here) / SHORTEST_ROW + 1;
            if expected_rows > room {
                return Err(LutError::at(
                    number,
                    format!("room for {room} rows at most"),
                    format!("{expected_rows} rows"),
                ));
            }
            rows.reserve_exact(expected_rows);
        }
        if rows.len() == expected_rows {
            return Err(LutError::at(
                number,
                quoted(line),
                format!("the end of the file after {expected_rows} rows"),
            ));
        }
        rows.push(numbers(number, line)?);
    }
    if rows.is_empty() {
        header.rows(last_line.max(1))?;
        return Err(LutError::whole("no rows", "a row of three numbers for every point"));
    }
    if rows.len() < expected_rows {
        return Err(LutError::at(
            last_line,
            format!("the last of {} rows", rows.len()),
            format!("{expected_rows} rows"),
        ));
    }
    header.build(rows)
}

impl Header {
    fn keyword(&mut self, number: usize, line: &str) -> Result<(), LutError> {
        let (word, rest) = line.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((line, ""));
        let rest = rest.trim();
        let twice = || LutError::at(number, format!("a second {word}"), "it only once");
        match word {
            "TITLE" => {
                let title = rest.trim_matches('"').to_owned();
                if self.title.replace(title).is_some() {
                    return Err(twice());
                }
            }
            "LUT_1D_SIZE" => {
                let size = size(number, rest, MAX_1D_SIZE)?;
                if self.size_1d.replace(size).is_some() {
                    return Err(twice());
                }
            }
            "LUT_3D_SIZE" => {
                let size = size(number, rest, MAX_3D_SIZE)?;
                if self.size_3d.replace(size).is_some() {
                    return Err(twice());
                }
            }
            "DOMAIN_MIN" | "DOMAIN_MAX" => {
                let values = numbers(number, rest)?;
                let slot =
                    if word == "DOMAIN_MIN" { &mut self.domain_min } else { &mut self.domain_max };
                if slot.replace(values).is_some() {
                    return Err(twice());
                }
                self.domain_line = number;
            }
            "LUT_1D_INPUT_RANGE" | "LUT_3D_INPUT_RANGE" => {
                let [low, high] = numbers(number, rest)?;
                if low >= high {
                    return Err(LutError::at(
                        number,
                        format!("a range from {low} to {high}"),
                        "one that rises",
                    ));
                }
                let one = word == "LUT_1D_INPUT_RANGE";
                let slot = if one { &mut self.range_1d } else { &mut self.range_3d };
                if slot.replace([low, high]).is_some() {
                    return Err(twice());
                }
                self.domain_line = number;
            }
            _ => {
                return Err(LutError::at(
                    number,
                    quoted(line),
                    "TITLE, LUT_1D_SIZE, LUT_3D_SIZE, DOMAIN_MIN, DOMAIN_MAX, \
                     LUT_1D_INPUT_RANGE, LUT_3D_INPUT_RANGE or three numbers",
                ));
            }
        }
        Ok(())
    }

    /// Rows that the sizes ask for; refuses contradictions while the header's line is near.
    fn rows(&self, number: usize) -> Result<usize, LutError> {
        if self.size_1d.is_none() && self.size_3d.is_none() {
            return Err(LutError::at(number, "no size", "LUT_1D_SIZE or LUT_3D_SIZE first"));
        }
        let domain = self.domain_min.is_some() || self.domain_max.is_some();
        if domain && (self.range_1d.is_some() || self.range_3d.is_some()) {
            return Err(LutError::at(
                self.domain_line,
                "both DOMAIN_MIN or DOMAIN_MAX and an INPUT_RANGE",
                "one of the two",
            ));
        }
        if self.range_1d.is_some() && self.size_1d.is_none() {
            let line = self.domain_line;
            return Err(LutError::at(line, "LUT_1D_INPUT_RANGE", "it only with LUT_1D_SIZE"));
        }
        if self.range_3d.is_some() && self.size_3d.is_none() {
            let line = self.domain_line;
            return Err(LutError::at(line, "LUT_3D_INPUT_RANGE", "it only with LUT_3D_SIZE"));
        }
        let (low, high) = self.domain();
        if low.iter().zip(&high).any(|(low, high)| low >= high) {
            return Err(LutError::at(
                self.domain_line,
                format!("a domain from {low:?} to {high:?}"),
                "one that rises in every channel",
            ));
        }
        Ok(self.size_1d.unwrap_or(0) + self.size_3d.map_or(0, |size| size * size * size))
    }

    fn domain(&self) -> ([f32; 3], [f32; 3]) {
        (self.domain_min.unwrap_or([0.0; 3]), self.domain_max.unwrap_or([1.0; 3]))
    }

    fn build(self, rows: Vec<[f32; 3]>) -> Result<Lut, LutError> {
        let domain = self.domain();
        let range = |range: Option<[f32; 2]>, domain| match range {
            Some([low, high]) => ([low; 3], [high; 3]),
            None => domain,
        };
        // Behind a shaper Adobe's domain is the shaper's; the cube then takes 0 to 1.
        let cube_domain = if self.size_1d.is_some() { ([0.0; 3], [1.0; 3]) } else { domain };
        let mut rows = rows;
        let cube = self.size_3d.map(|size| {
            let (low, high) = range(self.range_3d, cube_domain);
            let rows = rows.split_off(self.size_1d.unwrap_or(0));
            Lut3d { low, high, size, rows }
        });
        let shaper = self.size_1d.map(|_| {
            let (low, high) = range(self.range_1d, domain);
            Lut1d { low, high, rows }
        });
        Ok(Lut { title: self.title, shaper, cube })
    }
}

fn size(number: usize, text: &str, most: usize) -> Result<usize, LutError> {
    match text.parse::<usize>() {
        Ok(size) if (2..=most).contains(&size) => Ok(size),
        _ => Err(LutError::at(number, quoted(text), format!("a whole number from 2 to {most}"))),
    }
}

fn numbers<const N: usize>(number: usize, text: &str) -> Result<[f32; N], LutError> {
    let mut values = [0.0; N];
    let mut count = 0;
    for word in text.split_ascii_whitespace() {
        if let Some(value) = values.get_mut(count) {
            *value = match word.parse::<f32>() {
                Ok(parsed) if parsed.is_finite() => parsed,
                _ => return Err(LutError::at(number, quoted(word), "a finite number")),
            };
        }
        count += 1;
    }
    if count == N {
        Ok(values)
    } else {
        Err(LutError::at(number, format!("{count} numbers"), format!("{N} numbers")))
    }
}

/// Whether a line that begins with a letter is meant as numbers (`nan`, `inf`).
fn is_number(line: &str) -> bool {
    line.split_ascii_whitespace().next().is_some_and(|word| word.parse::<f32>().is_ok())
}

/// A shortened quotation for a message.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push_str("...");
    }
    format!("{short:?}")
}
