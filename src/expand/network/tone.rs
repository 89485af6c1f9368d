//! The camera's curve as a network found it: codes to linear light where the input space is to be
//! estimated. [`crate::model::grid::tone_graph`] defines it; this is the same, strip by strip.

use crate::execute::FrameTensors;
use crate::expand::math::{exp2, max, min};
use crate::model::grid::MOST_CROSSTALK;
use crate::simd;
use headroom_gpu::layout;

/// Names of the tensors that hold it.
pub(in crate::expand) const CURVE: &str = "curve";
pub(in crate::expand) const CROSSTALK: &str = "crosstalk";

/// Knots of the curve, evenly over code [0, 1].
pub(in crate::expand) const KNOTS: usize = 24;

/// Curve and cross-talk.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::expand) struct Tone {
    /// log2 of light at each knot.
    knots: [f32; KNOTS],
    crosstalk: f32,
}

impl Tone {
    /// From what a frame's stages gave; none where they gave no curve.
    pub(super) fn new(frame: &FrameTensors) -> Option<Self> {
        let knots = frame.get(CURVE)?.values.as_slice().try_into().ok()?;
        let crosstalk = *frame.get(CROSSTALK)?.values.first()?;
        Some(Self { knots, crosstalk: min(max(crosstalk, 0.0), MOST_CROSSTALK) })
    }

    /// Linear light of a grey of that code.
    pub(in crate::expand) fn grey(&self, code: f32) -> f32 {
        exp2(self.stops(code))
    }

    /// One that a device finds and keeps to itself.
    pub(in crate::expand) fn on_device() -> Self {
        Self { knots: [0.0; KNOTS], crosstalk: 0.0 }
    }

    /// That the numbers are told of the frame, for a device's kernels.
    pub(in crate::expand) fn for_device() -> layout::Curve {
        /// Of `kernels/curve.h`.
        const KIND: i32 = 10;
        layout::Curve { kind: KIND, numbers: [0.0; layout::CURVE_NUMBERS] }
    }

    /// Its numbers as a device is told them.
    pub(in crate::expand) fn told(&self) -> [f32; layout::TONE_NUMBERS] {
        let mut numbers = [self.crosstalk; layout::TONE_NUMBERS];
        numbers[..KNOTS].copy_from_slice(&self.knots);
        numbers
    }

    #[inline(always)]
    fn stops(&self, code: f32) -> f32 {
        let at = min(max(code, 0.0), 1.0) * (KNOTS - 1) as f32;
        let knot = (at as usize).min(KNOTS - 2);
        let part = at - knot as f32;
        self.knots[knot] + (self.knots[knot + 1] - self.knots[knot]) * part
    }

    /// Codes to linear light, in place.
    pub(in crate::expand) fn decode(&self, [r, g, b]: [&mut [f32]; 3]) {
        for plane in [&mut *r, &mut *g, &mut *b] {
            plane.iter_mut().for_each(|v| *v = self.stops(*v));
        }
        let (k, restore) = (self.crosstalk, 1.0 / (1.0 - self.crosstalk));
        simd::run(
            #[inline(always)]
            || {
                for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
                    let light = [exp2(*r), exp2(*g), exp2(*b)];
                    let mixed_in = k * (light[0] + light[1] + light[2]) * (1.0 / 3.0);
                    *r = (light[0] - mixed_in) * restore;
                    *g = (light[1] - mixed_in) * restore;
                    *b = (light[2] - mixed_in) * restore;
                }
            },
        );
    }
}
