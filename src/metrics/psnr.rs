//! Peak signal-to-noise ratio over the three channels, in decibels.

use super::encoding::Encoding;
use super::pair::Pair;
use super::rmse::mean_square;

/// `10 log10(peak^2 / mean square error)`; infinite for equal pictures.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>, encoding: Encoding) -> f64 {
    let peak = encoding.peak();
    10.0 * libm::log10(peak * peak / mean_square(pair, region, encoding))
}
