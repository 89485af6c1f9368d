//! Colour spaces, transfer functions, primaries, LUTs and metric spaces.
//!
//! One registry ([`spaces`]) declares every space; menus, command line, metadata and tests read it.

mod conversion;
mod matrix;
mod primaries;
mod space;
pub mod transfer;
pub mod vector;

pub use conversion::Conversion;
pub use matrix::Matrix3;
pub use primaries::{ADOBE_RGB, AP0, AP1, Chromaticities, P3_D65, REC709, REC2020};
pub use space::{Kind, Space, Viewing, find, spaces};
