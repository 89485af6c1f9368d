//! Whether the picture holds as much light as the truth: what a defocus or a glow spreads out.

use super::encoding::luminance;
use super::mean;
use super::pair::Pair;

/// log2 of all the picture's luminance over all the truth's, in stops; above 0 it is too much.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let [test, truth] = pair.light();
    let sum = |light: &[[f32; 3]]| mean(pair.len(), region, |i| luminance(light[i]).max(0.0));
    let least = f64::from(f32::MIN_POSITIVE);
    // max would turn the NaN of an empty region into a number.
    let (a, b) = (sum(test), sum(truth));
    if a.is_nan() { a } else { libm::log2(a.max(least) / b.max(least)) }
}
