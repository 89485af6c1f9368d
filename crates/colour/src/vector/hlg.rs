//! ITU-R BT.2100 hybrid log-gamma, three planes at a time because its system gamma works on
//! luminance.

use super::elementary::{Exp2Affine, PowF32, log2_positive};
use crate::transfer::{HLG_BLACK_FLOOR, HLG_PEAK_NITS, HLG_SYSTEM_GAMMA, Hlg};
use pulp::{Arch, NullaryFnOnce};
use std::f64::consts::{LN_2, LOG2_E};

/// HLG signal to display light and back in f32, in units of diffuse white.
#[derive(Clone, Copy, Debug)]
pub struct HlgF32 {
    to_peak: f32,
    from_peak: f32,
    scene_floor: f32,
    ootf: PowF32,
    inverse_ootf: PowF32,
    power: Exp2Affine,
}

const FLOOR: f32 = HLG_BLACK_FLOOR as f32;
const A_LN2: f32 = (Hlg::A * LN_2) as f32;
const B: f32 = Hlg::B as f32;
const C: f32 = Hlg::C as f32;
const LUMINANCE: [f32; 3] =
    [Hlg::LUMINANCE[0] as f32, Hlg::LUMINANCE[1] as f32, Hlg::LUMINANCE[2] as f32];

impl HlgF32 {
    /// Its constants, for a computation elsewhere.
    #[must_use]
    pub fn numbers(self) -> Vec<f32> {
        let head = [self.to_peak, self.from_peak, self.scene_floor];
        let (ootf, inverse) = (self.ootf.numbers(), self.inverse_ootf.numbers());
        let rest = [FLOOR, A_LN2, B, C];
        [&head[..], &ootf, &inverse, &self.power.numbers(), &rest, &LUMINANCE].concat()
    }

    /// Prepares the curve; linear 1.0 is `diffuse_white` nits.
    #[must_use]
    pub fn new(diffuse_white: f64) -> Self {
        Self {
            to_peak: (diffuse_white / HLG_PEAK_NITS) as f32,
            from_peak: (HLG_PEAK_NITS / diffuse_white) as f32,
            scene_floor: libm::pow(HLG_BLACK_FLOOR, 1.0 / HLG_SYSTEM_GAMMA) as f32,
            ootf: PowF32::new(HLG_SYSTEM_GAMMA - 1.0),
            inverse_ootf: PowF32::new(1.0 / HLG_SYSTEM_GAMMA - 1.0),
            // exp((x - c) / a) / 12
            power: Exp2Affine::new(LOG2_E / Hlg::A, -Hlg::C / Hlg::A * LOG2_E - libm::log2(12.0)),
        }
    }

    /// Signal to linear, in place.
    pub fn decode(self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        Arch::new().dispatch(Planes::<true> { curve: self, r, g, b });
    }

    /// Linear to signal, in place.
    pub fn encode(self, r: &mut [f32], g: &mut [f32], b: &mut [f32]) {
        Arch::new().dispatch(Planes::<false> { curve: self, r, g, b });
    }

    #[inline(always)]
    fn inverse_oetf(self, v: f32) -> f32 {
        let x = v.abs();
        let square = x * x * (1.0 / 3.0);
        let log = self.power.at(x) + B * (1.0 / 12.0);
        (if x > 0.5 { log } else { square }).copysign(v)
    }

    #[inline(always)]
    fn decode_pixel(self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let (r, g, b) = (self.inverse_oetf(r), self.inverse_oetf(g), self.inverse_oetf(b));
        let y = luminance(r, g, b);
        let y = if y > self.scene_floor { y } else { self.scene_floor };
        let gain = self.ootf.normal(y) * self.from_peak;
        [r * gain, g * gain, b * gain]
    }

    #[inline(always)]
    fn encode_pixel(self, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let (r, g, b) = (r * self.to_peak, g * self.to_peak, b * self.to_peak);
        let y = luminance(r, g, b);
        let y = if y > FLOOR { y } else { FLOOR };
        let gain = self.inverse_ootf.normal(y);
        [oetf(r * gain), oetf(g * gain), oetf(b * gain)]
    }
}

#[inline(always)]
fn luminance(r: f32, g: f32, b: f32) -> f32 {
    ((r * LUMINANCE[0] + g * LUMINANCE[1]) + b * LUMINANCE[2]).abs()
}

#[inline(always)]
fn oetf(e: f32) -> f32 {
    let x = e.abs();
    let root = (x * 3.0).sqrt();
    let log = log2_positive(12.0 * x - B) * A_LN2 + C;
    let log = if x < f32::INFINITY { log } else { x };
    let v = if x > 1.0 / 12.0 { log } else { root };
    v.copysign(e)
}

struct Planes<'a, const DECODE: bool> {
    curve: HlgF32,
    r: &'a mut [f32],
    g: &'a mut [f32],
    b: &'a mut [f32],
}

impl<const DECODE: bool> NullaryFnOnce for Planes<'_, DECODE> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for ((r, g), b) in self.r.iter_mut().zip(self.g).zip(self.b) {
            let v = [*r, *g, *b];
            [*r, *g, *b] =
                if DECODE { self.curve.decode_pixel(v) } else { self.curve.encode_pixel(v) };
        }
    }
}
