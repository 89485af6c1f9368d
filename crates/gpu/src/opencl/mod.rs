//! OpenCL 1.2, loaded at run time.
#![allow(unsafe_code)] // calls to the driver, in `object` and `queue`

mod device;
mod object;
mod program;
mod queue;

pub(crate) use device::{Found, devices};
pub(crate) use queue::{Marker, Memory, Pinned, Queue, forget_hosts};
