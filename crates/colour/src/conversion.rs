//! From one space to another.

use crate::{Matrix3, Space, Viewing};

/// A conversion between two spaces, ready to run.
#[derive(Clone, Copy, Debug)]
pub struct Conversion {
    from: &'static Space,
    to: &'static Space,
    matrix: Matrix3,
    viewing: Viewing,
}

impl Conversion {
    /// Prepares the way from `from` to `to`.
    #[must_use]
    pub fn new(from: &'static Space, to: &'static Space, viewing: Viewing) -> Self {
        Self { from, to, matrix: Matrix3::between(&from.primaries, &to.primaries), viewing }
    }

    /// One pixel, exact.
    #[must_use]
    pub fn convert(&self, rgb: [f64; 3]) -> [f64; 3] {
        if std::ptr::eq(self.from, self.to) {
            return rgb;
        }
        let linear = self.matrix.apply(self.from.decode(&self.viewing, rgb));
        self.to.encode(&self.viewing, linear)
    }

    /// Planes of one length, fast, in f32.
    pub fn convert_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        if std::ptr::eq(self.from, self.to) {
            return;
        }
        self.from.decode_planar(&self.viewing, r, g, b);
        self.matrix.apply_planar(r, g, b);
        self.to.encode_planar(&self.viewing, r, g, b);
    }
}
