//! Pictures on the host's side, and where a render gets them from.

use headroom_ofx_sys::{self as sys, OfxRectD, OfxRectI};
use std::{
    ffi::CStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How alpha and colour relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Premult {
    /// Alpha is 1 everywhere.
    #[default]
    Opaque,
    /// Colour is multiplied by alpha.
    Premultiplied,
    /// Colour is not multiplied by alpha.
    Unpremultiplied,
}

impl Premult {
    /// The OpenFX name.
    #[must_use]
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Opaque => sys::kOfxImageOpaque,
            Self::Premultiplied => sys::kOfxImagePreMultiplied,
            Self::Unpremultiplied => sys::kOfxImageUnPreMultiplied,
        }
    }

    /// The state of an OpenFX name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Opaque, Self::Premultiplied, Self::Unpremultiplied]
            .into_iter()
            .find(|state| state.name().to_str() == Ok(name))
    }
}

/// A rectangle of pixels as OpenFX counts them: y upwards, half open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    /// Left edge.
    pub x1: i32,
    /// Bottom edge.
    pub y1: i32,
    /// One past the right edge.
    pub x2: i32,
    /// One past the top edge.
    pub y2: i32,
}

impl Window {
    /// The rectangle between two corners.
    #[must_use]
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Columns, 0 when inside out.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::try_from(i64::from(self.x2) - i64::from(self.x1)).unwrap_or(0)
    }

    /// Rows, 0 when inside out.
    #[must_use]
    pub fn height(&self) -> usize {
        usize::try_from(i64::from(self.y2) - i64::from(self.y1)).unwrap_or(0)
    }

    /// True when there is no pixel in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// What both have; possibly empty.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        let x1 = self.x1.max(other.x1);
        let y1 = self.y1.max(other.y1);
        Self { x1, y1, x2: self.x2.min(other.x2).max(x1), y2: self.y2.min(other.y2).max(y1) }
    }

    /// True when the pixel is in it.
    #[must_use]
    pub fn has(&self, x: i32, y: i32) -> bool {
        (self.x1..self.x2).contains(&x) && (self.y1..self.y2).contains(&y)
    }

    /// Moved.
    #[must_use]
    pub const fn shifted(&self, dx: i32, dy: i32) -> Self {
        Self { x1: self.x1 + dx, y1: self.y1 + dy, x2: self.x2 + dx, y2: self.y2 + dy }
    }

    pub(crate) fn ofx(self) -> OfxRectI {
        OfxRectI { x1: self.x1, y1: self.y1, x2: self.x2, y2: self.y2 }
    }
}

/// How pixels lie in canonical coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Grid {
    pub(crate) scale: [f64; 2],
    pub(crate) pixel_aspect: f64,
}

impl Grid {
    /// The canonical rectangle of pixels.
    pub(crate) fn canonical(&self, window: &Window) -> OfxRectD {
        let x = |value: i32| f64::from(value) * self.pixel_aspect / self.scale[0];
        let y = |value: i32| f64::from(value) / self.scale[1];
        OfxRectD { x1: x(window.x1), y1: y(window.y1), x2: x(window.x2), y2: y(window.y2) }
    }

    /// The smallest window that covers a canonical rectangle.
    pub(crate) fn pixels(&self, rect: &OfxRectD) -> Window {
        // A hundredth of a pixel forgives what the two divisions lose.
        let slack = 0.01;
        let x = |value: f64| value * self.scale[0] / self.pixel_aspect;
        let y = |value: f64| value * self.scale[1];
        #[allow(clippy::cast_possible_truncation)] // `as` saturates, which is what is wanted
        let (down, up) = (
            |value: f64| (value + slack).floor() as i32,
            |value: f64| (value - slack).ceil() as i32,
        );
        Window::new(down(x(rect.x1)), down(y(rect.y1)), up(x(rect.x2)), up(y(rect.y2)))
    }
}

/// A picture: RGBA, float, top row first.
#[derive(Clone, Debug)]
pub struct HostImage {
    /// Four floats per pixel, rows from top to bottom.
    pub pixels: Arc<[f32]>,
    /// Where the pixels lie, at the scale of the render.
    pub bounds: Window,
    /// The clip's region of definition in pixels; often the bounds.
    pub definition: Window,
    /// Pixel aspect ratio.
    pub pixel_aspect: f64,
    /// How alpha and colour relate.
    pub premult: Premult,
    /// The OpenFX 1.5 name of its colour space, if known.
    pub colourspace: Option<String>,
    /// Names these very pixels; copies of an image share it.
    pub id: String,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl HostImage {
    /// A picture at the origin with square pixels and alpha 1 everywhere.
    ///
    /// # Panics
    ///
    /// When there are not `4 * width * height` values.
    #[must_use]
    pub fn new(width: usize, height: usize, pixels: impl Into<Arc<[f32]>>) -> Self {
        let pixels = pixels.into();
        assert_eq!(pixels.len(), 4 * width * height, "RGBA pixels of {width}x{height}");
        let edge = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        let bounds = Window::new(0, 0, edge(width), edge(height));
        Self {
            pixels,
            bounds,
            definition: bounds,
            pixel_aspect: 1.0,
            premult: Premult::Opaque,
            colourspace: None,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed).to_string(),
        }
    }

    /// The same pixels elsewhere.
    #[must_use]
    pub fn shifted(mut self, dx: i32, dy: i32) -> Self {
        self.bounds = self.bounds.shifted(dx, dy);
        self.definition = self.definition.shifted(dx, dy);
        self.id = format!("{}+{dx}+{dy}", self.id);
        self
    }

    /// The same picture with another relation of alpha and colour; the values are left alone.
    #[must_use]
    pub fn with_premult(mut self, premult: Premult) -> Self {
        self.premult = premult;
        self
    }

    /// The pixel at OpenFX coordinates; transparent black outside.
    #[must_use]
    pub fn at(&self, x: i32, y: i32) -> [f32; 4] {
        if !self.bounds.has(x, y) {
            return [0.0; 4];
        }
        let column = (i64::from(x) - i64::from(self.bounds.x1)) as usize;
        let row = (i64::from(self.bounds.y2) - 1 - i64::from(y)) as usize;
        let start = 4 * (row * self.bounds.width() + column);
        self.pixels[start..start + 4].try_into().unwrap_or([0.0; 4])
    }

    /// Adds the pixels from `x1` up to `x2` of the row at height `y`; transparent black outside.
    pub(crate) fn read_row(&self, y: i32, x1: i32, x2: i32, pixels: &mut Vec<f32>) {
        let b = self.bounds;
        if !(b.x1 <= x1 && x1 <= x2 && x2 <= b.x2 && b.y1 <= y && y < b.y2) {
            pixels.extend((x1..x2).flat_map(|x| self.at(x, y)));
            return;
        }
        let row = (i64::from(b.y2) - 1 - i64::from(y)) as usize * b.width();
        let column = |x: i32| (i64::from(x) - i64::from(b.x1)) as usize;
        pixels.extend_from_slice(&self.pixels[4 * (row + column(x1))..4 * (row + column(x2))]);
    }

    /// What the host knows of the clip without its pixels.
    #[must_use]
    pub fn format(&self) -> ClipFormat {
        ClipFormat {
            definition: self.definition,
            pixel_aspect: self.pixel_aspect,
            premult: self.premult,
            colourspace: self.colourspace.clone(),
        }
    }
}

/// What a host knows of a connected clip without fetching a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct ClipFormat {
    /// Region of definition in pixels, at the scale of the render.
    pub definition: Window,
    /// Pixel aspect ratio.
    pub pixel_aspect: f64,
    /// How alpha and colour relate.
    pub premult: Premult,
    /// The OpenFX 1.5 name of its colour space, if known.
    pub colourspace: Option<String>,
}

/// Where a render gets its pictures from, asked as the plug-in asks: one at a time, possibly on
/// several threads.
///
/// A closure `Fn(&str, f64) -> Option<HostImage>` is a source: a clip without a picture counts
/// as not connected.
pub trait Sources: Sync {
    /// The picture of a clip at a time; none: it cannot be had.
    fn image(&self, clip: &str, time: f64) -> Option<HostImage>;

    /// What is known of a clip; none: nothing is connected.
    fn format(&self, clip: &str, time: f64) -> Option<ClipFormat> {
        self.image(clip, time).map(|image| image.format())
    }
}

impl<F: Fn(&str, f64) -> Option<HostImage> + Sync> Sources for F {
    fn image(&self, clip: &str, time: f64) -> Option<HostImage> {
        self(clip, time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_coordinates_follow_scale_and_pixel_aspect() {
        let grid = Grid { scale: [0.5, 0.5], pixel_aspect: 2.0 };
        let rect = grid.canonical(&Window::new(-3, 4, 10, 20));
        assert_eq!([rect.x1, rect.y1, rect.x2, rect.y2], [-12.0, 8.0, 40.0, 40.0]);
        assert_eq!(grid.pixels(&rect), Window::new(-3, 4, 10, 20));
    }

    #[test]
    fn covering_windows_round_outwards() {
        let grid = Grid { scale: [1.0, 1.0], pixel_aspect: 1.0 };
        let rect = OfxRectD { x1: 0.5, y1: -0.5, x2: 2.5, y2: 3.0 };
        assert_eq!(grid.pixels(&rect), Window::new(0, -1, 3, 3));
        let all = OfxRectD { x1: -1e300, y1: -1e300, x2: 1e300, y2: 1e300 };
        assert_eq!(grid.pixels(&all), Window::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX));
    }

    #[test]
    fn the_first_row_of_a_host_image_is_the_top_one() {
        let image = HostImage::new(1, 2, vec![1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]);
        assert_eq!(image.at(0, 1)[0], 1.0);
        assert_eq!(image.at(0, 0)[0], 2.0);
        assert_eq!(image.at(0, 2), [0.0; 4]);
    }
}
