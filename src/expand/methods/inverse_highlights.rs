//! The default without a network: the inverse transfer function, and in what clipped a smooth
//! swell of light.

use super::{DeviceMethod, MethodInfo, Predict, Prediction, Scope, device_method};
use crate::expand::field::Field;
use crate::expand::math::smoothstep;
use crate::expand::strip::{Plane, STRIP, Strip};
use crate::expand::{Analysis, Plan};
use crate::simd;
use headroom_gpu::layout;
use std::sync::Arc;

pub(super) const METHOD: MethodInfo = MethodInfo {
    id: "inverse-highlights",
    label: "Inverse with highlights",
    description: "The exact inverse where the picture is not clipped. In clipped areas light \
                  swells from the rim to the middle, by how large the area is and how bright it \
                  is around; channels that did not clip lend their structure.",
    reference: "this project (docs/decisions/0007-engine-highlights.md)",
    scope: Scope::Clipped,
    network: false,
    needs_analysis: true,
    needs_range: false,
    prepare: |_: &Plan, analysis: &Analysis| {
        Box::new(Highlights { field: Arc::clone(analysis.field()) })
    },
};

/// Code of a channel from which it begins to count as nearly clipped.
const OPEN_FROM: f32 = 0.45;

/// What is left of the gain where only a small part of the colour is near clipping.
const FLOOR: f32 = 0.106;

struct Highlights {
    field: Arc<Field>,
}

impl Predict for Highlights {
    fn for_device(&self) -> layout::Method {
        device_method(DeviceMethod::Highlights, &[])
    }

    fn predict(&self, strip: &mut Strip) -> Prediction {
        let n = strip.n;
        let mut field: Plane = [0.0; STRIP];
        self.field.sample(strip.x, strip.y, &mut field[..n]);
        simd::run(
            #[inline(always)]
            || fill(strip, &field),
        );
        Prediction::Gain
    }
}

#[inline(always)]
fn fill(strip: &mut Strip, field: &Plane) {
    let Strip { n, ref code, ref signal, signal_is_code, ref mut gain, .. } = *strip;
    let signal = if signal_is_code { code } else { signal };
    let [r, g, b] = signal.each_ref().map(|plane| &plane[..n]);
    let field = &field[..n];
    let gain = &mut gain[..n];
    for i in 0..n {
        let near = |code: f32| smoothstep((code - OPEN_FROM) * (1.0 / (1.0 - OPEN_FROM)));
        let share = (near(r[i]) + near(g[i]) + near(b[i])) * (1.0 / 3.0);
        gain[i] = field[i] * (FLOOR + (1.0 - FLOOR) * share);
    }
}
