//! Runs networks, on the CPU and ([`DeviceProgram`]) on a GPU.
//!
//! A [`Program`] is a graph with its weights packed for one machine; it knows no picture. A
//! [`Workspace`] holds the memory for one size of picture, all tensors in one block that is used over
//! and over. A [`Runner`] does so for all stages of a network: those of the frame give
//! [`FrameTensors`], those of a tile run in a [`TileWorkspace`], and [`Tiling`] says where tiles lie.
//!
//! What the order of operations costs is saved before anything runs: activations and residuals are
//! added where a convolution stores its sums, pointwise operations work in place, and what is
//! concatenated is written where the concatenation lies. The same numbers give the same bits for any
//! number of threads.

mod device;
mod error;
mod frame;
mod fuse;
mod lower;
mod operation;
mod pack;
mod plan;
mod program;
mod run;
mod runner;
mod share;
mod tensors;
mod tile_workspace;
mod tiles;
mod workspace;

pub use device::{
    DeviceError, DeviceFrame, DeviceProgram, DeviceRunner, DeviceTensors, DeviceTile,
    DeviceWorkspace,
};
pub use error::{FrameError, ProgramError, WorkspaceError};
pub use plan::Plan;
pub use program::Program;
pub use runner::{FrameInput, Runner};
pub use tensors::{FrameInputs, FrameTensor, FrameTensors};
pub use tile_workspace::TileWorkspace;
pub use tiles::{Area, Tile, Tiling, TilingError};
pub use workspace::Workspace;

#[cfg(test)]
mod tests;
