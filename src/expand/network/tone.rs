//! The camera's curve as a network found it: codes to linear light where the input space is to be
//! estimated. [`crate::model::grid::tone_graph`] defines it; this is the same, strip by strip.

use crate::execute::FrameTensors;
use crate::expand::ingest::srgb_code;
use crate::expand::math::{exp2, max, min};
use crate::model::grid::MOST_CROSSTALK;
use crate::simd;
use headroom_gpu::layout;

/// Names of the tensors that hold it.
pub(in crate::expand) const CURVE: &str = "curve";
pub(in crate::expand) const CROSSTALK: &str = "crosstalk";

/// Knots of the curve, evenly over code [0, 1].
pub(in crate::expand) const KNOTS: usize = 24;

/// Stops by which light rises in sRGB from one knot below white to white.
const SRGB_RISE: f32 = 0.145_717_6;

/// No curve is taken for flatter than this, so that nothing is divided by 0.
const LEAST_RISE: f32 = 1.0e-3;

/// A camera's curve and cross-talk.
#[derive(Clone, Debug, PartialEq)]
pub struct Tone {
    /// log2 of light at each knot.
    knots: [f32; KNOTS],
    crosstalk: f32,
}

impl Tone {
    /// A curve that is known: log2 of light of a code from 0 to 1, which must rise, and the share of the channels' mean
    /// in what each channel recorded, 0 to less than 1.
    #[must_use]
    pub fn known(stops: impl Fn(f64) -> f64, crosstalk: f32) -> Self {
        let knots = std::array::from_fn(|knot| stops(knot as f64 / (KNOTS - 1) as f64) as f32);
        Self { knots, crosstalk }
    }

    /// Of log2 of light at each knot.
    #[cfg(test)]
    pub(super) fn of(knots: [f32; KNOTS], crosstalk: f32) -> Self {
        Self { knots, crosstalk }
    }

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

    /// Codes as a camera with the same white and the sRGB curve would have recorded them, in place.
    pub(in crate::expand) fn recode(&self, [r, g, b]: [&mut [f32]; 3]) {
        let white = 1.0 / self.grey(1.0);
        self.decode([&mut *r, &mut *g, &mut *b]);
        for plane in [r, g, b] {
            simd::run(
                #[inline(always)]
                || plane.iter_mut().for_each(|v| *v = srgb_code(max(*v * white, 0.0))),
            );
        }
    }

    /// The same of a picture, three numbers a pixel: what networks of stops are given of it, for training.
    #[must_use]
    pub fn picture(&self, codes: &[f32]) -> Vec<f32> {
        let mut picture = codes.to_vec();
        for pixel in picture.as_chunks_mut::<3>().0 {
            self.recode(pixel.each_mut().map(std::slice::from_mut));
        }
        picture
    }

    /// The same of a grey.
    pub(in crate::expand) fn recoded(&self, code: f32) -> f32 {
        srgb_code(exp2(self.stops(code) - self.stops(1.0)))
    }

    /// By how much narrower than in sRGB a ramp that ends at a code must be to span as much light there, 0 to 1.
    pub(in crate::expand) fn narrower(&self, code: f32) -> f32 {
        const KNOT: f32 = 1.0 / (KNOTS - 1) as f32;
        let rise = self.stops(code) - self.stops(min(code, 1.0) - KNOT);
        min(SRGB_RISE / max(rise, LEAST_RISE), 1.0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use headroom_colour::transfer::eotf_srgb;

    /// sRGB, all stops of it times something.
    fn curve(steeper: f32) -> Tone {
        let stops = |knot: usize| {
            let light = eotf_srgb(knot as f64 / (KNOTS - 1) as f64);
            steeper * libm::log2(light.max(1.0e-3)) as f32
        };
        Tone { knots: std::array::from_fn(stops), crosstalk: 0.0 }
    }

    #[test]
    fn a_ramp_spans_as_much_light_under_any_curve_but_never_more_codes() {
        let narrower = |steeper, code: f32| curve(steeper).narrower(code / 255.0);
        assert!((narrower(1.0, 255.0) - 1.0).abs() < 1e-5);
        assert!((narrower(4.0, 255.0) - 0.25).abs() < 1e-5);
        // Between knots light rises as it does on either side.
        assert!((narrower(4.0, 254.5) - 0.25).abs() < 1e-3);
        assert_eq!(narrower(0.5, 255.0), 1.0);
        assert_eq!(narrower(0.0, 255.0), 1.0);
    }
}
