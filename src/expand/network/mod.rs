//! Networks in the picture's way: loading them, what they see of the frame, and what becomes of what
//! they say.

mod average;
mod blends;
mod grid;
mod kept;
mod load;
mod look;
mod means;
mod motion;
mod picture;
mod prepare;
mod seen;
mod shelf;
mod tensors;
mod tile;
mod tone;

pub(super) use blends::{BLENDS_LEN, BlendSums, FEW as FEW_BLENDS};
pub(super) use grid::{GridMethod, GridWeights};
pub(super) use load::Networks;
pub use load::{LoadError, Loaded, forget_networks, machine};
pub(super) use look::{KNOTS as LOOK_KNOTS, MOST as LOOK_MOST};
pub(super) use look::{Look, LookPart, LookShare};
pub(super) use picture::Picture;
pub(super) use prepare::{FrameMemo, Method, OneFrame, Ready, prepare};
pub use seen::{Seen, see};
pub(super) use tile::{Output, Tiles};
pub use tone::Tone;
pub(super) use tone::{CROSSTALK, CURVE, KNOTS as TONE_KNOTS};

#[cfg(test)]
mod tests;
