//! The same graphs on a GPU: fused, shared and planned as on the CPU, each step a kernel or two.
//!
//! Everything is enqueued in the order of the steps and nothing waits before an output is read.

mod launch;
mod program;
mod runner;
mod tensors;
mod tile;
mod values;
mod workspace;

pub use program::{DeviceError, DeviceProgram};
pub use runner::DeviceRunner;
pub use tensors::{DeviceFrame, DeviceTensors};
pub use tile::DeviceTile;
pub use workspace::DeviceWorkspace;
