//! `docs/MODELS.md` says of every network what the code says.

use headroom::graph::{Extent, Reach, Table};
use headroom::model::{MODELS, ModelInfo, Network, Run, store};
use serde_json::{Value, json};
use std::fmt::Write;

const DOCUMENT: &str = include_str!("../../docs/MODELS.md");

fn section(model: &ModelInfo) -> &'static str {
    let head = format!("\n## `{}`", model.id);
    let start = DOCUMENT.find(&head).unwrap_or_else(|| panic!("no section for {}", model.id));
    let rest = &DOCUMENT[start + 1..];
    rest.find("\n## ").map_or(rest, |end| &rest[..end])
}

fn build(model: &ModelInfo, config: &Value) -> Result<Network, String> {
    (model.build)(config).map_err(|error| error.to_string())
}

/// The table of stages as the document is to have it.
fn stages(model: &ModelInfo) -> String {
    let mut text = String::from(
        "| stage | runs | takes | gives | parameters | GMAC at 960 x 544 | reach | sides |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for stage in build(model, &json!({})).expect("usual").stages {
        let graph = &stage.graph;
        let runs = match &stage.run {
            Run::Frame => "once per frame".to_owned(),
            Run::Sampler(sampler) => {
                format!("{} times per frame", sampler.timesteps().len())
            }
            Run::Tile => "per tile".to_owned(),
        };
        let list = |entries: Vec<(&str, headroom::graph::NodeId)>| {
            let entry = |(name, node): &(&str, _)| {
                let shape = graph.node(*node).shape;
                match shape.extent {
                    Extent::Fixed([1, 1]) => format!("`{name}` {}", shape.channels),
                    Extent::Fixed([h, w]) => format!("`{name}` {h} x {w} x {}", shape.channels),
                    Extent::Of { .. } => format!("`{name}` {} channels", shape.channels),
                }
            };
            entries.iter().map(entry).collect::<Vec<_>>().join(", ")
        };
        let takes = list(graph.inputs().iter().map(|i| (i.name.as_str(), i.node)).collect());
        let gives = list(graph.outputs().iter().map(|o| (o.name.as_str(), o.node)).collect());
        let sizes = graph.sizes([544, 960]).expect("aligned");
        let work = graph.multiply_adds(&sizes) as f64 * 1.0e-9;
        let (reach, sides) = match (&stage.run, graph.reach()) {
            (Run::Tile, Reach::Pixels(n)) => {
                (format!("{n} px"), format!("multiples of {}", graph.alignment()))
            }
            _ => ("the frame".to_owned(), "fixed".to_owned()),
        };
        let (name, count) = (&stage.name, graph.parameter_count());
        writeln!(
            text,
            "| `{name}` | {runs} | {takes} | {gives} | {count} | {work:.3} | {reach} | {sides} |"
        )
        .expect("a string takes text");
    }
    text
}

/// Field, usual value and range of every row of a section's table of the configuration.
fn fields(section: &str) -> Vec<(&str, Value, &str)> {
    let rows = section.lines().skip_while(|line| !line.starts_with("| field |")).skip(2);
    rows.take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<_> = line.split('|').map(str::trim).collect();
            let usual = cells[2].trim_matches('`');
            (
                cells[1].trim_matches('`'),
                serde_json::from_str(usual).unwrap_or_else(|e| panic!("{line}: {e}")),
                cells[3],
            )
        })
        .collect()
}

#[test]
fn stages_parameters_and_work_are_those_of_the_code() {
    for model in MODELS {
        let stages = stages(model);
        assert!(section(model).contains(&stages), "{}: expected\n\n{stages}", model.id);
        assert!(section(model).contains(model.label), "{}", model.id);
    }
}

#[test]
fn every_field_is_there_with_its_usual_value() {
    for model in MODELS {
        let config = (model.config)();
        let told: serde_json::Map<String, Value> = fields(section(model))
            .into_iter()
            .map(|(field, usual, _)| (field.to_owned(), usual))
            .collect();
        assert_eq!(Value::Object(told), config, "{}", model.id);
    }
}

#[test]
fn what_lies_in_a_told_range_is_taken_and_what_lies_outside_is_refused() {
    for model in MODELS {
        for (field, _, range) in fields(section(model)) {
            let set = |value: Value| build(model, &json!({ field: value }));
            let taken = |value: Value| {
                if let Err(error) = set(value.clone()) {
                    panic!("{}: {field} = {value}: {error}", model.id);
                }
            };
            let refused = |value: Value| {
                assert!(set(value.clone()).is_err(), "{}: {field} = {value}", model.id);
            };
            if let Some((entries, numbers)) = range.split_once(" entries of ") {
                let (few, many) = bounds(entries);
                let (least, most) = bounds(numbers);
                let list = |count: f64, value: f64| json!(vec![value as u64; count as usize]);
                taken(list(few, least));
                taken(list(many, least));
                taken(list(few, most));
                refused(list(few - 1.0, least));
                refused(list(many + 1.0, least));
                refused(list(few, least - 1.0));
                refused(list(few, most + 1.0));
            } else if range.contains(" to ") {
                let (least, most) = bounds(range);
                // A number that may have places is told with one.
                let whole = !range.contains('.');
                let number = |v: f64| if whole { json!(v as i64) } else { json!(v) };
                taken(number(least));
                taken(number(most));
                refused(number(least - 1.0));
                refused(number(most + 1.0));
            } else if range != "any whole number" {
                for choice in range.split(", ") {
                    let choice = choice.trim_matches('`');
                    taken(serde_json::from_str(choice).expect("a choice"));
                }
                refused(json!("another"));
            }
        }
    }
}

/// The bounds of "1 to 512, multiples of 8".
fn bounds(text: &str) -> (f64, f64) {
    let text = text.split(',').next().unwrap_or_default();
    let (least, most) = text.split_once(" to ").expect("a range");
    let number = |text: &str| text.trim().parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    (number(least), number(most))
}

#[test]
fn every_network_has_its_card() {
    for model in MODELS {
        let path = format!("{}/resources/weights/{}.md", env!("CARGO_MANIFEST_DIR"), model.id);
        let card = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert!(card.starts_with(&format!("# {} (`{}`)\n", model.label, model.id)), "{path}");
        for part in ["## For", "## Training", "## Evaluation", "## Limits", "## Licence"] {
            assert!(card.contains(part), "{path}: no {part}");
        }
    }
}

#[test]
fn every_usual_network_prints_as_a_table() {
    for model in MODELS {
        for stage in build(model, &json!({})).expect("usual").stages {
            let table = Table::new(&stage.graph, [544, 960]).expect("aligned").to_string();
            let count = stage.graph.parameter_count();
            assert!(table.contains(&format!("{count} parameters; ")), "{table}");
        }
    }
}

/// Columns of the tables of figures after the condition: the trainer's names, and places.
const FIGURES: [(&str, usize); 6] = [
    ("psnr_pu21_s", 2),
    ("psnr_pu21_clipped_s", 2),
    ("rmse_stops_clipped_s", 3),
    ("bias_stops_clipped_s", 3),
    ("energy_clipped_s", 3),
    ("defocus_s", 2),
];

#[test]
fn figures_of_what_ships_are_those_that_the_weights_carry() {
    for name in store::embedded_names() {
        let model = store::embedded(name).expect("ships").expect("sound");
        let head = format!("`{name}` (`resources/weights/{name}.safetensors`)");
        let (_, rest) = DOCUMENT.split_once(&head).unwrap_or_else(|| panic!("no {head}"));
        let rows = rest.lines().skip_while(|line| !line.starts_with("| condition |")).skip(2);
        let rows: Vec<Vec<&str>> = rows
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        assert_eq!(rows.len(), 9, "{name}: the eight conditions, and one estimated");
        for row in rows {
            let (condition, estimated) = match row[0].split_once(", estimated") {
                Some((condition, _)) => (condition, ", curve estimated"),
                None => (row[0], ""),
            };
            let data = format!("{}{estimated}: median of 14", condition.trim_matches('`'));
            for ((metric, places), told) in FIGURES.iter().zip(&row[1..]) {
                let mut carried = model.header.evaluation.iter();
                let figure = carried.find(|f| f.metric == *metric && f.data == data);
                let figure = figure.unwrap_or_else(|| panic!("{name}: no {metric} of {data}"));
                let carried = format!("{:.places$}", figure.value);
                assert_eq!(*told, carried, "{name}: {metric}, {data}");
            }
        }
    }
}
