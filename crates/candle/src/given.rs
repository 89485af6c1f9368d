//! What a run is given, held against what its graph asks for.

use crate::Error;
use candle_core::{DType, Tensor};
use headroom::graph::{Extent, Graph, Node, Sizes};
use std::collections::HashMap;

/// How often each node's value is wanted; 0 where nothing leads to an output.
pub(crate) fn uses(graph: &Graph) -> Vec<usize> {
    let mut uses = vec![0; graph.nodes().len()];
    for output in graph.outputs() {
        uses[output.node.index()] += 1;
    }
    for (index, node) in graph.nodes().iter().enumerate().rev() {
        if uses[index] > 0 {
            for id in &node.operands {
                uses[id.index()] += 1;
            }
        }
    }
    uses
}

pub(crate) fn input(
    graph: &Graph,
    node: &Node,
    inputs: &HashMap<String, Tensor>,
) -> Result<Tensor, Error> {
    let own = graph.inputs().iter().find(|input| std::ptr::eq(graph.node(input.node), node));
    match own.and_then(|input| inputs.get(&input.name)) {
        Some(value) => Ok(value.contiguous()?),
        None => Err(Error::input(&node.name, "nothing", "a tensor of that name")),
    }
}

/// Size of every node and of the batch, from the inputs at hand, all of which are checked.
pub(crate) fn measure(
    graph: &Graph,
    inputs: &HashMap<String, Tensor>,
    dtype: DType,
) -> Result<(Sizes, usize), Error> {
    let mut batch = None;
    let mut picture = None;
    let mut given = Vec::new();
    for input in graph.inputs() {
        let Some(tensor) = inputs.get(&input.name) else {
            return Err(Error::input(&input.name, "nothing", "a tensor [N, H, W, C]"));
        };
        let &[count, height, width, channels] = tensor.dims() else {
            let found = format!("{:?}", tensor.dims());
            return Err(Error::input(&input.name, found, "four dimensions [N, H, W, C]"));
        };
        if tensor.dtype() != dtype {
            let (found, expected) = (tensor.dtype().as_str(), dtype.as_str());
            return Err(Error::input(&input.name, found, expected));
        }
        if [count, height, width, channels].contains(&0) {
            let found = format!("{:?}", tensor.dims());
            return Err(Error::input(&input.name, found, "no side of 0"));
        }
        batch.get_or_insert(count);
        if let Extent::Of { scale, .. } = graph.node(input.node).shape.extent
            && picture.is_none()
        {
            let side = |side: usize| side * scale.down as usize / scale.up.max(1) as usize;
            picture = Some([side(height), side(width)]);
        }
        given.push((input, [count, height, width, channels]));
    }
    let batch = batch.unwrap_or(1);
    let sizes = graph.sizes(picture.unwrap_or([0, 0]))?;
    for (input, found) in given {
        let [height, width] = sizes.of(input.node);
        let expected = [batch, height, width, graph.node(input.node).shape.channels];
        if found != expected {
            let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
            return Err(Error::input(&input.name, found, expected));
        }
    }
    Ok((sizes, batch))
}
