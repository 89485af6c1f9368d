//! The refiner: the reference at full size, split, each part refined with the prior's, merged.

use super::mode::Mode;
use super::{Config, Prior, SIDES, prior, reference};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId};
use crate::model::inputs;

/// The three channels of the split.
const BRANCHES: [&str; 3] = ["chroma1", "chroma2", "luma"];

pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let read = match config.prior {
        Prior::Full => prior::NAME,
        Prior::Bypass => reference::NAME,
    };
    let prior = b.fixed(read, SIDES, 3);

    let start = config.mode.enter(&mut b, picture);
    let guess = reference::body(&mut b, config, picture, &start);
    let prior = b.from_frame(prior, picture);
    let prior = b.affine(prior, 0.5, 0.5);
    let parts = [("split", guess), ("split_prior", prior)]
        .map(|(name, values)| split(&mut b, name, values, config.mode));

    let mut found = Vec::new();
    for (channel, name) in BRANCHES.into_iter().enumerate() {
        let own = parts.map(|part| b.channels_of(part, channel, 1));
        let x = b.concat(&own);
        let x = b.conv(&format!("{name}.enter"), x, ConvSpec::new(config.branch_width, 3));
        let mut x = b.activation(x, Activation::Relu);
        for i in 1..=config.branch_blocks {
            x = reference::residual(&mut b, &format!("{name}.block{i}"), x);
        }
        found.push(x);
    }
    let x = b.concat(&found);
    let x = b.conv("merge", x, ConvSpec::new(config.branch_width, 1));
    let x = b.activation(x, Activation::Relu);
    // Nothing is added before training.
    let found = b.conv("leave", x, ConvSpec::new(3, 3).init(Init::Value(0.0)));
    let values = b.add(found, guess);
    let result = config.mode.leave(&mut b, values, &start);
    b.finish(&[(inputs::RESULT, result)])
}

/// Two channels of chroma and one of luma: learned, or x, y and luminance as they are.
fn split(b: &mut Builder, name: &str, values: NodeId, mode: Mode) -> NodeId {
    match mode {
        Mode::AcesCct => b.conv(name, values, ConvSpec::new(3, 1).init(Init::Scaled(1.0))),
        Mode::Xyy => values,
    }
}
