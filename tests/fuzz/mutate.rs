//! Inputs made of sound ones by damage that a parser may care about.

use super::random::Random;

/// Texts that parsers treat in ways of their own.
const WORDS: [&str; 34] = [
    "0",
    "-1",
    "1",
    "2",
    "255",
    "65536",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999",
    "1e308",
    "1e999",
    "-0.0",
    "0.5",
    "nan",
    "inf",
    "null",
    "true",
    "{}",
    "[]",
    "{",
    "[",
    "}",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u0000",
    "\u{1b}",
    "LUT_3D_SIZE 2\n",
    "LUT_1D_SIZE 65536\n",
    "DOMAIN_MAX 0 0 0\n",
];

/// A spoilt copy of one of the inputs. `prefixed` inputs begin with the length of a header, which
/// mostly is made to fit again, so that damage reaches what lies behind that check.
pub(crate) fn mutate(corpus: &[Vec<u8>], prefixed: bool, random: &mut Random) -> Vec<u8> {
    let input = random.choose(corpus);
    if !prefixed {
        let mut bytes = input.clone();
        spoil(&mut bytes, corpus, random);
        return bytes;
    }
    let (prefix, rest) = input.split_at(8.min(input.len()));
    let length = prefix.try_into().map_or(0, u64::from_le_bytes) as usize;
    let (header, data) = rest.split_at(length.min(rest.len()));
    let (mut header, mut data) = (header.to_vec(), data.to_vec());
    let mut length = None;
    match random.below(8) {
        0 => length = Some(random.number()),
        1 => spoil(&mut data, corpus, random),
        2 => {
            spoil(&mut header, corpus, random);
            spoil(&mut data, corpus, random);
        }
        _ => spoil(&mut header, corpus, random),
    }
    let length = length.unwrap_or(header.len() as u64);
    [&length.to_le_bytes()[..], &header, &data].concat()
}

fn spoil(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    for _ in 0..=random.below(4) {
        once(bytes, corpus, random);
    }
}

fn once(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut Random) {
    let place = random.below(bytes.len() + 1);
    let span = place..place + random.below(bytes.len().saturating_sub(place).min(64) + 1);
    match random.below(9) {
        0 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte = random.below(256) as u8;
            }
        }
        2 => bytes.truncate(place),
        3 => drop(bytes.drain(span)),
        4 => {
            let copy = bytes[span].to_vec();
            bytes.splice(place..place, copy);
        }
        5 => {
            let other = random.choose(corpus);
            let from = random.below(other.len() + 1);
            let until = from + random.below((other.len() - from).min(256) + 1);
            bytes.splice(span, other[from..until].iter().copied());
        }
        6 => drop(bytes.splice(place..place, random.choose(&WORDS).bytes())),
        _ => number(bytes, place, random),
    }
}

/// Puts another number in the place of the next one.
fn number(bytes: &mut Vec<u8>, from: usize, random: &mut Random) {
    let digit = |byte: &u8| byte.is_ascii_digit();
    let Some(start) = bytes[from..].iter().position(digit).map(|offset| from + offset) else {
        return;
    };
    let end = bytes[start..].iter().position(|b| !digit(b)).map_or(bytes.len(), |n| start + n);
    let text = match random.below(3) {
        0 => (*random.choose(&WORDS[..16])).to_owned(),
        1 => random.below(10).to_string(),
        _ => random.number().to_string(),
    };
    bytes.splice(start..end, text.bytes());
}
