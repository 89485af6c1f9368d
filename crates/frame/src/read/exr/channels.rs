//! Which channels of which part are red, green, blue and alpha.

use super::header::{Channel, Part};
use crate::error::{Refusal, Step};

/// Indices into a part's channel list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) part: usize,
    /// Red, green, blue; three times the same for luminance.
    pub(super) colour: [usize; 3],
    pub(super) alpha: Option<usize>,
}

/// A group of channels that makes a picture.
struct Layer {
    name: String,
    choice: Choice,
}

/// Finds the layer of that name, or else the one without a name, or else the only one.
pub(super) fn choose(parts: &[Part], wanted: Option<&str>) -> Step<Choice> {
    let layers: Vec<Layer> =
        parts.iter().enumerate().flat_map(|(index, part)| layers(index, part)).collect();
    if layers.is_empty() {
        return Err(no_colour(parts));
    }
    let chosen = match wanted {
        Some(wanted) => layers.iter().find(|layer| layer.name == wanted),
        None => layers.iter().find(|layer| layer.name.is_empty()).or_else(|| {
            // A part's name alone does not make its channels a layer to ask for.
            (layers.len() == 1 || first_part_is_bare(parts)).then(|| &layers[0])
        }),
    };
    let chosen = chosen.ok_or_else(|| {
        let names: Vec<_> = layers.iter().map(|layer| format!("{:?}", layer.name)).collect();
        let expected = match wanted {
            Some(wanted) => format!("a layer {wanted:?}"),
            None => "one of them to be asked for".to_owned(),
        };
        Refusal::new("layers", names.join(", "), expected)
    })?;
    for channel in &parts[chosen.choice.part].channels {
        if channel.sampling != (1, 1) {
            let found = format!(
                "channel {:?} sampled every {} x {} pixels",
                channel.name, channel.sampling.0, channel.sampling.1
            );
            return Err(Refusal::new("channels", found, "a sample for every pixel"));
        }
    }
    Ok(chosen.choice.clone())
}

/// Whether the first part holds R, G, B without a prefix: readers of one picture show that.
fn first_part_is_bare(parts: &[Part]) -> bool {
    parts.first().is_some_and(|part| part.channels.iter().any(|channel| channel.name == "R"))
}

fn layers(index: usize, part: &Part) -> Vec<Layer> {
    let part_name = match part.attribute("name").map(crate::metadata::Attribute::value) {
        Some(crate::metadata::AttributeValue::Text(name)) => name,
        _ => String::new(),
    };
    let mut prefixes: Vec<&str> = Vec::new();
    for channel in &part.channels {
        let (prefix, _) = split(&channel.name);
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let layer = |prefix: &str| {
        let find = |names: [&str; 2]| {
            part.channels.iter().position(|channel| {
                let (before, last) = split(&channel.name);
                before == prefix && names.iter().any(|name| last.eq_ignore_ascii_case(name))
            })
        };
        let colour = match (find(["R", "red"]), find(["G", "green"]), find(["B", "blue"])) {
            (Some(red), Some(green), Some(blue)) => [red, green, blue],
            // With chroma beside it, luminance alone would be a wrong picture.
            (None, None, None) if find(["RY", "RY"]).is_none() && find(["BY", "BY"]).is_none() => {
                [find(["Y", "Y"])?; 3]
            }
            _ => return None,
        };
        let name = match (part_name.is_empty(), prefix.is_empty()) {
            (true, _) => prefix.to_owned(),
            (false, true) => part_name.clone(),
            // Several programs repeat the part's name in its channels.
            (false, false) if prefix == part_name => part_name.clone(),
            (false, false) => format!("{part_name}.{prefix}"),
        };
        Some(Layer { name, choice: Choice { part: index, colour, alpha: find(["A", "alpha"]) } })
    };
    prefixes.into_iter().filter_map(layer).collect()
}

/// What stands before and after the last dot.
fn split(name: &str) -> (&str, &str) {
    name.rsplit_once('.').unwrap_or(("", name))
}

fn no_colour(parts: &[Part]) -> Refusal {
    let names: Vec<String> = parts
        .iter()
        .flat_map(|part| &part.channels)
        .map(|Channel { name, .. }| format!("{name:?}"))
        .take(32)
        .collect();
    let found = if names.is_empty() && parts.iter().any(|part| part.attribute("type").is_some()) {
        "no flat channels".to_owned()
    } else {
        format!("{} ({})", names.len(), names.join(", "))
    };
    Refusal::new("channels", found, "R, G and B, or Y alone")
}
