//! From the caller's picture to unpremultiplied code values and linear light.

use super::math::{exp2, max, min};
use super::network::Tone;
use super::strip::{Plane, Strip, head, planes};
use super::{Alpha, Plan, Report};
use crate::simd;
use headroom_colour::{FastCurve, Kind};
use headroom_gpu::layout;
use headroom_kernel::ImageRef;

/// Largest half float; stands for infinity in the sums that follow.
pub(super) const HALF_MAX: f32 = 65504.0;

/// Bound of encoded values that were divided by alpha: twice what any of the spaces holds, so that
/// light with hardly any cover does not become a spark when its curve is undone.
const CODE_MAX: f32 = 16.0;

/// Bound of linear light: far above any scene, far enough below overflow for a matrix.
const LINEAR_MAX: f32 = 1.0e30;

/// What a device's kernels are told of all this.
pub(super) fn for_device(plan: &Plan) -> layout::Ingest {
    let (range_scale, range_offset) = plan.range.unwrap_or((1.0, 0.0));
    layout::Ingest {
        alpha: match plan.alpha {
            Alpha::Opaque => 0,
            Alpha::Premultiplied => 1,
            Alpha::Straight => 2,
        },
        scene_linear: plan.input.kind == Kind::SceneLinear,
        display: plan.input.kind == Kind::Display,
        ranged: plan.range.is_some(),
        range_scale,
        range_offset,
        exposure: plan.exposure,
        limits: limits(plan),
        curve: match &plan.tone {
            Some(_) => Tone::for_device(),
            None => curve_for_device(plan.conversion.parts().0),
        },
    }
}

/// A transfer function as a device's kernels take it.
pub(super) fn curve_for_device(curve: &FastCurve) -> layout::Curve {
    let (kind, known) = curve.numbers();
    let mut numbers = [0.0; layout::CURVE_NUMBERS];
    numbers[..known.len()].copy_from_slice(&known);
    layout::Curve { kind: i32::from(kind), numbers }
}

/// True where decoded light may be anything, or is exposed.
fn limits(plan: &Plan) -> bool {
    plan.exposure != 1.0 || plan.input.kind != Kind::Display || plan.tone.is_some()
}

/// Loads `strip.n` pixels into `code` and `alpha`: no NaN, no infinity, unpremultiplied, full
/// range.
pub(super) fn load(plan: &Plan, source: &ImageRef<'_>, strip: &mut Strip, report: &mut Report) {
    let Strip { n, x, y, ref mut code, ref mut alpha, .. } = *strip;
    source.load(x, y, &mut planes(code, alpha, n));
    for plane in head(code, n) {
        simd::run(
            #[inline(always)]
            || clean(plane, report),
        );
    }
    if plan.alpha == Alpha::Premultiplied {
        let alpha = &alpha[..n];
        let limit = if plan.input.kind == Kind::SceneLinear { HALF_MAX } else { CODE_MAX };
        for plane in head(code, n) {
            simd::run(
                #[inline(always)]
                || unpremultiply(plane, alpha, limit),
            );
        }
    }
    if let Some(range) = plan.range {
        for plane in head(code, n) {
            simd::run(
                #[inline(always)]
                || plane.iter_mut().for_each(|v| *v = *v * range.0 + range.1),
            );
        }
    }
}

/// Replaces what no arithmetic survives, and counts it.
#[inline(always)]
fn clean(plane: &mut [f32], report: &mut Report) {
    // Nearly always there is nothing to do: one quick look first.
    let mut odd = 0u32;
    for v in &*plane {
        odd |= u32::from(v.abs().to_bits() >= f32::INFINITY.to_bits());
    }
    if odd == 0 {
        return;
    }
    for v in plane {
        if v.is_nan() {
            *v = 0.0;
            report.nan += 1;
        } else if v.is_infinite() {
            *v = HALF_MAX.copysign(*v);
            report.infinite += 1;
        }
    }
}

/// True where colour was multiplied by this alpha. Below one step of 16 bits, where alpha is not
/// positive, infinite or not a number, it was not: the colour is light without cover and stays.
#[inline(always)]
pub(super) fn covers(alpha: f32) -> bool {
    (1.0 / 65536.0..=f32::MAX).contains(&alpha)
}

/// Divides by alpha where it covers. What a small alpha makes greater than `limit` is cut there,
/// unless it came greater.
#[inline(always)]
fn unpremultiply(plane: &mut [f32], alpha: &[f32], limit: f32) {
    for (v, &a) in plane.iter_mut().zip(alpha) {
        let most = max(v.abs(), limit);
        let divided = max(min(*v / a, most), -most);
        *v = if covers(a) { divided } else { *v };
    }
}

/// Decodes `code` (or its repaired copy in `expanded`) to `linear`, in the input's primaries.
pub(super) fn decode(plan: &Plan, from: &[Plane; 3], to: &mut [Plane; 3], n: usize) {
    for (from, to) in from.iter().zip(to.iter_mut()) {
        to[..n].copy_from_slice(&from[..n]);
    }
    let [r, g, b] = head(to, n);
    match &plan.tone {
        Some(tone) => tone.decode([r, g, b]),
        None => plan.conversion.decode_planar(r, g, b),
    }
    if limits(plan) {
        let exposure = plan.exposure;
        for plane in head(to, n) {
            simd::run(
                #[inline(always)]
                || {
                    for v in plane {
                        *v = (*v * exposure).clamp(-LINEAR_MAX, LINEAR_MAX);
                    }
                },
            );
        }
    }
}

/// Has [`Strip::signal`] give the signal in which clipping is judged, of what was loaded.
pub(super) fn take_signal(plan: &Plan, strip: &mut Strip) {
    if plan.input.kind != Kind::Display {
        let Strip { n, ref code, ref mut linear, .. } = *strip;
        decode(plan, code, linear, n);
    }
    take_signal_of_light(plan, strip);
}

/// The same where `strip.linear` is decoded. Of inputs that are not display-referred the signal is the sRGB
/// code of the linear light before exposure, as the picture had it before somebody linearised it.
pub(super) fn take_signal_of_light(plan: &Plan, strip: &mut Strip) {
    strip.signal_is_code = plan.input.kind == Kind::Display;
    if strip.signal_is_code {
        return;
    }
    let Strip { n, ref linear, ref mut signal, .. } = *strip;
    let unexpose = 1.0 / plan.exposure;
    for (from, to) in linear.iter().zip(signal.iter_mut()) {
        let (from, to) = (&from[..n], &mut to[..n]);
        simd::run(
            #[inline(always)]
            || {
                for (s, &l) in to.iter_mut().zip(from) {
                    *s = srgb_code(l * unexpose);
                }
            },
        );
    }
}

/// IEC 61966-2-1 encoding of light that is not negative; good to 1e-6, for judging only. The colour
/// crate offers f64 and whole conversions of slices in place; this one is inlined into a loop, and
/// what is negative needs no mirrored curve here.
#[inline(always)]
pub(super) fn srgb_code(l: f32) -> f32 {
    use super::math::log2;
    let curve = 1.055 * exp2(log2(l) * (1.0 / 2.4)) - 0.055;
    if l <= 0.003_130_8 { l * 12.92 } else { curve }
}

/// IEC 61966-2-1 decoding of a code that is not negative, the inverse of [`srgb_code`]; good to 1e-6. Only
/// differences of it are used, within loops; hence not the colour crate's conversions of whole slices.
#[inline(always)]
pub(super) fn srgb_light(code: f32) -> f32 {
    use super::math::log2;
    let curve = exp2(log2((code + 0.055) * (1.0 / 1.055)) * 2.4);
    if code <= 0.040_45 { code * (1.0 / 12.92) } else { curve }
}
