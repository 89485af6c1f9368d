//! Pictures with lines and text, for curves and sample sheets.

use crate::Error;
use ab_glyph::{Font, FontRef, Glyph, PxScale, ScaleFont, point};

/// Weights of the font; Inter, under the SIL Open Font License (`resources/fonts/OFL.txt`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Where a text's given point lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// An opaque 8-bit sRGB colour.
pub(crate) type Colour = [u8; 3];

/// Behind pictures on a sheet.
pub(crate) const GROUND: Colour = [24, 24, 27];
/// Their names.
pub(crate) const INK: Colour = [228, 228, 231];
/// What stands under the names.
pub(crate) const FAINT: Colour = [161, 161, 170];

/// A picture, drawn on with smooth edges. Positions are pixels from the top left corner.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Raster {
    pub(crate) fn new(width: usize, height: usize, ground: Colour) -> Self {
        Self { width, height, pixels: ground.repeat(width * height) }
    }

    /// Height and width.
    pub(crate) fn size(&self) -> [usize; 2] {
        [self.height, self.width]
    }

    /// sRGB codes, channels last, rows from the top down.
    #[cfg(test)]
    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub(crate) fn set(&mut self, x: usize, y: usize, colour: Colour) {
        if x < self.width && y < self.height {
            self.pixels[(y * self.width + x) * 3..][..3].copy_from_slice(&colour);
        }
    }

    /// Lays a colour over a pixel; `cover` 1 hides what was there.
    fn blend(&mut self, x: usize, y: usize, colour: Colour, cover: f32) {
        let at = (y * self.width + x) * 3;
        for (old, new) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            let mixed =
                f32::from(*old) + (f32::from(new) - f32::from(*old)) * cover.clamp(0.0, 1.0);
            *old = (mixed + 0.5) as u8;
        }
    }

    pub(crate) fn rectangle(&mut self, [left, top, right, bottom]: [f32; 4], colour: Colour) {
        for y in rows(top, bottom, self.height) {
            for x in rows(left, right, self.width) {
                self.set(x, y, colour);
            }
        }
    }

    /// A line through points; where it crosses itself it is no denser.
    pub(crate) fn line(&mut self, points: &[[f32; 2]], thick: f32, colour: Colour, opacity: f32) {
        let reach = thick / 2.0 + 1.0;
        let side = |axis: usize, size: usize| {
            let ends = points.iter().map(|point| point[axis]);
            let low = ends.clone().fold(f32::INFINITY, f32::min);
            let high = ends.fold(f32::NEG_INFINITY, f32::max);
            rows(low - reach, high + reach, size)
        };
        // How much of each pixel is covered, where the line can be.
        let (across, down) = (side(0, self.width), side(1, self.height));
        let mut cover = vec![0.0_f32; across.len() * down.len()];
        let single = [points[0], points[0]];
        let pairs = if points.len() == 1 { single.windows(2) } else { points.windows(2) };
        for pair in pairs {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            let length = (bx - ax) * (bx - ax) + (by - ay) * (by - ay);
            for y in rows(ay.min(by) - reach, ay.max(by) + reach, self.height) {
                for x in rows(ax.min(bx) - reach, ax.max(bx) + reach, self.width) {
                    let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
                    let along = if length == 0.0 {
                        0.0
                    } else {
                        (((px - ax) * (bx - ax) + (py - ay) * (by - ay)) / length).clamp(0.0, 1.0)
                    };
                    let (dx, dy) = (px - ax - along * (bx - ax), py - ay - along * (by - ay));
                    let near = (thick / 2.0 + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                    let cell = &mut cover[(y - down.start) * across.len() + x - across.start];
                    *cell = cell.max(near);
                }
            }
        }
        for (index, near) in cover.into_iter().enumerate().filter(|(_, near)| *near > 0.0) {
            let (x, y) = (across.start + index % across.len(), down.start + index / across.len());
            self.blend(x, y, colour, near * opacity);
        }
    }

    /// A filled circle.
    pub(crate) fn dot(&mut self, [x, y]: [f32; 2], radius: f32, colour: Colour) {
        self.line(&[[x, y]], radius * 2.0, colour, 1.0);
    }

    /// A text whose baseline passes through the given point, `size` pixels high.
    pub(crate) fn text(
        &mut self,
        text: &str,
        [x, y]: [f32; 2],
        size: f32,
        (weight, anchor): (Weight, Anchor),
        colour: Colour,
    ) -> Result<(), Error> {
        let (glyphs, width) = lay_out(text, size, weight)?;
        let start = match anchor {
            Anchor::Start => x,
            Anchor::Middle => x - width / 2.0,
            Anchor::End => x - width,
        };
        let font = font(weight)?;
        for mut glyph in glyphs {
            glyph.position.x += start;
            glyph.position.y = y;
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|gx, gy, cover| {
                let (px, py) = (corner.x as i64 + i64::from(gx), corner.y as i64 + i64::from(gy));
                if let (Ok(px), Ok(py)) = (usize::try_from(px), usize::try_from(py))
                    && px < self.width
                    && py < self.height
                {
                    self.blend(px, py, colour, cover);
                }
            });
        }
        Ok(())
    }

    /// The picture as a PNG file.
    pub(crate) fn png(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let side = |length: usize| u32::try_from(length).map_err(|_| too_large());
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Fast);
        encoder.set_source_srgb(png::SrgbRenderingIntent::RelativeColorimetric);
        let failed = |error: png::EncodingError| Error::failed(format!("PNG: {error}"));
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }
}

fn too_large() -> Error {
    Error::failed("PNG: the picture is too large")
}

/// Whole pixels between two edges, inside a picture.
fn rows(low: f32, high: f32, size: usize) -> std::ops::Range<usize> {
    // Casts of floats saturate.
    let end = (high.ceil() as usize).min(size);
    (low.floor() as usize).min(end)..end
}

fn font(weight: Weight) -> Result<FontRef<'static>, Error> {
    let bytes: &'static [u8] = match weight {
        Weight::Regular => include_bytes!("../../resources/fonts/Inter-Regular.otf"),
        Weight::Bold => include_bytes!("../../resources/fonts/Inter-SemiBold.otf"),
    };
    FontRef::try_from_slice(bytes).map_err(|error| Error::failed(format!("font: {error}")))
}

/// Glyphs from x = 0, and the width of all.
fn lay_out(text: &str, size: f32, weight: Weight) -> Result<(Vec<Glyph>, f32), Error> {
    let font = font(weight)?;
    // Typographers count the em, this crate the line's height.
    let em = font.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(size * font.height_unscaled() / em);
    let scaled = font.as_scaled(scale);
    let mut x = 0.0;
    let mut before = None;
    let mut glyphs = Vec::new();
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        if let Some(before) = before {
            x += scaled.kern(before, id);
        }
        glyphs.push(id.with_scale_and_position(scale, point(x, 0.0)));
        x += scaled.h_advance(id);
        before = Some(id);
    }
    Ok((glyphs, x))
}

/// How wide a text is, in pixels.
pub(crate) fn width(text: &str, size: f32, weight: Weight) -> Result<f32, Error> {
    Ok(lay_out(text, size, weight)?.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_drawn_between_its_anchor_and_its_width() {
        let mut raster = Raster::new(100, 20, [0; 3]);
        let wide = width("Loss", 16.0, Weight::Regular).unwrap();
        let style = (Weight::Regular, Anchor::End);
        raster.text("Loss", [90.0, 16.0], 16.0, style, [255; 3]).unwrap();
        let lit: Vec<_> =
            (0..100).filter(|x| (0..20).any(|y| raster.pixels()[(y * 100 + x) * 3] > 64)).collect();
        assert!((25.0..45.0).contains(&wide), "{wide}");
        assert!(*lit.first().unwrap() as f32 >= 89.0 - wide && *lit.last().unwrap() <= 90);
    }

    #[test]
    fn what_lies_outside_is_not_drawn_and_does_no_harm() {
        let mut raster = Raster::new(8, 8, [9; 3]);
        raster.line(&[[-50.0, -5.0], [60.0, -9.0]], 2.0, [255; 3], 1.0);
        raster.dot([1e9, f32::NAN], 3.0, [255; 3]);
        raster.rectangle([-9.0, 20.0, 99.0, 40.0], [255; 3]);
        assert!(raster.pixels().iter().all(|&code| code == 9));
    }
}
