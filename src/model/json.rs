//! JSON of files that are not trusted.

use super::error::{ModelError, quoted};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// Refuses text in which an object has a name twice: readers differ in which of the two counts, so
/// such a file could show one network to a person and another to the engine.
///
/// # Errors
/// With the name, or with what is wrong with the JSON.
pub(super) fn refuse_duplicates(text: &str, field: &str) -> Result<(), ModelError> {
    let mut json = serde_json::Deserializer::from_str(text);
    Unique.deserialize(&mut json).and_then(|_| json.end()).map_err(|error| told(field, &error))
}

/// An error of the parser, which says "this, expected that at line 1 column 2" or a sentence.
pub(super) fn told(field: &str, error: &serde_json::Error) -> ModelError {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let place = match error.line() {
        0 => String::new(),
        1 => format!(" at byte {}", error.column()),
        line => format!(" at line {line}, byte {}", error.column()),
    };
    match text.split_once(", expected ") {
        Some((found, expected)) => ModelError::refused(field, format!("{found}{place}"), expected),
        None => ModelError::refused(field, format!("{text}{place}"), "sound JSON of this format"),
    }
}

/// "a second" name in an object, as an error of the parser.
pub(super) fn twice<E: Error>(name: &str) -> E {
    E::custom(format!("a second {}, expected it only once", quoted(name)))
}

/// Any JSON in which no object has a name twice.
struct Unique;

impl<'de> DeserializeSeed<'de> for Unique {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element_seed(Self)?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if names.contains(&name) {
                return Err(twice(&name));
            }
            names.insert(name);
            entries.next_value_seed(Self)?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_is_refused_at_any_depth() {
        let told = |text| refuse_duplicates(text, "headroom").map_err(|error| error.to_string());
        assert_eq!(told(r#"{"a": [{"b": 1}, {"b": 2}], "c": null}"#), Ok(()));
        assert_eq!(
            told(r#"{"a": [{"b": 1, "b": 2}]}"#),
            Err(r#"headroom: found a second "b" at byte 19, expected it only once"#.to_owned())
        );
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_full_stack() {
        let text = "[".repeat(1 << 20);
        let error = refuse_duplicates(&text, "headroom").expect_err("too deep").to_string();
        assert!(error.contains("recursion limit"), "{error}");
    }
}
