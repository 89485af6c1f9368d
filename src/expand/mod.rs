//! The picture's way: ingest, analyse, predict, compose, emit.
//!
//! [`Plan::new`] resolves settings, [`analyse`] looks at the whole frame once, [`render`] makes any
//! part of it. What the whole frame decides is decided in `analyse`, so pixels depend on nothing
//! but the frame and the plan: not on the window, the bands, the number of threads or the origin.
//!
//! Where the clip mask is 0 (and shadow recovery and dequantise are off) a pixel comes out as the
//! same bits as [`headroom_colour::Conversion::convert_planar`] gives, where alpha is straight or
//! opaque; dividing by a premultiplied alpha and multiplying again rounds twice.

mod analyse;
mod around;
mod cells;
mod compose;
mod dequantise;
pub mod device;
mod edge;
mod emit;
mod field;
mod ingest;
mod level;
mod mask;
mod math;
mod methods;
mod network;
mod plan;
mod render;
mod statistics;
mod strip;
mod views;

pub use analyse::{Analysis, analyse, measure};
pub use methods::{DEFAULT_METHOD, METHODS, MethodInfo, Scope};
pub use network::{LoadError, Loaded, Seen, Tone, forget_networks, machine, see};
pub use plan::Plan;
pub use render::render;
pub use statistics::Statistics;
pub use views::{FALSE_COLOUR_STOPS, Legend, VIEWS, ViewInfo};

use headroom_colour::Space;

/// Spaces offered for the input, in menu order; append-only.
pub fn input_spaces() -> impl Iterator<Item = &'static Space> {
    headroom_colour::input_spaces()
}

/// Spaces offered for the output, in menu order; append-only.
pub fn output_spaces() -> impl Iterator<Item = &'static Space> {
    headroom_colour::output_spaces()
}

/// How alpha relates to colour in the source; the output keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Alpha {
    /// Alpha is 1 everywhere or means nothing.
    #[default]
    Opaque,
    /// Colour is multiplied by alpha.
    Premultiplied,
    /// Colour is not multiplied by alpha.
    Straight,
}

/// What the surroundings (a host, a file) know that settings leave to "Auto".
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// Space of the source where it is told.
    pub input_space: Option<&'static Space>,
    /// Space wanted of the output where it is told.
    pub output_space: Option<&'static Space>,
    /// How alpha relates to colour.
    pub alpha: Alpha,
}

/// What a render has to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Source values that were not a number and were read as 0.
    pub nan: u64,
    /// Source values that were infinite and were read as the largest half float.
    pub infinite: u64,
    /// Why the exact colour transform stands in for what was asked for, where it does.
    pub fallback: Option<String>,
}

/// The caller asked to stop; the output holds no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Asked now and then during the work; true means stop.
pub type Abort<'a> = &'a (dyn Fn() -> bool + Sync);
