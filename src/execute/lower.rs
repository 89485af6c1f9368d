//! From a graph and weights to steps.

use super::error::ProgramError;
use super::fuse::{self, Fate, Fused};
use super::operation::Operation;
use crate::graph::{Graph, Node, NodeId, Op, padding};
use crate::model::{Weights, WeightsError};
use headroom_kernel::nn::ops::{Combine, Map};
use headroom_kernel::nn::{self, Conv, ConvShape, Epilogue, Residual, ShapeError};
use std::sync::Arc;

/// An operation, the nodes whose tensors it reads and the one it makes.
pub(super) struct Step<C = Box<Conv>> {
    pub(super) operation: Operation<C>,
    pub(super) inputs: Vec<usize>,
    pub(super) output: usize,
    /// True when the output lies where this input lay.
    pub(super) in_place: Option<usize>,
}

/// Weights of one stage by the names of its graph.
pub(super) struct Named<'a> {
    pub(super) weights: &'a Weights,
    pub(super) prefix: &'a str,
}

impl Named<'_> {
    /// Checks that every weight the graph wants is there, in its shape and finite.
    pub(super) fn check(&self, graph: &Graph) -> Result<(), WeightsError> {
        for parameter in graph.parameters() {
            let name = format!("{}{}", self.prefix, parameter.name);
            let expected = || format!("shape {:?}", parameter.shape);
            let Some(weight) = self.weights.get(&name) else {
                let found = "nothing".to_owned();
                return Err(WeightsError { name, found, expected: expected() });
            };
            if weight.shape != parameter.shape || weight.values.len() != parameter.count() {
                let found = format!("shape {:?} of {} numbers", weight.shape, weight.values.len());
                return Err(WeightsError { name, found, expected: expected() });
            }
            if let Some(index) = weight.values.iter().position(|v| !v.is_finite()) {
                let found = format!("{} at index {index}", weight.values[index]);
                return Err(WeightsError { name, found, expected: "finite numbers".to_owned() });
            }
        }
        Ok(())
    }

    fn get(&self, node: &Node, what: &str) -> Result<Arc<[f32]>, WeightsError> {
        let name = format!("{}{}.{what}", self.prefix, node.name);
        match self.weights.get(&name) {
            Some(weight) => Ok(Arc::clone(&weight.values)),
            None => Err(WeightsError {
                name,
                found: "nothing".to_owned(),
                expected: "a weight".to_owned(),
            }),
        }
    }

    fn optional(
        &self,
        node: &Node,
        what: &str,
        wanted: bool,
    ) -> Result<Option<Arc<[f32]>>, WeightsError> {
        wanted.then(|| self.get(node, what)).transpose()
    }
}

/// A convolution as a graph and weights have it.
pub(super) struct Layer {
    pub(super) shape: ConvShape,
    pub(super) epilogue: Epilogue,
    pub(super) weight: Arc<[f32]>,
    pub(super) bias: Option<Arc<[f32]>>,
}

/// The steps of a graph, in order. `keep` makes of a convolution what whoever runs it wants.
///
/// # Errors
/// When a weight or a layer does not fit.
pub(super) fn steps<C>(
    graph: &Graph,
    fates: &[Fate],
    weights: &Named<'_>,
    mut keep: impl FnMut(Layer) -> Result<C, ShapeError>,
) -> Result<Vec<Step<C>>, ProgramError> {
    let mut steps = Vec::new();
    for (index, (node, fate)) in graph.nodes().iter().zip(fates).enumerate() {
        let fused = match *fate {
            Fate::Slices(slice) => {
                let (operation, inputs) = sliced(graph, slice, node);
                steps.push(Step { operation, inputs, output: index, in_place: None });
                continue;
            }
            Fate::Dropped | Fate::Swallowed => continue,
            Fate::Ends(fused) => Some(fused),
            Fate::Alone => match node.op {
                Op::Conv { .. } => Some(Fused { conv: index, activation: None, residual: None }),
                _ => None,
            },
        };
        let step = match fused {
            Some(fused) => Some(convolution(graph, fused, weights, &mut keep)?),
            None => other(graph, index, weights)?,
        };
        if let Some((operation, inputs)) = step {
            steps.push(Step { operation, inputs, output: index, in_place: None });
        }
    }
    Ok(steps)
}

type Made<C> = (Operation<C>, Vec<usize>);

fn convolution<C>(
    graph: &Graph,
    fused: Fused,
    weights: &Named<'_>,
    keep: &mut impl FnMut(Layer) -> Result<C, ShapeError>,
) -> Result<Made<C>, ProgramError> {
    let node = &graph.nodes()[fused.conv];
    let Op::Conv { kernel, stride, dilation, groups, bias } = node.op else {
        unreachable!("only convolutions are fused")
    };
    let input = node.operands[0];
    let shape = ConvShape {
        in_channels: graph.node(input).shape.channels,
        out_channels: node.shape.channels,
        kernel,
        stride,
        dilation,
        groups,
        padding: padding(kernel, stride, dilation),
    };
    let epilogue = Epilogue {
        activation: fused.activation.map_or(nn::Activation::None, Into::into),
        residual: fused.residual.map_or(Residual::None, |(_, at)| at),
    };
    let weight = weights.get(node, "weight")?;
    let bias = weights.optional(node, "bias", bias)?;
    let conv = keep(Layer { shape, epilogue, weight, bias })
        .map_err(|error| ProgramError::Layer { node: node.name.clone(), error })?;
    let mut inputs = vec![input.index()];
    inputs.extend(fused.residual.map(|(node, _)| node));
    Ok((Operation::Conv(conv), inputs))
}

/// The matrix that `slice` reads from a grid, applied where it is read.
fn sliced<C>(graph: &Graph, slice: usize, node: &Node) -> Made<C> {
    let slice = &graph.nodes()[slice];
    let Op::BilateralSlice { bins } = slice.op else {
        unreachable!("only slices are applied where they are read")
    };
    let [grid, guide] = [slice.operands[0], slice.operands[1]];
    let sight = graph.node(guide).shape.extent.into();
    let inputs = vec![grid.index(), guide.index(), node.operands[1].index()];
    (Operation::BilateralAffine { bins, sight }, inputs)
}

/// None for what costs nothing: inputs, and channels that are read where they lie.
fn other<C>(
    graph: &Graph,
    index: usize,
    weights: &Named<'_>,
) -> Result<Option<Made<C>>, ProgramError> {
    let node = &graph.nodes()[index];
    let sight = |id: NodeId| graph.node(id).shape.extent.into();
    let operation = match &node.op {
        Op::Input => return Ok(None),
        Op::Channels { .. } if !is_output(graph, index) => return Ok(None),
        &Op::Channels { first } => Operation::Channels { first },
        Op::Conv { .. } => unreachable!("convolutions are made elsewhere"),
        Op::Constant(values) => Operation::Constant(values.clone()),
        &Op::Linear { bias } => Operation::Linear {
            weight: weights.get(node, "weight")?,
            bias: weights.optional(node, "bias", bias)?,
        },
        &Op::Activation(by) => Operation::Map(Map::Activation(by.into())),
        Op::Add => Operation::Combine(Combine::Add),
        Op::Multiply => Operation::Combine(Combine::Multiply),
        &Op::Divide { least } => Operation::Combine(Combine::Divide { least }),
        &Op::Affine { scale, offset } => Operation::Map(Map::Affine { scale, offset }),
        &Op::Clamp { low, high } => Operation::Map(Map::Clamp { low, high }),
        Op::Exp2 => Operation::Map(Map::Exp2),
        Op::CumulativeSum => Operation::CumulativeSum,
        Op::Concat => Operation::Concat,
        &Op::Upsample { factor, by } => Operation::Upsample { factor, by },
        &Op::PixelShuffle { factor } => Operation::PixelShuffle { factor },
        &Op::PixelUnshuffle { factor } => Operation::PixelUnshuffle { factor },
        &Op::AveragePool { size } => Operation::AveragePool { size },
        Op::GlobalMean => Operation::GlobalMean,
        &Op::GroupNorm { groups, epsilon } => Operation::GroupNorm {
            groups,
            epsilon,
            weight: weights.get(node, "weight")?,
            bias: weights.get(node, "bias")?,
        },
        Op::TimeEmbedding => Operation::TimeEmbedding,
        Op::FromFrame => Operation::FromFrame(sight(node.operands[1])),
        &Op::BilateralSlice { bins } => {
            Operation::BilateralSlice { bins, sight: sight(node.operands[1]) }
        }
        Op::ApplyMatrix => Operation::ApplyMatrix,
        Op::Curve => Operation::Curve,
    };
    Ok(Some((operation, fuse::reads(graph, index).collect())))
}

/// True when the node is handed back.
pub(super) fn is_output(graph: &Graph, index: usize) -> bool {
    graph.outputs().iter().any(|output| output.node.index() == index)
}
