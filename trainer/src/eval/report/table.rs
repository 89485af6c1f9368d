//! The table of an evaluation: Markdown that is also aligned as text.

use crate::eval::Measure;
use crate::eval::evaluate::{Cell, Results};
use crate::eval::measure::{ALIGNS, Middle};
use crate::eval::summary::Statistics;
use headroom::metrics::CLIP_METRICS;
use std::fmt::Write;

/// Everything, condition by condition: medians first, then means and deviations.
#[must_use]
pub fn table(results: &Results) -> String {
    let mut text = notes(results);
    for (condition, cells) in conditions(results) {
        let count = cells.first().map_or(0, |cell| cell.summary.scores().len());
        let _ = writeln!(text, "\n## {condition}: medians of {count} pictures\n");
        text.push_str(&lay_out(&rows(&cells, &|s, better| shown(s.middle(better)))));
        let _ = writeln!(text, "\n## {condition}: mean ± standard deviation\n");
        let both = |s: &Statistics, _| format!("{} ± {}", shown(s.mean), shown(s.deviation));
        text.push_str(&lay_out(&rows(&cells, &both)));
    }
    text
}

/// What the figures are, in sentences.
#[must_use]
pub fn notes(results: &Results) -> String {
    let mut text = String::new();
    let measures = results.cells.first().map(|cell| cell.summary.measures()).unwrap_or_default();
    for info in ALIGNS {
        let all = measures.iter().all(|m| m.align == info.align);
        let ids: Vec<_> =
            measures.iter().filter(|m| m.align == info.align).map(Measure::id).collect();
        if all {
            let _ = writeln!(text, "All figures are {}.", info.hint);
        } else if !ids.is_empty() {
            let _ = writeln!(text, "{}: {}.", ids.join(", "), info.hint);
        }
    }
    text.push_str(
        "In clip: pixels with a channel at code 250 or above. 1.0 is shown at 100 nits. Measures that \
         are best at 0 (bias; energy and peak) have the median with its sign (bias) or of their size \
         (energy, peak).\n",
    );
    text
}

/// Cells of each condition, in order.
#[must_use]
pub fn conditions(results: &Results) -> Vec<(&str, Vec<&Cell>)> {
    let mut groups: Vec<(&str, Vec<&Cell>)> = Vec::new();
    for cell in &results.cells {
        match groups.last_mut() {
            Some((condition, cells)) if *condition == cell.condition => cells.push(cell),
            _ => groups.push((&cell.condition, vec![cell])),
        }
    }
    groups
}

/// A head and a row for each method; every figure through `show`.
#[must_use]
pub fn rows(cells: &[&Cell], show: &dyn Fn(&Statistics, Middle) -> String) -> Vec<Vec<String>> {
    let Some(first) = cells.first() else { return Vec::new() };
    let measures = first.summary.measures();
    let with_clips = cells.iter().any(|cell| !cell.clips.is_empty());
    let headed = |label: String, unit: &str| match unit {
        "" => label,
        unit => format!("{label} ({unit})"),
    };
    let mut head = vec!["Method".to_owned()];
    for measure in measures {
        let suffix = match measure.align.info().suffix {
            "" => String::new(),
            suffix => format!(" {}", suffix.trim_start_matches('_')),
        };
        head.push(headed(format!("{}{suffix}", measure.label()), measure.what.unit()));
    }
    if with_clips {
        head.extend(CLIP_METRICS.iter().map(|m| headed(m.label.to_owned(), m.unit)));
    }
    let mut rows = vec![head];
    for cell in cells {
        let mut row = vec![cell.method.clone()];
        for (index, measure) in measures.iter().enumerate() {
            row.push(show(&cell.summary.at(index), measure.middle()));
        }
        if with_clips {
            for (index, metric) in CLIP_METRICS.iter().enumerate() {
                let values = cell.clips.iter().filter_map(|(_, values)| values.get(index).copied());
                row.push(show(&Statistics::of(values), Middle::of(metric.id, metric.better)));
            }
        }
        rows.push(row);
    }
    rows
}

/// A number for people; a dash where there is none.
#[must_use]
pub fn shown(value: f64) -> String {
    if value.is_nan() {
        "-".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf".to_owned() } else { "-inf".to_owned() }
    } else if value.abs() >= 10.0 {
        format!("{value:.2}")
    } else if value.abs() >= 0.001 || value == 0.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.1e}")
    }
}

/// A Markdown table whose columns are as wide as their widest cell.
#[must_use]
pub fn lay_out(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|c| rows.iter().map(|row| row[c].chars().count()).max().unwrap_or(0).max(3))
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        for (c, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let gap = " ".repeat(width - cell.chars().count());
            let _ = if c == 0 {
                write!(text, "| {cell}{gap} ")
            } else {
                write!(text, "| {gap}{cell} ")
            };
        }
        text.push_str("|\n");
        if index == 0 {
            for (c, width) in widths.iter().enumerate() {
                let end = if c == 0 { "-" } else { ":" };
                let _ = write!(text, "|{}{end}", "-".repeat(width + 1));
            }
            text.push_str("|\n");
        }
    }
    text
}
