//! How light above white is found. A method is one file here and one line in [`METHODS`].

mod akyuz2007;
mod bt2446a;
mod bt2446c;
mod inverse;
mod inverse_highlights;
mod networks;

use super::strip::Strip;
use super::{Analysis, Plan};
use headroom_gpu::layout;

/// Which pixels a method is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// None: the result is the pure colour transform.
    Nothing,
    /// Those in the clip mask.
    Clipped,
    /// All of them; "Keep unclipped pixels exact" limits it to the clip mask.
    WholePicture,
}

/// A method of expansion as menus and documents show it.
#[derive(Debug)]
pub struct MethodInfo {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it does, in a sentence or two.
    pub description: &'static str,
    /// The document it follows.
    pub reference: &'static str,
    /// Which pixels it is made for.
    pub scope: Scope,
    /// True when it is a network, the one of [`crate::model::MODELS`] with this identifier, and needs
    /// weights: see [`Plan::load`].
    pub network: bool,
    /// True when it needs to know the whole frame beyond the clip level.
    pub needs_analysis: bool,
    /// True when it needs the frame's range of luminance, which costs a decoding of what the
    /// analysis reads.
    pub(super) needs_range: bool,
    /// Readies it for a render.
    pub(super) prepare: fn(&Plan, &Analysis) -> Box<dyn Predict>,
}

/// A method, ready to run.
pub(super) trait Predict: Sync {
    /// Predicts the strip: either fills `strip.gain` (stops to add where the mask is full) and returns
    /// [`Prediction::Gain`], or fills `strip.target` (linear light in the input's primaries, or stops
    /// per channel) and returns [`Prediction::Target`] or [`Prediction::Stops`].
    fn predict(&self, strip: &mut Strip) -> Prediction;

    /// The same for a device's kernels; a method that is none there does nothing.
    fn for_device(&self) -> layout::Method {
        device_method(DeviceMethod::Nothing, &[])
    }

    /// True when it reads `strip.channel_clip`.
    fn needs_channel_clip(&self) -> bool {
        false
    }
}

/// The methods that `kernels/method.h` knows, by its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeviceMethod {
    Nothing = 0,
    Highlights = 1,
    Bt2446A = 2,
    Bt2446C = 3,
    Akyuz = 4,
    Stops = 5,
    Linear = 6,
    AcesCct = 7,
    Place = 8,
}

/// A method with its numbers.
pub(super) fn device_method(kind: DeviceMethod, known: &[f32]) -> layout::Method {
    let mut numbers = [0.0; layout::METHOD_NUMBERS];
    numbers[..known.len()].copy_from_slice(known);
    layout::Method { kind: kind as i32, numbers }
}

/// What a method filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prediction {
    /// Stops for the three channels.
    Gain,
    /// Linear light per channel.
    Target,
    /// Stops per channel in `strip.target`, the clip mask included.
    Stops,
}

/// Place of the default in [`METHODS`]: `grid`.
pub const DEFAULT_METHOD: usize = 5;

/// Every method, in menu order; append-only.
pub static METHODS: &[MethodInfo] = &[
    inverse::METHOD,
    inverse_highlights::METHOD,
    bt2446a::METHOD,
    bt2446c::METHOD,
    akyuz2007::METHOD,
    networks::GRID,
    networks::RESIDUAL,
    networks::UNET,
    networks::UNET_LINEAR,
    networks::UNET_ATTENTION,
    networks::DIFF_HDRTV,
];
