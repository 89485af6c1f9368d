//! Graphics laid over a picture: titles, captions, logos, pages, frames. They end at the white of the
//! picture and have no light above it, so that a network learns to leave them flat.

use crate::data::random::Draw;
use crate::data::raster::Raster;

/// Lengths are shares of the picture's height, from its top left.
type Point = [f64; 2];

/// What is laid over a picture, the last on top.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Graphics {
    shapes: Vec<Shape>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Shape {
    form: Form,
    /// Codes.
    ink: [u8; 3],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    Panel { centre: Point, half: Point },
    Stroke { from: Point, to: Point, half: f64 },
    Ring { centre: Point, radius: f64, half: f64 },
}

impl Form {
    /// Signed distance to the edge, negative inside.
    fn distance(&self, [x, y]: Point) -> f64 {
        match *self {
            Self::Panel { centre, half } => {
                ((x - centre[0]).abs() - half[0]).max((y - centre[1]).abs() - half[1])
            }
            Self::Stroke { from, to, half } => {
                let [ax, ay] = [x - from[0], y - from[1]];
                let [bx, by] = [to[0] - from[0], to[1] - from[1]];
                let along = ((ax * bx + ay * by) / (bx * bx + by * by).max(1e-12)).clamp(0.0, 1.0);
                libm::hypot(ax - along * bx, ay - along * by) - half
            }
            Self::Ring { centre, radius, half } => {
                (libm::hypot(x - centre[0], y - centre[1]) - radius).abs() - half
            }
        }
    }

    /// Least and greatest corner.
    fn bounds(&self) -> [Point; 2] {
        match *self {
            Self::Panel { centre: [x, y], half: [w, h] } => [[x - w, y - h], [x + w, y + h]],
            Self::Stroke { from, to, half } => [
                [from[0].min(to[0]) - half, from[1].min(to[1]) - half],
                [from[0].max(to[0]) + half, from[1].max(to[1]) + half],
            ],
            Self::Ring { centre: [x, y], radius, half } => {
                let r = radius + half;
                [[x - r, y - r], [x + r, y + r]]
            }
        }
    }
}

impl Graphics {
    /// Draws some for a picture whose width is `aspect` times its height.
    pub(super) fn draw(aspect: f64, draw: &mut Draw) -> Self {
        let mut graphics = Self { shapes: Vec::new() };
        let at = |draw: &mut Draw| [draw.range(0.02, 0.9) * aspect, draw.range(0.02, 0.9)];
        match draw.below(5) {
            0 => {
                let (corner, height, ink) = (at(draw), draw.log_range(0.05, 0.3), ink(draw));
                graphics.text(corner, height, ink, draw);
            }
            1 => {
                // A caption on its panel.
                let (top, height) = (draw.range(0.6, 0.85), draw.range(0.04, 0.1));
                let (panel, text) = if draw.chance(0.5) {
                    (ink(draw), dark(draw))
                } else {
                    (dark(draw), ink(draw))
                };
                let left = draw.range(0.0, 0.3) * aspect;
                let half = [draw.range(0.2, 0.5) * aspect, height];
                graphics.add(
                    Form::Panel { centre: [left + half[0], top + half[1] * 0.8], half },
                    panel,
                );
                graphics.text([left + 0.3 * height, top + 0.3 * height], height, text, draw);
            }
            2 => {
                // A logo.
                let ([x, y], size, ink) = (at(draw), draw.log_range(0.04, 0.25), ink(draw));
                let half = size * draw.range(0.08, 0.25);
                graphics.add(Form::Ring { centre: [x, y], radius: size, half }, ink);
                graphics.letter([x - 0.4 * size, y - 0.6 * size], 1.2 * size, half, ink, draw);
            }
            3 => {
                // A page or a screen with lines of text.
                let half = [draw.range(0.1, 0.45) * aspect, draw.range(0.1, 0.45)];
                let centre = [draw.range(0.2, 0.8) * aspect, draw.range(0.2, 0.8)];
                let (page, text) = (ink(draw), dark(draw));
                graphics.add(Form::Panel { centre, half }, page);
                let height = draw.log_range(0.02, 0.08);
                let mut y = centre[1] - half[1] + height;
                for _ in 0..8 {
                    if y + height > centre[1] + half[1] {
                        break;
                    }
                    graphics.text([centre[0] - 0.9 * half[0], y], height, text, draw);
                    y += 1.6 * height;
                }
            }
            _ => {
                // Borders.
                let (ink, half) = (ink(draw), 0.5 * draw.log_range(0.01, 0.12));
                let corners = [[0.0, 0.0], [aspect, 0.0], [aspect, 1.0], [0.0, 1.0]];
                for side in 0..4 {
                    let (from, to) = (corners[side], corners[(side + 1) % 4]);
                    graphics.add(Form::Stroke { from, to, half }, ink);
                }
            }
        }
        graphics
    }

    fn add(&mut self, form: Form, ink: [u8; 3]) {
        self.shapes.push(Shape { form, ink });
    }

    /// A line of what has the look of letters.
    fn text(&mut self, [x, y]: Point, height: f64, ink: [u8; 3], draw: &mut Draw) {
        let (count, half) = (3 + draw.below(10), height * draw.range(0.05, 0.13));
        for i in 0..count {
            if draw.chance(0.85) {
                self.letter([x + 0.75 * height * i as f64, y], height, half, ink, draw);
            }
        }
    }

    /// Two to four strokes between points of a lattice of 2 x 3.
    fn letter(&mut self, [x, y]: Point, height: f64, half: f64, ink: [u8; 3], draw: &mut Draw) {
        let point = |draw: &mut Draw| {
            let lattice = [draw.below(2) as f64, draw.below(3) as f64];
            [x + 0.5 * height * lattice[0], y + 0.5 * height * lattice[1]]
        };
        let mut from = point(draw);
        for _ in 0..2 + draw.below(3) {
            let to = point(draw);
            self.add(Form::Stroke { from, to, half }, ink);
            from = to;
        }
    }

    /// Lays them over light; `light` is that of a code of three channels.
    pub(super) fn lay(&self, over: &mut Raster, light: impl Fn([u8; 3]) -> [f32; 3]) {
        let unit = over.height as f64;
        for Shape { form, ink } in &self.shapes {
            let ink = light(*ink).map(|value| value.max(0.0));
            let [[left, top], [right, bottom]] = form.bounds();
            let span = |low: f64, high: f64, all: usize| {
                let low = (low * unit - 1.0).max(0.0) as usize;
                low..((high * unit + 2.0).max(0.0) as usize).min(all)
            };
            let columns = span(left, right, over.width);
            for y in span(top, bottom, over.height) {
                for x in columns.clone() {
                    let centre = [(x as f64 + 0.5) / unit, (y as f64 + 0.5) / unit];
                    let covered = (0.5 - form.distance(centre) * unit).clamp(0.0, 1.0) as f32;
                    if covered > 0.0 {
                        let at = 3 * (y * over.width + x);
                        for (value, ink) in over.pixels[at..at + 3].iter_mut().zip(ink) {
                            *value += covered * (ink - *value);
                        }
                    }
                }
            }
        }
    }
}

/// White, nearly white, or a colour as full as can be.
fn ink(draw: &mut Draw) -> [u8; 3] {
    let code = |draw: &mut Draw, low: f64| draw.range(low, 256.0) as u8;
    match draw.below(10) {
        0..6 => [255; 3],
        6 => [code(draw, 236.0); 3],
        _ => {
            let mut ink = [(); 3].map(|()| if draw.chance(0.4) { 255 } else { code(draw, 0.0) });
            ink[draw.below(3)] = 255;
            ink
        }
    }
}

fn dark(draw: &mut Draw) -> [u8; 3] {
    [(); 3].map(|()| draw.range(0.0, 120.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_covers_what_it_covers_and_half_of_a_pixel_on_its_edge() {
        let panel = Form::Panel { centre: [0.5, 0.5], half: [0.25, 0.125] };
        let graphics = Graphics { shapes: vec![Shape { form: panel, ink: [255, 0, 255] }] };
        let mut raster = Raster::filled(10, 10, 3.0);
        graphics.lay(&mut raster, |ink| ink.map(|code| f32::from(code) / 255.0));
        // 2.5 to 7.5 across, 3.75 to 6.25 down.
        let at = |x: usize, y: usize| raster.pixels[3 * (10 * y + x)..][..3].to_vec();
        assert_eq!(at(5, 5), [1.0, 0.0, 1.0]);
        assert_eq!(at(2, 5), [2.0, 1.5, 2.0]);
        assert_eq!(at(5, 2), [3.0; 3]);
        assert_eq!(at(1, 5), [3.0; 3]);
    }

    #[test]
    fn nothing_is_brighter_than_the_white_it_is_painted_with() {
        let mut covered = 0;
        for key in 0..60 {
            let mut draw = Draw::new(&[key]);
            let graphics = Graphics::draw(1.5, &mut draw);
            let mut raster = Raster::filled(60, 40, 5.0);
            graphics.lay(&mut raster, |ink| ink.map(|code| f32::from(code) / 255.0));
            let pixels = raster.pixels.as_chunks::<3>().0;
            assert!(pixels.iter().all(|p| p.iter().all(|v| (0.0..=5.0).contains(v))));
            covered += pixels.iter().filter(|p| p.iter().all(|v| *v <= 1.0)).count();
        }
        assert!(covered > 60 * 40, "of 60 pictures not even one in all: {covered}");
    }
}
