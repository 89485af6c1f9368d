//! Painters of charts: PNG of several, SVG of one.

use super::{Canvas, Chart, Ink};
use crate::Error;
use crate::record::raster::{Anchor, Colour, Raster, Weight};
use serde_json::json;
use std::fmt::Write;

/// Pixels of the picture per unit of the layout, so that lines are fine on large screens.
const DENSITY: f64 = 2.0;

/// Lines' colours on white, told apart by people who do not see red or green too (after Okabe and
/// Ito, darkened).
const LINES: [Colour; 8] = [
    [37, 99, 235],
    [217, 119, 6],
    [13, 148, 136],
    [190, 24, 93],
    [109, 40, 217],
    [101, 163, 13],
    [2, 132, 199],
    [120, 113, 108],
];

/// A picture with a corner from which charts are drawn.
struct Bitmap {
    raster: Raster,
    corner: [f64; 2],
}

impl Bitmap {
    fn at(&self, [x, y]: [f64; 2]) -> [f32; 2] {
        [((x + self.corner[0]) * DENSITY) as f32, ((y + self.corner[1]) * DENSITY) as f32]
    }
}

fn colour(ink: Ink) -> Colour {
    match ink {
        Ink::Text => [24, 24, 27],
        Ink::Faint => [113, 113, 122],
        Ink::Grid => [228, 228, 231],
        Ink::Line(place) => LINES[place % LINES.len()],
    }
}

impl Canvas for Bitmap {
    fn line(&mut self, points: &[[f64; 2]], thick: f64, ink: Ink, opacity: f64) {
        let points: Vec<_> = points.iter().map(|&point| self.at(point)).collect();
        self.raster.line(&points, (thick * DENSITY) as f32, colour(ink), opacity as f32);
    }

    fn dot(&mut self, at: [f64; 2], radius: f64, ink: Ink) {
        self.raster.dot(self.at(at), (radius * DENSITY) as f32, colour(ink));
    }

    fn text(
        &mut self,
        text: &str,
        at: [f64; 2],
        size: f64,
        style: (Weight, Anchor),
        ink: Ink,
    ) -> Result<(), Error> {
        self.raster.text(text, self.at(at), (size * DENSITY) as f32, style, colour(ink))
    }
}

/// Charts of one size in rows, as a PNG file.
pub(crate) fn page(charts: &[Chart], columns: usize) -> Result<Vec<u8>, Error> {
    const SIZE: [f64; 2] = [560.0, 300.0];
    let columns = columns.min(charts.len()).max(1);
    let rows = charts.len().div_ceil(columns).max(1);
    let pixels = |count: usize, side: f64| (count as f64 * side * DENSITY) as usize;
    let raster = Raster::new(pixels(columns, SIZE[0]), pixels(rows, SIZE[1]), [255; 3]);
    let mut bitmap = Bitmap { raster, corner: [0.0; 2] };
    for (index, chart) in charts.iter().enumerate() {
        bitmap.corner = [(index % columns) as f64 * SIZE[0], (index / columns) as f64 * SIZE[1]];
        chart.draw(&mut bitmap, SIZE)?;
    }
    bitmap.raster.png()
}

/// A drawing inside an HTML page; its style sheet has the colours.
struct Drawing(String);

fn class(ink: Ink) -> String {
    match ink {
        Ink::Text => "text".to_owned(),
        Ink::Faint => "faint".to_owned(),
        Ink::Grid => "grid".to_owned(),
        Ink::Line(place) => format!("line{}", place % LINES.len()),
    }
}

impl Canvas for Drawing {
    fn line(&mut self, points: &[[f64; 2]], thick: f64, ink: Ink, opacity: f64) {
        let path: String = points.iter().map(|[x, y]| format!("{x:.1},{y:.1} ")).collect();
        let _ = write!(
            self.0,
            r#"<polyline class="{}" points="{}" stroke-width="{thick}" opacity="{opacity}"/>"#,
            class(ink),
            path.trim_end(),
        );
    }

    fn dot(&mut self, [x, y]: [f64; 2], radius: f64, ink: Ink) {
        let class = class(ink);
        let _ = write!(self.0, r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="{radius}"/>"#);
    }

    fn text(
        &mut self,
        text: &str,
        [x, y]: [f64; 2],
        size: f64,
        (weight, anchor): (Weight, Anchor),
        ink: Ink,
    ) -> Result<(), Error> {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if weight == Weight::Bold { 600 } else { 400 };
        let _ = write!(
            self.0,
            r#"<text class="{}" x="{x:.1}" y="{y:.1}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}">{}</text>"#,
            class(ink),
            escape(text),
        );
        Ok(())
    }
}

/// A chart as an element of an HTML page, with its numbers for the pointer to read.
pub(crate) fn svg(chart: &Chart, size: [f64; 2]) -> Result<String, Error> {
    let mut drawing = Drawing(String::new());
    chart.draw(&mut drawing, size)?;
    let [x, y] = chart.scales(size);
    let series = |series: &super::Series| {
        let points: Vec<_> = series.points.iter().map(|p| p.map(|v| v as f32)).collect();
        json!({ "name": series.name, "colour": series.colour % LINES.len(), "points": points })
    };
    let numbers = json!({
        "across": chart.across,
        "x": [x.values[0], x.values[1], x.places[0], x.places[1]],
        "y": [y.values[0], y.values[1], y.places[0], y.places[1]],
        "log": chart.log,
        "series": chart.series.iter().map(series).collect::<Vec<_>>(),
    });
    let [width, height] = size;
    Ok(format!(
        "<figure class=\"chart\" data-chart=\"{}\"><svg viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{}\">{}</svg></figure>",
        escape(&numbers.to_string()),
        escape(&chart.title),
        drawing.0,
    ))
}

/// Text as it stands in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
