//! Error of the luminance in stops.

use super::encoding::luminance;
use super::mean;
use super::pair::Pair;

/// Luminances outside are moved to the nearer end: below, noise would count as stops; above, the
/// disc of the sun would decide alone.
const RANGE: (f64, f64) = (1.0 / 1024.0, 100.0);

/// log2 of the limited luminance.
pub(super) fn stops(rgb: [f32; 3]) -> f64 {
    libm::log2(luminance(rgb).max(RANGE.0).min(RANGE.1))
}

fn error(pair: &Pair<'_>, i: usize) -> f64 {
    let [test, truth] = pair.light();
    stops(test[i]) - stops(truth[i])
}

/// Root of the mean square error.
pub(super) fn rmse(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let square = mean(pair.len(), region, |i| {
        let d = error(pair, i);
        d * d
    });
    square.sqrt()
}

/// Mean error: above 0 the picture is too bright.
pub(super) fn bias(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    mean(pair.len(), region, |i| error(pair, i))
}
