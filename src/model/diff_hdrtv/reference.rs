//! The reference: an HDRNet-like network that guesses without imagining.

use super::mode::Start;
use super::{Config, SIDES};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId};
use crate::model::inputs;

/// The stage, and what it hands on: 2 v - 1 for the mode's numbers v, as the prior takes it.
pub(super) const NAME: &str = "reference";

pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let frame = b.fixed(inputs::FRAME, SIDES, 3);
    let start = config.mode.enter(&mut b, frame);
    let reference = body(&mut b, config, frame, &start);
    let reference = b.affine(reference, 2.0, -1.0);
    b.finish(&[(NAME, reference)])
}

/// 7x7 to half size, 3x3, residual blocks, back by pixel shuffle; added to the start.
pub(super) fn body(b: &mut Builder, config: &Config, codes: NodeId, start: &Start) -> NodeId {
    let x = b.conv("enter", codes, ConvSpec::new(config.reference_enter, 7).stride(2));
    let x = b.activation(x, Activation::Relu);
    let x = b.conv("narrow", x, ConvSpec::new(config.reference_width, 3));
    let mut x = b.activation(x, Activation::Relu);
    for i in 1..=config.reference_blocks {
        x = residual(b, &format!("block{i}"), x);
    }
    // Nothing is found before training.
    let x = b.conv("shuffle", x, ConvSpec::new(12, 3).init(Init::Value(0.0)));
    let found = b.pixel_shuffle(x, 2);
    b.add(found, start.values)
}

/// x + conv(relu(conv(x))).
pub(super) fn residual(b: &mut Builder, name: &str, x: NodeId) -> NodeId {
    let spec = ConvSpec::new(b.channels(x), 3);
    let y = b.conv(&format!("{name}.a"), x, spec);
    let y = b.activation(y, Activation::Relu);
    let y = b.conv(&format!("{name}.b"), y, spec.init(Init::Scaled(0.5)));
    b.add(y, x)
}
