//! One file per command.

pub(crate) mod bench;
pub(crate) mod bundle;
pub(crate) mod cuda;
pub(crate) mod demo;
pub(crate) mod dist;
pub(crate) mod fuzz;
pub(crate) mod kernels;
pub(crate) mod lint;
pub(crate) mod setup;
pub(crate) mod soak;
pub(crate) mod test;
