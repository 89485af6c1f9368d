//! Stops as held-out pictures want them.
//!
//! Where little of a frame is clipped, it is either paper, skin and walls that hardly clip, or lamps and suns far
//! above white. A network is not sure which, on scenes it was not trained on, and says something between. So where
//! little is clipped, small stops become smaller and great ones greater:
//!
//! ```text
//! calibrated = stops * (1 + 0.3 few) * stops / (stops + 0.4 few)
//! few        = sigmoid(8 - 250 covered)      covered: the sum over channels of the frame's share that is clipped
//! ```
//!
//! `few` is 0.95 where a fiftieth of the frame is clipped in one channel or a hundred-and-fiftieth in all three, a half at
//! 0.032, 0.01 at a twentieth. It is meant for weights that are trained: a network that learns with it makes good for it on
//! the pictures it learns from, and errs on others as before. The numbers were chosen on scenes that were not trained on, for
//! both networks that ship (decision 0025).

use crate::graph::{Activation, Builder, NodeId};

/// What `few` falls by, per covered share.
const STEEPNESS: f32 = 250.0;
/// The sigmoid's argument where nothing is clipped.
const START: f32 = 8.0;
/// Stops of which half are left where little is clipped.
const DOUBTFUL: f32 = 0.4;
/// By how much greater all become there.
const LOUDER: f32 = 0.3;

/// `stops` of each cell, none of them negative; `covered` is the mean of the coverage, per channel.
pub(super) fn graph(b: &mut Builder, stops: NodeId, covered: NodeId) -> NodeId {
    let sums = b.cumulative_sum(covered);
    let covered = b.channels_of(sums, b.channels(sums) - 1, 1);
    let few = b.affine(covered, -STEEPNESS, START);
    let few = b.activation(few, Activation::Sigmoid);

    let doubtful = b.affine(few, DOUBTFUL, 0.0);
    let whole = b.add(stops, doubtful);
    let sure = b.divide(stops, whole, 1e-6);
    let factor = b.affine(few, LOUDER, 1.0);
    let louder = b.multiply(stops, factor);
    b.multiply(louder, sure)
}
