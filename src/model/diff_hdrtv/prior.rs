//! The diffusion prior: a small U-Net that sees the whole frame, the reference and the step.

use super::{Config, SIDES, reference};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId, Resample};
use crate::model::Sampler;

/// The stage, and what it hands on.
pub(super) const NAME: &str = "prior";
/// Groups of channels that are normalised together.
pub(super) const GROUPS: usize = 8;
/// Channels at each level, as multiples of the first's.
const MULTIPLES: [usize; 4] = [1, 2, 4, 4];

pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let sample = b.fixed(Sampler::SAMPLE, SIDES, 3);
    let time = b.fixed(Sampler::TIME, [1, 1], 1);
    let reference = b.fixed(reference::NAME, SIDES, 3);
    let base = config.prior_base;

    let time = b.time_embedding(time, base);
    let time = b.linear("time1", time, 4 * base, Init::He);
    let time = b.activation(time, Activation::Silu);
    let time = b.linear("time2", time, 4 * base, Init::He);
    let time = b.activation(time, Activation::Silu);

    let x = b.concat(&[sample, reference]);
    let mut x = b.conv("enter", x, ConvSpec::new(base, 3).init(Init::Scaled(1.0)));
    let mut skips = Vec::new();
    for (level, multiple) in MULTIPLES.into_iter().enumerate() {
        if level > 0 {
            skips.push(x);
            x = b.average_pool(x, 2);
        }
        x = block(&mut b, &format!("down{level}"), x, time, multiple * base);
    }
    x = block(&mut b, "middle", x, time, MULTIPLES[3] * base);
    while let Some(across) = skips.pop() {
        let level = skips.len();
        x = b.upsample(x, 2, Resample::Bilinear);
        x = b.concat(&[x, across]);
        x = block(&mut b, &format!("up{level}"), x, time, MULTIPLES[level] * base);
    }
    let x = b.group_norm("leave.norm", x, GROUPS);
    let x = b.activation(x, Activation::Silu);
    let prediction = b.conv("leave.conv", x, ConvSpec::new(3, 3).init(Init::Value(0.0)));
    b.finish(&[(Sampler::PREDICTION, prediction)])
}

/// A residual block that knows the step (Ho et al. 2020, appendix B).
fn block(b: &mut Builder, name: &str, x: NodeId, time: NodeId, channels: usize) -> NodeId {
    let y = b.group_norm(&format!("{name}.norm1"), x, GROUPS);
    let y = b.activation(y, Activation::Silu);
    let y = b.conv(&format!("{name}.conv1"), y, ConvSpec::new(channels, 3));
    let step = b.linear(&format!("{name}.time"), time, channels, Init::Scaled(1.0));
    let y = b.add(y, step);
    let y = b.group_norm(&format!("{name}.norm2"), y, GROUPS);
    let y = b.activation(y, Activation::Silu);
    // Nothing is added before training.
    let y = b.conv(&format!("{name}.conv2"), y, ConvSpec::new(channels, 3).init(Init::Value(0.0)));
    let x = if b.channels(x) == channels {
        x
    } else {
        b.conv(&format!("{name}.across"), x, ConvSpec::new(channels, 1).init(Init::Scaled(1.0)))
    };
    b.add(y, x)
}
