//! What a tensor measures, before any picture is at hand.

use std::fmt;

/// How much larger or smaller than its input a tensor is, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scale {
    /// Enlarged by this.
    pub up: u32,
    /// Then reduced by this.
    pub down: u32,
}

impl Scale {
    /// The input's own size.
    pub const ONE: Self = Self { up: 1, down: 1 };

    /// Scaled further by `up / down`.
    #[must_use]
    pub fn times(self, up: u32, down: u32) -> Option<Self> {
        let (up, down) = (self.up.checked_mul(up)?, self.down.checked_mul(down)?);
        let (mut a, mut b) = (up, down);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Some(Self { up: up / a.max(1), down: down / a.max(1) })
    }
}

/// Height and width of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Extent {
    /// That of an input of free size, scaled: part of a frame, or all of it.
    Of {
        /// Index of the input.
        input: usize,
        /// How much larger or smaller.
        scale: Scale,
    },
    /// Height and width in numbers: always the whole frame, seen at that size. A vector is 1 x 1.
    Fixed([usize; 2]),
}

impl Extent {
    /// That of a vector.
    pub const VECTOR: Self = Self::Fixed([1, 1]);

    /// True for a vector.
    #[must_use]
    pub fn is_vector(self) -> bool {
        self == Self::VECTOR
    }

    /// Scaled by `up / down`; none where that is no whole number of pixels or too large.
    #[must_use]
    pub fn scaled(self, up: u32, down: u32) -> Option<Self> {
        match self {
            Self::Of { input, scale } => Some(Self::Of { input, scale: scale.times(up, down)? }),
            Self::Fixed(sides) => {
                let mut out = [0; 2];
                for (out, side) in out.iter_mut().zip(sides) {
                    let enlarged = side.checked_mul(up as usize)?;
                    let down = down as usize;
                    if down == 0 || !enlarged.is_multiple_of(down) {
                        return None;
                    }
                    *out = enlarged / down;
                }
                Some(Self::Fixed(out))
            }
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Fixed([height, width]) => write!(f, "{height} x {width}"),
            Self::Of { input, scale: Scale { up: 1, down: 1 } } => {
                write!(f, "size of input {input}")
            }
            Self::Of { input, scale: Scale { up, down } } => {
                write!(f, "{up}/{down} of input {input}")
            }
        }
    }
}

/// Extent and channels of a tensor; channels come last in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Height and width.
    pub extent: Extent,
    /// Channels.
    pub channels: usize,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {}", self.extent, self.channels)
    }
}
