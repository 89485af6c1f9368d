//! The tiled floor.

use crate::noise::fractal;
use crate::vec3::{Vec3, vec3};

/// Share of the light that the floor reflects at (x, z), per channel.
pub(crate) fn albedo(x: f64, z: f64) -> Vec3 {
    let size = 0.62;
    let (u, v) = (x / size, z / size);
    let (fu, fv) = (u - u.floor(), v - v.floor());
    let grain = 0.85 + 0.3 * fractal(x * 9.0, z * 9.0, 4);
    if fu.min(fv) < 0.035 {
        return vec3(0.10, 0.095, 0.09) * grain;
    }
    let odd = (u.floor() as i64 + v.floor() as i64).rem_euclid(2) == 1;
    let tile = if odd { vec3(0.46, 0.36, 0.27) } else { vec3(0.62, 0.58, 0.51) };
    tile * grain
}

/// Share of the mirrored light at a cosine of incidence: polished stone, after Schlick (1994).
pub(crate) fn gloss(cosine: f64) -> f64 {
    let m = 1.0 - cosine.clamp(0.0, 1.0);
    0.03 + 0.55 * m * m * m * m * m
}
