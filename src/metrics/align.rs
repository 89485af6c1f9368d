//! The one factor that brings a picture nearest to the truth.

use super::pair::Pair;
use super::stops::stops;

/// Factor on the picture's light that minimises the squared error of log luminance over the
/// pixels of `region` (those that the camera neither clipped nor crushed): the "s" of the
/// protocol. 1 when the region is empty.
#[must_use]
pub fn scale_to_align(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let [test, truth] = pair.light();
    let offset = super::mean(pair.len(), region, |i| stops(truth[i]) - stops(test[i]));
    if offset.is_nan() { 1.0 } else { libm::exp2(offset) }
}
