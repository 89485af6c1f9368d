//! Rectangles as OpenFX counts them: y upwards, half open.

/// A rectangle of pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RectI {
    /// First column.
    pub x1: i32,
    /// First row (the bottom one).
    pub y1: i32,
    /// One past the last column.
    pub x2: i32,
    /// One past the last row.
    pub y2: i32,
}

/// A rectangle in canonical coordinates: square pixels at full scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RectD {
    /// Left.
    pub x1: f64,
    /// Bottom.
    pub y1: f64,
    /// Right.
    pub x2: f64,
    /// Top.
    pub y2: f64,
}

/// Farthest a pixel may lie from the origin. No picture is that large; hosts say "infinite" with
/// the ends of `int`.
pub(crate) const FARTHEST: i32 = 1 << 24;

impl RectI {
    /// From the four numbers of a property.
    #[must_use]
    pub fn from_array([x1, y1, x2, y2]: [i32; 4]) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// Columns; 0 when there is none.
    #[must_use]
    pub fn width(&self) -> i64 {
        (i64::from(self.x2) - i64::from(self.x1)).max(0)
    }

    /// Rows; 0 when there is none.
    #[must_use]
    pub fn height(&self) -> i64 {
        (i64::from(self.y2) - i64::from(self.y1)).max(0)
    }

    /// True when no pixel is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.width() == 0 || self.height() == 0
    }

    /// True when its numbers could be those of a picture.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        [self.x1, self.y1, self.x2, self.y2].iter().all(|v| (-FARTHEST..=FARTHEST).contains(v))
            && self.width() * self.height() <= 1 << 34
    }

    /// The pixels in both.
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

impl RectD {
    /// From the four numbers of a property.
    #[must_use]
    pub fn from_array([x1, y1, x2, y2]: [f64; 4]) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// The four numbers of a property.
    #[must_use]
    pub fn to_array(self) -> [f64; 4] {
        [self.x1, self.y1, self.x2, self.y2]
    }

    /// True when it has an area and no number in it is beyond any picture.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        let far = f64::from(FARTHEST);
        self.to_array().iter().all(|v| v.abs() <= far) && self.x2 > self.x1 && self.y2 > self.y1
    }

    /// The least rectangle around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }

    /// The same rectangle with `margin` more on every side.
    #[must_use]
    pub fn grow(&self, margin: f64) -> Self {
        Self {
            x1: self.x1 - margin,
            y1: self.y1 - margin,
            x2: self.x2 + margin,
            y2: self.y2 + margin,
        }
    }

    /// The pixels it touches at `scale` with pixels `aspect` times as wide as high, or none when it
    /// is no picture's.
    #[must_use]
    pub fn to_pixels(self, scale: [f64; 2], aspect: f64) -> Option<RectI> {
        let (sx, sy) = (scale[0] / aspect, scale[1]);
        let scales = sx > 0.0 && sy > 0.0 && sx.is_finite() && sy.is_finite();
        if !(self.is_sane() && scales) {
            return None;
        }
        // A proxy's edge that misses a whole pixel by rounding alone is that pixel's edge.
        let down = |v: f64| (v + 1e-4).floor() as i32;
        let up = |v: f64| (v - 1e-4).ceil() as i32;
        let rect = RectI {
            x1: down(self.x1 * sx),
            y1: down(self.y1 * sy),
            x2: up(self.x2 * sx),
            y2: up(self.y2 * sy),
        };
        (rect.is_sane() && !rect.is_empty()).then_some(rect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_rectangles_become_pixels_by_scale_and_aspect() {
        let rect = RectD { x1: -2.0, y1: 0.0, x2: 1998.0, y2: 1080.0 };
        let pixels = rect.to_pixels([0.5, 0.5], 2.0).expect("a picture");
        assert_eq!(pixels, RectI { x1: -1, y1: 0, x2: 500, y2: 540 });
        let third = RectD { x2: 100.0, y2: 100.0, ..RectD::default() };
        let pixels = third.to_pixels([1.0 / 3.0, 1.0 / 3.0], 1.0).expect("a picture");
        assert_eq!(pixels, RectI { x1: 0, y1: 0, x2: 34, y2: 34 });
    }

    #[test]
    fn infinite_and_senseless_rectangles_are_no_picture() {
        let infinite = RectI { x1: i32::MIN, y1: i32::MIN, x2: i32::MAX, y2: i32::MAX };
        assert!(!infinite.is_sane());
        let infinite = RectD { x1: -f64::INFINITY, y1: 0.0, x2: f64::INFINITY, y2: 1.0 };
        assert!(infinite.to_pixels([1.0, 1.0], 1.0).is_none());
        let fine = RectD { x1: 0.0, y1: 0.0, x2: 4.0, y2: 4.0 };
        assert!(fine.to_pixels([0.0, f64::NAN], 1.0).is_none());
    }
}
