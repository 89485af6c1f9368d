//! `headroom settings`: the settings table.

use crate::error::Outcome;
use crate::settings::is_space;
use crate::{console, table};
use clap::Args;
use headroom::settings::{Kind, SETTINGS, Setting, Unit, Values};
use serde_json::{Value, json};

/// List the settings that --set, presets and setting files take.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// JSON, with every choice.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// A Markdown table, for documents.
    #[arg(long)]
    markdown: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let with_value = SETTINGS.iter().filter(|s| s.default().is_some());
    if arguments.json {
        return console::json(&Value::Array(with_value.map(describe).collect()));
    }
    let head = ["Setting", "Group", "Default", "Takes", "What it does"].map(str::to_owned);
    let mut rows = vec![head.to_vec()];
    rows.extend(with_value.map(|setting| {
        vec![
            setting.id.to_owned(),
            setting.group.label().to_owned(),
            default(setting),
            takes(setting),
            setting.hint.to_owned(),
        ]
    }));
    let text = if arguments.markdown { table::markdown(&rows) } else { table::lay_out(&rows, &[]) };
    console::result(&text)
}

fn default(setting: &Setting) -> String {
    Values::default().text(setting.key).unwrap_or_default()
}

fn takes(setting: &Setting) -> String {
    match setting.kind {
        Kind::Toggle { .. } => "true, false".to_owned(),
        Kind::Number { range, unit, .. } => format!("{} to {}{}", range.0, range.1, suffix(unit)),
        Kind::Integer { range, unit, .. } => format!("{} to {}{}", range.0, range.1, suffix(unit)),
        Kind::Choice { .. } if is_space(setting.key) => {
            "auto or a name of `headroom spaces`".to_owned()
        }
        Kind::Choice { options, .. } => {
            options().iter().map(|o| o.id).collect::<Vec<_>>().join(", ")
        }
        Kind::File => "the path of a file".to_owned(),
        Kind::Button | Kind::Info => String::new(),
    }
}

fn suffix(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        Unit::Stops => " stops",
        Unit::Nits => " nits",
        Unit::Code => " of full scale",
        Unit::Degrees => " degrees",
        Unit::Frames => " frames",
        Unit::Megabytes => " MB",
    }
}

fn describe(setting: &Setting) -> Value {
    let mut value = json!({
        "id": setting.id,
        "label": setting.label,
        "hint": setting.hint,
        "group": setting.group.id(),
        "default": Values::default().to_json()[setting.id].clone(),
        "animates": setting.animates,
    });
    let (kind, range, unit) = match setting.kind {
        Kind::Toggle { .. } => ("toggle", None, None),
        Kind::Number { range, unit, .. } => ("number", Some(json!([range.0, range.1])), Some(unit)),
        Kind::Integer { range, unit, .. } => {
            ("integer", Some(json!([range.0, range.1])), Some(unit))
        }
        Kind::Choice { .. } => ("choice", None, None),
        Kind::File => ("file", None, None),
        Kind::Button => ("button", None, None),
        Kind::Info => ("info", None, None),
    };
    value["kind"] = kind.into();
    if let Some(range) = range {
        value["range"] = range;
    }
    if let Some(unit) = unit {
        value["unit"] = suffix(unit).trim().into();
    }
    if !setting.options().is_empty() {
        let options = setting.options().iter();
        value["options"] = options.map(|o| json!({"id": o.id, "label": o.label})).collect();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_left_to_their_command_and_other_choices_are_told() {
        let spaces = SETTINGS.iter().filter(|setting| takes(setting).contains("headroom spaces"));
        let ids: Vec<_> = spaces.map(|setting| setting.id).collect();
        assert_eq!(ids, ["input_space", "output_space"]);
        let method = SETTINGS.iter().find(|setting| setting.id == "method").expect("a setting");
        assert!(takes(method).starts_with("inverse, "), "{}", takes(method));
        assert!(takes(method).contains("unet"), "{}", takes(method));
    }
}
