//! Stops as held-out pictures want them.
//!
//! Where little of a frame is clipped, it is either paper, skin and walls that hardly clip, or lamps and suns far
//! above white. A network is not sure which, on scenes it was not trained on, and says something between. So where
//! little is clipped, small stops become smaller and great ones greater:
//!
//! ```text
//! calibrated = stops * (1 + 0.3 few) * stops / (stops + 0.4 few)
//! few        = sigmoid(8 - 600 clipped)      clipped: the share of the frame's pixels that are clipped
//! ```
//!
//! `few` is 0.88 where a hundredth of the frame is clipped, a half at 0.0133, 0.02 at a fiftieth. What lies in the ramp of the
//! clip mask does not count ([`inputs::CLIPPED`]): under an S-shaped curve that is a stop of light, and much of a picture.
//! It is meant for weights that are trained: a network that learns with it makes good for it on the pictures it learns from, and
//! errs on others as before. The numbers were chosen on scenes that were not trained on, for both networks that ship
//! (decisions 0025 and 0027).

use crate::graph::{Activation, Builder, NodeId};
use crate::model::inputs;

/// What the sigmoid's argument falls by, per clipped share.
const STEEPNESS: f32 = 600.0;
/// The sigmoid's argument where nothing is clipped.
const START: f32 = 8.0;
/// Stops of which half are left where little is clipped.
const DOUBTFUL: f32 = 0.4;
/// By how much greater all become there.
const LOUDER: f32 = 0.3;

/// `stops` of each cell, none of them negative.
pub(super) fn graph(b: &mut Builder, stops: NodeId) -> NodeId {
    let clipped = b.fixed(inputs::CLIPPED, [1, 1], 1);
    let few = b.affine(clipped, -STEEPNESS, START);
    let few = b.activation(few, Activation::Sigmoid);

    let doubtful = b.affine(few, DOUBTFUL, 0.0);
    let whole = b.add(stops, doubtful);
    let sure = b.divide(stops, whole, 1e-6);
    let factor = b.affine(few, LOUDER, 1.0);
    let louder = b.multiply(stops, factor);
    b.multiply(louder, sure)
}
