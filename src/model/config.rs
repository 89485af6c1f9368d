//! Reading configurations, and refusing those that would ask for too much.

use super::ConfigError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// The configuration that a JSON object holds; fields that are not there are as usual.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, ConfigError> {
    if !value.is_object() {
        return Err(ConfigError::Field(format!("found {value}, expected an object")));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let (field, what) = (error.path(), error.inner());
        ConfigError::Field(format!("{field}: found {what}"))
    })
}

/// A configuration as JSON.
pub(super) fn write<T: Serialize>(config: &T) -> Value {
    serde_json::to_value(config).unwrap_or(Value::Null)
}

/// Refuses a number outside a range.
pub(super) fn bounded<T: PartialOrd + Display + Copy>(
    field: &str,
    found: T,
    range: &RangeInclusive<T>,
) -> Result<(), ConfigError> {
    if range.contains(&found) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(ConfigError::Field(format!("{field}: found {found}, expected {least} to {most}")))
}

/// Refuses a list that is too short or too long, or holds a number outside a range.
pub(super) fn bounded_list(
    field: &str,
    found: &[usize],
    entries: &RangeInclusive<usize>,
    range: &RangeInclusive<usize>,
) -> Result<(), ConfigError> {
    if !entries.contains(&found.len()) {
        let (least, most, count) = (entries.start(), entries.end(), found.len());
        return Err(ConfigError::Field(format!(
            "{field}: found {count} entries, expected {least} to {most}"
        )));
    }
    found
        .iter()
        .enumerate()
        .try_for_each(|(i, &value)| bounded(&format!("{field}[{i}]"), value, range))
}
