//! Rectangles of pixels.

/// A half-open rectangle in raster coordinates: x to the right, **y downwards**.
///
/// OpenFX counts y upwards; the plug-in maps its rows by `y -> -1 - y`, which needs no frame
/// height and keeps every coordinate an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rect {
    /// First column.
    pub x1: i32,
    /// First row (the top one).
    pub y1: i32,
    /// One past the last column.
    pub x2: i32,
    /// One past the last row.
    pub y2: i32,
}

impl Rect {
    /// The rectangle from (x1, y1) up to but not including (x2, y2).
    #[must_use]
    pub const fn new(x1: i32, y1: i32, x2: i32, y2: i32) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Columns; 0 when the rectangle is empty or inside out.
    #[must_use]
    pub fn width(&self) -> usize {
        usize::try_from(i64::from(self.x2) - i64::from(self.x1)).unwrap_or(0)
    }

    /// Rows; 0 when the rectangle is empty or inside out.
    #[must_use]
    pub fn height(&self) -> usize {
        usize::try_from(i64::from(self.y2) - i64::from(self.y1)).unwrap_or(0)
    }

    /// True when there is no pixel in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// The pixels that are in both (possibly none).
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        }
    }

    /// True when every pixel of `other` is in `self`.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.is_empty() || self.intersect(other) == *other
    }
}
