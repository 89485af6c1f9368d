//! THE settings table. Ids and options are append-only: projects, presets and scripts hold them.
//! A snapshot of the node's description in `plugin/tests` guards that.

use super::{Choice, Group, Kind, Setting, Unit};
use crate::{expand, presets};
use headroom_colour as colour;
use std::sync::LazyLock;

/// Builds the enum of keys and the table from one list.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $key:ident $id:literal $label:literal $group:ident $animates:ident $kind:expr;)+) => {
        /// Key of a setting.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Id { $($(#[doc = $doc])+ $key),+ }

        /// Every setting, in menu order.
        pub static SETTINGS: &[Setting] = &[$(Setting {
            key: Id::$key,
            id: $id,
            label: $label,
            // A hint is the doc comment: one text for the programmer and for the user.
            hint: concat!($($doc),+).trim_ascii(),
            group: Group::$group,
            kind: $kind,
            animates: $animates,
        }),+];
    };
}

const YES: bool = true;
const NO: bool = false;

const fn toggle(default: bool) -> Kind {
    Kind::Toggle { default }
}

const fn number(default: f64, range: (f64, f64), display: (f64, f64), unit: Unit) -> Kind {
    Kind::Number { default, range, display, unit }
}

const fn share(default: f64) -> Kind {
    number(default, (0.0, 1.0), (0.0, 1.0), Unit::None)
}

const fn choice(default: usize, options: fn() -> &'static [Choice]) -> Kind {
    Kind::Choice { default, options }
}

settings! {
    /// Sets several settings at once to a tried look. Custom leaves everything as it is.
    Preset "preset" "Preset" Input NO choice(0, preset_options);
    /// Colour space of the source. Auto takes what the host tells; where it tells nothing, linear Rec.709 in hosts that linearise (Nuke, Natron, Fusion) and sRGB elsewhere.
    InputSpace "input_space" "Input colour space" Input NO choice(0, input_spaces);
    /// Full: code 0 is black and the largest code white. Legal: video range, 16 to 235 of 255.
    InputRange "input_range" "Input range" Input NO choice(0, || RANGES);
    /// Exposure of the source in stops, before everything else.
    InputExposure "input_exposure" "Input exposure" Input YES number(0.0, (-16.0, 16.0), (-4.0, 4.0), Unit::Stops);
    /// Leaves values that are already above white exactly as they are: with a clip threshold set by hand 0.999 is expanded and 1.002 stays. When off, they are cut to white and expanded anew, as far as the method expands them: Inverse and amount 0 still leave them.
    KeepAboveWhite "keep_above_white" "Keep values above white" Input NO toggle(true);

    /// How light above white is found.
    Method "method" "Method" Expansion NO choice(expand::DEFAULT_METHOD, method_options);
    /// How much of the expansion is applied, in log light. 0 is the pure colour transform.
    Amount "amount" "Amount" Expansion YES share(1.0);
    /// Raises or lowers the expanded highlights, in stops where they are fully clipped.
    HighlightGain "highlight_gain" "Highlight gain" Expansion YES number(0.0, (-8.0, 8.0), (-4.0, 4.0), Unit::Stops);
    /// Brightest value of the result, in stops above diffuse white. Used for every output but PQ and HLG.
    Peak "peak" "Peak" Expansion YES number(6.0, (0.0, 16.0), (0.0, 10.0), Unit::Stops);
    /// Brightest value of the result in nits, for PQ and HLG output.
    PeakNits "peak_nits" "Peak for PQ and HLG" Expansion YES number(1000.0, (50.0, 10000.0), (100.0, 4000.0), Unit::Nits);
    /// Softness of the roll-off towards the peak: 0 cuts hard, 1 begins at diffuse white.
    Rolloff "rolloff" "Roll-off" Expansion YES share(0.5);
    /// Measures from the whole frame at which code the picture clips (JPEG whites rarely reach 255).
    ClipAuto "clip_auto" "Measure clip level" Expansion NO toggle(true);
    /// Code value from which a channel counts as clipped, when it is not measured.
    ClipThreshold "clip_threshold" "Clip threshold" Expansion YES number(0.98, (0.75, 1.0), (0.8, 1.0), Unit::Code);
    /// Width of the ramp below the clip level over which the expansion sets in, as a share of full scale. Where the curve is estimated from the picture and steeper at white than sRGB, the ramp is as much narrower.
    ClipSoftness "clip_softness" "Clip softness" Expansion YES number(0.05, (0.0, 0.5), (0.0, 0.2), Unit::Code);
    /// A pixel counts as clipped as soon as one channel is. When off, all three must be.
    ClipAnyChannel "clip_any_channel" "Any channel clips" Expansion NO toggle(true);
    /// Saturation of what the expansion added: 0 white, 1 as found.
    HighlightSaturation "highlight_saturation" "Highlight saturation" Expansion YES number(1.0, (0.0, 4.0), (0.0, 2.0), Unit::None);
    /// Turns the hue of what the expansion added.
    HighlightHue "highlight_hue" "Highlight hue" Expansion YES number(0.0, (-180.0, 180.0), (-30.0, 30.0), Unit::Degrees);
    /// Opens shadows that the camera pressed together. 0 leaves them exactly alone.
    ShadowRecovery "shadow_recovery" "Shadow recovery" Expansion YES share(0.0);
    /// Luminance of diffuse white in PQ and HLG and in the BT.2446 methods: 203 by ITU-R BT.2408, 100 by older practice.
    DiffuseWhite "diffuse_white" "Diffuse white" Expansion NO number(203.0, (50.0, 1000.0), (80.0, 400.0), Unit::Nits);
    /// Where nothing is clipped, the result equals the pure colour transform. When off, methods that work on the whole picture (BT.2446, Akyuz) may move every pixel.
    ProtectUnclipped "protect_unclipped" "Keep unclipped pixels exact" Expansion NO toggle(true);
    /// Weights of the network that Method names: a model file, by its path or by a name in one of the folders that `headroom models list` shows. Empty: the weights that come with Headroom.
    Weights "weights" "Weights" Expansion NO Kind::File;
    /// Full: 32-bit floats throughout. Fast: networks multiply in bfloat16 where the processor can, which is faster and differs by up to 1 %.
    Precision "precision" "Precision" Expansion NO choice(0, || PRECISIONS);
    /// Memory that a network may use for one frame, in megabytes; larger frames are done in tiles, with the same result. 0: half of what is free.
    MemoryLimit "memory_limit" "Memory limit" Expansion NO Kind::Integer { default: 0, range: (0, 1 << 20), display: (0, 16384), unit: Unit::Megabytes };

    /// What renders. Auto: the GPU on which the host's pictures lie; else the CPU, or a GPU of this machine where that was measured to be faster. Host's GPU: that or the CPU. GPU: that of the host or one of this machine (`HEADROOM_GPU` names which). CPU: as it says. What a GPU cannot do the CPU does.
    Device "device" "Device" Expansion NO choice(0, || DEVICES);

    /// Smooths steps of the 8-bit signal in flat areas, never by more than half a code value. 0 is off.
    Dequantise "dequantise" "Dequantise" CleanUp YES share(0.0);
    /// Depth in which the picture was stored before it got here.
    SourceDepth "source_depth" "Source depth" CleanUp NO choice(0, || DEPTHS);

    /// Limits the expansion to the Mask input.
    MaskEnable "mask_enable" "Use mask" Mask NO toggle(false);
    /// Expands where the mask is black instead.
    MaskInvert "mask_invert" "Invert mask" Mask NO toggle(false);
    /// Mixes linearly between the pure colour transform (0) and the result (1).
    Mix "mix" "Mix" Mask YES share(1.0);

    /// What the node puts out: the result, or a picture to judge it by.
    View "view" "View" View NO choice(0, view_options);
    /// Exposure of the Exposure preview view.
    PreviewExposure "preview_exposure" "Preview exposure" View YES number(-4.0, (-16.0, 16.0), (-8.0, 0.0), Unit::Stops);

    /// Frames before and after whose measurements, and what a network says of them along the camera's motion, are averaged into this one's, against flicker. 0 is off; 2 does for most pans.
    TemporalRadius "temporal_radius" "Stabilise over frames" Time NO Kind::Integer { default: 0, range: (0, 8), display: (0, 4), unit: Unit::Frames };
    /// Takes the frame's measurements from one frame for the whole shot.
    FreezeAnalysis "freeze_analysis" "Freeze analysis" Time NO toggle(false);
    /// The frame that frozen measurements are taken from.
    FreezeFrame "freeze_frame" "Frame to freeze" Time NO number(1.0, (-1.0e6, 1.0e6), (0.0, 1000.0), Unit::Frames);

    /// Colour space of the result. Auto takes what the host asks for; else the input's space if that is linear, else ACEScg.
    OutputSpace "output_space" "Output colour space" Output NO choice(0, output_spaces);
    /// Limits the result to what half floats can hold (65504), so that no infinity is written.
    HalfSafe "half_safe" "Half-float safe" Output NO toggle(true);

    /// Measures the current frame and shows the figures below.
    Measure "measure" "Measure frame" Info NO Kind::Button;
    /// Device, version, model and what was measured.
    InfoText "info_text" "Info" Info NO Kind::Info;
}

static RANGES: &[Choice] =
    &[Choice { id: "full", label: "Full" }, Choice { id: "legal", label: "Legal (video)" }];

static PRECISIONS: &[Choice] =
    &[Choice { id: "full", label: "Full" }, Choice { id: "fast", label: "Fast" }];

/// In the order of [`crate::expand::device::Wish`].
static DEVICES: &[Choice] = &[
    Choice { id: "auto", label: "Auto" },
    Choice { id: "host", label: "Host's GPU" },
    Choice { id: "gpu", label: "GPU" },
    Choice { id: "cpu", label: "CPU" },
];

static DEPTHS: &[Choice] =
    &[Choice { id: "8", label: "8 bit" }, Choice { id: "10", label: "10 bit" }];

const AUTO: Choice = Choice { id: "auto", label: "Auto (from host)" };

fn space_options(spaces: impl Iterator<Item = &'static colour::Space>) -> Vec<Choice> {
    let named = spaces.map(|space| Choice { id: space.name, label: space.name });
    std::iter::once(AUTO).chain(named).collect()
}

/// The option that finds the camera's curve from the picture.
pub(crate) const ESTIMATE: Choice = Choice { id: "estimate", label: "Estimate from picture" };

/// Input spaces that stood in the list before [`ESTIMATE`] did; later ones come after it.
const SPACES_BEFORE_ESTIMATE: usize = 36;

fn input_spaces() -> &'static [Choice] {
    static OPTIONS: LazyLock<Vec<Choice>> = LazyLock::new(|| {
        let mut options = space_options(expand::input_spaces());
        options.insert((1 + SPACES_BEFORE_ESTIMATE).min(options.len()), ESTIMATE);
        options
    });
    &OPTIONS
}

fn output_spaces() -> &'static [Choice] {
    static OPTIONS: LazyLock<Vec<Choice>> =
        LazyLock::new(|| space_options(expand::output_spaces()));
    &OPTIONS
}

fn method_options() -> &'static [Choice] {
    static OPTIONS: LazyLock<Vec<Choice>> = LazyLock::new(|| {
        expand::METHODS.iter().map(|m| Choice { id: m.id, label: m.label }).collect()
    });
    &OPTIONS
}

fn view_options() -> &'static [Choice] {
    static OPTIONS: LazyLock<Vec<Choice>> = LazyLock::new(|| {
        expand::VIEWS.iter().map(|v| Choice { id: v.id, label: v.label }).collect()
    });
    &OPTIONS
}

fn preset_options() -> &'static [Choice] {
    static OPTIONS: LazyLock<Vec<Choice>> = LazyLock::new(|| {
        let custom = Choice { id: "custom", label: "Custom" };
        let named = presets::all().iter().map(|p| Choice { id: p.id, label: p.label });
        std::iter::once(custom).chain(named).collect()
    });
    &OPTIONS
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn keys_index_the_table_and_ids_are_unique_and_defaults_lie_in_range() {
        let mut seen = HashSet::new();
        for (index, setting) in SETTINGS.iter().enumerate() {
            assert_eq!(setting.key as usize, index);
            assert!(seen.insert(setting.id), "{} stands twice", setting.id);
            assert!(!setting.hint.is_empty(), "{} has no hint", setting.id);
            match setting.kind {
                Kind::Number { default, range, display, .. } => {
                    assert!(range.0 <= default && default <= range.1, "{}", setting.id);
                    assert!(range.0 <= display.0 && display.1 <= range.1, "{}", setting.id);
                }
                Kind::Integer { default, range, display, .. } => {
                    assert!(range.0 <= default && default <= range.1, "{}", setting.id);
                    assert!(range.0 <= display.0 && display.1 <= range.1, "{}", setting.id);
                }
                Kind::Choice { default, options } => {
                    let ids: HashSet<_> = options().iter().map(|o| o.id).collect();
                    assert_eq!(ids.len(), options().len(), "{}: option twice", setting.id);
                    assert!(default < options().len(), "{}", setting.id);
                }
                Kind::Toggle { .. } | Kind::File | Kind::Button | Kind::Info => {}
            }
        }
        for group in Group::ALL {
            assert!(seen.insert(group.id()), "{} is also a setting", group.id());
        }
    }
}
