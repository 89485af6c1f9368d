//! What a model file says of itself: the JSON document `headroom` in the metadata of a safetensors
//! file.
//!
//! Compatibility: [`FORMAT`] is read first, and a file of another version is refused for that
//! reason alone. Within a version, the top level refuses fields it does not know, because whoever
//! wrote them meant them to change what is computed. The training record and the evaluation
//! figures are for people; fields they do not know are ignored, so that a later trainer can note
//! more.

use super::error::{ModelError, quoted};
use super::json::{refuse_duplicates, told};
use super::{Domain, Encoding, ModelInfo, Network};
use crate::graph::Reach;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Version of the document that is written, and the only one that is read.
pub const FORMAT: u32 = 1;

/// Letters of a model's name, at most.
const LONGEST_NAME: usize = 64;

/// What a model file says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Version of this document; [`FORMAT`].
    pub version: u32,
    /// What it is called in lists: 1 to 64 letters, digits, blanks, `-`, `_` and `.`, the first no dot. It is
    /// never used as a path.
    pub name: String,
    /// [`ModelInfo::id`].
    pub architecture: String,
    /// What [`ModelInfo::build`] takes.
    pub config: Value,
    /// What the network takes for the picture; as the architecture says.
    pub encoding: Encoding,
    /// What it gives; as the architecture says.
    pub domain: Domain,
    /// How input is normalised before the network sees it.
    #[serde(default)]
    pub normalisation: Normalisation,
    /// [`Network::reach`]: a number of pixels, or "everything".
    #[serde(with = "reach")]
    pub reach: Reach,
    /// [`Network::alignment`], in pixels.
    pub alignment: usize,
    /// Licence of the weights, an SPDX expression where there is one; never empty.
    pub licence: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notes: String,
    /// How it was trained; none for weights that are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training: Option<Training>,
    /// How good it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evaluation: Vec<Figure>,
}

/// How input is normalised before a network sees it. Networks normalise inside their graph, where
/// training and rendering cannot differ, so there is only one way; others are refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Normalisation {
    /// The encoding as it is.
    #[default]
    None,
}

/// How a model was trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Training {
    /// Hash of the data manifest, in hex.
    pub data: String,
    /// Steps of the optimiser.
    pub steps: u64,
    /// What was minimised.
    pub losses: Vec<Loss>,
    /// Seed of the run.
    pub seed: u64,
    /// When it ended, ISO 8601.
    pub date: String,
    /// Commit of the trainer.
    pub commit: String,
    /// Name and version of the trainer.
    pub tool: String,
}

/// A term of what was minimised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loss {
    /// As the trainer calls it.
    pub name: String,
    /// Factor.
    pub weight: f64,
}

/// A figure of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured, as the trainer calls it.
    pub metric: String,
    /// On which data, and which number of many it is.
    pub data: String,
    /// How much.
    pub value: f64,
}

impl Header {
    /// The header of a network that was built from `config` and is not trained: what follows from
    /// the network is filled in, the rest is the caller's. The licence is the project's own, which fits
    /// seeded weights; what training data allows for trained ones the trainer must say.
    #[must_use]
    pub fn new(info: &ModelInfo, config: Value, network: &Network, name: &str) -> Self {
        Self {
            version: FORMAT,
            name: name.to_owned(),
            architecture: info.id.to_owned(),
            config,
            encoding: network.encoding,
            domain: network.domain,
            normalisation: Normalisation::None,
            reach: network.reach(),
            alignment: network.alignment(),
            licence: "MIT OR Apache-2.0".to_owned(),
            author: String::new(),
            notes: String::new(),
            training: None,
            evaluation: Vec::new(),
        }
    }

    /// Reads the document.
    ///
    /// # Errors
    /// With the field that is wrong.
    pub(super) fn read(text: &str) -> Result<Self, ModelError> {
        #[derive(Deserialize)]
        struct Version {
            version: Value,
        }
        const FIELD: &str = "headroom";
        refuse_duplicates(text, FIELD)?;
        let Version { version } = serde_json::from_str(text).map_err(|e| told(FIELD, &e))?;
        if version.as_u64() != Some(u64::from(FORMAT)) {
            let found = quoted_json(&version);
            return Err(ModelError::refused("headroom: version", found, FORMAT.to_string()));
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let header: Self = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = match error.path().to_string().as_str() {
                "." => FIELD.to_owned(),
                path => format!("{FIELD}: {}", path.escape_debug().take(64).collect::<String>()),
            };
            told(&field, error.inner())
        })?;
        header.check_texts()?;
        Ok(header)
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn check_texts(&self) -> Result<(), ModelError> {
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.');
        let name = &self.name;
        let fits = (1..=LONGEST_NAME).contains(&name.chars().count())
            && name.chars().all(allowed)
            && !name.starts_with(['.', ' '])
            && !name.ends_with(' ');
        if !fits {
            return Err(ModelError::refused(
                "headroom: name",
                quoted(name),
                format!(
                    "1 to {LONGEST_NAME} letters, digits, blanks, -, _ or ., not beginning with a dot"
                ),
            ));
        }
        if self.licence.trim().is_empty() {
            return Err(ModelError::refused("headroom: licence", "nothing", "a licence"));
        }
        Ok(())
    }

    /// Checks what the header says of the network against the network.
    ///
    /// # Errors
    /// With the first field that contradicts it.
    pub(super) fn check(&self, network: &Network) -> Result<(), ModelError> {
        let own =
            [json(&self.encoding), json(&self.domain), shown(self.reach), json(&self.alignment)];
        let wanted = [
            json(&network.encoding),
            json(&network.domain),
            shown(network.reach()),
            json(&network.alignment()),
        ];
        let fields = ["encoding", "domain", "reach", "alignment"];
        for ((field, found), expected) in fields.into_iter().zip(own).zip(wanted) {
            if found != expected {
                let expected = format!("{expected}, what the network has");
                return Err(ModelError::refused(format!("headroom: {field}"), found, expected));
            }
        }
        Ok(())
    }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn shown(reach: Reach) -> String {
    match reach {
        Reach::Pixels(pixels) => pixels.to_string(),
        Reach::Everything => "\"everything\"".to_owned(),
    }
}

/// A value that was found, not too long.
fn quoted_json(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => other.to_string(),
    }
}

/// A reach as JSON: a number of pixels, or "everything".
mod reach {
    use super::Reach;
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;
    use std::fmt;

    // Serde's `with` hands over a reference.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(super) fn serialize<S: Serializer>(
        reach: &Reach,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match *reach {
            Reach::Pixels(pixels) => serializer.serialize_u64(pixels as u64),
            Reach::Everything => serializer.serialize_str("everything"),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Reach, D::Error> {
        source.deserialize_any(Read)
    }

    struct Read;

    impl Visitor<'_> for Read {
        type Value = Reach;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of pixels or \"everything\"")
        }

        fn visit_u64<E: Error>(self, pixels: u64) -> Result<Reach, E> {
            let fits = usize::try_from(pixels).ok();
            fits.map(Reach::Pixels).ok_or_else(|| E::custom("a reach that cannot be counted"))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Reach, E> {
            match text {
                "everything" => Ok(Reach::Everything),
                other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
            }
        }
    }
}
