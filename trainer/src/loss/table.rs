//! Every loss there is: the one place that names them, says what they are, and builds them.

use super::defocus::Defocus;
use super::frame::Where;
use super::kernel::{Chosen, Kernel};
use super::pixel::Channelwise;
use super::pointwise::{AcesCct, PuSquared, l1, log_l1, squared_stops};
use super::pyramid::Gradients;
use super::region::Measure;
use super::several::{Consistency, Temporal, Tone};
use super::steady::Steady;

/// What a loss is computed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Any frame.
    Frame,
    /// Frames that follow one another.
    Clip,
    /// A frame and its edit.
    Edit,
    /// Light that an estimated tone curve gives.
    Tone,
}

/// A number that a term may set.
#[derive(Debug)]
pub struct Knob {
    /// Name in experiments.
    pub id: &'static str,
    /// What it is when nothing is said.
    pub usual: f64,
    /// Least and greatest.
    pub range: [f64; 2],
    /// One sentence, with the unit.
    pub hint: &'static str,
}

/// What is said of a loss, and how it is made.
#[derive(Debug)]
pub struct LossInfo {
    /// Name in experiments, tables and logs.
    pub id: &'static str,
    /// Name for people.
    pub label: &'static str,
    /// One sentence.
    pub hint: &'static str,
    /// What is computed of truth y and prediction p; m is the weight of a value.
    pub formula: &'static str,
    /// Where it is from.
    pub reference: &'static str,
    /// What it is computed on.
    pub need: Need,
    /// Which values it looks at when nothing is said; nothing where that is part of the loss.
    pub place: Option<Where>,
    /// What a term may set.
    pub knobs: &'static [Knob],
    pub(super) build: fn(&Chosen<'_>) -> Kernel,
}

const fn limit(usual: f64) -> Knob {
    Knob {
        id: "limit",
        usual,
        range: [0.01, f64::INFINITY],
        hint: "Truth is limited to it, linear light.",
    }
}

const ALPHA: Knob =
    Knob { id: "alpha", usual: 0.5, range: [0.0, 1.0], hint: "Share of linear light, 0 to 1." };
const UNIT: Knob =
    Knob { id: "unit", usual: 30.0, range: [0.1, 1000.0], hint: "PU units that count as 1." };
const FINE_UNIT: Knob =
    Knob { usual: 5.0, hint: "PU units below which errors hardly count.", ..UNIT };
const BOOST: Knob =
    Knob { id: "boost", usual: 4.0, range: [0.0, 1000.0], hint: "Weight that clip adds to 1." };
const SCALES: Knob =
    Knob { id: "scales", usual: 4.0, range: [1.0, 8.0], hint: "Scales, each half the one before." };
const POWER: Knob = Knob {
    id: "power",
    usual: 1.0,
    range: [1.0, 2.0],
    hint: "1: size of the difference; 2: its square.",
};
const LEAST: Knob =
    Knob { id: "least", usual: 4.0, range: [1.0, 1e6], hint: "Pixels of the smallest region." };
const SHARPNESS: Knob = Knob {
    id: "sharpness",
    usual: 8.0,
    range: [1.0, 32.0],
    hint: "Power of the mean that stands for the maximum.",
};
const RADIUS: Knob = Knob {
    id: "radius",
    usual: 0.02,
    range: [0.0, 0.25],
    hint: "Radius of the disc, as a share of the width.",
};
const TURN: Knob = Knob {
    id: "turn",
    usual: 0.1,
    range: [0.001, 10.0],
    hint: "Stops at which the square becomes a line.",
};
const TOP: Knob = Knob {
    id: "top",
    usual: 0.5,
    range: [0.0, 100.0],
    hint: "Weight of the last stop below the brightest value, beside 1 for all: it says how the curve ends.",
};
const TOE: Knob = Knob {
    id: "toe",
    usual: 0.005,
    range: [1e-4, 1.0],
    hint: "Light below which stops become a straight line: dark channels of saturated colours, which undone cross-talk \
           takes through 0, would outweigh everything.",
};
const ADDED: Knob = Knob {
    id: "unit",
    usual: 0.5,
    range: [0.01, f64::INFINITY],
    hint: "Added stops beside which a change counts by what share of them it is, so that adding less is no way out.",
};
const NONE: f64 = f64::INFINITY;
/// The brightest half float.
const BRIGHTEST: f64 = 65504.0;
/// 6.6 stops, where PU21's display ends.
const DISPLAY: f64 = 100.0;

/// Every loss.
pub static LOSSES: [LossInfo; 16] = [
    LossInfo {
        id: "l1",
        label: "L1",
        hint: "Difference of linear light; highlights outweigh all else.",
        formula: "mean m |y - p|",
        reference: "",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[limit(NONE)],
        build: |chosen| chosen.pixels(0.0, Channelwise(l1)),
    },
    LossInfo {
        id: "log_l1",
        label: "Log L1",
        hint: "Difference of log(1 + light), mirrored below zero.",
        formula: "mean m |ln(1+y) - ln(1+p)|",
        reference: "",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[limit(NONE)],
        build: |chosen| chosen.pixels(0.0, Channelwise(log_l1)),
    },
    LossInfo {
        id: "hybrid",
        label: "Hybrid",
        hint: "L1 and log L1 mixed.",
        formula: "alpha l1 + (1-alpha) log_l1",
        reference: "8-bit to HDR (EXR) conversion",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[ALPHA, limit(NONE)],
        build: |chosen| {
            let alpha = chosen.get("alpha") as f32;
            chosen.pixels(
                0.0,
                Channelwise(move |p, y| {
                    let ((a, da), (b, db)) = (l1(p, y), log_l1(p, y));
                    (alpha * a + (1.0 - alpha) * b, alpha * da + (1.0 - alpha) * db)
                }),
            )
        },
    },
    LossInfo {
        id: "acescct_l1",
        label: "ACEScct L1",
        hint: "Difference of ACEScct code values in AP1, negative and beyond 1 too.",
        formula: "mean m |cct(y) - cct(p)|",
        reference: "AMPAS S-2016-001; SDR2log",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[limit(NONE)],
        build: |chosen| chosen.pixels(0.0, AcesCct::new()),
    },
    LossInfo {
        id: "gradient",
        label: "Gradient",
        hint: "Differences between neighbours in log(1 + light), at several scales.",
        formula: "mean over scales s of mean m |grad_s (ln(1+y) - ln(1+p))|",
        reference: "Li and Snavely, MegaDepth, CVPR 2018, eq. 5",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[SCALES, limit(NONE)],
        build: |chosen| {
            let scales = chosen.get("scales") as usize;
            let loss = Gradients { scales, place: chosen.place, limit: chosen.limit() };
            Kernel::Frame(Box::new(move |frame, factor, gradient, _| {
                loss.frame(frame, factor, gradient)
            }))
        },
    },
    LossInfo {
        id: "clip_pu21",
        label: "PU21 in clip",
        hint: "Squared difference of PU21 where it clipped: what a bright display shows of it.",
        formula: "mean m ((PU(y) - PU(p)) / unit)^2",
        reference: "Mantiuk and Azimi, PU21, PCS 2021, banding_glare",
        need: Need::Frame,
        place: Some(Where::Clipped),
        knobs: &[UNIT, limit(DISPLAY)],
        build: |chosen| {
            let pu = PuSquared::new(chosen.get("unit"));
            chosen.pixels(0.0, Channelwise(move |p, y| pu.at(p, y)))
        },
    },
    LossInfo {
        id: "clip_psnr",
        label: "PU21 in clip, decibels",
        hint: "PU21 where it clipped on the scale of PSNR, so that a picture that is nearly right \
               counts as much as one that is far off.",
        formula: "10 log10(1 + mean m ((PU(y) - PU(p)) / unit)^2)",
        reference: "Mantiuk and Azimi, PU21, PCS 2021, banding_glare",
        need: Need::Frame,
        place: Some(Where::Clipped),
        knobs: &[FINE_UNIT, limit(DISPLAY)],
        build: |chosen| {
            let pu = PuSquared::new(chosen.get("unit"));
            chosen.decibels(Channelwise(move |p, y| pu.at(p, y)))
        },
    },
    LossInfo {
        id: "clip_stops",
        label: "Stops in clip",
        hint: "Squared difference of stops where it clipped.",
        formula: "mean m (log2 y - log2 p)^2",
        reference: "",
        need: Need::Frame,
        place: Some(Where::Clipped),
        knobs: &[limit(DISPLAY)],
        build: |chosen| chosen.pixels(0.0, Channelwise(squared_stops)),
    },
    LossInfo {
        id: "clip_weighted_l1",
        label: "Clip-weighted L1",
        hint: "Difference of linear light, clipped values counting more.",
        formula: "mean (m + boost clip) |y - p|",
        reference: "",
        need: Need::Frame,
        place: Some(Where::All),
        knobs: &[BOOST, limit(NONE)],
        build: |chosen| chosen.pixels(chosen.get("boost"), Channelwise(l1)),
    },
    LossInfo {
        id: "energy",
        label: "Region energy",
        hint: "Sum of luminance of each clipped region, in stops.",
        formula: "mean over regions, by the root of their area, of |log2 (sum Y(p) / sum Y(y))|^power",
        reference: "",
        need: Need::Frame,
        place: None,
        knobs: &[POWER, LEAST, limit(BRIGHTEST)],
        build: |chosen| chosen.regions(Measure::Energy),
    },
    LossInfo {
        id: "peak",
        label: "Region peak",
        hint: "Soft maximum of luminance of each clipped region, in stops.",
        formula: "as energy, of (mean Y^sharpness)^(1/sharpness)",
        reference: "",
        need: Need::Frame,
        place: None,
        knobs: &[SHARPNESS, POWER, LEAST, limit(BRIGHTEST)],
        build: |chosen| chosen.regions(Measure::Peak { sharpness: chosen.get("sharpness") }),
    },
    LossInfo {
        id: "defocus",
        label: "Defocus",
        hint: "Squared difference of stops after a blur by a disc in linear light.",
        formula: "mean (log2 disc(y) - log2 disc(p))^2",
        reference: "",
        need: Need::Frame,
        place: None,
        knobs: &[RADIUS, limit(BRIGHTEST)],
        build: |chosen| {
            let loss = Defocus { radius: chosen.get("radius"), limit: chosen.limit() };
            Kernel::Frame(Box::new(move |frame, factor, gradient, _| {
                loss.frame(frame, factor, gradient)
            }))
        },
    },
    LossInfo {
        id: "edit",
        label: "Edit consistency",
        hint: "The edit of the prediction against the prediction of the edited picture.",
        formula: "mean m |ln(1+edit(p)) - ln(1+p(edit))|",
        reference: "SDR2log, ECL",
        need: Need::Edit,
        place: Some(Where::All),
        knobs: &[],
        build: |chosen| Kernel::Edit(Consistency { place: chosen.place }),
    },
    LossInfo {
        id: "temporal",
        label: "Temporal consistency",
        hint: "Change of stops from frame to frame, the prediction's against the truth's.",
        formula: "mean m |(log2 p' - log2 p) - (log2 y' - log2 y)|",
        reference: "",
        need: Need::Clip,
        place: Some(Where::Clipped),
        knobs: &[limit(DISPLAY)],
        build: |chosen| {
            let loss = Temporal { place: chosen.place, limit: chosen.limit() };
            Kernel::Clip(Box::new(move |frames, factor, gradients| {
                loss.clip(frames, factor, gradients)
            }))
        },
    },
    LossInfo {
        id: "steady",
        label: "Steadiness",
        hint: "Change of the stops that are added at a place of the scene from frame to frame, along the camera's motion; the \
               truth has no part in it.",
        formula: "mean m |s'(x) - s(M x)| / (1 + (|s'(x)| + |s(M x)|) / (2 unit)), s = log2 p - log2 base",
        reference: "Lai et al., Learning Blind Video Temporal Consistency, ECCV 2018",
        need: Need::Clip,
        place: Some(Where::Clipped),
        knobs: &[ADDED],
        build: |chosen| {
            let loss = Steady { place: chosen.place, unit: chosen.get("unit") as f32 };
            Kernel::Clip(Box::new(move |frames, factor, gradients| {
                loss.clip(frames, factor, gradients)
            }))
        },
    },
    LossInfo {
        id: "tone",
        label: "Tone curve",
        hint: "Light that the estimated tone curve gives against that of the camera's own, wrong white balance left in, in stops.",
        formula: "mean r + top mean over base balance >= max / 2 of r, r = sqrt(d^2 + turn^2) - turn, d = f(tone) - f(base balance), f(x) = sign(x) log2(1 + |x| / toe)",
        reference: "Charbonnier et al., ICIP 1994",
        need: Need::Tone,
        place: None,
        knobs: &[TURN, TOP, TOE],
        build: |chosen| {
            let of = |knob| chosen.get(knob) as f32;
            Kernel::Tone(Tone { turn: of("turn"), top: chosen.get("top"), toe: of("toe") })
        },
    },
];
