//! `report.html`: a run on one page that needs no other file and no network.

mod picture;

use super::chart::{escape, svg};
use super::curves::{self, number};
use super::history::{History, known};
use super::{RunFolder, file, progress::duration};
use crate::Error;
use serde_json::Value;
use std::fmt::Write;

/// More samples than these are left in their folder.
const SAMPLES: usize = 8;

/// Makes the page of what a folder holds.
pub(super) fn page(
    folder: &RunFolder,
    history: &History,
    summary: &Value,
) -> Result<String, Error> {
    let name = escape(&folder.name());
    let config = json(folder, "config.json")?;
    let parts: [(&str, &str, String); 6] = [
        ("curves", "Curves", charts(&curves::losses(history))?),
        ("metrics", "Metrics", metrics(history)?),
        ("samples", "Samples", samples(folder)?),
        ("data", "Data", data(folder)?),
        ("config", "Configuration", configuration(folder)?),
        ("events", "Events", events(history)),
    ];
    let mut links = String::new();
    let mut body = String::new();
    for (id, title, part) in parts.iter().filter(|(.., part)| !part.is_empty()) {
        let _ = write!(links, "<a href=\"#{id}\">{title}</a>");
        let _ = write!(body, "<h2 id=\"{id}\">{title}</h2>\n{part}\n");
    }
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{name}</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>\n{}</style>\n</head>\n\
         <body>\n<main>\n{}<nav>{links}</nav>\n{body}</main>\n<script>\n{}</script>\n</body>\n</html>\n",
        include_str!("style.css"),
        head(&name, &config, history, summary),
        include_str!("script.js"),
    ))
}

/// Name, state, and what one wants to know first.
fn head(name: &str, config: &Value, history: &History, summary: &Value) -> String {
    let outcome = summary["outcome"].as_str().unwrap_or("running");
    let class = match outcome {
        "finished" | "running" => outcome,
        _ => "other",
    };
    let text = |value: &Value| escape(value.as_str().unwrap_or_default());
    let architecture = text(&config["experiment"]["model"]["architecture"]);
    let subtitle: Vec<_> = [architecture, text(&config["device"])]
        .into_iter()
        .chain(config["seed"].as_u64().map(|seed| format!("seed {seed}")))
        .chain([format!("Headroom {} ({})", env!("CARGO_PKG_VERSION"), headroom::COMMIT)])
        .filter(|part| !part.is_empty())
        .collect();
    let mut facts = vec![
        ("Epochs", history.epochs_done().to_string()),
        ("Steps", summary["steps"].as_u64().unwrap_or(0).to_string()),
        ("Time", duration(history.seconds())),
    ];
    if let Some(best) = summary["loss"]["best"].as_f64() {
        let epoch = summary["loss"]["best_epoch"].as_u64().unwrap_or(0);
        facts.push((
            "Best validation loss",
            format!("{}<small>epoch {epoch}</small>", number(best)),
        ));
    }
    if let Some(course) = history.metrics.first()
        && let Some(best) = course.best()
    {
        let (_, unit, _) = known(&course.metric);
        let text = format!("{} {unit}<small>epoch {}</small>", number(best.mean), best.epoch);
        facts.push(("Best", text));
    }
    let mut html = format!(
        "<header><h1>{name}</h1><span class=\"state {class}\">{}</span></header>\n\
         <p class=\"sub\">{}</p>\n",
        escape(outcome),
        subtitle.join(" \u{b7} "),
    );
    let notes = text(&config["notes"]);
    if !notes.is_empty() {
        let _ = writeln!(html, "<p class=\"notes\">{notes}</p>");
    }
    html.push_str("<dl class=\"facts\">");
    for (what, value) in facts {
        let what = match (what, history.metrics.first()) {
            ("Best", Some(course)) => format!("Best {}", escape(&known(&course.metric).0)),
            _ => what.to_owned(),
        };
        let _ = write!(html, "<div class=\"card\"><dt>{what}</dt><dd>{value}</dd></div>");
    }
    html.push_str("</dl>\n");
    html
}

fn charts(charts: &[super::chart::Chart]) -> Result<String, Error> {
    if charts.is_empty() {
        return Ok(String::new());
    }
    let drawn: Result<String, Error> = charts.iter().map(|c| svg(c, [600.0, 320.0])).collect();
    Ok(format!("<div class=\"charts\">{}</div>", drawn?))
}

fn metrics(history: &History) -> Result<String, Error> {
    if history.metrics.is_empty() {
        return Ok(String::new());
    }
    let mut table =
        "<div class=\"card scroll\"><table><tr><th>Metric</th><th>Unit</th><th>Best</th>\
                     <th>Best epoch</th><th>Last</th><th>Deviation over pictures</th></tr>"
            .to_owned();
    for course in &history.metrics {
        let (label, unit, _) = known(&course.metric);
        let none = ("\u{2013}".to_owned(), "\u{2013}".to_owned());
        let (best, epoch) =
            course.best().map_or(none, |best| (number(best.mean), best.epoch.to_string()));
        let last = course.last();
        let shown = |value: Option<f64>| value.map_or_else(|| "\u{2013}".to_owned(), number);
        let _ = write!(
            table,
            "<tr><td>{} <small>{}</small></td><td>{unit}</td><td><b>{best}</b></td><td>{epoch}</td>\
             <td>{}</td><td>{}</td></tr>",
            escape(&label),
            escape(&course.metric),
            shown(last.map(|v| v.mean)),
            shown(last.map(|v| v.deviation)),
        );
    }
    Ok(format!("{table}</table></div><p></p>{}", charts(&curves::metrics(history))?))
}

/// The newest sheet of each sample.
fn samples(folder: &RunFolder) -> Result<String, Error> {
    let mut html = String::new();
    for (path, epoch, index) in folder.newest_samples()?.into_iter().take(SAMPLES) {
        let uri = picture::jpeg_uri(&path)?;
        let _ = write!(
            html,
            "<figure class=\"sample card\"><img src=\"{uri}\" alt=\"Sample {index}\">\
             <figcaption>Sample {index} after epoch {epoch}. Left to right: what the network saw, what \
             it made of it, the truth, the difference.</figcaption></figure>",
        );
    }
    Ok(html)
}

fn data(folder: &RunFolder) -> Result<String, Error> {
    let text = read(folder, "data_report.txt")?;
    let png = file::read(&folder.path().join("data_report.png"))?;
    if text.is_empty() && png.is_empty() {
        return Ok(String::new());
    }
    let image = if png.is_empty() {
        String::new()
    } else {
        format!("<img src=\"{}\" alt=\"Data report\">", picture::uri("image/png", &png))
    };
    Ok(format!("<div class=\"data card\">{image}<pre>{}</pre></div>", escape(&text)))
}

fn configuration(folder: &RunFolder) -> Result<String, Error> {
    let mut html = String::new();
    let text = read(folder, "config.toml")?;
    if !text.is_empty() {
        let _ = write!(
            html,
            "<details class=\"card\" open><summary>Experiment</summary><pre>{}</pre></details>",
            escape(text.trim_end())
        );
    }
    let environment = json(folder, "environment.json")?;
    if let Some(fields) = environment.as_object() {
        html.push_str(
            "<details class=\"card\" open><summary>Environment</summary><dl class=\"pairs\">",
        );
        for (name, value) in fields {
            pairs(&mut html, name, value);
        }
        html.push_str("</dl></details>");
    }
    Ok(html)
}

/// A field, or the fields of a table, named by their path.
fn pairs(html: &mut String, name: &str, value: &Value) {
    let text = match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(field, value)| pairs(html, &format!("{name} {field}"), value));
            return;
        }
        Value::Null => return,
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let texts =
                items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned));
            texts.collect::<Vec<_>>().join(" ")
        }
        other => other.to_string(),
    };
    let name = name.replace('_', " ");
    let _ = write!(html, "<dt>{}</dt><dd>{}</dd>", escape(&name), escape(&text));
}

fn events(history: &History) -> String {
    if history.events.is_empty() {
        return String::new();
    }
    let mut html = "<div class=\"card\"><dl class=\"pairs\">".to_owned();
    for (when, what) in &history.events {
        // The time without its offset from UTC, then epoch and step.
        let (time, place) = when.split_once(' ').unwrap_or((when, ""));
        let time = time.get(..19).unwrap_or(time).replace('T', " ");
        let when = format!("{time} \u{b7} {place}");
        let _ = write!(html, "<dt>{}</dt><dd>{}</dd>", escape(&when), escape(what));
    }
    html + "</dl></div>"
}

fn read(folder: &RunFolder, name: &str) -> Result<String, Error> {
    let bytes = file::read(&folder.path().join(name))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn json(folder: &RunFolder, name: &str) -> Result<Value, Error> {
    let bytes = file::read(&folder.path().join(name))?;
    Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}
