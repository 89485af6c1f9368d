//! What is wrong with a graph.

use std::fmt;

/// Names the node, what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError {
    /// The node, or the part of the graph.
    pub node: String,
    /// What is wrong, in one sentence.
    pub problem: String,
}

impl GraphError {
    pub(crate) fn new(node: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { node: node.into(), problem: problem.into() }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.node, self.problem)
    }
}

impl std::error::Error for GraphError {}
