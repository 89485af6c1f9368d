//! What runs on pixels: views of picture memory that a host owns, and the thread pool.
//!
//! The layer below knows colours, the layer above knows settings; this one knows addresses.
//! `unsafe` is allowed here and nowhere between here and the OpenFX boundary.
#![allow(unsafe_code)]

mod image;
mod interleave;
mod map;
mod memory;
pub mod nn;
mod pool;
mod rect;

pub use image::{Components, Depth, Format, ImageError, ImageMut, ImageRef, Planes};
pub use map::{FileBytes, LARGEST_READ};
pub use memory::{available_memory, keep_freed_memory, share_one_heap};
pub use pool::Pool;
pub use rect::Rect;
