//! One line for each picture and clip (RFC 4180).

use crate::eval::evaluate::Results;
use headroom::metrics::CLIP_METRICS;
use std::fmt::Write;

/// Every number.
#[must_use]
pub fn csv(results: &Results) -> String {
    let measures = results.cells.first().map(|cell| cell.summary.measures()).unwrap_or_default();
    let mut text = "condition,method,picture,exposure,clip_share".to_owned();
    for measure in measures {
        let _ = write!(text, ",{}", measure.id());
    }
    for metric in CLIP_METRICS {
        let _ = write!(text, ",{}", metric.id);
    }
    text.push('\n');
    for cell in &results.cells {
        let names = |picture: &str| [&cell.condition, &cell.method, picture].map(quoted).join(",");
        for scores in cell.summary.scores() {
            let of = (cell.condition.clone(), scores.picture.clone());
            let [exposure, share] = results.pictures.get(&of).copied().unwrap_or([f64::NAN; 2]);
            let _ = write!(text, "{}", names(&scores.picture));
            let numbers = [exposure, share].into_iter().chain(scores.values.iter().copied());
            for value in numbers.chain(CLIP_METRICS.iter().map(|_| f64::NAN)) {
                let _ = write!(text, ",{}", number(value));
            }
            text.push('\n');
        }
        for (clip, values) in &cell.clips {
            let _ = write!(text, "{},,{}", names(clip), ",".repeat(measures.len()));
            for value in values {
                let _ = write!(text, ",{}", number(*value));
            }
            text.push('\n');
        }
    }
    text
}

/// Empty where there is none.
fn number(value: f64) -> String {
    if value.is_nan() { String::new() } else { value.to_string() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
