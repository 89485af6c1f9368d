//! `headroom models verify`.

use super::shown;
use crate::console;
use crate::error::{Error, Outcome};
use clap::Args;
use headroom::model::{Model, store};
use std::path::{Path, PathBuf};

/// Bytes of a model card that are read.
const LONGEST_CARD: u64 = 1 << 20;

/// Check model files fully: layout, header, network, names, shapes and numbers of all weights.
///
/// One line per file; ends with code 1 when one of them is refused. A model card, a Markdown file of
/// the same name beside it, should be there and name the licence; where it does not, that is a
/// warning.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Model files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut refused = 0;
    for path in &arguments.files {
        match store::load(path) {
            Ok(model) => {
                console::result(&line(path, &model))?;
                check_card(&path.with_extension("md"), &model.header.licence);
            }
            Err(error) => {
                refused += 1;
                log::error!("{error}");
            }
        }
        // Each file is looked at once; nothing is to be kept.
        store::clear();
    }
    match (refused, arguments.files.len()) {
        (0, _) => Ok(()),
        (refused, all) => Err(Error::failed(format!("{refused} of {all} model files refused"))),
    }
}

fn line(path: &Path, model: &Model) -> String {
    let (name, architecture) = (shown(&model.header.name), model.info.id);
    let count = model.network.parameter_count();
    format!(
        "{}: ok: {name}, {architecture}, {count} parameters, sha256 {}\n",
        path.display(),
        model.hash
    )
}

fn check_card(card: &Path, licence: &str) {
    let name = card.display();
    let read = || {
        let length = std::fs::metadata(card).ok().filter(std::fs::Metadata::is_file)?.len();
        (length <= LONGEST_CARD).then(|| std::fs::read_to_string(card).ok())?
    };
    match read() {
        None => log::warn!("{name}: found no text, expected a model card that names its licence"),
        Some(text) if !text.contains(licence) => {
            let licence = shown(licence);
            log::warn!("{name}: licence: not found, expected \"{licence}\", what the file says");
        }
        Some(_) => {}
    }
}
