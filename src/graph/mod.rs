//! Networks as data: a small typed graph of named operations.
//!
//! A network file of [`crate::model`] builds a [`Graph`] with a [`Builder`]; the same graph is
//! trained by Candle (`crates/candle`), rendered by the CPU executor and printed as a table. So no
//! network has a second form that drifts from the first.
//!
//! Shapes are checked while the graph is built, for any size of picture: a tensor's [`Extent`] says
//! what it measures, and only when a graph is run do numbers take its place. Weights are not part of
//! a graph; it names the [`Parameter`]s it wants.

mod builder;
mod error;
mod json;
mod op;
mod parameter;
mod reach;
mod shape;
mod size;
mod table;

pub use builder::{Builder, ConvSpec};
pub use error::GraphError;
pub use op::{Activation, Op, Resample, padding};
pub use parameter::{Init, Parameter};
pub use reach::Reach;
pub use shape::{Extent, Scale, Shape};
pub use size::{Place, Sizes};
pub use table::Table;

/// Index of a node; nodes stand in an order in which every operand comes before its user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) usize);

impl NodeId {
    /// Position in [`Graph::nodes`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// An operation, its operands and its shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Name, unique in the graph; parameters are called `name.weight`, `name.bias`.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// What it does it to.
    pub operands: Vec<NodeId>,
    /// What comes out.
    pub shape: Shape,
}

/// A tensor that the caller gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Name by which stages of a network hand tensors on.
    pub name: String,
    /// Its node.
    pub node: NodeId,
}

/// A tensor that is handed back.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Name by which stages of a network hand tensors on.
    pub name: String,
    /// Its node.
    pub node: NodeId,
}

/// A network, or one stage of it; see the module's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    inputs: Vec<Input>,
    outputs: Vec<Output>,
    parameters: Vec<Parameter>,
}

impl Graph {
    /// Every node, operands before users.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// What the caller gives, in order.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// What is handed back, in order.
    #[must_use]
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// Weights it wants, in the order of its nodes.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Numbers in all parameters together.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters.iter().map(Parameter::count).sum()
    }

    /// Sides of free inputs must be multiples of this.
    #[must_use]
    pub fn alignment(&self) -> usize {
        let downs = self.nodes.iter().filter_map(|node| match node.shape.extent {
            Extent::Of { scale, .. } => Some(scale.down as usize),
            Extent::Fixed(_) => None,
        });
        downs.fold(1, lcm)
    }
}

fn lcm(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

#[cfg(test)]
mod tests;
