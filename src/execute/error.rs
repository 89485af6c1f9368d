//! What can go wrong before a network runs, and while a frame is looked at.

use crate::expand::Interrupted;
use crate::graph::GraphError;
use crate::model::WeightsError;
use headroom_gpu::GpuError;
use headroom_kernel::nn::{ArenaError, ShapeError};
use std::fmt;

/// Why a graph and weights make no program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramError {
    /// A weight is missing or does not fit.
    Weight(WeightsError),
    /// A layer is not one that the kernels know.
    Layer {
        /// Name of the node.
        node: String,
        /// What does not fit.
        error: ShapeError,
    },
    /// The stages of a network do not go together.
    Stage {
        /// Name of the stage.
        stage: String,
        /// What is wrong, in one sentence.
        problem: String,
    },
}

impl fmt::Display for ProgramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weight(error) => write!(f, "{error}"),
            Self::Layer { node, error } => write!(f, "{node}: {error}"),
            Self::Stage { stage, problem } => write!(f, "{stage}: {problem}"),
        }
    }
}

impl std::error::Error for ProgramError {}

impl From<WeightsError> for ProgramError {
    fn from(error: WeightsError) -> Self {
        Self::Weight(error)
    }
}

/// Why there is no memory for a program and a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WorkspaceError {
    /// The size of the picture does not suit the graph.
    Size(GraphError),
    /// The system refuses the memory.
    Memory(ArenaError),
}

impl fmt::Display for WorkspaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(error) => write!(f, "{error}"),
            Self::Memory(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for WorkspaceError {}

impl From<GraphError> for WorkspaceError {
    fn from(error: GraphError) -> Self {
        Self::Size(error)
    }
}

impl From<ArenaError> for WorkspaceError {
    fn from(error: ArenaError) -> Self {
        Self::Memory(error)
    }
}

/// Why the stages of a frame gave nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The caller asked to stop.
    Interrupted,
    /// There is no memory.
    Workspace(WorkspaceError),
    /// The device refuses.
    Gpu(GpuError),
    /// A tensor that a stage takes was not given.
    Missing {
        /// Name of the tensor.
        name: String,
        /// Height, width and channels it must have.
        size: [usize; 3],
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => write!(f, "interrupted"),
            Self::Workspace(error) => write!(f, "{error}"),
            Self::Gpu(error) => write!(f, "{error}"),
            Self::Missing { name, size: [height, width, channels] } => {
                write!(f, "{name}: found nothing, expected {height} x {width} x {channels}")
            }
        }
    }
}

impl std::error::Error for FrameError {}

impl From<Interrupted> for FrameError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<GpuError> for FrameError {
    fn from(error: GpuError) -> Self {
        Self::Gpu(error)
    }
}

impl From<WorkspaceError> for FrameError {
    fn from(error: WorkspaceError) -> Self {
        Self::Workspace(error)
    }
}
