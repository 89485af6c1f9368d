//! Settings from the command line: presets, files, single values.

use crate::arguments::{given, path_or_nothing};
use crate::command::find_preset;
use crate::error::{Error, Outcome};
use crate::provenance;
use clap::Args;
use headroom::settings::{Id, SETTINGS, Values};
use headroom_frame::{FileKind, ReadOptions, read};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// Arguments that choose settings. Later ones of this list win over earlier ones.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(crate) struct SettingsArguments {
    /// Start from a preset; see `headroom presets`.
    #[arg(long, value_name = "ID")]
    preset: Option<String>,
    /// Read settings from a TOML or JSON file of `id = value`, or from the header of a picture
    /// that was rendered before.
    #[arg(long, value_name = "FILE", value_parser = path_or_nothing())]
    settings: Option<PathBuf>,
    /// Set one setting; may be given many times. See `headroom settings`.
    #[arg(long, value_name = "ID=VALUE")]
    set: Vec<String>,
    /// Colour space of the input; the same as --set input_space=NAME.
    #[arg(long, value_name = "NAME")]
    space_in: Option<String>,
    /// Colour space of the output; the same as --set output_space=NAME.
    #[arg(long, value_name = "NAME")]
    space_out: Option<String>,
}

impl SettingsArguments {
    /// All of them together.
    ///
    /// # Errors
    /// A usage error that names the setting, what was found and what was expected.
    pub(crate) fn values(&self) -> Outcome<Values> {
        let mut values = Values::default();
        if let Some(id) = self.preset.as_ref().filter(|id| !id.is_empty()) {
            apply_preset(&mut values, id)?;
        }
        if let Some(path) = given(&self.settings) {
            apply_file(&mut values, path)?;
        }
        for assignment in &self.set {
            let (id, text) = assignment.split_once('=').ok_or_else(|| {
                Error::usage(format!("--set: found \"{assignment}\", expected ID=VALUE"))
            })?;
            assign(&mut values, id.trim(), text)?;
        }
        for (id, name) in [(Id::InputSpace, &self.space_in), (Id::OutputSpace, &self.space_out)] {
            if let Some(name) = name {
                assign_space(&mut values, id, name)?;
            }
        }
        Ok(values)
    }
}

/// Whether a setting takes a colour space, of which there are too many to list beside it.
pub(crate) fn is_space(id: Id) -> bool {
    matches!(id, Id::InputSpace | Id::OutputSpace)
}

/// A list of every space would bury the message, so it names the command that prints it.
fn assign_space(values: &mut Values, id: Id, name: &str) -> Outcome {
    let id = SETTINGS[id as usize].id;
    values.set_text(id, name).map_err(|_| {
        Error::usage(format!(
            "setting {id}: found \"{name}\", expected auto or a name that `headroom spaces` lists"
        ))
    })
}

/// Sets one value; a preset sets all of its own.
fn assign(values: &mut Values, id: &str, text: &str) -> Outcome {
    let key = Values::find(id)?.key;
    match key {
        Id::Preset => apply_preset(values, text.trim()),
        _ if is_space(key) => assign_space(values, key, text),
        _ => Ok(values.set_text(id, text)?),
    }
}

fn apply_preset(values: &mut Values, id: &str) -> Outcome {
    if id.eq_ignore_ascii_case("custom") {
        return Ok(values.set_text("preset", "custom")?);
    }
    let preset = find_preset(id)?;
    for (id, text) in preset.values {
        values.set_text(id, text)?;
    }
    Ok(values.set_text("preset", preset.id)?)
}

fn apply_file(values: &mut Values, path: &Path) -> Outcome {
    let wrong = |what: String| Error::usage(format!("{}: {what}", path.display()));
    let picture = FileKind::from_path(path).is_some();
    let text = if picture {
        let found = "settings: found none in the header, expected headroomSettings";
        let metadata = read(path, &ReadOptions::default())?.metadata;
        provenance::settings(&metadata).ok_or_else(|| wrong(found.to_owned()))?
    } else {
        std::fs::read_to_string(path).map_err(|e| wrong(format!("settings file: {e}")))?
    };
    let json = picture || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    let entries: Json = if json {
        serde_json::from_str(&text).map_err(|e| wrong(format!("JSON: {e}")))?
    } else {
        toml::from_str(&text).map_err(|e| wrong(format!("TOML: {e}")))?
    };
    let Json::Object(entries) = entries else {
        return Err(wrong("settings: expected a table of id and value".to_owned()));
    };
    // A preset in the file is what the other values stand on, wherever it is written.
    let (presets, others): (Vec<_>, Vec<_>) =
        entries.iter().partition(|(id, _)| id.as_str() == "preset");
    for (id, value) in presets.into_iter().chain(others) {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => {
                let expected = "expected a text, a number, true or false";
                return Err(wrong(format!("setting {id}: found {value}, {expected}")));
            }
        };
        assign(values, id, &text).map_err(|e| wrong(e.to_string()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments() -> SettingsArguments {
        SettingsArguments {
            preset: None,
            settings: None,
            set: Vec::new(),
            space_in: None,
            space_out: None,
        }
    }

    #[test]
    fn single_values_win_over_files_in_both_formats() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("a.toml", "amount = 0.25\nmethod = \"inverse\"\nhalf_safe = false\n"),
            ("a.json", r#"{"amount": 0.25, "method": "inverse", "half_safe": false}"#),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            let arguments = SettingsArguments {
                settings: Some(path),
                set: vec!["amount=0.75".to_owned()],
                space_out: Some("acescct".to_owned()),
                ..arguments()
            };
            let values = arguments.values().expect("good settings");
            assert_eq!(values.number(Id::Amount), 0.75);
            assert_eq!(values.text(Id::Method).as_deref(), Some("inverse"));
            assert!(!values.toggle(Id::HalfSafe));
            assert_eq!(values.text(Id::OutputSpace).as_deref(), Some("ACEScct"));
        }
    }

    #[test]
    fn refusals_are_usage_errors_that_name_what_is_wrong() {
        for (set, expected) in [
            ("amount", "--set: found \"amount\", expected ID=VALUE"),
            ("amount=x", "setting amount: found \"x\", expected a number from 0 to 1"),
            ("amounts=1", "setting amounts: no such setting"),
            ("input_space=mars", "expected auto or a name that `headroom spaces` lists"),
            ("preset=none", "preset: found \"none\""),
        ] {
            let arguments = SettingsArguments { set: vec![set.to_owned()], ..arguments() };
            let error = arguments.values().expect_err(set);
            assert_eq!(error.code(), 2, "{set}");
            assert!(error.to_string().contains(expected), "{set}: {error}");
        }
    }
}
