//! How far apart two pixels are, for pictures of the difference.

use super::stops::stops;

/// Stops by which the first pixel is brighter than the second, luminances limited to
/// [2^-10, 100].
#[must_use]
pub fn stops_between(a: [f32; 3], b: [f32; 3]) -> f64 {
    stops(a) - stops(b)
}
