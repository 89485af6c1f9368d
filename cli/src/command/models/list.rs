//! `headroom models list`.

use super::{Place, millions, shown};
use crate::error::{Error, Outcome};
use crate::{console, table};
use clap::Args;
use headroom::model::search::SearchPath;
use headroom::model::{Model, store};
use serde_json::{Value, json};
use std::path::PathBuf;

/// List the models that are part of the program and those in the search path.
///
/// A file that is broken is told on standard error, and the others are listed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// List the architectures instead.
    #[arg(long)]
    architectures: bool,
    /// JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    if arguments.architectures {
        return architectures(arguments.json);
    }
    let search = SearchPath::new(None);
    let embedded = store::embedded_names().map(Place::Embedded);
    let mut broken = 0;
    let mut models = Vec::new();
    for place in embedded.chain(search.list().into_iter().map(Place::File)) {
        match place.load() {
            Ok(model) => models.push((place, model)),
            Err(error) => {
                broken += 1;
                log::error!("{error}");
            }
        }
    }
    if arguments.json {
        let all = models.iter().map(|(place, model)| describe(place, model));
        console::json(&Value::Array(all.collect()))?;
    } else if models.is_empty() {
        let folders: Vec<PathBuf> = search.folders().to_vec();
        console::note("no models; looked in:");
        folders.iter().for_each(|folder| console::note(&format!("  {}", folder.display())));
    } else {
        let head = [
            "Name",
            "Architecture",
            "Parameters",
            "Size",
            "Trained",
            "Licence",
            "SHA-256",
            "Where",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(models.iter().map(|(place, model)| row(place, model)));
        console::result(&table::lay_out(&rows, &[2, 3]))?;
    }
    match broken {
        0 => Ok(()),
        1 => Err(Error::failed("1 model file is broken")),
        count => Err(Error::failed(format!("{count} model files are broken"))),
    }
}

fn row(place: &Place, model: &Model) -> Vec<String> {
    let header = &model.header;
    vec![
        shown(&header.name),
        model.info.id.to_owned(),
        millions(model.network.parameter_count()),
        format!("{:.1} MiB", model.file_size as f64 / f64::from(1 << 20)),
        header.training.as_ref().map_or("no".to_owned(), |t| format!("{} steps", t.steps)),
        shown(&header.licence),
        model.hash.short(),
        place.to_string(),
    ]
}

fn describe(place: &Place, model: &Model) -> Value {
    json!({
        "name": model.header.name,
        "architecture": model.info.id,
        "parameters": model.network.parameter_count(),
        "size": model.file_size,
        "trained": model.header.training.is_some(),
        "licence": model.header.licence,
        "sha256": model.hash.to_string(),
        "where": place.to_string(),
    })
}

fn architectures(as_json: bool) -> Outcome {
    let all = headroom::model::MODELS;
    if as_json {
        let describe = |info: &headroom::model::ModelInfo| {
            json!({
                "id": info.id,
                "label": info.label,
                "description": info.description,
                "reference": info.reference,
                "config": (info.config)(),
            })
        };
        return console::json(&Value::Array(all.iter().map(describe).collect()));
    }
    let mut rows = vec![["Architecture", "Label", "What it does"].map(str::to_owned).to_vec()];
    rows.extend(all.iter().map(|i| [i.id, i.label, i.description].map(str::to_owned).to_vec()));
    console::result(&table::lay_out(&rows, &[]))
}
