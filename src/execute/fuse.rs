//! Finds what can be done in one pass: what follows where a convolution stores its sums, and matrices
//! that are sliced from a grid where they are applied.

use crate::graph::{Activation, Graph, Op};
use headroom_kernel::nn::Residual;

/// A convolution with what follows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fused {
    /// Node of the convolution.
    pub(super) conv: usize,
    pub(super) activation: Option<Activation>,
    /// Node that is added, and when.
    pub(super) residual: Option<(usize, Residual)>,
}

/// What becomes of each node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fate {
    /// Nobody wants it.
    Dropped,
    /// It is run by itself.
    Alone,
    /// A later node does its work.
    Swallowed,
    /// It does the work of the convolution and of all between.
    Ends(Fused),
    /// It applies the matrix that this node slices from a grid, and slices it too.
    Slices(usize),
}

/// Nodes whose values a node reads: of those that lend their extent only, nothing.
pub(super) fn reads(graph: &Graph, node: usize) -> impl Iterator<Item = usize> {
    let node = &graph.nodes()[node];
    let count = if node.op == Op::FromFrame { 1 } else { node.operands.len() };
    node.operands.iter().take(count).map(|id| id.index())
}

/// The fate of every node. With `on` false nothing is fused.
pub(super) fn fates(graph: &Graph, on: bool) -> Vec<Fate> {
    let uses = Uses::new(graph);
    let mut fates: Vec<Fate> = uses
        .wanted
        .iter()
        .map(|&wanted| if wanted { Fate::Alone } else { Fate::Dropped })
        .collect();
    if !on {
        return fates;
    }
    for node in 0..fates.len() {
        if let Some(slice) = uses.sliced_matrix(graph, node).filter(|_| fates[node] == Fate::Alone)
        {
            fates[slice] = Fate::Swallowed;
            fates[node] = Fate::Slices(slice);
        }
    }
    // From the last on: of two convolutions that are added, the later one does the addition.
    for conv in (0..fates.len()).rev() {
        let is_conv = matches!(graph.nodes()[conv].op, Op::Conv { .. });
        if !is_conv || fates[conv] != Fate::Alone {
            continue;
        }
        let mut fused = Fused { conv, activation: None, residual: None };
        let mut chain = vec![conv];
        let mut last = conv;
        while let Some(next) = uses.only(last).filter(|&next| fates[next] == Fate::Alone) {
            if !fused.take(graph, last, next) {
                break;
            }
            chain.push(next);
            last = next;
        }
        if last != conv {
            for node in chain {
                fates[node] = Fate::Swallowed;
            }
            fates[last] = Fate::Ends(fused);
        }
    }
    fates
}

impl Fused {
    /// Takes the node `next` in, which uses `last`; false when that cannot be.
    fn take(&mut self, graph: &Graph, last: usize, next: usize) -> bool {
        let node = &graph.nodes()[next];
        match node.op {
            Op::Activation(activation)
                if self.activation.is_none()
                    && self.residual.is_none_or(|(_, at)| at == Residual::BeforeActivation) =>
            {
                self.activation = Some(activation);
                true
            }
            Op::Add if self.residual.is_none() => {
                let [a, b] = [node.operands[0], node.operands[1]];
                if graph.node(a).shape != graph.node(b).shape {
                    return false;
                }
                let other = if a.index() == last { b } else { a };
                let at = match self.activation {
                    None => Residual::BeforeActivation,
                    Some(_) => Residual::AfterActivation,
                };
                self.residual = Some((other.index(), at));
                true
            }
            _ => false,
        }
    }
}

struct Uses {
    wanted: Vec<bool>,
    count: Vec<usize>,
    user: Vec<usize>,
}

impl Uses {
    fn new(graph: &Graph) -> Self {
        let nodes = graph.nodes().len();
        let mut uses =
            Self { wanted: vec![false; nodes], count: vec![0; nodes], user: vec![0; nodes] };
        for output in graph.outputs() {
            // One more than the only user that may swallow it.
            uses.count[output.node.index()] += 2;
            uses.wanted[output.node.index()] = true;
        }
        for node in (0..nodes).rev() {
            if uses.wanted[node] {
                for operand in reads(graph, node) {
                    uses.wanted[operand] = true;
                    uses.count[operand] += 1;
                    uses.user[operand] = node;
                }
            }
        }
        uses
    }

    /// The node that slices the matrix that `node` applies, where that is of three channels to
    /// three and nobody else wants it.
    fn sliced_matrix(&self, graph: &Graph, node: usize) -> Option<usize> {
        let node = &graph.nodes()[node];
        if node.op != Op::ApplyMatrix || node.shape.channels != 3 {
            return None;
        }
        let [slice, input] = [node.operands[0], node.operands[1]];
        let sliced = matches!(graph.node(slice).op, Op::BilateralSlice { .. });
        let three = graph.node(input).shape.channels == 3;
        (sliced && three && self.count[slice.index()] == 1).then(|| slice.index())
    }

    fn only(&self, node: usize) -> Option<usize> {
        (self.count[node] == 1).then(|| self.user[node])
    }
}
