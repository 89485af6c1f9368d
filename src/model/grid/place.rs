//! The stage at full size; the formula stands in the head of [`super`].

use super::{BINS, COEFFICIENTS, Config, GRID_SIDE, name};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId};
use crate::model::inputs;

/// Channels between the two layers of the guide.
const GUIDE: usize = 8;
/// Coverage below this counts as this: far below one pixel of a UHD frame, and no division by 0.
const LEAST_COVERAGE: f32 = 1.0e-5;

/// The stops that are said of each pixel, per channel: those of the look and, with a bilateral grid, the
/// local ones, which may take away more than there is.
pub(in crate::model) fn said(b: &mut Builder, picture: NodeId, bilateral: bool) -> NodeId {
    let side = inputs::LOOK_SIDE / 2;
    let gains = b.fixed(name::GAINS, [side, side], 3);
    let coverage = b.fixed(name::COVERAGE, [side, side], 3);
    let gains = b.from_frame(gains, picture);
    let coverage = b.from_frame(coverage, picture);
    let stops = b.divide(gains, coverage, LEAST_COVERAGE);
    if !bilateral {
        return stops;
    }
    let grid = b.fixed(name::GRID, [GRID_SIDE, GRID_SIDE], COEFFICIENTS * BINS);
    let guide = b.conv("guide1", picture, ConvSpec::new(GUIDE, 1));
    let guide = b.activation(guide, Activation::Relu);
    let guide = b.conv("guide2", guide, ConvSpec::new(1, 1).init(Init::Scaled(1.0)));
    let guide = b.activation(guide, Activation::Sigmoid);
    let matrix = b.bilateral_slice(grid, guide, BINS);
    let local = b.apply_matrix(matrix, picture);
    b.add(stops, local)
}

pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let clip = b.beside(inputs::CLIP, picture, 3);
    let stops = said(&mut b, picture, config.bilateral);
    let stops = b.activation(stops, Activation::Relu);
    let result = b.multiply(stops, clip);
    b.finish(&[(inputs::RESULT, result)])
}
