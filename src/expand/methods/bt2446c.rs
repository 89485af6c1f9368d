//! Report ITU-R BT.2446-1, method C, SDR to HDR.

use super::{DeviceMethod, MethodInfo, Predict, Prediction, Scope, device_method};
use crate::expand::compose::row_by_row;
use crate::expand::math::{exp2, max};
use crate::expand::strip::{Strip, head};
use crate::expand::{Analysis, Plan};
use crate::simd;
use headroom_colour::{Matrix3, REC2020};
use headroom_gpu::layout;

pub(super) const METHOD: MethodInfo = MethodInfo {
    id: "bt2446c",
    label: "ITU-R BT.2446 C",
    description: "Broadcast up-conversion of the whole picture that keeps skin tones: luminance \
                  linear up to 58.5 nits, exponential above, chromaticity kept, with a crosstalk \
                  matrix around it.",
    reference: "Report ITU-R BT.2446-1 (03/2021), section 6",
    scope: Scope::WholePicture,
    network: false,
    needs_analysis: false,
    needs_range: false,
    prepare: |plan: &Plan, _: &Analysis| Box::new(MethodC::new(plan)),
};

/// Constants of the Report's equation 5, for 1000-nit HLG and 100-nit SDR.
const K1: f64 = 0.83802;
const K2: f64 = 15.09968;
const K3: f64 = 0.74204;
const K4: f64 = 78.99439;
/// SDR luminance where the line ends, nits.
const KNEE: f64 = 58.5;
/// Crosstalk; the Report asks for 0 to 0.33 and leaves the choice open.
const CROSSTALK: f64 = 0.04;

struct MethodC {
    into: Matrix3,
    back: Matrix3,
    luminance: [f32; 3],
    per_nit: f32,
}

impl MethodC {
    fn new(plan: &Plan) -> Self {
        let a = CROSSTALK;
        let crosstalk =
            Matrix3([[1.0 - 2.0 * a, a, a], [a, 1.0 - 2.0 * a, a], [a, a, 1.0 - 2.0 * a]]);
        let into = crosstalk.after(&Matrix3::between(&plan.input.primaries, &REC2020));
        Self {
            back: into.inverse(),
            into,
            luminance: Matrix3::rgb_to_xyz(&REC2020).0[1].map(|v| v as f32),
            per_nit: 1.0 / plan.diffuse_white,
        }
    }
}

impl Predict for MethodC {
    fn for_device(&self) -> layout::Method {
        let [into, back] = [&self.into, &self.back].map(|m| row_by_row(m.to_f32()));
        let rest = [1.0 / K1, KNEE, KNEE / K1, K4, std::f64::consts::LOG2_E / K2, K3];
        let rest = rest.map(|v| v as f32);
        let numbers = [&into[..], &back, &[self.per_nit], &self.luminance, &rest].concat();
        device_method(DeviceMethod::Bt2446C, &numbers)
    }

    fn predict(&self, strip: &mut Strip) -> Prediction {
        let n = strip.n;
        for (to, from) in strip.target.iter_mut().zip(&strip.linear) {
            to[..n].copy_from_slice(&from[..n]);
        }
        let [r, g, b] = head(&mut strip.target, n);
        self.into.apply_planar(r, g, b);
        simd::run(
            #[inline(always)]
            || self.expand(r, g, b),
        );
        self.back.apply_planar(r, g, b);
        Prediction::Target
    }
}

impl MethodC {
    /// Scales luminance at constant chromaticity. Linear light, 1 being SDR white at 100 nits, to
    /// linear light in units of diffuse white.
    #[inline(always)]
    fn expand(&self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        let w = self.luminance;
        for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
            let nits = 100.0 * (w[0] * *r + w[1] * *g + w[2] * *b);
            let line = nits * (1.0 / K1) as f32;
            let power = (nits - K4 as f32) * (std::f64::consts::LOG2_E / K2) as f32;
            let curve = (KNEE / K1) as f32 * (exp2(power) + K3 as f32);
            let hdr = if nits < KNEE as f32 { line } else { curve };
            let factor = 100.0
                * self.per_nit
                * if nits > 0.0 { hdr / max(nits, 1.0e-6) } else { (1.0 / K1) as f32 };
            *r *= factor;
            *g *= factor;
            *b *= factor;
        }
    }
}
