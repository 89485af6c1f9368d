//! Numbers as table, CSV and JSON.

use super::measure::Measured;
use crate::table;
use headroom::metrics::METRICS;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Mean over frames of one metric; frames where it says nothing do not count.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0u32);
    for value in values.filter(|v| !v.is_nan()) {
        sum += value;
        count += 1;
    }
    if count == 0 { f64::NAN } else { sum / f64::from(count) }
}

fn means(measured: &[Measured]) -> (Vec<f64>, Option<Vec<f64>>) {
    let whole = (0..METRICS.len()).map(|i| mean(measured.iter().map(|m| m.whole[i]))).collect();
    let clipped = measured.iter().all(|m| m.clipped.is_some()).then(|| {
        let of = |i: usize| measured.iter().filter_map(move |m| Some(m.clipped.as_ref()?[i]));
        (0..METRICS.len()).map(|i| mean(of(i))).collect()
    });
    (whole, clipped)
}

/// A number for people; a dash where there is none.
fn shown(value: f64) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else if value.abs() >= 0.001 || value == 0.0 {
        format!("{value:.4}")
    } else {
        format!("{value:.2e}")
    }
}

pub(super) fn table(measured: &[Measured]) -> String {
    let (whole, clipped) = means(measured);
    let mut head = vec!["Metric".to_owned(), "Unit".to_owned(), "Whole".to_owned()];
    if clipped.is_some() {
        head.push("Clipped".to_owned());
    }
    let mut rows = vec![head];
    for (i, metric) in METRICS.iter().enumerate() {
        let mut row = vec![metric.label.to_owned(), metric.unit.to_owned(), shown(whole[i])];
        row.extend(clipped.as_ref().map(|c| shown(c[i])));
        rows.push(row);
    }
    let mut text = table::lay_out(&rows, &[2, 3]);
    if measured.len() > 1 {
        let _ = writeln!(text, "\nmeans of {} frames", measured.len());
    }
    let scale = mean(measured.iter().map(|m| m.scale));
    if scale != 1.0 {
        let _ = writeln!(text, "aligned by a factor of {scale:.5}");
    }
    if measured.iter().all(|m| m.clip_share.is_some()) {
        let share = mean(measured.iter().filter_map(|m| m.clip_share));
        let _ = writeln!(text, "{:.3} % of the pixels are clipped", share * 100.0);
    }
    text
}

pub(super) fn csv(measured: &[Measured]) -> String {
    let mut text = "frame,a,b,scale,clip_share".to_owned();
    let with_clipped = measured.iter().any(|m| m.clipped.is_some());
    for metric in METRICS {
        let _ = write!(text, ",{}", metric.id);
    }
    for metric in METRICS.iter().filter(|_| with_clipped) {
        let _ = write!(text, ",{}_clipped", metric.id);
    }
    text.push('\n');
    let cell = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
    for m in measured {
        let names = [&m.a, &m.b].map(|path| quoted(&path.to_string_lossy()));
        let share = m.clip_share.map(cell).unwrap_or_default();
        let _ = write!(text, "{},{},{},{share}", m.frame, names.join(","), m.scale);
        for value in m.whole.iter().chain(m.clipped.iter().flatten()) {
            let _ = write!(text, ",{}", cell(*value));
        }
        text.push('\n');
    }
    text
}

/// RFC 4180: quotes where a comma, a quote or a line break would split the cell.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Null where there is no number; "inf" where pictures are equal, which JSON cannot say.
fn number(value: f64) -> Value {
    if value.is_infinite() { "inf".into() } else { json!(value) }
}

fn object(values: &[f64]) -> Value {
    let entries = METRICS.iter().zip(values).map(|(m, v)| (m.id.to_owned(), number(*v)));
    Value::Object(entries.collect::<Map<_, _>>())
}

pub(super) fn json(measured: &[Measured]) -> Value {
    let frames: Vec<Value> = measured
        .iter()
        .map(|m| {
            json!({
                "frame": m.frame,
                "a": m.a.to_string_lossy(),
                "b": m.b.to_string_lossy(),
                "scale": m.scale,
                "clip_share": m.clip_share,
                "whole": object(&m.whole),
                "clipped": m.clipped.as_deref().map(object),
            })
        })
        .collect();
    let (whole, clipped) = means(measured);
    json!({
        "frames": frames,
        "mean": {"whole": object(&whole), "clipped": clipped.as_deref().map(object)},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_would_split_are_quoted() {
        assert_eq!(quoted("a.exr"), "a.exr");
        assert_eq!(quoted("a,\"b\".exr"), "\"a,\"\"b\"\".exr\"");
    }

    #[test]
    fn means_leave_out_what_says_nothing() {
        assert_eq!(mean([1.0, f64::NAN, 3.0].into_iter()), 2.0);
        assert!(mean(std::iter::once(f64::NAN)).is_nan());
    }
}
