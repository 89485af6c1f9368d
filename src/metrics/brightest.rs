//! Whether the picture is as bright at its brightest as the truth.

use super::encoding::luminance;
use super::pair::Pair;

/// log2 of the picture's greatest luminance over the truth's, in stops, wherever each lies in the
/// region; below 0 a lamp has lost its peak.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let inside = |i: &usize| region.is_none_or(|r| r[*i]);
    if !(0..pair.len()).any(|i| inside(&i)) {
        return f64::NAN;
    }
    let least = f64::from(f32::MIN_POSITIVE);
    let [test, truth] = pair.light().map(|light| {
        (0..pair.len()).filter(inside).map(|i| luminance(light[i])).fold(least, f64::max)
    });
    libm::log2(test / truth)
}
