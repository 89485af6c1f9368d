//! Where a pixel was in the frame before.

use headroom_colour::Matrix3;
use std::fmt;
use std::str::FromStr;

/// A projective map from the pixels of a frame to those of the frame before: what a camera does that
/// turns, or moves along a flat picture. The middle of the first pixel is at 0, 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion([[f64; 3]; 3]);

impl Motion {
    /// Nothing moves.
    pub const STILL: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// By a matrix of homogeneous coordinates, row by row; its scale does not matter.
    #[must_use]
    pub const fn new(rows: [[f64; 3]; 3]) -> Self {
        Self(rows)
    }

    /// By which everything moved: what is at x, y now was at x + `by[0]`, y + `by[1]`.
    #[must_use]
    pub const fn shift(by: [f64; 2]) -> Self {
        Self([[1.0, 0.0, by[0]], [0.0, 1.0, by[1]], [0.0, 0.0, 1.0]])
    }

    /// Where what is at `x`, `y` now was in the frame before; none where it was behind the camera.
    #[must_use]
    pub fn before(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        let [u, v, w] = self.0.map(|row| row[0] * x + row[1] * y + row[2]);
        (w > 0.0).then(|| [u / w, v / w])
    }

    /// Between which pixels of the frame before a pixel lay, as indices in rows from the top down, and their bilinear
    /// shares; none where one of them was out of the picture.
    #[must_use]
    pub fn between(&self, i: usize, [height, width]: [usize; 2]) -> Option<[(usize, f64); 4]> {
        let [x, y] = self.before((i % width) as f64, (i / width) as f64)?;
        let (left, top) = (x.floor(), y.floor());
        let inside = |at: f64, side: usize| at >= 0.0 && at < side.saturating_sub(1) as f64;
        if !inside(left, width) || !inside(top, height) {
            return None;
        }
        let first = top as usize * width + left as usize;
        let (right, below) = (x - left, y - top);
        Some([
            (first, (1.0 - right) * (1.0 - below)),
            (first + 1, right * (1.0 - below)),
            (first + width, (1.0 - right) * below),
            (first + width + 1, right * below),
        ])
    }

    /// The motion between pictures that hold of every frame the pixels at `scale` * x + `left`, `scale` * y + `top`.
    #[must_use]
    pub fn of_part(&self, scale: f64, [left, top]: [f64; 2]) -> Self {
        let part = Matrix3([[scale, 0.0, left], [0.0, scale, top], [0.0, 0.0, 1.0]]);
        Self(part.inverse().after(&Matrix3(self.0)).after(&part).0)
    }
}

/// Nine numbers, row by row.
impl fmt::Display for Motion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, value) in self.0.iter().flatten().enumerate() {
            write!(f, "{}{value}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl FromStr for Motion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("motion: found \"{text}\", expected nine finite numbers");
        let mut values = [0.0; 9];
        let mut words = text.split_whitespace();
        for value in &mut values {
            *value = words.next().and_then(|word| word.parse().ok()).ok_or_else(expected)?;
        }
        if words.next().is_some() || values.iter().any(|value: &f64| !value.is_finite()) {
            return Err(expected());
        }
        let [a, b, c, d, e, f, g, h, i] = values;
        Ok(Self([[a, b, c], [d, e, f], [g, h, i]]))
    }
}
