//! Colour spaces, transfer functions, primaries, LUTs and metric spaces.
//!
//! One registry ([`spaces`]) declares every space; menus, command line, metadata and tests read it.
//! Everything exists twice: exact in f64, one pixel at a time, and fast in f32 on planes, with the
//! same bits on every machine ([`vector`]).

mod conversion;
mod curve;
pub mod lut;
mod matrix;
pub mod metric;
pub mod primaries;
pub mod space;
pub mod transfer;
pub mod vector;

pub use conversion::{Conversion, Route};
pub use curve::{Curve, FastCurve};
pub use matrix::{Adaptation, Matrix3, xy_to_xyz};
pub use primaries::{ADOBE_RGB, AP0, AP1, Chromaticities, P3_D65, REC709, REC2020};
pub use space::{Kind, Space, Viewing, find, input_spaces, linear_with, output_spaces, spaces};
