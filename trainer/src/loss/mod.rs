//! Losses and their gradients with respect to the prediction, by hand.
//!
//! | module | what it is for |
//! |---|---|
//! | [`LOSSES`] | the one table of all losses |
//! | [`Settings`] | the table `[loss]` |
//! | [`Objective`] | the weighted sum that is minimised |
//! | [`edit`] | random edits, shared with the metric of editability |
//! | [`head`] | from a network's output to light, and the chain rule back |
//!
//! Values are f32; sums are f64 in one order whatever the number of threads. Elementary functions are
//! those of `headroom_colour::vector` and `libm`: the same bits on every machine.

mod defocus;
pub mod edit;
mod frame;
pub mod head;
mod kernel;
mod light;
mod objective;
mod pixel;
mod pointwise;
mod pyramid;
mod region;
mod settings;
mod several;
mod steady;
mod table;
#[cfg(test)]
mod tests;

pub use frame::{Frame, Where};
pub use objective::{Needs, Objective};
pub use settings::{Settings, Term};
pub use table::{Knob, LOSSES, LossInfo, Need};
