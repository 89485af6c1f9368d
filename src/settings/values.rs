//! A full set of values, checked against the table.

use super::{Id, Kind, SETTINGS, Setting, Value};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Bytes of the longest path; systems take no longer ones.
const LONGEST_PATH: usize = 32 * 1024;

/// Why a value was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError {
    /// The setting's id as given.
    pub setting: String,
    /// What was given; empty when there is no such setting.
    pub found: String,
    /// What would have been taken.
    pub expected: String,
}

impl std::fmt::Display for SettingError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { setting, found, expected } = self;
        if found.is_empty() {
            return write!(f, "setting {setting}: no such setting, expected one of {expected}");
        }
        write!(f, "setting {setting}: found {found}, expected {expected}")
    }
}

impl std::error::Error for SettingError {}

/// One value for every setting that has one.
#[derive(Clone, Debug, PartialEq)]
pub struct Values(Vec<Option<Value>>);

impl Default for Values {
    fn default() -> Self {
        Self(SETTINGS.iter().map(Setting::default).collect())
    }
}

impl Values {
    /// The table's row of an id on the command line, in a preset or in a host.
    ///
    /// # Errors
    /// When there is no such setting; the error lists those there are.
    pub fn find(id: &str) -> Result<&'static Setting, SettingError> {
        SETTINGS.iter().find(|s| s.id == id).ok_or_else(|| {
            let with_value = SETTINGS.iter().filter(|s| s.default().is_some());
            SettingError {
                setting: id.to_owned(),
                found: String::new(),
                expected: with_value.map(|s| s.id).collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// The value of a setting; none for buttons and texts.
    #[must_use]
    pub fn get(&self, key: Id) -> Option<Value> {
        self.0[key as usize].clone()
    }

    /// A path; empty if there is none or `key` is no file.
    #[must_use]
    pub fn path(&self, key: Id) -> &str {
        match &self.0[key as usize] {
            Some(Value::Text(path)) => path,
            _ => "",
        }
    }

    /// A toggle's value; false if `key` is no toggle.
    #[must_use]
    pub fn toggle(&self, key: Id) -> bool {
        matches!(self.get(key), Some(Value::Toggle(true)))
    }

    /// A number's value (also of whole numbers); 0 if `key` is neither.
    #[must_use]
    pub fn number(&self, key: Id) -> f64 {
        match self.get(key) {
            Some(Value::Number(v)) => v,
            Some(Value::Integer(v)) => f64::from(v),
            _ => 0.0,
        }
    }

    /// A whole number's value; 0 if `key` is none.
    #[must_use]
    pub fn integer(&self, key: Id) -> i32 {
        match self.get(key) {
            Some(Value::Integer(v)) => v,
            _ => 0,
        }
    }

    /// A choice's index; 0 if `key` is no choice.
    #[must_use]
    pub fn choice(&self, key: Id) -> usize {
        match self.get(key) {
            Some(Value::Choice(v)) => v,
            _ => 0,
        }
    }

    /// Sets a value.
    ///
    /// # Errors
    /// When it is of the wrong kind, out of range or not a number.
    pub fn set(&mut self, key: Id, value: Value) -> Result<(), SettingError> {
        let setting = &SETTINGS[key as usize];
        let fits = match (setting.kind, &value) {
            (Kind::Toggle { .. }, Value::Toggle(_)) => true,
            (Kind::Number { range, .. }, Value::Number(v)) => range.0 <= *v && *v <= range.1,
            (Kind::Integer { range, .. }, Value::Integer(v)) => range.0 <= *v && *v <= range.1,
            (Kind::Choice { options, .. }, Value::Choice(v)) => *v < options().len(),
            (Kind::File, Value::Text(path)) => is_path(path),
            _ => false,
        };
        if !fits {
            return Err(refuse(setting, &format!("{value:?}")));
        }
        self.0[key as usize] = Some(value);
        Ok(())
    }

    /// Sets a value, moved into its range first; what is no number becomes the default. Hosts hand
    /// over anything, and a render must not fail for it.
    pub fn set_clamped(&mut self, key: Id, value: Value) {
        let setting = &SETTINGS[key as usize];
        let value = match (setting.kind, value) {
            (Kind::File, Value::Text(path)) if is_path(&path) => Value::Text(path),
            (Kind::Number { range, default, .. }, Value::Number(v)) => {
                Value::Number(if v.is_nan() { default } else { v.clamp(range.0, range.1) })
            }
            (Kind::Integer { range, .. }, Value::Integer(v)) => {
                Value::Integer(v.clamp(range.0, range.1))
            }
            (Kind::Choice { options, default }, Value::Choice(v)) => {
                Value::Choice(if v < options().len() { v } else { default })
            }
            (Kind::Toggle { .. }, Value::Toggle(v)) => Value::Toggle(v),
            _ => return,
        };
        self.0[key as usize] = Some(value);
    }

    /// Sets a value from text: numbers as usual, toggles as true/false/on/off/1/0, choices by id
    /// or label (case does not matter). Colour spaces also go by any of their aliases.
    ///
    /// # Errors
    /// When there is no such setting or the text is no value of it.
    pub fn set_text(&mut self, id: &str, text: &str) -> Result<(), SettingError> {
        let setting = Self::find(id)?;
        let text = text.trim();
        let value = match setting.kind {
            Kind::Toggle { .. } => match text.to_ascii_lowercase().as_str() {
                "true" | "on" | "yes" | "1" => Some(Value::Toggle(true)),
                "false" | "off" | "no" | "0" => Some(Value::Toggle(false)),
                _ => None,
            },
            Kind::Number { .. } => text.parse().ok().map(Value::Number),
            Kind::Integer { .. } => text.parse().ok().map(Value::Integer),
            Kind::Choice { options, .. } => {
                let options = options();
                let position = |name: &str| {
                    options.iter().position(|o| {
                        o.id.eq_ignore_ascii_case(name) || o.label.eq_ignore_ascii_case(name)
                    })
                };
                position(text)
                    .or_else(|| position(headroom_colour::find(text)?.name))
                    .map(Value::Choice)
            }
            Kind::File => Some(Value::Text(Arc::from(text))),
            Kind::Button | Kind::Info => None,
        };
        let value = value.ok_or_else(|| refuse(setting, &format!("\"{text}\"")))?;
        self.set(setting.key, value).map_err(|e| SettingError { found: format!("\"{text}\""), ..e })
    }

    /// A value as the text that [`Self::set_text`] takes; choices by id.
    #[must_use]
    pub fn text(&self, key: Id) -> Option<String> {
        Some(match self.get(key)? {
            Value::Toggle(v) => v.to_string(),
            Value::Number(v) => v.to_string(),
            Value::Integer(v) => v.to_string(),
            Value::Choice(v) => SETTINGS[key as usize].options().get(v)?.id.to_owned(),
            Value::Text(path) => path.to_string(),
        })
    }

    /// Every value by id, as written into files; in the table's order.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let entry = |setting: &Setting| {
            let value = match self.get(setting.key)? {
                Value::Toggle(v) => Json::from(v),
                Value::Number(v) => Json::from(v),
                Value::Integer(v) => Json::from(v),
                Value::Choice(_) | Value::Text(_) => Json::from(self.text(setting.key)?),
            };
            Some((setting.id.to_owned(), value))
        };
        Json::Object(SETTINGS.iter().filter_map(entry).collect::<Map<_, _>>())
    }
}

/// Paths are shown in messages and written into headers.
fn is_path(path: &str) -> bool {
    path.len() <= LONGEST_PATH && !path.contains(char::is_control)
}

fn refuse(setting: &Setting, found: &str) -> SettingError {
    let expected = match setting.kind {
        Kind::Toggle { .. } => "true or false".to_owned(),
        Kind::Number { range, .. } => format!("a number from {} to {}", range.0, range.1),
        Kind::Integer { range, .. } => format!("a whole number from {} to {}", range.0, range.1),
        Kind::Choice { options, .. } => {
            options().iter().map(|o| o.id).collect::<Vec<_>>().join(", ")
        }
        Kind::File => "the path of a file, without control characters".to_owned(),
        Kind::Button | Kind::Info => "nothing: it has no value".to_owned(),
    };
    SettingError { setting: setting.id.to_owned(), found: found.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_for_every_setting() {
        let values = Values::default();
        for setting in SETTINGS {
            let Some(text) = values.text(setting.key) else { continue };
            let mut other = Values::default();
            other.set_text(setting.id, &text).expect("its own text");
            assert_eq!(other, values);
        }
    }

    #[test]
    fn refusals_name_setting_found_and_expected() {
        let mut values = Values::default();
        let error = values.set_text("amount", "2").expect_err("above range").to_string();
        assert_eq!(error, "setting amount: found \"2\", expected a number from 0 to 1");
        let error = values.set_text("ammount", "2").expect_err("no such").to_string();
        let start = "setting ammount: no such setting, expected one of preset, input_space, ";
        assert!(error.starts_with(start) && error.contains("amount,"), "{error}");
        assert!(values.set_text("amount", "NaN").is_err());
        assert!(values.set(Id::Amount, Value::Toggle(true)).is_err());
        assert_eq!(values, Values::default());
    }

    #[test]
    fn spaces_go_by_alias() {
        let mut values = Values::default();
        values.set_text("output_space", "acescct_ap1").expect("an alias");
        assert_eq!(values.text(Id::OutputSpace).as_deref(), Some("ACEScct"));
    }
}
