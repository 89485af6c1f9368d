//! Lamps and the light that falls on surfaces.

use crate::sky;
use crate::vec3::{Vec3, vec3};

/// A round lamp.
pub(crate) struct Lamp {
    pub(crate) centre: Vec3,
    pub(crate) radius: f64,
    /// Radiance of its surface.
    pub(crate) radiance: Vec3,
}

/// Three bulbs on one line: warm, white, and one that is dimmed.
pub(crate) const LAMPS: [Lamp; 3] = [
    Lamp { centre: vec3(0.35, 2.92, 5.6), radius: 0.075, radiance: vec3(95.0, 62.0, 30.0) },
    Lamp { centre: vec3(1.55, 2.80, 5.4), radius: 0.075, radiance: vec3(60.0, 54.0, 46.0) },
    Lamp { centre: vec3(2.75, 2.92, 5.6), radius: 0.075, radiance: vec3(9.0, 5.0, 1.9) },
];

/// Light of the sun on a white card that faces it.
const SUN_LIGHT: Vec3 = vec3(0.86, 0.79, 0.69);

/// Neon tubes as seen from afar: centre of each and its power.
const NEON: [(Vec3, Vec3); 2] = [
    (vec3(2.55, 1.62, 7.2), vec3(1.5, 0.03, 0.05)),
    (vec3(3.75, 1.62, 7.2), vec3(0.04, 0.12, 1.7)),
];

/// Light that a matt surface at `point` with `normal` gathers. `shadow` tells whether something
/// stands between two points given as origin and direction.
pub(crate) fn gather(point: Vec3, normal: Vec3, shadow: impl Fn(Vec3, Vec3) -> bool) -> Vec3 {
    let upward = 0.5 + 0.5 * normal.y;
    let mut light = vec3(0.16, 0.145, 0.13).mix(vec3(0.27, 0.32, 0.40), upward);
    let to_sun = sky::sun_direction();
    let facing = normal.dot(to_sun);
    if facing > 0.0 && !shadow(point + normal * 1e-4, to_sun) {
        light = light + SUN_LIGHT * facing;
    }
    for lamp in &LAMPS {
        let power = lamp.radiance * (lamp.radius * lamp.radius);
        light = light + from_point(point, normal, lamp.centre, power);
    }
    for (centre, power) in &NEON {
        light = light + from_point(point, normal, *centre, *power * 0.16);
    }
    light
}

fn from_point(point: Vec3, normal: Vec3, source: Vec3, power: Vec3) -> Vec3 {
    let way = source - point;
    let distance2 = way.dot(way).max(0.01);
    let facing = normal.dot(way) / distance2.sqrt();
    power * (facing.max(0.0) / distance2)
}

/// Light that the lens scatters around lamps and sun.
pub(crate) fn glow(eye: Vec3, direction: Vec3) -> Vec3 {
    let mut sum = Vec3::ZERO;
    for lamp in &LAMPS {
        let way = lamp.centre - eye;
        let distance = way.length();
        let off = 1.0 - direction.dot(way * (1.0 / distance)).clamp(-1.0, 1.0);
        let apparent = lamp.radius / distance;
        let spread = 1.0 + off / (apparent * apparent * 2.0);
        sum = sum + lamp.radiance * (0.012 / (spread * spread.sqrt()));
    }
    sum
}
