//! `headroom models inspect`.

use super::{Place, millions, shown};
use crate::command::sample::parse_size;
use crate::console;
use crate::error::{Error, Outcome};
use clap::Args;
use headroom::graph::{Reach, Table};
use headroom::model::{Figure, Model, Run, Stage};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Show what a model file says of itself, and every layer of its network.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A model file, or the name of a model that `headroom models list` shows.
    #[arg(value_name = "FILE|NAME")]
    model: PathBuf,
    /// Size of the picture for shapes and multiply-adds; enlarged to what the network can align to.
    #[arg(long, default_value = "1920x1080", value_parser = parse_size)]
    size: (usize, usize),
    /// JSON.
    #[arg(long)]
    json: bool,
}

/// A stage at a size.
struct Measured<'a> {
    stage: &'a Stage,
    /// Height and width.
    picture: [usize; 2],
    table: Table,
    /// Of all runs together.
    multiply_adds: u64,
}

impl<'a> Measured<'a> {
    fn new(stage: &'a Stage, (width, height): (usize, usize)) -> Outcome<Self> {
        let failed = |error| Error::failed(format!("stage {}: {error}", stage.name));
        let alignment = stage.graph.alignment();
        let picture = [height, width].map(|side| side.next_multiple_of(alignment));
        let sizes = stage.graph.sizes(picture).map_err(failed)?;
        let table = Table::new(&stage.graph, picture).map_err(failed)?;
        let multiply_adds = stage.graph.multiply_adds(&sizes).saturating_mul(runs(&stage.run));
        Ok(Self { stage, picture, table, multiply_adds })
    }
}

fn runs(run: &Run) -> u64 {
    match run {
        Run::Frame | Run::Tile => 1,
        Run::Sampler(sampler) => sampler.steps as u64,
    }
}

fn how_often(run: &Run) -> String {
    match run {
        Run::Frame => "once per frame".to_owned(),
        Run::Sampler(sampler) => format!("{} times per frame", sampler.steps),
        Run::Tile => "once per tile".to_owned(),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let place = Place::find(&arguments.model)?;
    let model = place.load()?;
    let stages = model.network.stages.iter();
    let stages: Vec<Measured<'_>> =
        stages.map(|stage| Measured::new(stage, arguments.size)).collect::<Outcome<_>>()?;
    if arguments.json {
        return console::json(&describe(&place, &model, &stages));
    }
    console::result(&text(&place, &model, &stages))
}

fn reach(reach: Reach) -> Value {
    match reach {
        Reach::Pixels(pixels) => json!(pixels),
        Reach::Everything => json!("everything"),
    }
}

fn describe(place: &Place, model: &Model, stages: &[Measured<'_>]) -> Value {
    let stage = |m: &Measured<'_>| {
        json!({
            "name": m.stage.name,
            "runs": how_often(&m.stage.run),
            "size": [m.picture[1], m.picture[0]],
            "parameters": m.stage.graph.parameter_count(),
            "multiply_adds": m.multiply_adds,
            "reach": reach(m.stage.graph.reach()),
            "alignment": m.stage.graph.alignment(),
        })
    };
    json!({
        "where": place.to_string(),
        "size": model.file_size,
        "sha256": model.hash.to_string(),
        "header": model.header.to_json(),
        "parameters": model.network.parameter_count(),
        "multiply_adds": stages.iter().map(|m| m.multiply_adds).sum::<u64>(),
        "stages": stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

fn text(place: &Place, model: &Model, stages: &[Measured<'_>]) -> String {
    let header = &model.header;
    let words = |value: Value| match value {
        Value::String(text) => shown(&text),
        other => shown(&other.to_string()),
    };
    let mut lines: Vec<(String, String)> = vec![
        ("file".into(), format!("{place}, {} bytes", model.file_size)),
        ("sha256".into(), model.hash.to_string()),
    ];
    if let Value::Object(fields) = header.to_json() {
        for (name, value) in fields {
            match value {
                Value::Object(inner) if name == "training" => {
                    lines.extend(
                        inner.into_iter().map(|(n, v)| (format!("training {n}"), words(v))),
                    );
                }
                Value::Array(_) if name == "evaluation" => {
                    let told = evaluation(&header.evaluation);
                    lines.extend(told.map(|line| (name.clone(), shown(&line))));
                }
                other => lines.push((name, words(other))),
            }
        }
    }
    if header.training.is_none() {
        lines.push(("training".into(), "none: the weights are untrained".into()));
    }
    let total: u64 = stages.iter().map(|m| m.multiply_adds).sum();
    lines.push(("parameters".into(), millions(model.network.parameter_count())));
    lines.push(("multiply-adds".into(), format!("{:.3} GMAC", total as f64 * 1.0e-9)));
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for (name, value) in lines {
        out.push_str(format!("{name:width$}  {value}").trim_end());
        out.push('\n');
    }
    for m in stages {
        let often = how_often(&m.stage.run);
        out.push_str(&format!("\nstage {}, {often}\n{}\n", m.stage.name, m.table));
    }
    out
}

/// Figures of an evaluation, those of one set of data in one line.
fn evaluation(figures: &[Figure]) -> impl Iterator<Item = String> {
    figures.chunk_by(|a, b| a.data == b.data).map(|figures| {
        let figure = |figure: &Figure| format!("{} {:.3}", figure.metric, figure.value);
        let all: Vec<String> = figures.iter().map(figure).collect();
        format!("{}: {}", figures[0].data, all.join(", "))
    })
}
