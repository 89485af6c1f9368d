//! CIE XYZ and CIE 1976 L*a*b* (CIE 015:2018, 8.2.1; ISO/CIE 11664-4).

use crate::{Chromaticities, Matrix3, xy_to_xyz};

/// Linear RGB to CIE XYZ; Y is in the unit of the RGB. No adaptation: white becomes the primaries'
/// white point.
#[must_use]
pub fn xyz_from_rgb(rgb: [f64; 3], primaries: &Chromaticities) -> [f64; 3] {
    Matrix3::rgb_to_xyz(primaries).apply(rgb)
}

/// Inverse of [`xyz_from_rgb`].
#[must_use]
pub fn rgb_from_xyz(xyz: [f64; 3], primaries: &Chromaticities) -> [f64; 3] {
    Matrix3::rgb_to_xyz(primaries).inverse().apply(xyz)
}

const EDGE: f64 = 6.0 / 29.0;

/// XYZ to L*a*b* relative to a white of chromaticity `white` (say [`crate::primaries::D65`] or
/// [`crate::primaries::D50`]) and luminance `white_nits`, in the unit of the XYZ. L* of that white
/// is 100; whiter than white goes on. Negatives follow the line near black.
#[must_use]
pub fn lab_from_xyz(xyz: [f64; 3], white: [f64; 2], white_nits: f64) -> [f64; 3] {
    let w = xy_to_xyz(white);
    let f = |i: usize| {
        let t = xyz[i] / (w[i] * white_nits);
        if t > EDGE * EDGE * EDGE { libm::cbrt(t) } else { t / (3.0 * EDGE * EDGE) + 4.0 / 29.0 }
    };
    let (x, y, z) = (f(0), f(1), f(2));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Inverse of [`lab_from_xyz`].
#[must_use]
pub fn xyz_from_lab([l, a, b]: [f64; 3], white: [f64; 2], white_nits: f64) -> [f64; 3] {
    let w = xy_to_xyz(white);
    let y = (l + 16.0) / 116.0;
    let f = |t: f64| if t > EDGE { t * t * t } else { 3.0 * EDGE * EDGE * (t - 4.0 / 29.0) };
    [
        w[0] * white_nits * f(y + a / 500.0),
        w[1] * white_nits * f(y),
        w[2] * white_nits * f(y - b / 200.0),
    ]
}

/// Distance of two L*a*b* values (CIE 1976).
#[must_use]
pub fn delta_e_76(a: [f64; 3], b: [f64; 3]) -> f64 {
    let d = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    libm::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}
