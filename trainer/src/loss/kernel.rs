//! From what a term chose to what computes its loss.

use super::frame::{Frame, Where};
use super::pixel::{Pixel, Weigh, decibels, mean};
use super::region::{Measure, Region};
use super::several::{Consistency, Tone};
use super::table::LossInfo;
use headroom_kernel::Pool;
use std::collections::BTreeMap;

/// What a term chose.
pub(super) struct Chosen<'a> {
    pub(super) place: Where,
    pub(super) options: &'a BTreeMap<String, f64>,
    pub(super) info: &'static LossInfo,
}

impl Chosen<'_> {
    /// What an option is set to.
    pub(super) fn get(&self, id: &str) -> f64 {
        let usual = || self.info.knobs.iter().find(|knob| knob.id == id).map(|knob| knob.usual);
        self.options.get(id).copied().or_else(usual).unwrap_or_default()
    }

    /// What truth is limited to.
    pub(super) fn limit(&self) -> f32 {
        self.get("limit") as f32
    }

    /// A loss of pixels, those that clipped counting `boost` more.
    pub(super) fn pixels(&self, boost: f64, loss: impl Pixel + Send + 'static) -> Kernel {
        let (weigh, limit) = (Weigh { place: self.place, boost: boost as f32 }, self.limit());
        Kernel::Frame(Box::new(move |frame, factor, gradient, pool| {
            mean(frame, weigh, limit, &loss, factor, gradient, pool)
        }))
    }

    /// The mean of a loss of pixels, in decibels above 1.
    pub(super) fn decibels(&self, loss: impl Pixel + Send + 'static) -> Kernel {
        let (weigh, limit) = (Weigh { place: self.place, boost: 0.0 }, self.limit());
        Kernel::Frame(Box::new(move |frame, factor, gradient, pool| {
            decibels(frame, weigh, limit, &loss, factor, gradient, pool)
        }))
    }

    /// A loss of clipped regions.
    pub(super) fn regions(&self, measure: Measure) -> Kernel {
        let (power, least) = (self.get("power"), self.get("least") as usize);
        let region = Region { measure, power, least, limit: self.limit() };
        Kernel::Frame(Box::new(move |frame, factor, gradient, _| {
            region.frame(frame, factor, gradient)
        }))
    }
}

/// A loss of one frame: its value, and its gradient times a factor added.
pub(super) type OfFrame = Box<dyn Fn(&Frame<'_>, f64, &mut [f32], &Pool) -> f64 + Send + Sync>;

/// A loss of frames that follow one another: its value, and gradients times a factor added.
pub(super) type OfClip = Box<dyn Fn(&[Frame<'_>], f64, &mut [Vec<f32>]) -> f64 + Send + Sync>;

/// What computes a loss.
pub(super) enum Kernel {
    Frame(OfFrame),
    Clip(OfClip),
    Edit(Consistency),
    Tone(Tone),
}
