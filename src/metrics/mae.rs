//! Mean absolute error over the three channels.

use super::encoding::Encoding;
use super::mean;
use super::pair::Pair;

/// In the encoding's units.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>, encoding: Encoding) -> f64 {
    let [a, b] = pair.encoded(encoding);
    mean(pair.len(), region, |i| {
        let d = |c: usize| (f64::from(a.rgb[i][c]) - f64::from(b.rgb[i][c])).abs();
        (d(0) + d(1) + d(2)) / 3.0
    })
}
