//! What can go wrong when a network is run.

use headroom::graph::GraphError;
use headroom::model::WeightsError;
use std::fmt;

/// Why a run gave nothing.
#[derive(Debug)]
pub enum Error {
    /// The graph does not fit the picture.
    Graph(GraphError),
    /// A weight does not fit the network.
    Weights(WeightsError),
    /// A tensor that was given does not fit the graph.
    Input {
        /// Name of the tensor.
        name: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Candle refused: no memory, another device, a type it does not know.
    Candle(candle_core::Error),
}

impl Error {
    pub(crate) fn input(
        name: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::Input { name: name.into(), found: found.into(), expected: expected.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Graph(error) => write!(f, "{error}"),
            Self::Weights(error) => write!(f, "{error}"),
            Self::Input { name, found, expected } => {
                write!(f, "{name}: found {found}, expected {expected}")
            }
            Self::Candle(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Candle(error) => Some(error),
            Self::Graph(_) | Self::Weights(_) | Self::Input { .. } => None,
        }
    }
}

impl From<GraphError> for Error {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

impl From<WeightsError> for Error {
    fn from(error: WeightsError) -> Self {
        Self::Weights(error)
    }
}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Candle(error)
    }
}
