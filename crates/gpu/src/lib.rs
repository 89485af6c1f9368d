//! GPU runtimes, and the pixel kernels of the GPU.
//!
//! Kernels are written once, in a dialect that is OpenCL C 1.2 and CUDA C++ at once (`kernels/`,
//! [`source`]); what they are given lies as [`layout`] says. A [`Gpu`] is a device with a queue that
//! does what it is told in order: [`Memory`] is allocated on it, filled, read back, and worked on by
//! [`Launch`]es. Nothing is synchronised before [`Gpu::read`] or [`Gpu::finish`].
//!
//! No driver is touched before [`devices`] is called, and none need be there: the libraries are loaded
//! at run time.

mod cache;
mod cuda;
mod error;
mod gpu;
pub mod layout;
mod opencl;
mod pinned;
pub mod source;

pub use cache::keep;
pub use error::GpuError;
pub use gpu::{Argument, Device, Gpu, Launch, Marker, Memory, devices, find, forget_hosts};
pub use pinned::{InFlight, Pinned};
