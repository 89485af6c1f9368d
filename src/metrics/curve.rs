//! The one tone curve that brings a picture nearest to the truth.

use super::pair::Pair;
use crate::linear::solve;

/// Light outside is not looked at: below, noise would decide; above is no picture of a camera.
const RANGE: (f64, f64) = (1.0 / 1024.0, 100.0);
/// Coefficients of a cubic.
const TERMS: usize = 4;

/// A cubic in log2 of the light, the same for the three channels: the "p" of the protocol, after
/// Hanji et al. 2022 ("Comparison of single image HDR reconstruction methods: the caveats of quality
/// assessment", section 4). It removes what a wrong guess of the camera's curve did, so that what is
/// left tells how good the highlights are.
///
/// Beyond the light it was found from it goes on as one factor, so highlights are scaled and never
/// bent by a polynomial that was not fitted there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneCurve {
    /// Of `1, t, t^2, t^3`, for the stops to add.
    coefficients: [f64; TERMS],
    /// Stops between which the curve was fitted.
    range: (f64, f64),
}

impl ToneCurve {
    /// The curve that changes nothing.
    pub const NONE: Self = Self { coefficients: [0.0; TERMS], range: (0.0, 0.0) };

    /// The least squares of log2 of the channels over the pixels of `region` (those that the camera
    /// neither clipped nor crushed). Values outside [2^-10, 100] in either picture do not count. A
    /// curve that the pixels do not determine keeps the terms that they do; for no pixel it is
    /// [`Self::NONE`].
    #[must_use]
    pub fn to_align(pair: &Pair<'_>, region: Option<&[bool]>) -> Self {
        let [test, truth] = pair.light();
        let samples = || {
            let used = (0..pair.len()).filter(|i| region.is_none_or(|r| r[*i]));
            let inside = |v: f32| (RANGE.0..=RANGE.1).contains(&f64::from(v));
            used.flat_map(move |i| (0..3).map(move |c| (test[i][c], truth[i][c])))
                .filter(move |(a, b)| inside(*a) && inside(*b))
                .map(|(a, b)| (libm::log2(f64::from(a)), libm::log2(f64::from(b))))
        };
        let mut range = (f64::INFINITY, f64::NEG_INFINITY);
        for (x, _) in samples() {
            range = (range.0.min(x), range.1.max(x));
        }
        if range.0 > range.1 {
            return Self::NONE;
        }
        let (mut equations, mut right) = ([[0.0; TERMS]; TERMS], [0.0; TERMS]);
        let mut curve = Self { coefficients: [0.0; TERMS], range };
        for (x, y) in samples() {
            let powers = curve.powers(x);
            for ((row, right), p) in equations.iter_mut().zip(&mut right).zip(powers) {
                for (sum, q) in row.iter_mut().zip(powers) {
                    *sum += p * q;
                }
                *right += p * (y - x);
            }
        }
        curve.coefficients = solve(equations, right);
        curve
    }

    /// Powers of the position in the fitted range, -1 to 1, which keeps the equations well apart.
    fn powers(&self, stops: f64) -> [f64; TERMS] {
        let (low, high) = self.range;
        let half = (0.5 * (high - low)).max(1e-9);
        let t = (stops - 0.5 * (low + high)) / half;
        [1.0, t, t * t, t * t * t]
    }

    /// One channel's light after the curve; light that is not above 0 is scaled as the darkest is.
    #[must_use]
    pub fn apply(&self, light: f32) -> f32 {
        let stops = libm::log2(f64::from(light).max(f64::MIN_POSITIVE));
        let powers = self.powers(stops.max(self.range.0).min(self.range.1));
        let add: f64 = powers.iter().zip(self.coefficients).map(|(p, c)| p * c).sum();
        (f64::from(light) * libm::exp2(add)) as f32
    }
}
