//! Two opinions, mixed by how much of the frame is clipped.
//!
//! Where a hundredth of a picture is clipped, it mostly lies hardly above white; where a twentieth is,
//! it holds windows, skies and lamps. Gains that are right for the first are too timid for the second,
//! and the other way round (docs/MODELS.md, "What was tried"). So there are two, and
//!
//! ```text
//! mixed = one + (other - one) * share
//! share = sigmoid(w . coverage - 3.6)      coverage: its mean, per channel
//! ```
//!
//! with w at 40 for each channel before training: 0.08 of the other at a hundredth, half at three
//! hundredths, 0.92 at a twentieth. The two are said of the same features (`bold`), or by a way up that was told what
//! a classifier finds and one that was not (`told`): these err in different pictures, so their mean errs
//! less, and there share is some 0.7 of that.

use crate::graph::{Activation, Builder, Init, NodeId};

/// Per channel, before training.
const STEEPNESS: f32 = 40.0;
/// The sigmoid's argument where nothing is clipped.
const START: f32 = -3.6;

/// The share of the other opinion, one number; its weights are called `name`. `covered` is the mean of the coverage.
pub(super) fn share(b: &mut Builder, name: &str, covered: NodeId) -> NodeId {
    let share = b.linear(name, covered, 1, Init::Value(STEEPNESS));
    let share = b.affine(share, 1.0, START);
    b.activation(share, Activation::Sigmoid)
}

/// Both, `share` of the other.
pub(super) fn both(b: &mut Builder, one: NodeId, other: NodeId, share: NodeId) -> NodeId {
    let less = b.affine(one, -1.0, 0.0);
    let difference = b.add(other, less);
    let difference = b.multiply(difference, share);
    b.add(one, difference)
}
