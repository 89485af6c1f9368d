//! What a ray sees.

use crate::balls::{self, Ball, Finish};
use crate::light::{self, LAMPS, Lamp};
use crate::vec3::{Vec3, vec3};
use crate::{ground, sky, wall};

/// Mirrors in mirrors are followed this far.
const BOUNCES: u32 = 3;

/// Light that arrives at `origin` from `direction` (unit length), lens glow not included.
pub(crate) fn radiance(origin: Vec3, direction: Vec3) -> Vec3 {
    trace(origin, direction, BOUNCES)
}

enum Thing {
    Sky,
    Lamp(usize),
    Cord,
    Ball(&'static Ball),
    Ground,
    Wall,
}

fn nearest(origin: Vec3, direction: Vec3) -> (f64, Thing) {
    let mut best = (f64::INFINITY, Thing::Sky);
    if let Some((t, ball)) = balls::hit(origin, direction) {
        best = (t, Thing::Ball(ball));
    }
    for (index, lamp) in LAMPS.iter().enumerate() {
        if let Some(t) = balls::sphere(origin, direction, lamp.centre, lamp.radius)
            && t < best.0
        {
            best = (t, Thing::Lamp(index));
        }
        if let Some(t) = cord_distance(origin, direction, lamp)
            && t < best.0
        {
            best = (t, Thing::Cord);
        }
    }
    if direction.y < -1e-9 {
        let t = -origin.y / direction.y;
        if t > 1e-6 && t < best.0 && t < 60.0 {
            best = (t, Thing::Ground);
        }
    }
    if let Some(t) = wall_distance(origin, direction)
        && t < best.0
    {
        best = (t, Thing::Wall);
    }
    best
}

/// A flat cord from the lamp upwards, which always faces along z.
fn cord_distance(origin: Vec3, direction: Vec3, lamp: &Lamp) -> Option<f64> {
    let t = (lamp.centre.z - origin.z) / direction.z;
    let at = origin + direction * t;
    let hit = t > 1e-6 && (at.x - lamp.centre.x).abs() < 0.007 && at.y > lamp.centre.y;
    hit.then_some(t)
}

fn wall_distance(origin: Vec3, direction: Vec3) -> Option<f64> {
    if direction.z <= 1e-9 {
        return None;
    }
    let t = (wall::Z - origin.z) / direction.z;
    let at = origin + direction * t;
    (t > 1e-6 && at.x >= wall::LEFT && (0.0..wall::TOP).contains(&at.y)).then_some(t)
}

fn shadowed(origin: Vec3, direction: Vec3) -> bool {
    balls::hit(origin, direction).is_some() || wall_distance(origin, direction).is_some()
}

fn trace(origin: Vec3, direction: Vec3, bounces: u32) -> Vec3 {
    let (t, thing) = nearest(origin, direction);
    match thing {
        Thing::Sky => wall::beyond(direction),
        Thing::Lamp(index) => {
            let lamp = &LAMPS[index];
            let normal = (origin + direction * t - lamp.centre).unit();
            // Darker towards its rim, so that a bulb is a ball and no disc.
            lamp.radiance * (0.45 + 0.55 * normal.dot(direction).abs())
        }
        Thing::Cord => vec3(0.03, 0.03, 0.03),
        Thing::Ball(ball) => shade_ball(ball, origin + direction * t, direction, bounces),
        Thing::Ground => shade_ground(origin + direction * t, direction, t, bounces),
        Thing::Wall => {
            let at = origin + direction * t;
            let patch = wall::patch(at.x, at.y, direction);
            let normal = vec3(0.0, 0.0, -1.0);
            patch.albedo.tint(light::gather(at, normal, shadowed)) + patch.emission
        }
    }
}

fn shade_ball(ball: &Ball, at: Vec3, direction: Vec3, bounces: u32) -> Vec3 {
    let normal = (at - ball.centre) * (1.0 / ball.radius);
    let mirrored = || {
        if bounces == 0 {
            return vec3(0.2, 0.2, 0.2);
        }
        trace(at + normal * 1e-5, direction.reflect(normal).unit(), bounces - 1)
    };
    let occlusion = 0.35 + 0.65 * ((normal.y + 1.0) * 0.5 + 0.25).min(1.0);
    let matt = || ball.albedo.tint(light::gather(at, normal, shadowed)) * occlusion;
    match ball.finish {
        Finish::Matt => matt(),
        Finish::Metal => ball.albedo.tint(mirrored()),
        Finish::Gloss => {
            let m = 1.0 - (-direction.dot(normal)).clamp(0.0, 1.0);
            let coat = 0.04 + 0.96 * m * m * m * m * m;
            matt() * (1.0 - coat) + mirrored() * coat
        }
    }
}

fn shade_ground(at: Vec3, direction: Vec3, distance: f64, bounces: u32) -> Vec3 {
    let up = vec3(0.0, 1.0, 0.0);
    let occlusion = balls::BALLS.iter().fold(1.0, |light, ball| {
        let (dx, dz) = (at.x - ball.centre.x, at.z - ball.centre.z);
        let near = (dx * dx + dz * dz) / (ball.radius * ball.radius);
        light * (1.0 - 0.62 / (1.0 + 2.2 * near * near))
    });
    let mut light = ground::albedo(at.x, at.z).tint(light::gather(at, up, shadowed)) * occlusion;
    let gloss = ground::gloss(-direction.y);
    if bounces > 0 && gloss > 0.0 {
        let way = direction.reflect(up).unit();
        light = light + trace(at + up * 1e-5, way, bounces - 1) * gloss;
    }
    // Haze hides where the floor ends.
    let haze = 1.0 - libm::exp(-0.00035 * distance * distance);
    light.mix(sky::radiance(vec3(direction.x, 0.03, direction.z).unit(), false), haze)
}
