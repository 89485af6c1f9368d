//! The experiment: everything a run follows, in one TOML file.

use crate::{Error, data, eval, loss, model, optimiser, record, train};
use serde::{Deserialize, Serialize};
use std::path::Path;

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
    /// Reads an experiment.
    ///
    /// # Errors
    /// When the file cannot be read, or a field is unknown or holds what it cannot; the text names file
    /// and field.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::Missing(format!("{}: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| Error::Usage(format!("{}: {error}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let document = toml::Deserializer::parse(text).map_err(|error| error.to_string())?;
        serde_path_to_error::deserialize(document)
            .map_err(|error| format!("{}: {}", error.path(), error.inner().message()))
    }
}
