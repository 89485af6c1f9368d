//! One picture in memory: its pixels, windows, alpha rule and origin.

use crate::metadata::Metadata;

/// A rectangle of pixels in raster coordinates: x to the right, y down, whole pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Window {
    /// Left edge; may be negative.
    pub x: i32,
    /// Top edge; may be negative.
    pub y: i32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

impl Window {
    /// The window of a picture that starts at the origin.
    pub fn at_origin(width: u32, height: u32) -> Self {
        Self { x: 0, y: 0, width, height }
    }

    /// How many pixels it holds.
    pub fn area(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The pixels that both windows hold, if any.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let end = |start: i32, length: u32| i64::from(start) + i64::from(length);
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let right = end(self.x, self.width).min(end(other.x, other.width));
        let bottom = end(self.y, self.height).min(end(other.y, other.height));
        let width = u32::try_from(right - i64::from(x)).ok().filter(|&width| width > 0)?;
        let height = u32::try_from(bottom - i64::from(y)).ok().filter(|&height| height > 0)?;
        Some(Self { x, y, width, height })
    }
}

/// How colour and alpha belong together in [`Frame::pixels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlphaKind {
    /// Colour is already multiplied by alpha: OpenEXR, TIFF with associated alpha.
    Premultiplied,
    /// Colour is independent of alpha: PNG, TIFF with unassociated alpha.
    Straight,
    /// There is no alpha; it reads as 1.
    Opaque,
}

/// What a sample was in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceKind {
    /// Code values 0 to 2^bits - 1, read as code / (2^bits - 1).
    Integer {
        /// Significant bits of a sample: 1 to 32, mostly 8, 10 or 16.
        bits: u8,
    },
    /// 16-bit IEEE floats.
    Half,
    /// 32-bit floats; also Radiance's shared exponents and OpenEXR's unscaled unsigned integers.
    Float,
}

/// One picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Where [`pixels`](Self::pixels) lie.
    pub data_window: Window,
    /// What a viewer is meant to show; differs from the data window only in OpenEXR.
    pub display_window: Window,
    /// Width of a pixel divided by its height.
    pub pixel_aspect: f32,
    /// Red, green, blue, alpha of every pixel of the data window, top row first. Values are as
    /// the file encodes them: an integer code as code / maximum, a float as it stands.
    pub pixels: Vec<f32>,
    /// Whether the file holds an alpha channel. Without one alpha is 1 everywhere.
    pub has_alpha: bool,
    /// The alpha rule of the pixels.
    pub alpha: AlphaKind,
    /// What a sample was in the file.
    pub source: SourceKind,
    /// Everything else the file says about itself.
    pub metadata: Metadata,
}

impl Frame {
    /// A picture at the origin with square pixels and no metadata.
    ///
    /// # Panics
    /// If `pixels` is not four samples per pixel of `width` x `height`.
    pub fn new(width: u32, height: u32, pixels: Vec<f32>, alpha: AlphaKind) -> Self {
        let window = Window::at_origin(width, height);
        assert_eq!(pixels.len() as u64, window.area() * 4, "four samples per pixel");
        Self {
            data_window: window,
            display_window: window,
            pixel_aspect: 1.0,
            pixels,
            has_alpha: alpha != AlphaKind::Opaque,
            alpha,
            source: SourceKind::Float,
            metadata: Metadata::default(),
        }
    }

    /// The pixels of the display window: cropped to it and, where the data window does not reach,
    /// filled with transparent black. For files that know only one window.
    pub fn display_pixels(&self) -> std::borrow::Cow<'_, [f32]> {
        if self.data_window == self.display_window {
            return std::borrow::Cow::Borrowed(&self.pixels);
        }
        let (data, display) = (self.data_window, self.display_window);
        let mut shown = vec![0.0; display.width as usize * display.height as usize * 4];
        if let Some(common) = data.intersection(&display) {
            let length = common.width as usize * 4;
            let start = |window: Window, y: usize| {
                let row = (i64::from(common.y) - i64::from(window.y)) as usize + y;
                let column = (i64::from(common.x) - i64::from(window.x)) as usize;
                (row * window.width as usize + column) * 4
            };
            for y in 0..common.height as usize {
                let (from, to) = (start(data, y), start(display, y));
                shown[to..to + length].copy_from_slice(&self.pixels[from..from + length]);
            }
        }
        std::borrow::Cow::Owned(shown)
    }
}
