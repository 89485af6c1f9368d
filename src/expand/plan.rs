//! Settings and surroundings, resolved into what the pixel loops need.

use super::device::Wish;
use super::methods::{METHODS, MethodInfo, Scope};
use super::network::{Networks, Tone};
use super::views::{VIEWS, ViewInfo};
use super::{Alpha, Surroundings, input_spaces};
use crate::settings::{ESTIMATE, Id, Values};
use headroom_colour::{Conversion, Kind, Space, Viewing, find, spaces};
use headroom_kernel::nn::Precision;
use std::borrow::Cow;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Settings and surroundings, resolved and ready to run; holds no pixels.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) input: &'static Space,
    pub(super) output: &'static Space,
    pub(super) viewing: Viewing,
    pub(super) conversion: Conversion,
    pub(super) alpha: Alpha,
    pub(super) method: &'static MethodInfo,
    pub(super) view: &'static ViewInfo,
    /// Legal range is undone by `code * range.0 + range.1`; none for full range.
    pub(super) range: Option<(f32, f32)>,
    /// Linear factor of the input exposure.
    pub(super) exposure: f32,
    pub(super) keep_above_white: bool,
    pub(super) amount: f32,
    pub(super) highlight_gain: f32,
    /// Stops above diffuse white.
    pub(super) peak: f32,
    pub(super) rolloff: f32,
    /// Code from which a channel counts as clipped; none where it is measured.
    pub(super) clip_level: Option<f32>,
    pub(super) clip_softness: f32,
    pub(super) clip_any_channel: bool,
    pub(super) saturation: f32,
    /// Degrees.
    pub(super) hue: f32,
    pub(super) shadow_recovery: f32,
    /// Nits.
    pub(super) diffuse_white: f32,
    pub(super) protect_unclipped: bool,
    pub(super) dequantise: f32,
    /// One code value of the depth in which the picture was stored, 1 being full scale.
    pub(super) code_step: f32,
    pub(super) mask: bool,
    pub(super) mask_invert: bool,
    pub(super) mix: f32,
    /// Linear factor of the Exposure preview view.
    pub(super) preview: f32,
    pub(super) half_safe: bool,
    temporal_radius: i32,
    freeze: Option<f64>,
    /// The camera's curve is found from the picture; `input` gives the primaries alone.
    pub(super) estimate: bool,
    /// What a render found it to be.
    pub(super) tone: Option<Arc<Tone>>,
    pub(super) weights: String,
    pub(super) precision: Precision,
    /// Bytes; none: by what is free.
    pub(super) memory_limit: Option<usize>,
    pub(super) networks: Networks,
    device: Wish,
}

impl Plan {
    /// Resolves settings in their surroundings.
    #[must_use]
    pub fn new(values: &Values, surroundings: &Surroundings) -> Self {
        let named = |key: Id| values.text(key).and_then(|name| find(&name));
        let number = |key: Id| values.number(key) as f32;
        let first = &spaces()[0];
        let srgb = find("srgb").or_else(|| input_spaces().next()).unwrap_or(first);
        let estimate = values.text(Id::InputSpace).as_deref() == Some(ESTIMATE.id);
        let told = if estimate { None } else { surroundings.input_space };
        let input = named(Id::InputSpace).or(told).unwrap_or(srgb);
        let linear_default = || match input.kind {
            Kind::SceneLinear => input,
            _ => find("ACEScg").unwrap_or(first),
        };
        let output =
            named(Id::OutputSpace).or(surroundings.output_space).unwrap_or_else(linear_default);
        let diffuse_white = values.number(Id::DiffuseWhite);
        let peak = if output.kind == Kind::DisplayHdr {
            libm::log2(values.number(Id::PeakNits) / diffuse_white)
        } else {
            values.number(Id::Peak)
        };
        let ten_bit = values.choice(Id::SourceDepth) == 1;
        let range = (values.choice(Id::InputRange) == 1).then(|| legal(ten_bit));
        Self {
            input,
            output,
            viewing: Viewing { diffuse_white },
            conversion: Conversion::new(input, output, Viewing { diffuse_white }),
            alpha: surroundings.alpha,
            method: METHODS.get(values.choice(Id::Method)).unwrap_or(&METHODS[0]),
            view: VIEWS.get(values.choice(Id::View)).unwrap_or(&VIEWS[0]),
            range,
            exposure: libm::exp2(values.number(Id::InputExposure)) as f32,
            keep_above_white: values.toggle(Id::KeepAboveWhite),
            amount: number(Id::Amount),
            highlight_gain: number(Id::HighlightGain),
            peak: peak as f32,
            rolloff: number(Id::Rolloff),
            clip_level: (!values.toggle(Id::ClipAuto)).then(|| number(Id::ClipThreshold)),
            clip_softness: number(Id::ClipSoftness),
            clip_any_channel: values.toggle(Id::ClipAnyChannel),
            saturation: number(Id::HighlightSaturation),
            hue: number(Id::HighlightHue),
            shadow_recovery: number(Id::ShadowRecovery),
            diffuse_white: diffuse_white as f32,
            protect_unclipped: values.toggle(Id::ProtectUnclipped),
            dequantise: number(Id::Dequantise),
            code_step: 1.0 / if ten_bit { 1023.0 } else { 255.0 },
            mask: values.toggle(Id::MaskEnable),
            mask_invert: values.toggle(Id::MaskInvert),
            mix: number(Id::Mix),
            preview: libm::exp2(values.number(Id::PreviewExposure)) as f32,
            half_safe: values.toggle(Id::HalfSafe),
            temporal_radius: values.integer(Id::TemporalRadius),
            freeze: values.toggle(Id::FreezeAnalysis).then(|| values.number(Id::FreezeFrame)),
            estimate,
            tone: None,
            weights: values.path(Id::Weights).to_owned(),
            precision: match values.choice(Id::Precision) {
                1 => Precision::Fast,
                _ => Precision::Full,
            },
            memory_limit: usize::try_from(values.integer(Id::MemoryLimit))
                .ok()
                .filter(|megabytes| *megabytes > 0)
                .map(|megabytes| megabytes.saturating_mul(1_000_000)),
            networks: Networks::default(),
            device: Wish::from_index(values.choice(Id::Device)),
        }
    }

    /// What is to render.
    #[must_use]
    pub fn device(&self) -> Wish {
        self.device
    }

    /// The same with the curve that was found in the picture, if one was.
    pub(super) fn toned(&self, tone: Option<Arc<Tone>>) -> Cow<'_, Self> {
        match tone {
            Some(_) => Cow::Owned(Self { tone, ..self.clone() }),
            None => Cow::Borrowed(self),
        }
    }

    /// True when nothing can be added to the pure colour transform.
    pub(super) fn is_pure(&self) -> bool {
        self.amount == 0.0
            || self.mix == 0.0
            || self.method.scope == Scope::Nothing
            || self.networks.method_failed
    }

    /// True when the pure colour transform changes no pixel, so that a pixel which nothing else
    /// touches is handed on bit for bit.
    pub(super) fn transform_is_identity(&self) -> bool {
        self.conversion.is_identity()
            && self.exposure == 1.0
            && self.range.is_none()
            && !self.estimate
    }

    /// True when the output equals the source, so that nothing need be rendered. (Values beyond
    /// half-float range then stay as they are, whatever the half-safe switch says.)
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.transform_is_identity()
            && self.is_pure()
            && self.shadow_recovery == 0.0
            && self.dequantise == 0.0
            && std::ptr::eq(self.view, &raw const VIEWS[0])
    }

    /// True when [`super::analyse`] needs the whole frame before [`super::render`] can do any part
    /// of it. When false, `analyse` reads no pixel.
    #[must_use]
    pub fn needs_whole_frame(&self) -> bool {
        let masked = self.method.scope == Scope::Clipped
            || self.protect_unclipped
            || self.highlight_gain != 0.0;
        let expands = !self.is_pure()
            && (self.method.needs_analysis || (masked && self.clip_level.is_none()));
        expands || self.estimate || (self.view.needs_mask && self.clip_level.is_none())
    }

    /// True when the camera's curve is found from the picture, and the input space gives primaries
    /// alone.
    #[must_use]
    pub fn estimates(&self) -> bool {
        self.estimate
    }

    /// Space of the source, Auto resolved.
    #[must_use]
    pub fn input_space(&self) -> &'static Space {
        self.input
    }

    /// Space of the output, Auto resolved.
    #[must_use]
    pub fn output_space(&self) -> &'static Space {
        self.output
    }

    /// The method that finds the light above white.
    #[must_use]
    pub fn method(&self) -> &'static MethodInfo {
        self.method
    }

    /// What is put out: the result, or a picture to judge it by.
    #[must_use]
    pub fn view(&self) -> &'static ViewInfo {
        self.view
    }

    /// A number that differs when [`super::analyse`] could differ on the same picture.
    #[must_use]
    pub fn analysis_key(&self) -> u64 {
        let text = format!(
            "{}|{}|{:?}|{:?}|{:?}|{}|{}|{}|{}|{}",
            self.input.name,
            self.exposure,
            self.viewing.diffuse_white,
            self.range,
            self.alpha,
            self.clip_level.map_or(-1.0, |level| level),
            self.method.needs_range,
            self.method.network,
            self.needs_whole_frame(),
            self.networks.key(),
        );
        xxh3_64(text.as_bytes())
    }

    /// Whether what a network says of a frame is averaged with what it says of those around it
    /// ([`Analysis::averaged_over`](super::Analysis::averaged_over)): where frames are averaged, and a network says
    /// stops or a curve.
    #[must_use]
    pub fn averages_frames(&self) -> bool {
        self.freeze.is_none()
            && self.temporal_radius > 0
            && self.wanted_networks().each().any(|loaded| loaded.may_be_averaged())
    }

    /// Frames whose statistics are averaged for a render at `time`, in ascending order; `time`
    /// alone when there is nothing to average. A frozen analysis names its frame.
    #[must_use]
    pub fn analysis_times(&self, time: f64) -> Vec<f64> {
        if let Some(frame) = self.freeze {
            return vec![frame];
        }
        (-self.temporal_radius..=self.temporal_radius).map(|i| time + f64::from(i)).collect()
    }
}

/// Video range to full range (ITU-R BT.709-6, 4.6: 16 to 235 of 8 bits, 64 to 940 of 10).
fn legal(ten_bit: bool) -> (f32, f32) {
    let (full, black, white) = if ten_bit { (1023.0, 64.0, 940.0) } else { (255.0, 16.0, 235.0) };
    ((full / (white - black)) as f32, (-black / (white - black)) as f32)
}
