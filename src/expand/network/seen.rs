//! What networks are given of the whole frame, for a render and for training alike.

use super::load::Loaded;
use super::look::Look;
use super::tone::Tone;
use super::{shelf, tensors};
use crate::execute::{FrameError, FrameInputs, FrameTensors};
use crate::expand::edge;
use crate::expand::mask::ClipMask;
use crate::expand::{Abort, Interrupted, Plan, measure};
use crate::model::inputs::{BLENDS, CLIPPED, FRAME, HISTOGRAM, LOOK};
use headroom_gpu::Gpu;
use headroom_kernel::{ImageRef, Pool, Rect};
use std::sync::Arc;

/// What networks are given of the whole frame.
#[derive(Debug)]
pub struct Seen {
    look: Vec<f32>,
    histogram: Vec<f32>,
    own: Vec<f32>,
    blends: Vec<f32>,
    clipped: [f32; 1],
    clip: ClipMask,
}

impl Drop for Seen {
    fn drop(&mut self) {
        shelf::give(std::mem::take(&mut self.look));
    }
}

/// What the networks of a loaded plan are given of a frame, exactly as a render gives it; for
/// training. `frame` is where the frame lies; rows run downwards. With the camera's curve as it would be under that curve,
/// had it been found: as an sRGB camera would have recorded it (docs/decisions/0027).
///
/// # Errors
/// When `abort` said so.
pub fn see(
    plan: &Plan,
    tone: Option<&Arc<Tone>>,
    source: &ImageRef<'_>,
    frame: Rect,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Seen, Interrupted> {
    let analysis = measure(plan, source, frame, pool, abort)?;
    let clip = ClipMask::new(plan, analysis.statistics());
    let mut seen = Seen::new(analysis.look(), &clip, tone.map(|tone| &**tone), pool);
    // Pixels have a mask of their own: where JPEG scattered what clips, as wide as without a curve.
    seen.clip = ClipMask::new(&plan.toned(tone.cloned()), analysis.statistics());
    Ok(seen)
}

impl Seen {
    /// With a curve that was found, as an sRGB camera would have recorded it.
    pub(super) fn new(of: &Look, clip: &ClipMask, tone: Option<&Tone>, pool: &Pool) -> Self {
        let clip = tone.map_or(*clip, |tone| clip.under(tone, 0.0));
        let (look, histogram) =
            if of.is_empty() { Default::default() } else { tensors::look(of, &clip, tone, pool) };
        let plane = of.own.len() / 3;
        let own = (0..of.own.len()).map(|i| of.own[i % 3 * plane + i / 3]).collect();
        let blends = of.blends.tensor().to_vec();
        Self { look, histogram, own, blends, clipped: [of.clipped], clip }
    }

    /// The tensor called [`LOOK`], [`HISTOGRAM`], [`BLENDS`], [`CLIPPED`] or [`FRAME`], channels last. None of another name;
    /// empty where the plan's networks do not want it.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&[f32]> {
        match name {
            LOOK => Some(&self.look),
            HISTOGRAM => Some(&self.histogram),
            BLENDS => Some(&self.blends),
            CLIPPED => Some(&self.clipped),
            FRAME => Some(&self.own),
            _ => None,
        }
    }

    /// The clip mask of each channel ([`crate::model::inputs::CLIP`]) of a pixel with those sRGB codes.
    #[must_use]
    pub fn clip(&self, codes: [f32; 3]) -> [f32; 3] {
        codes.map(|code| self.clip.of_channel(code))
    }

    /// How far inside what clips each channel of each pixel lies, as a share that a render multiplies a
    /// network's stops by; of a picture of sRGB codes, `[height, width]` pixels of three numbers.
    #[must_use]
    pub fn inside(&self, codes: &[f32], size: [usize; 2]) -> Vec<f32> {
        edge::of_picture(&self.clip, codes, size)
    }

    pub(super) fn run(
        &self,
        loaded: &Loaded,
        gpu: Option<&Gpu>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<FrameTensors, FrameError> {
        let mut inputs = FrameInputs::new();
        for wanted in loaded.runner.frame_inputs() {
            if let Some(values) = self.tensor(&wanted.name) {
                inputs = inputs.with(&wanted.name, wanted.size, values);
            }
        }
        match gpu {
            None => loaded.runner.frame(&inputs, pool, abort),
            Some(gpu) => loaded.device.frame(gpu, loaded, &inputs, abort),
        }
    }
}
