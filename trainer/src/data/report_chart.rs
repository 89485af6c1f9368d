//! A data set's report as a picture: bars of splits, sizes, dynamic range, and clipping or curves.

use super::report::DataReport;
use crate::Error;
use crate::record::raster::{Anchor, Colour, Raster, Weight};

const WIDTH: f32 = 1200.0;
const PANEL: [f32; 2] = [540.0, 250.0];
const GROUND: Colour = [255, 255, 255];
const TEXT: Colour = [32, 36, 44];
const FAINT: Colour = [120, 126, 136];
const TRACK: Colour = [238, 240, 243];
const BAR: Colour = [66, 108, 176];
/// Rows of a list of bars, at most.
const ROWS: usize = 7;

/// A panel: a title and bars with labels.
struct Panel {
    title: String,
    bars: Vec<(String, f64, String)>,
    /// Whether bars stand side by side, as those of a histogram do.
    upright: bool,
}

/// The report as a PNG file.
///
/// # Errors
/// When it cannot be drawn.
pub(super) fn draw(report: &DataReport) -> Result<Vec<u8>, Error> {
    let panels = panels(report);
    let rows = panels.len().div_ceil(2);
    let height = 90.0 + rows as f32 * (PANEL[1] + 40.0);
    let mut picture = Raster::new(WIDTH as usize, height as usize, GROUND);
    let title = format!("Data: {}", report.kind);
    picture.text(&title, [40.0, 48.0], 26.0, (Weight::Bold, Anchor::Start), TEXT)?;
    for (number, panel) in panels.iter().enumerate() {
        let left = 40.0 + (number % 2) as f32 * (PANEL[0] + 40.0);
        let top = 80.0 + (number / 2) as f32 * (PANEL[1] + 40.0);
        let at = [left, top + 18.0];
        picture.text(&panel.title, at, 16.0, (Weight::Bold, Anchor::Start), TEXT)?;
        let area = [left, top + 34.0, left + PANEL[0], top + PANEL[1]];
        if panel.upright {
            columns(&mut picture, area, &panel.bars)?;
        } else {
            lines(&mut picture, area, &panel.bars)?;
        }
    }
    picture.png()
}

fn panels(report: &DataReport) -> Vec<Panel> {
    let [train, val, test] = report.pictures;
    let counts = [
        ("train", train),
        ("validation", val),
        ("test", test),
        ("left out", report.skipped.len()),
        ("unreadable", report.unreadable.len()),
    ];
    let bar = |name: &str, count: usize| (name.to_owned(), count as f64, count.to_string());
    let mut sizes = report.sizes.clone();
    sizes.sort_by_key(|&(w, h, count)| (std::cmp::Reverse(count), w, h));
    let rest: usize = sizes.iter().skip(ROWS - 1).map(|size| size.2).sum();
    let mut size_bars: Vec<_> = sizes
        .iter()
        .take(ROWS - 1)
        .map(|(w, h, count)| bar(&format!("{w} x {h}"), *count))
        .collect();
    if rest > 0 {
        size_bars.push(bar("other", rest));
    }
    let last = if report.clipped.is_empty() {
        let weights = report.curves.iter();
        let bars = weights
            .map(|(id, share)| (id.clone(), *share, format!("{:.0} %", share * 100.0)))
            .collect();
        Panel { title: "Camera curves".to_owned(), bars, upright: false }
    } else {
        let edges = [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 1.0];
        let percent = |share: f64| format!("{}", share * 100.0);
        let bars = edges
            .windows(2)
            .map(|edge| {
                let within =
                    |share: &&f64| **share >= edge[0] && (**share < edge[1] || edge[1] == 1.0);
                let count = report.clipped.iter().filter(within).count();
                bar(&format!("{} to {}", percent(edge[0]), percent(edge[1])), count)
            })
            .collect();
        Panel { title: "Clipped pixels, % (pictures)".to_owned(), bars, upright: true }
    };
    vec![
        Panel {
            title: "Pictures".to_owned(),
            bars: counts.iter().map(|(name, count)| bar(name, *count)).collect(),
            upright: false,
        },
        Panel {
            title: "Dynamic range, stops above the 1st percentile (pictures)".to_owned(),
            bars: histogram(&report.stops),
            upright: true,
        },
        Panel { title: "Sizes, pixels (pictures)".to_owned(), bars: size_bars, upright: false },
        last,
    ]
}

/// Counts in bins of two stops.
fn histogram(stops: &[f64]) -> Vec<(String, f64, String)> {
    let bin = |stops: f64| (stops / 2.0).clamp(0.0, 15.0) as usize;
    let last = stops.iter().map(|&stops| bin(stops)).max().unwrap_or(0);
    let mut counts = vec![0_usize; last + 1];
    stops.iter().for_each(|&stops| counts[bin(stops)] += 1);
    let bars = counts.iter().enumerate();
    bars.map(|(i, &count)| (format!("{}", i * 2), count as f64, count.to_string())).collect()
}

fn largest(bars: &[(String, f64, String)]) -> f64 {
    bars.iter().map(|bar| bar.1).fold(f64::MIN_POSITIVE, f64::max)
}

fn lines(
    picture: &mut Raster,
    [left, top, right, bottom]: [f32; 4],
    bars: &[(String, f64, String)],
) -> Result<(), Error> {
    let step = ((bottom - top) / bars.len().max(1) as f32).min(36.0);
    let (start, end) = (left + 110.0, right - 50.0);
    for (row, (name, value, label)) in bars.iter().enumerate() {
        let y = top + row as f32 * step;
        let middle = y + step * 0.5 + 4.0;
        picture.text(name, [start - 10.0, middle], 13.0, (Weight::Regular, Anchor::End), TEXT)?;
        let (high, low) = (y + step * 0.2, y + step * 0.8);
        picture.rectangle([start, high, end, low], TRACK);
        let length = (value / largest(bars)) as f32 * (end - start);
        picture.rectangle([start, high, start + length, low], BAR);
        let at = [end + 8.0, middle];
        picture.text(label, at, 13.0, (Weight::Regular, Anchor::Start), FAINT)?;
    }
    Ok(())
}

fn columns(
    picture: &mut Raster,
    [left, top, right, bottom]: [f32; 4],
    bars: &[(String, f64, String)],
) -> Result<(), Error> {
    let step = ((right - left) / bars.len().max(1) as f32).min(90.0);
    let (floor, ceiling) = (bottom - 24.0, top + 18.0);
    picture.rectangle([left, floor, right, floor + 1.0], FAINT);
    for (column, (name, value, label)) in bars.iter().enumerate() {
        let x = left + column as f32 * step;
        let centre = (Weight::Regular, Anchor::Middle);
        let high = floor - (value / largest(bars)) as f32 * (floor - ceiling);
        picture.rectangle([x + step * 0.1, high, x + step * 0.9, floor], BAR);
        picture.text(name, [x + step * 0.5, floor + 18.0], 12.0, centre, TEXT)?;
        if *value > 0.0 {
            picture.text(label, [x + step * 0.5, high - 5.0], 12.0, centre, FAINT)?;
        }
    }
    Ok(())
}
