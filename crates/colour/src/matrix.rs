//! 3x3 matrices between linear RGB spaces, derived from chromaticities in f64.

use crate::{AP0, Chromaticities, vector};

/// A 3x3 matrix, row major, that multiplies column vectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Matrix3(pub [[f64; 3]; 3]);

/// Cone response in which a white point is moved to another (von Kries).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Adaptation {
    /// Bradford (Lam 1985), which ACES and most of OpenColorIO use.
    #[default]
    Bradford,
    /// CAT02 (CIE 159:2004), which ARRI, Sony, Blackmagic, Canon and DJI used for the matrices
    /// that they published, and OpenColorIO follows them.
    Cat02,
}

impl Adaptation {
    const fn cone_response(self) -> Matrix3 {
        match self {
            Self::Bradford => Matrix3([
                [0.8951, 0.2664, -0.1614],
                [-0.7502, 1.7135, 0.0367],
                [0.0389, -0.0685, 1.0296],
            ]),
            Self::Cat02 => Matrix3([
                [0.7328, 0.4296, -0.1624],
                [-0.7036, 1.6975, 0.0061],
                [0.0030, 0.0136, 0.9834],
            ]),
        }
    }
}

/// XYZ, with Y = 1, of a chromaticity whose y is not 0.
#[must_use]
pub fn xy_to_xyz([x, y]: [f64; 2]) -> [f64; 3] {
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
    /// Its second row holds the luminance weights of the primaries.
    #[must_use]
    pub fn rgb_to_xyz(c: &Chromaticities) -> Self {
        let (r, g, b) = (xyz_sum(c.red), xyz_sum(c.green), xyz_sum(c.blue));
        let p = Self([[r[0], g[0], b[0]], [r[1], g[1], b[1]], [r[2], g[2], b[2]]]);
        let s = p.inverse().apply(xy_to_xyz(c.white));
        Self(p.0.map(|row| [row[0] * s[0], row[1] * s[1], row[2] * s[2]]))
    }

    /// XYZ under the white point `from` to XYZ under the white point `to`.
    #[must_use]
    pub fn adapting(from: [f64; 2], to: [f64; 2], adaptation: Adaptation) -> Self {
        if from == to {
            return Self::IDENTITY;
        }
        let cone = adaptation.cone_response();
        let (src, dst) = (cone.apply(xy_to_xyz(from)), cone.apply(xy_to_xyz(to)));
        let scale = Self([
            [dst[0] / src[0], 0.0, 0.0],
            [0.0, dst[1] / src[1], 0.0],
            [0.0, 0.0, dst[2] / src[2]],
        ]);
        cone.inverse().after(&scale).after(&cone)
    }

    /// Linear RGB of one space to linear RGB of another, Bradford-adapted between white points.
    #[must_use]
    pub fn between(from: &Chromaticities, to: &Chromaticities) -> Self {
        Self::between_adapted(from, to, Adaptation::Bradford)
    }

    /// [`Self::between`] with a chosen adaptation.
    #[must_use]
    pub fn between_adapted(
        from: &Chromaticities,
        to: &Chromaticities,
        adaptation: Adaptation,
    ) -> Self {
        if from == to {
            return Self::IDENTITY;
        }
        let to_xyz = Self::rgb_to_xyz(from);
        let adapt = Self::adapting(from.white, to.white, adaptation);
        Self::rgb_to_xyz(to).inverse().after(&adapt).after(&to_xyz)
    }

    /// [`Self::between`] two spaces of which each has its own way to ACES2065-1. As in OpenColorIO
    /// the conversion goes through AP0, so two spaces with the white point D65 but different
    /// adaptations do not cancel out to a plain change of primaries.
    #[must_use]
    pub fn between_hub(
        from: (&Chromaticities, Adaptation),
        to: (&Chromaticities, Adaptation),
    ) -> Self {
        if from.1 == to.1 {
            return Self::between_adapted(from.0, to.0, from.1);
        }
        let to_hub = Self::between_adapted(from.0, &AP0, from.1);
        Self::between_adapted(&AP0, to.0, to.1).after(&to_hub)
    }

    /// Multiplies every pixel of three planes in f32: each row is
    /// `(m0 * r + m1 * g) + m2 * b`, rounded after every operation. Excess length is left alone.
    pub fn apply_planar(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        if *self == Self::IDENTITY {
            return;
        }
        vector::matrix(self.to_f32(), r, g, b);
    }

    /// The elements rounded to f32.
    #[must_use]
    pub fn to_f32(&self) -> [[f32; 3]; 3] {
        self.0.map(|row| row.map(|v| v as f32))
    }
}

/// XYZ of a chromaticity scaled so that x + y + z = 1; finite for y = 0.
fn xyz_sum([x, y]: [f64; 2]) -> [f64; 3] {
    [x, y, 1.0 - x - y]
}
