//! The house wall with everything that hangs on it: window, light box, neon tubes, chart, poster.

use crate::font::{dots_across, ink};
use crate::noise::fractal;
use crate::sky;
use crate::vec3::{Vec3, smoothstep, vec3};

/// Distance of the wall and where it begins and ends.
pub(crate) const Z: f64 = 8.0;
pub(crate) const LEFT: f64 = -0.75;
pub(crate) const TOP: f64 = 4.6;

/// What there is at a place of the wall.
pub(crate) struct Patch {
    /// Share of light thrown back.
    pub(crate) albedo: Vec3,
    /// Light of its own.
    pub(crate) emission: Vec3,
}

fn painted(albedo: Vec3) -> Patch {
    Patch { albedo, emission: Vec3::ZERO }
}

fn lit(emission: Vec3) -> Patch {
    Patch { albedo: vec3(0.03, 0.03, 0.03), emission }
}

/// Where `v` lies between `a` (0) and `b` (1), if it does.
fn within(v: f64, a: f64, b: f64) -> Option<f64> {
    (a..b).contains(&v).then(|| (v - a) / (b - a))
}

/// The place (x, y) of the wall, looked at along `direction`.
pub(crate) fn patch(x: f64, y: f64, direction: Vec3) -> Patch {
    window(x, y, direction)
        .or_else(|| light_box(x, y))
        .or_else(|| neon(x, y))
        .or_else(|| chart(x, y))
        .or_else(|| poster(x, y))
        .unwrap_or_else(|| plaster(x, y))
}

fn plaster(x: f64, y: f64) -> Patch {
    let stain = 0.82 + 0.30 * fractal(x * 2.2, y * 2.2, 6);
    let base = if y < 0.42 { vec3(0.20, 0.19, 0.19) } else { vec3(0.44, 0.40, 0.35) };
    painted(base * stain)
}

/// Four panes; behind them a bright day with clouds and the branches of a tree.
fn window(x: f64, y: f64, direction: Vec3) -> Option<Patch> {
    let u = within(x, -0.35, 1.35)?;
    let v = within(y, 1.35, 3.15)?;
    let frame = u.min(1.0 - u) < 0.05 || v.min(1.0 - v) < 0.045;
    let bar = (u - 0.5).abs() < 0.022 || (v - 0.58).abs() < 0.02;
    if frame || bar {
        return Some(painted(vec3(0.78, 0.77, 0.74)));
    }
    let depth = vec3(x + direction.x * 3.0, y + direction.y * 3.0, 0.0);
    let cloud = smoothstep(0.35, 0.75, fractal(depth.x * 1.7 + 40.0, depth.y * 2.4, 5));
    let sky = vec3(2.1, 3.0, 4.6).mix(vec3(10.5, 10.0, 9.2), cloud);
    let branch = fractal(depth.x * 5.0 + 90.0, depth.y * 5.0 + 13.0, 5);
    let leaves = smoothstep(0.54, 0.60, branch) * smoothstep(1.0, 0.25, v + 0.3 * u);
    Some(lit(sky.mix(vec3(0.35, 0.85, 0.16), leaves)))
}

/// White acrylic lit from behind, with letters that let less through: all of it clips, and the
/// writing is what an expansion has to keep or find.
fn light_box(x: f64, y: f64) -> Option<Patch> {
    let u = within(x, 1.85, 4.55)?;
    let v = within(y, 2.45, 3.15)?;
    let border = (x - 1.85).min(4.55 - x).min(y - 2.45).min(3.15 - y);
    if border < 0.05 {
        return Some(painted(vec3(0.05, 0.05, 0.055)));
    }
    let text = "HEADROOM";
    let dot = 2.2 / dots_across(text);
    let inked = ink(text, (x - 2.1) / dot, (3.15 - 0.195 - y) / dot);
    // Tubes behind the acrylic show through as two bright bars.
    let tubes = 1.0
        + 0.5 * libm::exp(-40.0 * (v - 0.3) * (v - 0.3))
        + 0.5 * libm::exp(-40.0 * (v - 0.7) * (v - 0.7));
    let falloff = 1.0 - 0.55 * (2.0 * u - 1.0) * (2.0 * u - 1.0);
    let white = vec3(7.4, 7.0, 6.2) * (tubes * falloff);
    Some(lit(if inked { white.tint(vec3(0.36, 0.16, 0.10)) } else { white }))
}

/// A red and a blue tube, each bent to a ring, and the halo each throws on the plaster.
fn neon(x: f64, y: f64) -> Option<Patch> {
    let ring = |cx: f64, colour: Vec3| {
        let (dx, dy) = (x - cx, y - 1.62);
        let off = ((dx * dx + dy * dy).sqrt() - 0.40).abs();
        (off < 0.22).then(|| {
            let tube = smoothstep(0.036, 0.026, off);
            let core = smoothstep(0.030, 0.0, off);
            // The middle of a tube is paler than its rim, as gas discharges look.
            let light =
                colour.mix(vec3(1.0, 1.0, 1.0) * colour.dot(vec3(0.4, 0.4, 0.4)), 0.12 * core);
            let halo = 0.07 * smoothstep(0.22, 0.03, off);
            let base = plaster(x, y);
            Patch {
                albedo: base.albedo * (1.0 - tube),
                emission: light * (tube + halo * (1.0 - tube)),
            }
        })
    };
    ring(2.55, vec3(13.0, 0.16, 0.22)).or_else(|| ring(3.75, vec3(0.20, 0.75, 16.0)))
}

/// A gradient of eleven stops (1/64 to 32), smooth above and in whole stops below.
fn chart(x: f64, y: f64) -> Option<Patch> {
    let u = within(x, -0.45, 1.45)?;
    let v = within(y, 0.62, 1.12)?;
    let (u, v) = ((u - 0.03) / 0.94, (v - 0.08) / 0.84);
    if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
        return Some(painted(vec3(0.04, 0.04, 0.04)));
    }
    let stops = if v > 0.5 { -6.0 + 11.0 * u } else { (-6.0 + 12.0 * u).floor().min(5.0) };
    Some(lit(vec3(1.0, 1.0, 1.0) * libm::exp2(stops)))
}

/// Black print on white paper: nothing here clips unless the exposure makes it.
fn poster(x: f64, y: f64) -> Option<Patch> {
    within(x, 4.75, 6.15)?;
    within(y, 1.15, 2.95)?;
    let lines = ["SCENE", "1 2 4 8", "16 + 2", "HDR"];
    for (index, line) in lines.iter().enumerate() {
        let dot = (1.15 / dots_across(line)).min(0.042);
        let top = 2.80 - 0.42 * index as f64;
        if ink(line, (x - 4.87) / dot, (top - y) / dot) {
            return Some(painted(vec3(0.025, 0.025, 0.03)));
        }
    }
    Some(painted(vec3(0.86, 0.85, 0.82)))
}

/// Light from behind the wall's edge: nothing but the sky.
pub(crate) fn beyond(direction: Vec3) -> Vec3 {
    sky::radiance(direction, true)
}
