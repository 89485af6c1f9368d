//! Sky, sun, clouds and the hills at the horizon.

use crate::noise::fractal;
use crate::vec3::{Vec3, smoothstep, vec3};

/// Radiance of the sun's disc. The real one would be 46,000; half floats end at 65,504 and a
/// reflection must not drown everything else.
const DISC: Vec3 = vec3(9000.0, 8200.0, 7000.0);

/// Direction to the sun, not of unit length.
const SUN: Vec3 = vec3(-0.56, 0.335, 0.86);

pub(crate) fn sun_direction() -> Vec3 {
    SUN.unit()
}

/// Light from direction `d`, which must be of unit length. `disc` says whether the sun itself is
/// seen: matt surfaces get it as a light source instead.
pub(crate) fn radiance(d: Vec3, disc: bool) -> Vec3 {
    let to_sun = sun_direction();
    let cosine = d.dot(to_sun).clamp(-1.0, 1.0);
    let height = d.y.max(0.0);
    let zenith = vec3(0.16, 0.34, 0.78);
    let horizon = vec3(0.62, 0.66, 0.70);
    let mut sky = horizon.mix(zenith, 1.0 - libm::exp(-4.5 * height));
    // 1 - cos is half the squared angle: a corona that falls off with the fourth power.
    let off = 1.0 - cosine;
    let corona = 0.5 / (1.0 + off * 90.0) + 14.0 / ((1.0 + off * 1500.0) * (1.0 + off * 1500.0));
    sky = sky + vec3(1.0, 0.86, 0.66) * corona;
    sky = clouds(d, cosine, sky);
    if disc {
        // A radius of 0.9 degrees: larger than life, so that a small picture shows it too.
        let inside = smoothstep(0.999_850, 0.999_895, cosine);
        sky = sky + DISC * inside;
    }
    hills(d, sky)
}

fn clouds(d: Vec3, cosine: f64, sky: Vec3) -> Vec3 {
    if d.y <= 0.02 {
        return sky;
    }
    let (u, v) = (d.x / (d.y + 0.12), d.z / (d.y + 0.12));
    let density = fractal(u * 0.9 + 3.1, v * 0.9 + 7.7, 6);
    let cover = smoothstep(0.50, 0.72, density) * smoothstep(0.02, 0.16, d.y);
    if cover == 0.0 {
        return sky;
    }
    // Thin edges towards the sun are lit through: the silver lining.
    let lining = 2.6 * smoothstep(0.80, 1.0, cosine) * (1.0 - 0.75 * cover);
    let body = vec3(0.88, 0.86, 0.84) * (1.0 - 0.45 * smoothstep(0.62, 0.85, density));
    sky.mix(body + vec3(1.0, 0.93, 0.82) * lining, 0.92 * cover)
}

fn hills(d: Vec3, sky: Vec3) -> Vec3 {
    if d.z <= 0.0 {
        return sky;
    }
    let bearing = d.x / d.z;
    let far = 0.035 + 0.05 * fractal(bearing * 2.3 + 11.0, 0.5, 4);
    let near = 0.005 + 0.045 * fractal(bearing * 4.1 + 2.0, 9.5, 5);
    let slope = d.y / d.z;
    if slope < near {
        vec3(0.055, 0.085, 0.06)
    } else if slope < far {
        vec3(0.22, 0.28, 0.36)
    } else {
        sky
    }
}
