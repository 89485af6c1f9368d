//! Two opinions of one look, mixed by how much of the frame is clipped.
//!
//! Where a hundredth of a picture is clipped, it mostly lies hardly above white; where a twentieth is,
//! it holds windows, skies and lamps. Gains that are right for the first are too timid for the second,
//! and the other way round (docs/MODELS.md, "What was tried"). So there are two, and
//!
//! ```text
//! mixed = gains + (bold - gains) * sigmoid(w . share - 3.6)      share: mean coverage per channel
//! ```
//!
//! with w at 40 for each channel before training: 0.08 of `bold` at a hundredth, half at three
//! hundredths, 0.92 at a twentieth.

use crate::graph::{Activation, Builder, Init, NodeId};

/// Per channel, before training.
const STEEPNESS: f32 = 40.0;
/// The sigmoid's argument where nothing is clipped.
const START: f32 = -3.6;

/// Both mixed by the mean coverage; its weights are called `gate`.
pub(super) fn by_share(b: &mut Builder, calm: NodeId, bold: NodeId, coverage: NodeId) -> NodeId {
    let share = b.global_mean(coverage);
    let of_bold = b.linear("gate", share, 1, Init::Value(STEEPNESS));
    let of_bold = b.affine(of_bold, 1.0, START);
    let of_bold = b.activation(of_bold, Activation::Sigmoid);
    let less = b.affine(calm, -1.0, 0.0);
    let difference = b.add(bold, less);
    let difference = b.multiply(difference, of_bold);
    b.add(calm, difference)
}
