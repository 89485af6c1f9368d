//! From one space to another.

use crate::curve::FastCurve;
use crate::{AP0, Matrix3, Space, Viewing, vector};

/// Pixels that go through all steps together, few enough to stay in the first-level cache.
const BLOCK: usize = 1024;

/// A conversion between two spaces, ready to run.
#[derive(Clone, Copy, Debug)]
pub struct Conversion {
    from: &'static Space,
    to: &'static Space,
    viewing: Viewing,
    route: Route,
    decode: FastCurve,
    encode: FastCurve,
}

/// What lies between two linear spaces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Route {
    /// Nothing to do.
    Identity,
    /// From the linear values of one to those of the other.
    Direct(Matrix3),
    /// Into ACES2065-1, negatives there to 0, and out of it.
    NonNegative(Matrix3, Matrix3),
}

impl Conversion {
    /// Prepares the way from `from` to `to`. From a space to itself nothing is touched.
    #[must_use]
    pub fn new(from: &'static Space, to: &'static Space, viewing: Viewing) -> Self {
        let route = if from == to {
            Route::Identity
        } else if from.non_negative || to.non_negative {
            Route::NonNegative(
                Matrix3::between_adapted(&from.primaries, &AP0, from.adaptation),
                Matrix3::between_adapted(&AP0, &to.primaries, to.adaptation),
            )
        } else {
            Route::Direct(Matrix3::between_hub(
                (&from.primaries, from.adaptation),
                (&to.primaries, to.adaptation),
            ))
        };
        Self {
            from,
            to,
            viewing,
            route,
            decode: from.curve.prepare(&viewing),
            encode: to.curve.prepare(&viewing),
        }
    }

    /// The space that pixels come from.
    #[must_use]
    pub const fn from(&self) -> &'static Space {
        self.from
    }

    /// The space that pixels go to.
    #[must_use]
    pub const fn to(&self) -> &'static Space {
        self.to
    }

    /// The parts of the way, for a computation elsewhere: to linear light, between the primaries, and
    /// to code values, which are then limited to [`Space::encoded_range`].
    #[must_use]
    pub const fn parts(&self) -> (&FastCurve, &Route, &FastCurve) {
        (&self.decode, &self.route, &self.encode)
    }

    /// Whether every value stays as it is.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        match self.route {
            Route::Identity => true,
            Route::Direct(matrix) => {
                matrix == Matrix3::IDENTITY
                    && self.from.curve == self.to.curve
                    && self.to.encoded_range.is_none()
            }
            Route::NonNegative(..) => false,
        }
    }

    /// One pixel, exact.
    #[must_use]
    pub fn convert(&self, rgb: [f64; 3]) -> [f64; 3] {
        if self.is_identity() {
            return rgb;
        }
        let linear = self.from.decode(&self.viewing, rgb);
        let linear = match &self.route {
            Route::Identity => linear,
            Route::Direct(matrix) => matrix.apply(linear),
            Route::NonNegative(into, out_of) => {
                out_of.apply(into.apply(linear).map(|v| if v < 0.0 { 0.0 } else { v }))
            }
        };
        self.to.encode(&self.viewing, linear)
    }

    /// Planes of one length, fast, in f32. Where lengths differ the shortest counts.
    pub fn convert_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        if self.is_identity() {
            return;
        }
        let blocks = r.chunks_mut(BLOCK).zip(g.chunks_mut(BLOCK)).zip(b.chunks_mut(BLOCK));
        for ((r, g), b) in blocks {
            let length = r.len().min(g.len()).min(b.len());
            self.convert_block(&mut r[..length], &mut g[..length], &mut b[..length]);
        }
    }

    /// The first part of [`Self::convert_planar`]: to linear light in the primaries of
    /// [`Self::from`].
    pub fn decode_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        self.decode.decode(r, g, b);
    }

    /// The second part of [`Self::convert_planar`]: linear light in the primaries of
    /// [`Self::from`] to those of [`Self::to`].
    pub fn primaries_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        match &self.route {
            Route::Identity => {}
            Route::Direct(matrix) => matrix.apply_planar(r, g, b),
            Route::NonNegative(into, out_of) => {
                into.apply_planar(r, g, b);
                for plane in [&mut *r, &mut *g, &mut *b] {
                    vector::clamp(plane, 0.0, f32::INFINITY);
                }
                out_of.apply_planar(r, g, b);
            }
        }
    }

    /// The last part of [`Self::convert_planar`]: linear light in the primaries of [`Self::to`] to
    /// its code values.
    pub fn encode_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        self.to.encode_planar_with(&self.encode, r, g, b);
    }

    fn convert_block(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        self.decode_planar(r, g, b);
        self.primaries_planar(r, g, b);
        self.encode_planar(r, g, b);
    }
}
