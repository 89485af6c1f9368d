//! 3x3 matrices between linear RGB spaces, derived from chromaticities in f64.

use crate::Chromaticities;

/// A 3x3 matrix, row major, that multiplies column vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix3(pub [[f64; 3]; 3]);

/// Bradford cone response (Lam 1985), as ACES and OCIO use it.
const BRADFORD: Matrix3 =
    Matrix3([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]);

fn xyz([x, y]: [f64; 2]) -> [f64; 3] {
    [x / y, 1.0, (1.0 - x - y) / y]
}

impl Matrix3 {
    /// The matrix that changes nothing.
    pub const IDENTITY: Self = Self([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);

    /// `self * v`.
    #[must_use]
    pub fn apply(&self, v: [f64; 3]) -> [f64; 3] {
        self.0.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
    }

    /// `self * other`: `other` comes first.
    #[must_use]
    pub fn after(&self, other: &Self) -> Self {
        let mut out = [[0.0; 3]; 3];
        for (row, out) in self.0.iter().zip(&mut out) {
            for (column, out) in out.iter_mut().enumerate() {
                *out = (0..3).map(|k| row[k] * other.0[k][column]).sum();
            }
        }
        Self(out)
    }

    /// The inverse. The determinant must not be 0.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let m = &self.0;
        let minor = |r: usize, c: usize| {
            let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
            m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
        };
        let det = (0..3).map(|c| m[0][c] * minor(0, c)).sum::<f64>();
        let mut out = [[0.0; 3]; 3];
        for (r, row) in out.iter_mut().enumerate() {
            for (c, v) in row.iter_mut().enumerate() {
                *v = minor(c, r) / det;
            }
        }
        Self(out)
    }

    /// Normalised primary matrix: linear RGB to CIE XYZ with white at Y = 1 (SMPTE RP 177, 3.3).
    #[must_use]
    pub fn rgb_to_xyz(c: &Chromaticities) -> Self {
        let (r, g, b) = (xyz_sum(c.red), xyz_sum(c.green), xyz_sum(c.blue));
        let p = Self([[r[0], g[0], b[0]], [r[1], g[1], b[1]], [r[2], g[2], b[2]]]);
        let s = p.inverse().apply(xyz(c.white));
        Self(p.0.map(|row| [row[0] * s[0], row[1] * s[1], row[2] * s[2]]))
    }

    /// Linear RGB of one space to linear RGB of another, Bradford-adapted between white points.
    #[must_use]
    pub fn between(from: &Chromaticities, to: &Chromaticities) -> Self {
        if from == to {
            return Self::IDENTITY;
        }
        let to_xyz = Self::rgb_to_xyz(from);
        let from_xyz = Self::rgb_to_xyz(to).inverse();
        if from.white == to.white {
            return from_xyz.after(&to_xyz);
        }
        let (src, dst) = (BRADFORD.apply(xyz(from.white)), BRADFORD.apply(xyz(to.white)));
        let scale = Self([
            [dst[0] / src[0], 0.0, 0.0],
            [0.0, dst[1] / src[1], 0.0],
            [0.0, 0.0, dst[2] / src[2]],
        ]);
        let adapt = BRADFORD.inverse().after(&scale).after(&BRADFORD);
        from_xyz.after(&adapt).after(&to_xyz)
    }

    /// Multiplies every pixel of three planes of one length, in f32.
    pub fn apply_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        if *self == Self::IDENTITY {
            return;
        }
        let m = self.0.map(|row| row.map(|v| v as f32));
        for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
            let v = [*r, *g, *b];
            [*r, *g, *b] = m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2]);
        }
    }
}

/// XYZ of a chromaticity scaled so that x + y + z = 1; finite for y = 0.
fn xyz_sum([x, y]: [f64; 2]) -> [f64; 3] {
    [x, y, 1.0 - x - y]
}
