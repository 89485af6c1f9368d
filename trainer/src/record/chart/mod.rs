//! Charts of lines over epochs: laid out once, drawn as PNG and as SVG.

mod paint;
mod scale;

pub(crate) use paint::{escape, page, svg};
use scale::Scale;

use super::raster::{Anchor, Weight};
use crate::Error;

/// What a thing is drawn in; the painter knows the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Text,
    Faint,
    Grid,
    /// Colour of a line, by its place.
    Line(usize),
}

/// A line of a chart.
#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) name: String,
    /// x and y; what is no number interrupts nothing and is left out.
    pub(crate) points: Vec<[f64; 2]>,
    /// Which of the colours.
    pub(crate) colour: usize,
    /// Thin and pale: the many values behind a mean.
    pub(crate) pale: bool,
}

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    /// What x counts.
    pub(crate) across: &'static str,
    /// Whether equal factors are equally far apart on the y axis.
    pub(crate) log: bool,
    pub(crate) series: Vec<Series>,
    /// A point to mark, with its text.
    pub(crate) mark: Option<([f64; 2], String)>,
}

/// Draws a chart's parts.
trait Canvas {
    fn line(&mut self, points: &[[f64; 2]], thick: f64, ink: Ink, opacity: f64);
    fn dot(&mut self, at: [f64; 2], radius: f64, ink: Ink);
    fn text(
        &mut self,
        text: &str,
        at: [f64; 2],
        size: f64,
        style: (Weight, Anchor),
        ink: Ink,
    ) -> Result<(), Error>;
    /// How wide a text is.
    fn width(&self, text: &str, size: f64) -> Result<f64, Error> {
        Ok(f64::from(super::raster::width(text, size as f32, Weight::Regular)?))
    }
}

/// Lines of more points than this are drawn through means of neighbours.
const MOST: usize = 400;

impl Series {
    pub(crate) fn new(name: &str, points: Vec<[f64; 2]>, colour: usize) -> Self {
        let points = thinned(&points);
        Self { name: name.to_owned(), points, colour, pale: false }
    }

    pub(crate) fn pale(mut self) -> Self {
        self.pale = true;
        self
    }
}

fn thinned(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let sound: Vec<_> =
        points.iter().copied().filter(|p| p.iter().all(|v| v.is_finite())).collect();
    let mean = |part: &[[f64; 2]]| {
        let sum = part.iter().fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
        sum.map(|value| value / part.len() as f64)
    };
    sound.chunks(sound.len().div_ceil(MOST).max(1)).map(mean).collect()
}

impl Chart {
    /// Lines over epochs, logarithmic where asked for and possible.
    pub(crate) fn over_epochs(title: String, log: bool, series: Vec<Series>) -> Self {
        let log = log && positive(&series);
        Self { title, across: "epoch", log, series, mark: None }
    }

    fn scales(&self, [width, height]: [f64; 2]) -> [Scale; 2] {
        let all = || self.series.iter().flat_map(|series| &series.points);
        let x = Scale::over(all().map(|p| p[0]), [58.0, width - 18.0], false, 0.0);
        let y = Scale::over(all().map(|p| p[1]), [height - 40.0, 46.0], self.log, 0.06);
        [x, y]
    }

    fn draw(&self, canvas: &mut impl Canvas, size: [f64; 2]) -> Result<(), Error> {
        let [x, y] = self.scales(size);
        let [left, right] = x.places;
        let [bottom, _] = y.places;
        let plain = |anchor| (Weight::Regular, anchor);
        canvas.text(&self.title, [14.0, 24.0], 15.0, (Weight::Bold, Anchor::Start), Ink::Text)?;
        for (value, text) in y.ticks(5, false) {
            let Some(at) = y.place(value) else { continue };
            canvas.line(&[[left, at], [right, at]], 1.0, Ink::Grid, 1.0);
            canvas.text(&text, [left - 8.0, at + 4.0], 12.0, plain(Anchor::End), Ink::Faint)?;
        }
        for (value, text) in x.ticks(8, true) {
            let Some(at) = x.place(value) else { continue };
            canvas.line(&[[at, bottom], [at, bottom + 5.0]], 1.0, Ink::Faint, 1.0);
            let under = [at, bottom + 18.0];
            canvas.text(&text, under, 12.0, plain(Anchor::Middle), Ink::Faint)?;
        }
        canvas.line(&[[left, bottom], [right, bottom]], 1.0, Ink::Faint, 1.0);
        let under = [right, bottom + 33.0];
        canvas.text(self.across, under, 12.0, plain(Anchor::End), Ink::Faint)?;
        for series in &self.series {
            let place = |p: &[f64; 2]| Some([x.place(p[0])?, y.place(p[1])?]);
            let points: Vec<_> = series.points.iter().filter_map(place).collect();
            let (thick, opacity) = if series.pale { (1.0, 0.35) } else { (2.0, 1.0) };
            if points.len() > 1 {
                canvas.line(&points, thick, Ink::Line(series.colour), opacity);
            }
            if points.len() <= 12 && !series.pale {
                points.iter().for_each(|&at| canvas.dot(at, 3.0, Ink::Line(series.colour)));
            }
        }
        self.draw_mark(canvas, &x, &y)?;
        self.draw_legend(canvas, right)
    }

    fn draw_mark(&self, canvas: &mut impl Canvas, x: &Scale, y: &Scale) -> Result<(), Error> {
        let Some((point, text)) = &self.mark else { return Ok(()) };
        let (Some(px), Some(py)) = (x.place(point[0]), y.place(point[1])) else { return Ok(()) };
        canvas.dot([px, py], 5.0, Ink::Line(1));
        // Beside the title, where no line can hide it.
        let style = (Weight::Regular, Anchor::End);
        canvas.text(text, [x.places[1], 24.0], 12.0, style, Ink::Faint)
    }

    fn draw_legend(&self, canvas: &mut impl Canvas, right: f64) -> Result<(), Error> {
        if self.series.len() < 2 {
            return Ok(());
        }
        let mut room = right - 40.0 - canvas.width(&self.title, 16.0)?;
        for series in &self.series {
            room -= canvas.width(&series.name, 12.0)? + 36.0;
        }
        if room < 0.0 {
            return self.draw_list(canvas, right);
        }
        let mut at = right;
        for series in self.series.iter().rev() {
            let style = (Weight::Regular, Anchor::End);
            canvas.text(&series.name, [at, 24.0], 12.0, style, Ink::Faint)?;
            at -= canvas.width(&series.name, 12.0)? + 6.0;
            let opacity = if series.pale { 0.35 } else { 1.0 };
            canvas.line(&[[at - 16.0, 20.0], [at, 20.0]], 2.5, Ink::Line(series.colour), opacity);
            at -= 30.0;
        }
        Ok(())
    }

    /// A legend of long names: one below the other, over the lines.
    fn draw_list(&self, canvas: &mut impl Canvas, right: f64) -> Result<(), Error> {
        for (index, series) in self.series.iter().enumerate() {
            let y = 24.0 + 16.0 * index as f64;
            let style = (Weight::Regular, Anchor::End);
            canvas.text(&series.name, [right - 24.0, y], 12.0, style, Ink::Text)?;
            let line = [[right - 16.0, y - 4.0], [right, y - 4.0]];
            canvas.line(&line, 2.5, Ink::Line(series.colour), 1.0);
        }
        Ok(())
    }
}

/// Whether a logarithmic axis can hold all values.
pub(crate) fn positive(series: &[Series]) -> bool {
    series.iter().flat_map(|series| &series.points).all(|point| point[1] > 0.0)
}
