//! What a picture file says about itself besides its pixels.

use headroom_colour::Chromaticities;

/// Metadata of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metadata {
    /// Primaries and white point the file declares (OpenEXR `chromaticities`).
    pub chromaticities: Option<Chromaticities>,
    /// Luminance of RGB (1, 1, 1) in cd/m² (OpenEXR `whiteLuminance`).
    pub white_luminance: Option<f32>,
    /// All other attributes of an OpenEXR header, in the file's order, that do not describe how
    /// its pixels are laid out.
    pub attributes: Vec<Attribute>,
    /// Facts of other formats as text, for example `("gAMA", "0.45455")`, in the file's order.
    pub text: Vec<(String, String)>,
}

impl Metadata {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The first text entry of that name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.text.iter().find(|(key, _)| key == name).map(|(_, text)| text.as_str())
    }

    pub(crate) fn note(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.text.push((name.into(), text.into()));
    }
}

/// An OpenEXR attribute, kept byte for byte so that types nobody here knows survive.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name, for example `comments`.
    pub name: String,
    /// The name of its type, for example `string`.
    pub kind: String,
    /// Its value as the file stores it, little-endian.
    pub bytes: Vec<u8>,
}

/// The value of an [`Attribute`] of one of the plain types.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// `string`; bytes that are not UTF-8 are replaced.
    Text(String),
    /// `int`.
    Int(i32),
    /// `float`.
    Float(f32),
    /// `double`.
    Double(f64),
    /// `v2f`, `v3f`, `m33f`, `m44f`, `box2f`, `chromaticities`: their numbers in order.
    Floats(Vec<f32>),
    /// `v2i`, `v3i`, `box2i`, `rational`, `timecode`, `keycode`: their numbers in order.
    Ints(Vec<i32>),
    /// Any other type.
    Opaque,
}

impl Attribute {
    /// A `string` attribute.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), kind: "string".into(), bytes: text.into().into_bytes() }
    }

    /// An `int` attribute.
    pub fn int(name: impl Into<String>, value: i32) -> Self {
        Self { name: name.into(), kind: "int".into(), bytes: value.to_le_bytes().into() }
    }

    /// A `float` attribute.
    pub fn float(name: impl Into<String>, value: f32) -> Self {
        Self::floats(name, "float", &[value])
    }

    /// An attribute whose type is a row of floats, such as `v2f` or `chromaticities`.
    pub fn floats(name: impl Into<String>, kind: impl Into<String>, values: &[f32]) -> Self {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self { name: name.into(), kind: kind.into(), bytes }
    }

    /// The value as a Rust type; [`AttributeValue::Opaque`] also where the size does not fit the
    /// type.
    pub fn value(&self) -> AttributeValue {
        let floats = || words(&self.bytes).map(f32::from_le_bytes).collect::<Vec<_>>();
        let ints = || words(&self.bytes).map(i32::from_le_bytes).collect::<Vec<_>>();
        let of = |count: usize, value: AttributeValue| {
            if self.bytes.len() == count * 4 { value } else { AttributeValue::Opaque }
        };
        match self.kind.as_str() {
            "string" => AttributeValue::Text(String::from_utf8_lossy(&self.bytes).into_owned()),
            "int" => of(1, AttributeValue::Int(ints().first().copied().unwrap_or_default())),
            "float" => of(1, AttributeValue::Float(floats().first().copied().unwrap_or_default())),
            "double" => <[u8; 8]>::try_from(self.bytes.as_slice())
                .map_or(AttributeValue::Opaque, |bytes| {
                    AttributeValue::Double(f64::from_le_bytes(bytes))
                }),
            "v2f" => of(2, AttributeValue::Floats(floats())),
            "v3f" => of(3, AttributeValue::Floats(floats())),
            "box2f" => of(4, AttributeValue::Floats(floats())),
            "chromaticities" => of(8, AttributeValue::Floats(floats())),
            "m33f" => of(9, AttributeValue::Floats(floats())),
            "m44f" => of(16, AttributeValue::Floats(floats())),
            "v2i" | "rational" | "timecode" => of(2, AttributeValue::Ints(ints())),
            "v3i" => of(3, AttributeValue::Ints(ints())),
            "box2i" => of(4, AttributeValue::Ints(ints())),
            "keycode" => of(7, AttributeValue::Ints(ints())),
            _ => AttributeValue::Opaque,
        }
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    bytes.chunks_exact(4).map(|word| [word[0], word[1], word[2], word[3]])
}
