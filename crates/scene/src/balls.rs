//! The balls on the floor.

use crate::vec3::{Vec3, vec3};

/// How a ball throws light back.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Finish {
    /// All directions alike.
    Matt,
    /// Matt below a clear coat.
    Gloss,
    /// A mirror with a tint.
    Metal,
}

/// A ball that lies on the floor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ball {
    pub(crate) centre: Vec3,
    pub(crate) radius: f64,
    pub(crate) albedo: Vec3,
    pub(crate) finish: Finish,
}

const fn ball(x: f64, z: f64, radius: f64, albedo: Vec3, finish: Finish) -> Ball {
    Ball { centre: vec3(x, radius, z), radius, albedo, finish }
}

pub(crate) const BALLS: [Ball; 7] = [
    ball(-2.25, 5.2, 0.62, vec3(0.93, 0.92, 0.90), Finish::Metal),
    ball(-0.95, 4.3, 0.42, vec3(0.72, 0.035, 0.03), Finish::Gloss),
    ball(0.05, 5.1, 0.50, vec3(0.90, 0.90, 0.90), Finish::Matt),
    ball(0.92, 4.05, 0.36, vec3(0.02, 0.08, 0.62), Finish::Gloss),
    ball(1.78, 4.9, 0.46, vec3(0.95, 0.64, 0.25), Finish::Metal),
    ball(-0.30, 3.35, 0.20, vec3(0.02, 0.02, 0.02), Finish::Gloss),
    ball(-1.55, 3.45, 0.24, vec3(0.18, 0.18, 0.18), Finish::Matt),
];

/// Distance along a ray of unit direction to the nearest ball and which it is.
pub(crate) fn hit(origin: Vec3, direction: Vec3) -> Option<(f64, &'static Ball)> {
    let mut nearest: Option<(f64, &'static Ball)> = None;
    for ball in &BALLS {
        if let Some(t) = sphere(origin, direction, ball.centre, ball.radius)
            && nearest.is_none_or(|(best, _)| t < best)
        {
            nearest = Some((t, ball));
        }
    }
    nearest
}

/// Distance along a ray of unit direction to a sphere seen from outside.
pub(crate) fn sphere(origin: Vec3, direction: Vec3, centre: Vec3, radius: f64) -> Option<f64> {
    let way = centre - origin;
    let along = way.dot(direction);
    let miss2 = way.dot(way) - along * along;
    let inside = radius * radius - miss2;
    if inside <= 0.0 {
        return None;
    }
    let t = along - inside.sqrt();
    (t > 1e-6).then_some(t)
}
