//! Rendering of sequences, through the engine or through the plug-in: the same bits.

mod bundle;
mod engine;
mod output;
mod pipeline;
mod resolve;
mod source;

pub(crate) use bundle::Bundle;
pub(crate) use engine::Engine;
pub(crate) use output::Output;
pub(crate) use pipeline::{Render, run};

use crate::error::Outcome;
use headroom_frame::Frame;
use resolve::Resolved;
pub(crate) use resolve::check_networks;
use source::Source;
use std::sync::Arc;

/// One frame to be rendered.
pub(crate) struct Task<'a> {
    /// Frame number.
    pub(crate) frame: i64,
    /// The picture.
    pub(crate) picture: Arc<Frame>,
    /// Mask of the same frame.
    pub(crate) mask: Option<Arc<Frame>>,
    /// Settings without anything left to "Auto".
    pub(crate) resolved: &'a Resolved,
    /// Where neighbouring frames come from.
    pub(crate) source: &'a Source,
}

/// Pixels of a frame and what was measured.
pub(crate) struct Rendered {
    /// RGBA of the picture's data window, top row first.
    pub(crate) pixels: Vec<f32>,
    /// Share of the pixels with a clipped channel, where it was measured.
    pub(crate) clip_share: Option<f32>,
}

/// What renders.
pub(crate) enum Renderer {
    /// The engine, called directly.
    Engine(Box<Engine>),
    /// The plug-in, called as a host would.
    Bundle(Box<Bundle>),
}

impl Renderer {
    /// Renders a frame into `buffer` (any content, any size).
    ///
    /// # Errors
    /// Interrupted, or failed with what the plug-in said.
    fn render(&mut self, task: &Task<'_>, buffer: Vec<f32>) -> Outcome<Rendered> {
        match self {
            Self::Engine(engine) => engine.render(task, buffer),
            Self::Bundle(bundle) => bundle.render(task, buffer),
        }
    }
}
