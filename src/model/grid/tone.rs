//! The camera's curve and cross-talk undone.

use super::{KNOTS, name};
use crate::graph::{Builder, Graph, GraphError};
use crate::model::inputs;

/// Codes to linear light by what the look found: 2^curve(code) per channel, then the cross-talk undone.
/// Inputs `picture` (3), `curve` and `crosstalk`; output `result`, linear light per channel of the
/// camera's own primaries, negative where less cross-talk was in the picture than was found.
///
/// With a share k of cross-talk a camera records (1 - k) * c + k * mean for each channel c, whose mean
/// is the same, so c = (recorded - k * mean) / (1 - k).
///
/// It is no stage of the network: with a named input space the exact transform takes its place. It
/// is there for training, and as the definition of what the effect does where the input space is to
/// be estimated.
///
/// # Errors
/// None today: the graph does not depend on a configuration.
pub fn tone_graph() -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let knots = b.fixed(name::CURVE, [1, 1], KNOTS);
    let share = b.fixed(name::CROSSTALK, [1, 1], 1);

    let stops = b.curve(knots, picture);
    let light = Builder::exp2(&mut b, stops);
    let channels: [_; 3] = std::array::from_fn(|c| b.channels_of(light, c, 1));
    let sum = b.add(channels[0], channels[1]);
    let sum = b.add(sum, channels[2]);
    let mixed_in = b.affine(sum, -1.0 / 3.0, 0.0);
    let mixed_in = b.multiply(mixed_in, share);
    let own = b.add(light, mixed_in);
    let one = b.constant("one", [1, 1], &[1.0]);
    let kept = b.affine(share, -1.0, 1.0);
    // A share is 0.25 at most, so the bound is never met by what the look gives.
    let restored = b.divide(one, kept, 0.5);
    let result = b.multiply(own, restored);
    b.finish(&[(inputs::RESULT, result)])
}
