//! `headroom presets`: named sets of settings.

use crate::error::{Error, Outcome};
use crate::{console, table};
use clap::Args;
use headroom::presets::{self, Preset};
use serde_json::{Map, Value, json};

/// List the presets, or show what one of them sets.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Show this preset.
    preset: Option<String>,
    /// JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let chosen: Vec<&Preset> = match &arguments.preset {
        Some(id) => vec![find(id)?],
        None => presets::all().iter().collect(),
    };
    if arguments.json {
        return console::json(&Value::Array(chosen.iter().map(|p| describe(p)).collect()));
    }
    let rows = if arguments.preset.is_some() {
        let head = vec!["Setting".to_owned(), "Value".to_owned()];
        let values = chosen.iter().flat_map(|preset| preset.values);
        let values = values.map(|(id, value)| vec![(*id).to_owned(), (*value).to_owned()]);
        std::iter::once(head).chain(values).collect::<Vec<_>>()
    } else {
        let head = ["Preset", "Label", "For"].map(str::to_owned).to_vec();
        let rows = chosen.iter().map(|p| [p.id, p.label, p.hint].map(str::to_owned).to_vec());
        std::iter::once(head).chain(rows).collect()
    };
    console::result(&table::lay_out(&rows, &[]))
}

/// The preset of an id or label; case does not matter.
pub(crate) fn find(id: &str) -> Outcome<&'static Preset> {
    let named = |p: &&Preset| p.id.eq_ignore_ascii_case(id) || p.label.eq_ignore_ascii_case(id);
    presets::all().iter().find(named).ok_or_else(|| {
        let known: Vec<&str> = presets::all().iter().map(|p| p.id).collect();
        Error::usage(format!("preset: found \"{id}\", expected one of: {}", known.join(", ")))
    })
}

fn describe(preset: &Preset) -> Value {
    let values: Map<String, Value> =
        preset.values.iter().map(|(id, value)| ((*id).to_owned(), Value::from(*value))).collect();
    json!({"id": preset.id, "label": preset.label, "hint": preset.hint, "values": values})
}
