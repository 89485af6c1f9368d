//! CUDA by its driver alone, loaded at run time; kernels are built beforehand (`cargo xtask kernels`).
#![allow(unsafe_code)] // calls to the driver

mod context;
mod device;
mod driver;
mod queue;

pub(crate) use context::forget_hosts;
pub(crate) use device::{Found, devices};
pub(crate) use queue::{Marker, Memory, Pinned, Queue};
