//! `headroom spaces`: the registry of colour spaces.

use crate::error::Outcome;
use crate::{console, table};
use clap::Args;
use headroom_colour::{Kind, Space, spaces};
use serde_json::{Value, json};

/// List the colour spaces and their other names.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Only spaces whose name or alias contains this; case does not matter.
    filter: Option<String>,
    /// JSON, with chromaticities.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let wanted = |space: &&Space| {
        let filter = arguments.filter.as_deref().unwrap_or_default().to_lowercase();
        std::iter::once(&space.name)
            .chain(space.aliases)
            .any(|name| name.to_lowercase().contains(&filter))
    };
    let listed: Vec<&Space> = spaces().iter().filter(wanted).collect();
    if arguments.json {
        return console::json(&Value::Array(listed.iter().map(|s| describe(s)).collect()));
    }
    let mut rows = vec![["Name", "Kind", "Other names", "Defined by"].map(str::to_owned).to_vec()];
    rows.extend(listed.iter().map(|space| {
        vec![
            space.name.to_owned(),
            kind(space.kind).to_owned(),
            space.aliases.join(", "),
            space.reference.to_owned(),
        ]
    }));
    console::result(&table::lay_out(&rows, &[]))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::SceneLinear => "linear",
        Kind::Log => "log",
        Kind::Display => "display",
        Kind::DisplayHdr => "display HDR",
    }
}

fn describe(space: &Space) -> Value {
    let c = &space.primaries;
    json!({
        "name": space.name,
        "aliases": space.aliases,
        "kind": kind(space.kind),
        "reference": space.reference,
        "chromaticities": {"red": c.red, "green": c.green, "blue": c.blue, "white": c.white},
    })
}
