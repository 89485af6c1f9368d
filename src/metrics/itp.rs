//! Colour difference for high dynamic range: ITU-R BT.2124 delta E ITP.

use super::encoding::displayed;
use super::mean;
use super::pair::Pair;
use headroom_colour::{Matrix3, REC709, REC2020, metric};

/// Mean over the pixels; 1 is about what can just be seen.
pub(super) fn measure(pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
    let to_2020 = Matrix3::between(&REC709, &REC2020);
    let nits = |rgb: [f32; 3]| to_2020.apply(rgb.map(f64::from)).map(displayed);
    let [test, truth] = pair.light();
    mean(pair.len(), region, |i| metric::delta_e_itp(nits(test[i]), nits(truth[i])))
}
