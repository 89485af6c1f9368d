//! Akyuz et al. 2007: a linear stretch of the whole picture, with an exponent.

use super::{DeviceMethod, MethodInfo, Predict, Prediction, Scope, device_method};
use crate::expand::math::{exp2, log2, max};
use crate::expand::strip::Strip;
use crate::expand::{Analysis, Plan};
use crate::simd;
use headroom_gpu::layout;

pub(super) const METHOD: MethodInfo = MethodInfo {
    id: "akyuz2007",
    label: "Akyuz 2007",
    description: "Stretches luminance linearly from the frame's darkest to its brightest onto 0 \
                  to the peak: L' = k ((L - Lmin) / (Lmax - Lmin))^gamma with gamma 1, the value \
                  viewers preferred. Hue and saturation stay.",
    reference: "Akyuz, Fleming, Riecke, Reinhard, Bulthoff: Do HDR displays support LDR content? \
                A psychophysical evaluation. ACM Transactions on Graphics 26(3), 2007",
    scope: Scope::WholePicture,
    network: false,
    needs_analysis: true,
    needs_range: true,
    prepare: |plan: &Plan, analysis: &Analysis| {
        let statistics = analysis.statistics();
        // Light below nothing is noise; the stretch begins at black at the least.
        let range = statistics.brightest - max(statistics.darkest, 0.0);
        let known = range > 1.0e-4;
        Box::new(Akyuz {
            darkest: if known { max(statistics.darkest, 0.0) } else { 0.0 },
            scale: if known { 1.0 / range } else { 1.0 },
            peak: exp2(plan.peak),
            luminance: plan.input.luminance_weights().map(|v| v as f32),
        })
    },
};

/// The exponent that the study's viewers preferred over 0.45 and 2.2.
const GAMMA: f32 = 1.0;

struct Akyuz {
    darkest: f32,
    scale: f32,
    peak: f32,
    luminance: [f32; 3],
}

impl Predict for Akyuz {
    fn for_device(&self) -> layout::Method {
        device_method(DeviceMethod::Akyuz, &[self.darkest, self.scale, self.peak])
    }

    fn predict(&self, strip: &mut Strip) -> Prediction {
        simd::run(
            #[inline(always)]
            || self.run(strip),
        );
        Prediction::Target
    }
}

impl Akyuz {
    #[inline(always)]
    fn run(&self, strip: &mut Strip) {
        let Strip { n, ref linear, ref mut target, .. } = *strip;
        let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
        let [tr, tg, tb] = target.each_mut().map(|plane| &mut plane[..n]);
        let w = self.luminance;
        // At and below the darkest everything goes to black. Where black is the darkest the factor
        // is the same for all light, so that light below nothing has it too.
        let below = if self.darkest > 0.0 { 0.0 } else { self.peak * self.scale };
        let least = max(self.darkest, 1.0e-12);
        for i in 0..n {
            let y = w[0] * r[i] + w[1] * g[i] + w[2] * b[i];
            let t = max((y - self.darkest) * self.scale, 0.0);
            let to = if GAMMA == 1.0 { t } else { exp2(log2(t) * GAMMA) };
            let factor = if y > least { self.peak * to / y } else { below };
            tr[i] = r[i] * factor;
            tg[i] = g[i] * factor;
            tb[i] = b[i] * factor;
        }
    }
}
