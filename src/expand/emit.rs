//! From linear light to the caller's picture: output space, mix, safety, alpha.

use super::compose::row_by_row;
use super::ingest::{HALF_MAX, covers, curve_for_device};
use super::math::{max, min};
use super::strip::{Plane, Strip, head};
use super::{Alpha, Plan};
use crate::simd;
use headroom_colour::{Kind, Matrix3, Route};
use headroom_gpu::layout;
use headroom_kernel::ImageMut;

/// The emit stage, resolved for a render.
#[derive(Clone, Copy, Debug)]
pub(super) struct Emit<'p> {
    plan: &'p Plan,
    identity: bool,
    /// True when a pixel that nothing moved can be handed on as its code.
    restores: bool,
}

impl<'p> Emit<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let identity = plan.transform_is_identity();
        let repaired_in_code = plan.dequantise == 0.0 || plan.input.kind == Kind::Display;
        Self { plan, identity, restores: identity && repaired_in_code }
    }

    /// The same for a device's kernels.
    pub(super) fn for_device(&self) -> layout::Emit {
        let plan = self.plan;
        let (_, route, encode) = plan.conversion.parts();
        let matrix = |m: &Matrix3| row_by_row(m.to_f32());
        let (route, into, out_of) = match route {
            Route::Identity => (0, [0.0; 9], [0.0; 9]),
            // As `Matrix3::apply_planar`: nothing is multiplied by 1.
            Route::Direct(m) if *m == Matrix3::IDENTITY => (0, [0.0; 9], [0.0; 9]),
            Route::Direct(m) => (1, matrix(m), [0.0; 9]),
            Route::NonNegative(into, out_of) => (2, matrix(into), matrix(out_of)),
        };
        let range = plan.output.encoded_range.map(|range| range.map(|v| v as f32));
        let [low, high] = range.unwrap_or_default();
        layout::Emit {
            route,
            into,
            out_of,
            curve: curve_for_device(encode),
            ranged: range.is_some(),
            low,
            high,
            identity: self.identity,
            restores: self.restores,
            limit: self.limit(),
            mix: plan.mix,
            masked: plan.mask,
            inverted: plan.mask_invert,
        }
    }

    fn limit(&self) -> f32 {
        if self.plan.half_safe { HALF_MAX } else { f32::MAX }
    }

    /// Linear light in the input's primaries to code values of the output space, in place.
    pub(super) fn encode(&self, planes: &mut [Plane; 3], n: usize) {
        let [r, g, b] = head(planes, n);
        self.plan.conversion.primaries_planar(r, g, b);
        self.plan.conversion.encode_planar(r, g, b);
    }

    /// `expanded` from linear light to code values, the pure transform where nothing moved, mixed
    /// as `strip.mix` says when `mixes`.
    pub(super) fn result(&self, strip: &mut Strip, mixes: bool) {
        let n = strip.n;
        if self.restores {
            simd::run(
                #[inline(always)]
                || mark_unmoved(strip),
            );
            self.encode(&mut strip.expanded, n);
            simd::run(
                #[inline(always)]
                || restore_unmoved(strip),
            );
        } else {
            self.encode(&mut strip.expanded, n);
        }
        if mixes {
            self.purify(strip);
            simd::run(
                #[inline(always)]
                || blend(strip),
            );
        }
    }

    /// `pure` from code values as they came to code values of the output space.
    fn purify(&self, strip: &mut Strip) {
        if !self.identity {
            let Strip { n, ref mut pure, ref mut target, .. } = *strip;
            super::ingest::decode(self.plan, pure, target, n);
            self.encode(target, n);
            pure.clone_from(target);
        }
    }

    /// Clamps if asked, multiplies with alpha where `colour`, and writes the strip.
    pub(super) fn store(&self, strip: &mut Strip, colour: bool, output: &mut ImageMut<'_>) {
        let Strip { n, x, y, ref alpha, ref mut expanded, .. } = *strip;
        let alpha = &alpha[..n];
        let premultiply = colour && self.plan.alpha == Alpha::Premultiplied;
        let limit = self.limit();
        for plane in head(expanded, n) {
            simd::run(
                #[inline(always)]
                || {
                    if premultiply {
                        for (v, &a) in plane.iter_mut().zip(alpha) {
                            *v = if covers(a) { *v * a } else { *v };
                        }
                    }
                    for v in plane {
                        // Nothing above makes what is not a number; should it, black is seen
                        // less than the greatest value.
                        let v0 = if v.is_nan() { 0.0 } else { *v };
                        *v = max(min(v0, limit), -limit);
                    }
                },
            );
        }
        let [r, g, b] = head(expanded, n);
        output.store(x, y, [r, g, b, alpha]);
    }
}

/// Notes in `target[0]` where the expansion left a pixel alone.
#[inline(always)]
fn mark_unmoved(strip: &mut Strip) {
    let Strip { n, ref linear, ref expanded, ref mut target, .. } = *strip;
    let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
    let [er, eg, eb] = expanded.each_ref().map(|plane| &plane[..n]);
    let mark = &mut target[0][..n];
    for i in 0..n {
        let same = (r[i] == er[i]) & (g[i] == eg[i]) & (b[i] == eb[i]);
        mark[i] = if same { 1.0 } else { 0.0 };
    }
}

#[inline(always)]
fn restore_unmoved(strip: &mut Strip) {
    let Strip { n, ref code, ref mut expanded, ref target, .. } = *strip;
    let mark = &target[0][..n];
    for (to, from) in expanded.iter_mut().zip(code) {
        for ((to, &from), &mark) in to[..n].iter_mut().zip(&from[..n]).zip(mark) {
            *to = if mark > 0.0 { from } else { *to };
        }
    }
}

#[inline(always)]
fn blend(strip: &mut Strip) {
    let Strip { n, ref pure, ref mix, ref mut expanded, .. } = *strip;
    let mix = &mix[..n];
    for (to, pure) in expanded.iter_mut().zip(pure) {
        for ((to, &pure), &k) in to[..n].iter_mut().zip(&pure[..n]).zip(mix) {
            let mixed = pure + (*to - pure) * k;
            let mixed = if k >= 1.0 { *to } else { mixed };
            *to = if k <= 0.0 { pure } else { mixed };
        }
    }
}
