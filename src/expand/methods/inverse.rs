//! The inverse of the transfer function and nothing else.

use super::{MethodInfo, Predict, Prediction, Scope};
use crate::expand::strip::Strip;

pub(super) const METHOD: MethodInfo = MethodInfo {
    id: "inverse",
    label: "Inverse (no expansion)",
    description: "Undoes the transfer function exactly and adds no light: the pure colour \
                  transform, to compare with and to build on by hand.",
    reference: "the document of the input colour space",
    scope: Scope::Nothing,
    network: false,
    needs_analysis: false,
    needs_range: false,
    prepare: |_, _| Box::new(Inverse),
};

struct Inverse;

impl Predict for Inverse {
    fn predict(&self, strip: &mut Strip) -> Prediction {
        strip.gain.fill(0.0);
        Prediction::Gain
    }
}
