//! The experiment: everything a run follows, in one TOML file.

use crate::device::Choice;
use crate::{Error, data, eval, loss, model, optimiser, record, train};
use serde::{Deserialize, Serialize};
use std::path::Path;
use toml::{Table, Value};

/// The whole experiment; each table is declared by the module that follows it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Experiment {
    /// Which network.
    pub model: model::Settings,
    /// Which pictures, and how they become batches.
    pub data: data::Settings,
    /// What is minimised.
    pub loss: loss::Settings,
    /// How.
    pub optimiser: optimiser::Settings,
    /// For how long, and when it ends.
    pub train: train::Settings,
    /// What is measured on the way.
    pub eval: eval::Settings,
    /// What is written down, and where.
    pub record: record::Settings,
}

impl Experiment {
    /// The experiment of a file, if one is given, with settings laid over it: paths such as
    /// `data.tile`, and what they are set to. What neither names has its usual value. Whether it can be
    /// followed is left to [`Self::check`].
    ///
    /// # Errors
    /// When the file cannot be read, or a field is unknown or holds what it cannot; the text names
    /// the file or the setting, and the field.
    pub fn resolve(file: Option<&Path>, settings: &[(String, Value)]) -> Result<Self, Error> {
        let mut table = Table::new();
        let mut source = "settings".to_owned();
        if let Some(file) = file {
            source = file.display().to_string();
            let text = std::fs::read_to_string(file)
                .map_err(|error| Error::missing(format!("{source}: {error}")))?;
            table = text.parse().map_err(|error: toml::de::Error| {
                Error::Usage(format!("{source}: {}", error.to_string().trim_end()))
            })?;
            // A mistake of the file's is not to be blamed on a flag.
            Self::from_table(table.clone(), &source)?;
        }
        Self::laid(table, settings, &source)
    }

    /// The experiment of a checkpoint, with settings laid over it.
    ///
    /// # Errors
    /// As [`Self::resolve`].
    pub fn from_json(
        json: &serde_json::Value,
        settings: &[(String, Value)],
    ) -> Result<Self, Error> {
        let source = "the checkpoint's experiment";
        let experiment: Self = serde_path_to_error::deserialize(json).map_err(|error| {
            Error::Usage(format!("{source}: {}: {}", error.path(), error.inner()))
        })?;
        let table: Table = experiment
            .to_toml()?
            .parse()
            .map_err(|error: toml::de::Error| Error::failed(format!("{source}: {error}")))?;
        Self::laid(table, settings, source)
    }

    /// Where networks are trained.
    ///
    /// # Errors
    /// When there is no such device.
    pub fn device(&self) -> Result<Choice, Error> {
        self.train.device.parse()
    }

    fn laid(mut table: Table, settings: &[(String, Value)], source: &str) -> Result<Self, Error> {
        for (path, value) in settings {
            lay(&mut table, path, value.clone())?;
        }
        Self::from_table(table, source)
    }

    fn from_table(table: Table, source: &str) -> Result<Self, Error> {
        serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| {
            let text = error.inner().message().trim_end().to_owned();
            Error::Usage(format!("{source}: {}: {text}", error.path()))
        })
    }

    /// # Errors
    /// With the first setting that cannot be followed.
    pub fn check(&self) -> Result<(), Error> {
        self.data.check()?;
        self.optimiser.check()?;
        self.train.check()?;
        self.eval.check()?;
        self.record.check()
    }

    /// The whole experiment as a file that repeats it.
    ///
    /// # Errors
    /// When a setting has no place in TOML.
    pub fn to_toml(&self) -> Result<String, Error> {
        toml::to_string(self).map_err(|error| Error::failed(format!("experiment: {error}")))
    }

    /// The same as JSON.
    ///
    /// # Errors
    /// When a setting has no place in JSON.
    pub fn to_json(&self) -> Result<serde_json::Value, Error> {
        serde_json::to_value(self).map_err(|error| Error::failed(format!("experiment: {error}")))
    }
}

/// Sets a path in a table, making tables on the way.
fn lay(table: &mut Table, path: &str, value: Value) -> Result<(), Error> {
    let mut at = table;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        if name.is_empty() {
            return Err(Error::setting(path, "an empty name", "a setting such as data.tile"));
        }
        if names.peek().is_none() {
            at.insert(name.to_owned(), value);
            return Ok(());
        }
        let next = at.entry(name).or_insert_with(|| Value::Table(Table::new()));
        let found = next.type_str();
        at = next.as_table_mut().ok_or_else(|| Error::setting(path, found, "a table"))?;
    }
    Ok(())
}

/// `path=value` as on the command line; the value as in TOML, or a text as it stands.
///
/// # Errors
/// When there is no equals sign.
pub fn setting(text: &str) -> Result<(String, Value), String> {
    let (path, value) = text
        .split_once('=')
        .ok_or_else(|| format!("found {text:?}, expected a setting such as data.tile=256"))?;
    let parsed =
        format!("value = {value}").parse::<Table>().ok().and_then(|mut t| t.remove("value"));
    let value = parsed.unwrap_or_else(|| Value::String(value.to_owned()));
    Ok((path.trim().to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_wins_over_the_file_and_the_result_repeats_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.toml");
        std::fs::write(&file, "[train]\nepochs = 7\nseed = 3\n").expect("writes");
        let settings = [setting("train.epochs=9").expect("a setting")];
        let experiment = Experiment::resolve(Some(&file), &settings).expect("resolves");
        assert_eq!((experiment.train.epochs, experiment.train.seed), (9, 3));
        let saved = folder.path().join("b.toml");
        std::fs::write(&saved, experiment.to_toml().expect("TOML")).expect("writes");
        assert_eq!(Experiment::resolve(Some(&saved), &[]).expect("reads"), experiment);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file_and_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.toml");
        let refused = |text: &str| {
            std::fs::write(&file, text).expect("writes");
            Experiment::resolve(Some(&file), &[]).expect_err("refused").to_string()
        };
        let error = refused("[train]\nepoch = 7\n");
        assert!(error.contains("a.toml") && error.contains("epoch"), "{error}");
        let error = refused("[train]\nepochs = \"many\"\n");
        assert!(error.contains("train.epochs"), "{error}");
        let error = refused("[train\n");
        assert!(error.contains("a.toml"), "{error}");
        let nowhere = folder.path().join("nowhere.toml");
        let error = Experiment::resolve(Some(&nowhere), &[]).expect_err("missing");
        assert_eq!(error.code(), 3);
    }

    #[test]
    fn a_text_needs_no_quotes() {
        assert_eq!(setting("record.tag=night").expect("text").1, Value::String("night".into()));
        assert_eq!(setting("data.flips=true").expect("bool").1, Value::Boolean(true));
        assert!(setting("data.flips").is_err());
    }
}
