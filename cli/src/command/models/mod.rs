//! `headroom models`: model files and the networks that are part of the program.

mod inspect;
mod list;
mod new;
mod verify;

use crate::error::{Error, Outcome};
use clap::{Args, Subcommand};
use headroom::model::search::SearchPath;
use headroom::model::{Model, ModelError, ModelErrorKind, store};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// List, look into, check and make model files.
#[derive(Debug, Args)]
#[command(after_help = "Models are looked for in the folders of HEADROOM_MODELS, then in the \
                        user's own folder, which `headroom models list` names when it is empty.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    List(list::Arguments),
    Inspect(inspect::Arguments),
    Verify(verify::Arguments),
    New(new::Arguments),
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match &arguments.action {
        Action::List(arguments) => list::run(arguments),
        Action::Inspect(arguments) => inspect::run(arguments),
        Action::Verify(arguments) => verify::run(arguments),
        Action::New(arguments) => new::run(arguments),
    }
}

impl From<ModelError> for Error {
    fn from(error: ModelError) -> Self {
        match error.kind() {
            ModelErrorKind::Absent => Self::missing(error.to_string()),
            ModelErrorKind::Unreadable | ModelErrorKind::Refused => Self::failed(error.to_string()),
        }
    }
}

/// Where a model is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Embedded(&'static str),
    File(PathBuf),
}

impl Place {
    /// A model by its path, by the name of one that is part of the program, or by the name of one in
    /// the search path, tried in this order.
    fn find(text: &Path) -> Outcome<Self> {
        if text.exists() {
            return Ok(Self::File(text.to_owned()));
        }
        if let Some(name) = store::embedded_names().find(|name| text == Path::new(name)) {
            return Ok(Self::Embedded(name));
        }
        Ok(Self::File(SearchPath::new(None).find(text)?))
    }

    fn load(&self) -> Result<Arc<Model>, ModelError> {
        match self {
            Self::Embedded(name) => {
                store::embedded(name).unwrap_or_else(|| store::load(name.as_ref()))
            }
            Self::File(path) => store::load(path),
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded(_) => f.write_str("embedded"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A text of a model file as it may reach a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A count such as 879 123 as "0.88 M".
fn millions(count: usize) -> String {
    format!("{:.2} M", count as f64 * 1.0e-6)
}
