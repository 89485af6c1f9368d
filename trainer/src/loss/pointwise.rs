//! L1 of light, of log(1 + light) and of ACEScct; squares of PU21 and of stops.

use super::light::{ln_1p, sign, stops};
use super::pixel::Pixel;
use headroom_colour::metric::{PU21_RANGE_NITS, Pu21};
use headroom_colour::transfer::ACESCCT;
use headroom_colour::vector::{CameraLogF32, CurveF32, PowF32};
use headroom_colour::{AP1, Matrix3, REC709};
use std::f32::consts::LOG2_E;

/// `|y - p|`.
#[inline]
pub(super) fn l1(p: f32, y: f32) -> (f32, f32) {
    ((p - y).abs(), sign(p - y))
}

/// `|ln(1 + y) - ln(1 + p)|`.
#[inline]
pub(super) fn log_l1(p: f32, y: f32) -> (f32, f32) {
    let ([a, slope], [b, _]) = (ln_1p(p), ln_1p(y));
    ((a - b).abs(), slope * sign(a - b))
}

/// Squared difference of stops.
#[inline]
pub(super) fn squared_stops(p: f32, y: f32) -> (f32, f32) {
    let ([a, slope], [b, _]) = (stops(p), stops(y));
    let d = a - b;
    (d * d, 2.0 * d * slope)
}

/// L1 of ACEScct code values (S-2016-001) in AP1, the mean of three channels.
pub(super) struct AcesCct {
    matrix: [[f32; 3]; 3],
    curve: CameraLogF32,
    toe: [f32; 2],
}

impl AcesCct {
    pub(super) fn new() -> Self {
        Self {
            matrix: Matrix3::between(&REC709, &AP1).to_f32(),
            curve: CameraLogF32::new(&ACESCCT),
            toe: [ACESCCT.linear_break as f32, ACESCCT.toe_slope as f32],
        }
    }

    #[inline]
    fn ap1(&self, rgb: [f32; 3]) -> [f32; 3] {
        self.matrix.map(|row| row[0] * rgb[0] + row[1] * rgb[1] + row[2] * rgb[2])
    }
}

impl Pixel for AcesCct {
    fn at(&self, prediction: [f32; 3], truth: [f32; 3], weight: [f32; 3]) -> (f64, [f32; 3]) {
        let (p, y) = (self.ap1(prediction), self.ap1(truth));
        let (mut sum, mut slope) = (0.0, [0.0; 3]);
        for c in 0..3 {
            let d = self.curve.encode(p[c]) - self.curve.encode(y[c]);
            sum += f64::from(weight[c]) * f64::from(d.abs());
            let [edge, line] = self.toe;
            let steep = if p[c] > edge { LOG2_E / 17.52 / p[c] } else { line };
            let back = weight[c] * sign(d) * steep;
            for (to, m) in slope.iter_mut().zip(self.matrix[c]) {
                *to += back * m;
            }
        }
        (sum, slope)
    }

    fn separate(&self) -> bool {
        false
    }
}

/// Squared difference of PU21 (Mantiuk and Azimi 2021, `banding_glare`), in units of `unit`, on a
/// display that shows 1.0 as 100 nits. Out of the display's range the slope is 0.
#[derive(Clone, Copy)]
pub(super) struct PuSquared {
    inner: PowF32,
    outer: PowF32,
    p: [f32; 7],
    per_unit: f32,
}

/// Nits of linear 1.0, as in the engine's metrics.
const NITS: f32 = 100.0;

impl PuSquared {
    pub(super) fn new(unit: f64) -> Self {
        let p = Pu21::BandingGlare.parameters();
        Self {
            inner: PowF32::new(p[3]),
            outer: PowF32::new(p[4]),
            p: p.map(|p| p as f32),
            per_unit: (1.0 / unit) as f32,
        }
    }

    /// PU21 in PU units and its slope per linear light.
    #[inline]
    pub(super) fn encode(&self, light: f32) -> [f32; 2] {
        let [p1, p2, p3, p4, p5, p6, p7] = self.p;
        let [low, high] = PU21_RANGE_NITS.map(|nits| nits as f32);
        let nits = light * NITS;
        let shown = nits.clamp(low, high);
        let y = self.inner.at(shown);
        let below = 1.0 / (1.0 + p3 * y);
        let quotient = (p1 + p2 * y) * below;
        let power = self.outer.at(quotient);
        let value = p7 * (power - p6);
        let inside = nits > low && nits < high;
        // d power / dY = p5 power / quotient * dq / dY, dq / dy = (p2 - p1 p3) / (1 + p3 y)^2, and
        // dy / dY = p4 y / Y.
        let inner = (p2 - p1 * p3) * below * below * p4 * y / shown;
        let slope = p7 * p5 * power / quotient * inner * NITS;
        [value.max(0.0), if inside { slope } else { 0.0 }]
    }

    #[inline]
    pub(super) fn at(&self, p: f32, y: f32) -> (f32, f32) {
        let ([a, slope], [b, _]) = (self.encode(p), self.encode(y));
        let d = (a - b) * self.per_unit;
        (d * d, 2.0 * d * slope * self.per_unit)
    }
}
