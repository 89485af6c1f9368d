//! Report ITU-R BT.2446-1, method A, SDR to HDR.

use super::{DeviceMethod, MethodInfo, Predict, Prediction, Scope, device_method};
use crate::expand::compose::row_by_row;
use crate::expand::math::{exp2, log2, max, min};
use crate::expand::strip::{Strip, head};
use crate::expand::{Analysis, Plan};
use crate::simd;
use headroom_colour::{Matrix3, REC2020};
use headroom_gpu::layout;

pub(super) const METHOD: MethodInfo = MethodInfo {
    id: "bt2446a",
    label: "ITU-R BT.2446 A",
    description: "Broadcast up-conversion of the whole picture: luma is raised to a power that \
                  itself depends on luma, from 100 to 1000 nits; colour follows.",
    reference: "Report ITU-R BT.2446-1 (03/2021), section 4, table 4",
    scope: Scope::WholePicture,
    network: false,
    needs_analysis: false,
    needs_range: false,
    prepare: |plan: &Plan, _: &Analysis| Box::new(MethodA::new(plan)),
};

/// Peak of the HDR side, nits.
const HDR_PEAK: f32 = 1000.0;

struct MethodA {
    to_2020: Matrix3,
    from_2020: Matrix3,
    /// Linear output per nit.
    per_nit: f32,
}

impl MethodA {
    fn new(plan: &Plan) -> Self {
        Self {
            to_2020: Matrix3::between(&plan.input.primaries, &REC2020),
            from_2020: Matrix3::between(&REC2020, &plan.input.primaries),
            per_nit: 1.0 / plan.diffuse_white,
        }
    }
}

impl Predict for MethodA {
    fn for_device(&self) -> layout::Method {
        let [to, from] = [&self.to_2020, &self.from_2020].map(|m| row_by_row(m.to_f32()));
        device_method(DeviceMethod::Bt2446A, &[&to[..], &from, &[self.per_nit]].concat())
    }

    fn predict(&self, strip: &mut Strip) -> Prediction {
        let n = strip.n;
        for (to, from) in strip.target.iter_mut().zip(&strip.linear) {
            to[..n].copy_from_slice(&from[..n]);
        }
        let [r, g, b] = head(&mut strip.target, n);
        self.to_2020.apply_planar(r, g, b);
        simd::run(
            #[inline(always)]
            || expand(r, g, b, self.per_nit),
        );
        self.from_2020.apply_planar(r, g, b);
        Prediction::Target
    }
}

/// Linear BT.2020 light, 1 being SDR white, to linear light in units of diffuse white.
#[inline(always)]
fn expand(r: &mut [f32], g: &mut [f32], b: &mut [f32], per_nit: f32) {
    /// Luma weights and chroma divisors of BT.2020.
    const W: [f32; 3] = [0.2627, 0.6780, 0.0593];
    const CB: f32 = 1.8814;
    const CR: f32 = 1.4746;
    for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
        let signal = |v: f32| exp2(log2(max(v, 1.0e-12)) * (1.0 / 2.4));
        let (r1, g1, b1) = (signal(*r), signal(*g), signal(*b));
        let luma = W[0] * r1 + W[1] * g1 + W[2] * b1;
        let (cb, cr) = ((b1 - luma) * (1.0 / CB), (r1 - luma) * (1.0 / CR));
        let code = 255.0 * min(luma, 1.0);
        let low = (1.8712e-5 * code - 2.7334e-3) * code + 1.3141;
        let high = (2.8305e-6 * code - 7.4622e-4) * code + 1.2528;
        let exponent = if code <= 70.0 { low } else { high };
        let hdr = exp2(log2(code) * exponent);
        let scale = 1.075 * hdr / max(luma, 1.0e-6);
        let (cb, cr) = (cb * scale, cr * scale);
        let light = |signal: f32| {
            let signal = min(max(signal, 0.0), HDR_PEAK) * (1.0 / HDR_PEAK);
            let light = HDR_PEAK * per_nit * exp2(log2(signal) * 2.4);
            if signal > 0.0 { light } else { 0.0 }
        };
        *r = light(hdr + CR * cr);
        *b = light(hdr + CB * cb);
        *g = light(hdr - (W[2] * CB / W[1]) * cb - (W[0] * CR / W[1]) * cr);
    }
}
