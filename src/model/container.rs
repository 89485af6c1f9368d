//! The container of a weights file: safetensors, read strictly.
//!
//! Layout (<https://github.com/huggingface/safetensors>, "Format"): eight bytes, little-endian, the
//! length of the header; the header, a JSON object from tensor names to `dtype`, `shape` and
//! `data_offsets` and from `__metadata__` to texts; then the tensors' bytes. Of what the format
//! allows only what weights need is read: F32, F16 and BF16. The `safetensors` crate is not used because its
//! errors name neither field nor expectation, and names that stand twice pass it.

use super::error::{ModelError, quoted};
use super::json::{told, twice};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;
use std::ops::Range;

/// Bytes of the longest header that is read.
pub const LONGEST_HEADER: usize = 16 << 20;
/// Tensors in a file, at most; more than a graph can have.
const MOST_TENSORS: usize = 16_384;
/// Dimensions of a tensor, at most.
const MOST_DIMENSIONS: usize = 8;
/// Bytes before the header.
const PREFIX: usize = 8;
/// Name of the entry that holds texts instead of a tensor.
const METADATA: &str = "__metadata__";
/// The text of it that is ours.
pub(super) const DOCUMENT: &str = "headroom";

/// How numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of binary32.
    Bf16,
}

impl Dtype {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::F32, Self::F16, Self::Bf16];

    /// Name in the file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
        }
    }

    /// Bytes of a number.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    fn decode(self, bytes: &[u8]) -> Vec<f32> {
        let halves = || bytes.chunks_exact(2).map(|b| [b[0], b[1]]);
        match self {
            Self::F32 => {
                let numbers = bytes.chunks_exact(4);
                numbers.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
            }
            Self::F16 => halves().map(|b| half::f16::from_le_bytes(b).to_f32()).collect(),
            Self::Bf16 => halves().map(|b| half::bf16::from_le_bytes(b).to_f32()).collect(),
        }
    }

    /// Appends numbers, rounded to the nearest that can be stored, halves to even.
    fn encode(self, values: &[f32], bytes: &mut Vec<u8>) {
        for &value in values {
            match self {
                Self::F32 => bytes.extend(value.to_le_bytes()),
                Self::F16 => bytes.extend(half::f16::from_f32(value).to_le_bytes()),
                Self::Bf16 => bytes.extend(half::bf16::from_f32(value).to_le_bytes()),
            }
        }
    }

    /// A number as it will be read again.
    pub(super) fn rounded(self, value: f32) -> f32 {
        match self {
            Self::F32 => value,
            Self::F16 => half::f16::from_f32(value).to_f32(),
            Self::Bf16 => half::bf16::from_f32(value).to_f32(),
        }
    }
}

/// A tensor of the file; its bytes are known to be there.
#[derive(Debug)]
pub(super) struct Tensor {
    pub(super) name: String,
    pub(super) dtype: Dtype,
    pub(super) shape: Vec<usize>,
    range: Range<usize>,
}

/// A file whose layout is sound.
#[derive(Debug)]
pub(super) struct Container<'a> {
    /// The text [`DOCUMENT`] of the metadata.
    pub(super) document: String,
    /// In the order of their bytes.
    pub(super) tensors: Vec<Tensor>,
    data: &'a [u8],
}

impl<'a> Container<'a> {
    /// Reads the header and checks that the tensors fill the file, without holes or overlaps.
    ///
    /// # Errors
    /// With the first thing that is wrong. Nothing is allocated for what a file only claims.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let Some((prefix, rest)) = bytes.split_first_chunk::<PREFIX>() else {
            return Err(ModelError::refused(
                "header length",
                format!("a file of {} bytes", bytes.len()),
                format!("at least {PREFIX}"),
            ));
        };
        let length = u64::from_le_bytes(*prefix);
        let most = LONGEST_HEADER.min(rest.len());
        if length > most as u64 {
            return Err(ModelError::refused(
                "header length",
                format!("{length} in a file of {} bytes", bytes.len()),
                format!("at most {most}"),
            ));
        }
        let (header, data) = rest.split_at(length as usize);
        // The file may be mapped and written to meanwhile: what is checked is what is used.
        let header = String::from_utf8(header.to_vec()).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            ModelError::refused("header", format!("a wrong byte at {place}"), "UTF-8")
        })?;
        let (document, tensors) = parse(&header)?;
        let container = Self { document, tensors, data };
        container.fills()?;
        Ok(container)
    }

    /// The numbers of a tensor.
    pub(super) fn values(&self, tensor: &Tensor) -> Vec<f32> {
        tensor.dtype.decode(&self.data[tensor.range.clone()])
    }

    fn fills(&self) -> Result<(), ModelError> {
        let mut end = 0;
        for tensor in &self.tensors {
            let Tensor { name, dtype, shape, range } = tensor;
            let refuse = |what: &str, found, expected| {
                Err(ModelError::refused(
                    format!("tensor {}: {what}", quoted(name)),
                    found,
                    expected,
                ))
            };
            let count = shape.iter().try_fold(dtype.size(), |all, &side| all.checked_mul(side));
            let Some(size) = count else {
                return refuse("shape", format!("{shape:?}"), "a size that can be counted".into());
            };
            if range.end.checked_sub(range.start) != Some(size) {
                return refuse(
                    "data_offsets",
                    format!("[{}, {}]", range.start, range.end),
                    format!("{size} bytes for shape {shape:?} of {}", dtype.name()),
                );
            }
            if range.start != end {
                let what = if range.start > end { "a hole" } else { "an overlap" };
                let found = format!("{}, {what}", range.start);
                return refuse("data_offsets", found, format!("{end}, the end of what is before"));
            }
            if range.end > self.data.len() {
                let found = format!("the end at {}", range.end);
                return refuse(
                    "data_offsets",
                    found,
                    format!("at most {}, the bytes after the header", self.data.len()),
                );
            }
            end = range.end;
        }
        if end != self.data.len() {
            return Err(ModelError::refused(
                "file length",
                format!("{} bytes after the header", self.data.len()),
                format!("{end}, what the tensors hold"),
            ));
        }
        Ok(())
    }
}

/// Writes a file. The names are taken as they are; they must differ from each other and from
/// `__metadata__`.
pub(super) fn write(
    document: &str,
    dtype: Dtype,
    tensors: &[(String, &[usize], &[f32])],
) -> Vec<u8> {
    let mut entries = serde_json::Map::new();
    entries.insert(METADATA.to_owned(), serde_json::json!({ DOCUMENT: document }));
    let mut end = 0;
    for (name, shape, values) in tensors {
        let start = end;
        end += values.len() * dtype.size();
        let entry = serde_json::json!({
            "dtype": dtype.name(), "shape": shape, "data_offsets": [start, end],
        });
        entries.insert(name.clone(), entry);
    }
    let mut header = serde_json::Value::Object(entries).to_string().into_bytes();
    // Tensors begin at a multiple of 8, as other programs want them.
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut bytes = Vec::with_capacity(PREFIX + header.len() + end);
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend(header);
    for (_, _, values) in tensors {
        dtype.encode(values, &mut bytes);
    }
    bytes
}

fn parse(header: &str) -> Result<(String, Vec<Tensor>), ModelError> {
    let mut place = "header".to_owned();
    let mut json = serde_json::Deserializer::from_str(header);
    let read = json
        .deserialize_map(Entries { place: &mut place })
        .and_then(|read| json.end().map(|()| read));
    let (document, mut tensors) = read.map_err(|error| told(&place, &error))?;
    let ours = "the description of a network: this is no model file of Headroom";
    let document = match document {
        Some(Some(document)) => document,
        Some(None) => {
            let field = format!("{METADATA}: {DOCUMENT}");
            return Err(ModelError::refused(field, "nothing", ours));
        }
        None => return Err(ModelError::refused(METADATA, "nothing", ours)),
    };
    tensors.sort_by_key(|tensor| (tensor.range.start, tensor.range.end));
    Ok((document, tensors))
}

/// The header's object. `place` is what is being read, for errors.
struct Entries<'p> {
    place: &'p mut String,
}

impl<'de> Visitor<'de> for Entries<'_> {
    /// The metadata and in it the document, where they are, and the tensors.
    type Value = (Option<Option<String>>, Vec<Tensor>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut document = None;
        let mut tensors = Vec::new();
        let mut names = HashSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if names.contains(&name) {
                return Err(twice(&name));
            }
            names.insert(name.clone());
            if name == METADATA {
                METADATA.clone_into(self.place);
                document = Some(entries.next_value_seed(Metadata { place: self.place })?);
            } else {
                if tensors.len() == MOST_TENSORS {
                    return Err(A::Error::custom(format!(
                        "a tensor too many, expected at most {MOST_TENSORS}"
                    )));
                }
                *self.place = format!("tensor {}", quoted(&name));
                tensors.push(entries.next_value_seed(Entry { name, place: self.place })?);
            }
            "header".clone_into(self.place);
        }
        Ok((document, tensors))
    }
}

/// The texts; only ours is kept.
struct Metadata<'p> {
    place: &'p mut String,
}

impl<'de> DeserializeSeed<'de> for Metadata<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Metadata<'_> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut document = None;
        let mut names = HashSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if names.contains(&name) {
                return Err(twice(&name));
            }
            *self.place = format!("{METADATA}: {}", quoted(&name));
            let text = entries.next_value::<String>()?;
            METADATA.clone_into(self.place);
            if name == DOCUMENT {
                document = Some(text);
            }
            names.insert(name);
        }
        Ok(document)
    }
}

/// A tensor's entry.
struct Entry<'p> {
    name: String,
    place: &'p mut String,
}

impl<'de> DeserializeSeed<'de> for Entry<'_> {
    type Value = Tensor;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tensor, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entry<'_> {
    type Value = Tensor;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of dtype, shape and data_offsets")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tensor, A::Error> {
        let Self { name, place } = self;
        let whole = place.clone();
        let (mut dtype, mut shape, mut offsets) = (None, None, None);
        while let Some(key) = entries.next_key::<String>()? {
            *place = format!("{whole}: {}", key.escape_debug().take(64).collect::<String>());
            let again = match key.as_str() {
                "dtype" => dtype.replace(known(&entries.next_value::<String>()?)?).is_some(),
                "shape" => {
                    shape.replace(entries.next_value_seed(Sides(MOST_DIMENSIONS))?).is_some()
                }
                "data_offsets" => {
                    let pair = entries.next_value_seed(Sides(2))?;
                    let [start, end] = pair[..] else {
                        let found = format!("{} numbers, expected 2", pair.len());
                        return Err(A::Error::custom(found));
                    };
                    offsets.replace(start..end).is_some()
                }
                _ => {
                    return Err(A::Error::custom(
                        "an unknown field, expected dtype, shape and data_offsets",
                    ));
                }
            };
            if again {
                return Err(twice(&key));
            }
            place.clone_from(&whole);
        }
        let absent = |what: &str| A::Error::custom(format!("no {what}, expected one"));
        Ok(Tensor {
            name,
            dtype: dtype.ok_or_else(|| absent("dtype"))?,
            shape: shape.ok_or_else(|| absent("shape"))?,
            range: offsets.ok_or_else(|| absent("data_offsets"))?,
        })
    }
}

fn known<E: Error>(name: &str) -> Result<Dtype, E> {
    let names = || Dtype::ALL.map(Dtype::name).join(", ");
    Dtype::ALL
        .into_iter()
        .find(|dtype| dtype.name() == name)
        .ok_or_else(|| E::custom(format!("{}, expected one of {}", quoted(name), names())))
}

/// At most so many whole numbers.
struct Sides(usize);

impl<'de> DeserializeSeed<'de> for Sides {
    type Value = Vec<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Sides {
    type Value = Vec<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {} whole numbers", self.0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut sides = Vec::new();
        while let Some(side) = items.next_element::<usize>()? {
            if sides.len() == self.0 {
                return Err(A::Error::invalid_length(self.0 + 1, &self));
            }
            sides.push(side);
        }
        Ok(sides)
    }
}
