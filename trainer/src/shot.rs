//! What training and evaluation work on: an SDR picture, what is known of its camera, and the truth.
//!
//! Pixels are channels last, rows from the top down, three numbers each. Light is linear Rec.709.

use crate::{Error, model};
use headroom::expand::{Plan, Seen, Surroundings, Tone, see};
use headroom::metrics::Motion;
use headroom::model::{Model, Weights};
use headroom::settings::Values;
use headroom_colour::space;
use headroom_frame::{AlphaKind, Frame};
use headroom_kernel::{Components, ImageRef, Pool, Rect};
use std::sync::{Arc, LazyLock};

/// A picture or a tile of one, with its truth.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Which picture, and which view of it; unique in an epoch and the same on every machine.
    pub name: String,
    /// Height and width of the whole frame.
    pub frame: [usize; 2],
    /// Top and left of this tile in the frame.
    pub at: [usize; 2],
    /// Height and width of this tile.
    pub size: [usize; 2],
    /// Codes as the camera gave them, 1 being full scale, `size` pixels.
    pub code: Arc<[f32]>,
    /// sRGB codes that the network is given: the same, or as an sRGB camera would have recorded them.
    pub picture: Arc<[f32]>,
    /// Light by the exact inverse of the camera that made the codes, of clipped pixels too. The best
    /// that can be had without a network.
    pub base: Arc<[f32]>,
    /// Factors of the channels that a wrong white balance put in and `base` is without. No curve can tell them: what
    /// one can say of a picture is `base` times these.
    pub balance: [f32; 3],
    /// The light there was, exposed as the camera saw it: equal to `base`, but for noise and rounding,
    /// where nothing clipped.
    pub truth: Arc<[f32]>,
    /// The clip mask of each channel, 0 to 1, as the engine measures it.
    pub clip: Arc<[f32]>,
    /// How far inside what clips each channel lies, as a share that stops are multiplied by.
    pub inside: Arc<[f32]>,
    /// What networks see of the whole frame.
    pub seen: Arc<Seen>,
    /// Where pixels of this tile were in the frame before it in its clip, where that is known.
    pub before: Option<Motion>,
    /// What was done to the picture, for the log and for what goes wrong.
    pub camera: String,
}

/// Frames that follow one another; one for a still.
#[derive(Clone, Debug)]
pub struct Clip {
    /// The picture or sequence.
    pub video: String,
    /// Number of the first frame.
    pub start: i64,
    /// In order of time, all of one size.
    pub shots: Vec<Shot>,
}

/// What one step works on; all shots are of one size.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Counted from 0 in the epoch.
    pub index: usize,
    /// The clips.
    pub clips: Vec<Clip>,
}

impl Batch {
    /// All frames of all clips.
    pub fn shots(&self) -> impl Iterator<Item = &Shot> {
        self.clips.iter().flat_map(|clip| &clip.shots)
    }
}

/// Weights of the channels of linear Rec.709 in CIE Y.
#[must_use]
pub fn luminance_weights() -> [f64; 3] {
    static WEIGHTS: LazyLock<[f64; 3]> =
        LazyLock::new(|| space::linear_rec709().luminance_weights());
    *WEIGHTS
}

/// A picture of three numbers per pixel as files are written from it, opaque.
#[must_use]
pub fn opaque([height, width]: [usize; 2], rgb: &[f32]) -> Frame {
    let pixels = rgb.as_chunks::<3>().0.iter().flat_map(|p| [p[0], p[1], p[2], 1.0]).collect();
    Frame::new(width as u32, height as u32, pixels, AlphaKind::Opaque)
}

/// Sees frames as the engine shows them to a network.
#[derive(Clone, Debug)]
pub struct Seer {
    plan: Plan,
}

impl Seer {
    /// For networks of that architecture and configuration.
    ///
    /// # Errors
    /// When the network cannot be run on this machine.
    pub fn new(model: Arc<Model>) -> Result<Self, Error> {
        let mut values = Values::default();
        // So that edges are asked for the curve; codes of sRGB all the same.
        values
            .set_text("input_space", "estimate")
            .map_err(|error| Error::failed(error.to_string()))?;
        let mut plan = Plan::new(&values, &Surroundings::default());
        plan.load_model(model)?;
        Ok(Self { plan })
    }

    /// For an architecture with its usual configuration, when its weights do not matter.
    ///
    /// # Errors
    /// When there is no such architecture.
    pub fn of(architecture: &str) -> Result<Self, Error> {
        let kind = model::Settings { architecture: architecture.to_owned(), ..Default::default() };
        let built = kind.build()?;
        let weights = Weights::seeded(&built.network, 0);
        Self::new(Arc::new(built.model("unnamed", &weights)?))
    }

    /// What a network sees of a frame of codes, channels last, rows from the top down: of sRGB codes, or under the
    /// camera's curve.
    ///
    /// # Errors
    /// When the frame has no pixel or is not as large as its size says.
    pub fn see(
        &self,
        [height, width]: [usize; 2],
        code: &[f32],
        tone: Option<&Arc<Tone>>,
        pool: &Pool,
    ) -> Result<Seen, Error> {
        if code.len() != height * width * 3 || code.is_empty() {
            let found = code.len();
            return Err(Error::failed(format!(
                "frame: found {found} numbers for {width} x {height}"
            )));
        }
        let bounds = Rect { x1: 0, y1: 0, x2: width as i32, y2: height as i32 };
        let image = ImageRef::from_floats(code, bounds, Components::Rgb)
            .map_err(|error| Error::failed(error.to_string()))?;
        see(&self.plan, tone, &image, bounds, pool, &|| false).map_err(|_| Error::Interrupted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom::model::inputs::{LOOK, LOOK_CHANNELS, LOOK_SIDE};

    /// Mean row of what clips, 0 at the top and 1 at the bottom: in the mask, and in the look.
    #[test]
    fn the_look_has_the_rows_of_the_picture() {
        let seer = Seer::of("grid").expect("a network");
        let (height, width) = (60, 90);
        let row = |i: usize| (i / width) as f32 / height as f32;
        let code: Vec<f32> = (0..height * width)
            .flat_map(|i| [if row(i) < 0.25 { 1.0 } else { 0.5 * row(i) }; 3])
            .collect();
        let seen = seer.see([height, width], &code, None, &Pool::new(1)).expect("sees");
        let mean = |shares: Vec<(f32, f32)>| {
            let all: f32 = shares.iter().map(|(_, share)| share).sum();
            shares.iter().map(|(row, share)| row * share).sum::<f32>() / all
        };
        let masks = code.as_chunks::<3>().0.iter().enumerate();
        let of_mask = mean(masks.map(|(i, p)| (row(i), seen.clip(*p)[0])).collect());
        let look = seen.tensor(LOOK).expect("a look").as_chunks::<LOOK_CHANNELS>().0.iter();
        let cell = |i: usize| (i / LOOK_SIDE) as f32 / LOOK_SIDE as f32;
        let of_look = mean(look.enumerate().map(|(i, c)| (cell(i), c[3])).collect());
        assert!(of_mask < 0.13 && (of_mask - of_look).abs() < 0.02, "{of_mask} {of_look}");
    }
}
