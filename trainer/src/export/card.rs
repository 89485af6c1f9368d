//! The model card: what a stranger must know of a weights file, in Markdown.
//!
//! After Mitchell et al. 2019, "Model Cards for Model Reporting", as far as it can be told from the
//! file and the run.

use super::run::Sources;
use headroom::graph::Reach;
use headroom::model::{Domain, Encoding, Model};
use std::fmt::Write as _;

/// The card of a model file called `file`.
#[must_use]
pub fn card(model: &Model, file: &str, sources: &Sources) -> String {
    let header = &model.header;
    let mut text = format!("# {}\n\n{}\n\n", header.name, model.info.description);
    if !header.notes.is_empty() {
        let _ = writeln!(text, "{}\n", header.notes);
    }
    text += "| | |\n|---|---|\n";
    let reach = match header.reach {
        Reach::Pixels(pixels) => format!("{pixels} pixels"),
        Reach::Everything => "the whole frame".to_owned(),
    };
    let rows = [
        ("file", format!("`{file}`, {} bytes, SHA-256 `{}`", model.file_size, model.hash)),
        ("architecture", format!("`{}`: {}", header.architecture, model.info.label)),
        ("parameters", model.network.parameter_count().to_string()),
        ("takes", encoding(header.encoding).to_owned()),
        ("gives", domain(header.domain).to_owned()),
        ("sees", reach),
        ("alignment", format!("{} pixels", header.alignment)),
        ("author", or_unsaid(&header.author)),
        ("licence", header.licence.clone()),
        ("after", model.info.reference.to_owned()),
    ];
    for (what, value) in rows {
        let _ = writeln!(text, "| {what} | {} |", cell(&value));
    }
    let config = serde_json::to_string_pretty(&header.config).unwrap_or_default();
    let _ = writeln!(text, "\nConfiguration:\n\n```json\n{config}\n```\n");
    training(&mut text, model, sources);
    text += "## Evaluation\n\n";
    if header.evaluation.is_empty() {
        text += "Not measured.\n\n";
    } else {
        text += "| metric | data | value |\n|---|---|---|\n";
        for figure in &header.evaluation {
            let (metric, data) = (cell(&figure.metric), cell(&figure.data));
            let _ = writeln!(text, "| {metric} | {data} | {:.4} |", figure.value);
        }
        text.push('\n');
    }
    text += "## Limits\n\n\
        * What clipped is guessed from what surrounds it: plausible light, not measured light.\n\
        * It is good at pictures like those it was trained on. Figures from the same source as the \
        training data say little of other cameras.\n\
        * Pictures that are not Rec.709 with a known curve must be converted before, or the node told \
        what they are.\n\n";
    let _ = writeln!(
        text,
        "## Use\n\nIn a host: the node *Headroom*, method *{}*, this file under *Weights*. On the command \
         line:\n\n```sh\nheadroom render INPUT OUTPUT --set method={} --set weights={file}\nheadroom models \
         inspect {file}\n```\n",
        model.info.label, header.architecture
    );
    let _ = writeln!(text, "## Licence\n\nThe weights: {}.", header.licence);
    text
}

/// How it was trained, and on what.
fn training(text: &mut String, model: &Model, sources: &Sources) {
    *text += "## Training\n\n";
    let Some(training) = &model.header.training else {
        *text += "Not trained: the weights are drawn from a seed and mean nothing.\n\n";
        return;
    };
    let losses: Vec<String> =
        training.losses.iter().map(|loss| format!("{} x {}", loss.weight, loss.name)).collect();
    *text += "| | |\n|---|---|\n";
    let rows = [
        ("steps", training.steps.to_string()),
        ("losses", or_unsaid(&losses.join(", "))),
        ("seed", training.seed.to_string()),
        ("date", or_unsaid(&training.date)),
        ("trainer", or_unsaid(&training.tool)),
        ("commit", or_unsaid(&training.commit)),
        ("hash of the data's manifest", or_unsaid(&training.data)),
    ];
    for (what, value) in rows {
        let _ = writeln!(text, "| {what} | {} |", cell(&value));
    }
    text.push('\n');
    if !sources.licences.is_empty() {
        *text += "Licences in the data's manifest:\n\n| licence | pictures |\n|---|---|\n";
        for (licence, count) in &sources.licences {
            let _ = writeln!(text, "| {} | {count} |", cell(licence));
        }
        text.push('\n');
    }
    if !sources.named.is_empty() {
        let named: Vec<String> =
            sources.named.iter().map(|(author, count)| format!("{author} ({count})")).collect();
        let _ = writeln!(text, "With pictures under CC-BY by: {}.\n", named.join("; "));
    }
}

fn or_unsaid(text: &str) -> String {
    if text.is_empty() { "not said".to_owned() } else { text.to_owned() }
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Srgb => "sRGB codes (IEC 61966-2-1), Rec.709 primaries, 1 being full scale",
        Encoding::Linear => "linear light, Rec.709 primaries, 1 being diffuse white",
    }
}

fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::Stops => "stops to add to each channel of the linear picture",
        Domain::Linear => "linear light, Rec.709 primaries, 1 being diffuse white",
        Domain::AcesCct => "ACEScct codes (S-2016-001), AP1 primaries",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use headroom::model::{Figure, Loss, Training, Weights};

    fn model() -> Model {
        let built = Settings::default().build().expect("a network");
        built.model("Night lamps", &Weights::seeded(&built.network, 1)).expect("sound")
    }

    #[test]
    fn the_card_says_what_the_header_says() {
        let mut model = model();
        model.header.training = Some(Training {
            data: "0123abcd".into(),
            steps: 4200,
            losses: vec![Loss { name: "clip_pu21".into(), weight: 0.5 }],
            seed: 7,
            date: "2026-11-28T12:00:00Z".into(),
            commit: "c0ffee".into(),
            tool: "headroom-train 1".into(),
        });
        let figure =
            Figure { metric: "psnr | pu21".into(), data: "validation".into(), value: 31.25 };
        model.header.evaluation = vec![figure];
        let mut sources = Sources::default();
        sources.licences.insert("CC-BY-4.0".into(), 3);
        sources.named.insert("A. Author".into(), 3);
        let card = card(&model, "lamps.safetensors", &sources);
        let hash = model.hash.to_string();
        for wanted in [
            "# Night lamps",
            &hash,
            "0123abcd",
            "| steps | 4200 |",
            "0.5 x clip_pu21",
            "c0ffee",
            "| psnr \\| pu21 | validation | 31.2500 |",
            "| CC-BY-4.0 | 3 |",
            "A. Author (3)",
            "MIT OR Apache-2.0",
            "weights=lamps.safetensors",
            "\"widths\"",
        ] {
            assert!(card.contains(wanted), "{wanted} in\n{card}");
        }
    }

    #[test]
    fn untrained_weights_are_called_so() {
        let card = card(&model(), "x.safetensors", &Sources::default());
        assert!(card.contains("Not trained") && card.contains("Not measured"), "{card}");
    }
}
