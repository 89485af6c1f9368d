//! The clip mask: how far each pixel lies in what the camera cut off.

use super::math::{greatest, max, min, smoothstep};
use super::network::Tone;
use super::strip::Strip;
use super::{Plan, Statistics};
use crate::simd;
use headroom_gpu::layout;

/// How far above white a value may be and still count as white, in code values of full scale.
const WHITE_MARGIN: f32 = 0.001;

/// The mask's ramp, resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClipMask {
    /// Code where the ramp begins.
    low: f32,
    /// 1 / width of the ramp.
    slope: f32,
    /// Greatest value of the mask: less than 1 where the frame hardly clips.
    strength: f32,
    /// Code above which values are measured light.
    white: f32,
    keep_above_white: bool,
    any_channel: bool,
}

/// The code at which a frame clips, and how sure that is: as it is set, or else as it was measured.
pub(super) fn level_and_strength(plan: &Plan, measured: &Statistics) -> (f32, f32) {
    match plan.clip_level {
        Some(level) => (level, 1.0),
        None => (measured.clip_level, measured.clip_strength),
    }
}

/// Codes of 255 between which a clip level is taken less and less for the mark of JPEG, which scatters what clips.
const SCATTERED: f32 = 253.0;
const FULL: f32 = 254.3;

/// Share of the ramp that pixels of a frame which clips at that code keep under any curve: what JPEG scattered over it lies
/// amid what clips, and left alone it would be dark specks.
fn scattered(level: f32) -> f32 {
    1.0 - smoothstep((level * 255.0 - SCATTERED) / (FULL - SCATTERED))
}

/// Of the ramp, in codes, before a curve that was found makes it narrower.
fn width(plan: &Plan) -> f32 {
    plan.clip_softness.max(1.0e-4)
}

impl ClipMask {
    pub(super) fn new(plan: &Plan, statistics: &Statistics) -> Self {
        let (level, strength) = level_and_strength(plan, statistics);
        let width = width(plan);
        let mask = Self {
            low: level - width,
            slope: 1.0 / width,
            strength,
            // A level measured above 1 is the foot of a spike one 8-bit code wide.
            white: if level > 1.0 { level + 1.5 / 255.0 } else { 1.0 },
            keep_above_white: plan.keep_above_white,
            any_channel: plan.clip_any_channel,
        };
        plan.tone.as_ref().map_or(mask, |tone| mask.under(tone, scattered(level)))
    }

    /// The same under a curve that was found; a share of it stays as wide as it is.
    pub(super) fn under(&self, tone: &Tone, wide: f32) -> Self {
        let width = 1.0 / self.slope;
        let level = self.low + width;
        let narrower = tone.narrower(level);
        let narrower = narrower + (1.0 - narrower) * wide;
        let width = width * narrower;
        // Half a code below white is as much more light.
        let level = level + max(1.0 - level, 0.0) * (1.0 - narrower);
        Self { low: level - width, slope: 1.0 / width, ..*self }
    }

    /// Code above which values count as measured rather than clipped.
    pub(super) fn white(&self) -> f32 {
        self.white
    }

    /// What a device's kernels are given of it; the rest they are told of the frame.
    pub(super) fn for_device(plan: &Plan) -> layout::Clip {
        layout::Clip {
            width: width(plan),
            keep_above_white: plan.keep_above_white,
            any_channel: plan.clip_any_channel,
        }
    }

    /// Differs where the mask does, but for what is done with light above white.
    pub(super) fn key(&self) -> [u32; 3] {
        [self.low, self.slope, self.strength].map(f32::to_bits)
    }

    /// The mask of one channel by itself, for codes up to white.
    pub(super) fn of_channel(&self, code: f32) -> f32 {
        self.ramp(code) * self.strength
    }

    /// Fills `strip.channel_clip`: the mask of each channel by itself, never more than `strip.clip`,
    /// which must be filled.
    pub(super) fn fill_channels(&self, strip: &mut Strip) {
        let Strip {
            n, ref code, ref signal, signal_is_code, ref clip, ref mut channel_clip, ..
        } = *strip;
        let signal = if signal_is_code { code } else { signal };
        for (signal, to) in signal.iter().zip(channel_clip) {
            let (signal, clip, to) = (&signal[..n], &clip[..n], &mut to[..n]);
            if !self.any_channel {
                to.copy_from_slice(clip);
                continue;
            }
            simd::run(
                #[inline(always)]
                || {
                    for ((to, &code), &clip) in to.iter_mut().zip(signal).zip(clip) {
                        let own = self.ramp(code) * self.strength;
                        *to = min(own, clip);
                    }
                },
            );
        }
    }

    /// The mask's ramp at a code, from 0 for what does not clip to 1 for what does, however sure it is that
    /// the frame clips.
    #[inline(always)]
    pub(super) fn ramp(&self, code: f32) -> f32 {
        smoothstep((code - self.low) * self.slope)
    }

    /// Turns the signal of `n` pixels into [`Self::ramp`]: of each channel by itself, or of all by the
    /// least.
    pub(super) fn ramps<const WIDE: usize>(&self, row: &mut [[f32; WIDE]; 3], n: usize) {
        if self.any_channel {
            for channel in row {
                simd::run(
                    #[inline(always)]
                    || channel[..n].iter_mut().for_each(|v| *v = self.ramp(*v)),
                );
            }
            return;
        }
        let [r, g, b] = row.each_mut().map(|channel| &mut channel[..n]);
        for ((r, g), b) in r.iter_mut().zip(g).zip(b) {
            let least = self.ramp(min(*r, min(*g, *b)));
            (*r, *g, *b) = (least, least, least);
        }
    }

    /// Fills `strip.clip` from the signal; true when any pixel is in the mask.
    pub(super) fn fill(&self, strip: &mut Strip) -> bool {
        let Strip { n, ref code, ref signal, signal_is_code, ref mut clip, .. } = *strip;
        let signal = if signal_is_code { code } else { signal };
        let [r, g, b] = signal.each_ref().map(|plane| &plane[..n]);
        let clip = &mut clip[..n];
        simd::run(
            #[inline(always)]
            || self.run(r, g, b, clip),
        )
    }

    #[inline(always)]
    fn run(&self, r: &[f32], g: &[f32], b: &[f32], clip: &mut [f32]) -> bool {
        // Whole strips below the ramp are common and cost one look.
        let top = greatest([r, g, b]);
        if top <= self.low || self.strength <= 0.0 {
            clip.fill(0.0);
            return false;
        }
        let above = if self.keep_above_white { 1.0 / WHITE_MARGIN } else { 0.0 };
        for (((&r, &g), &b), clip) in r.iter().zip(g).zip(b).zip(clip) {
            let most = max(r, max(g, b));
            let judged = if self.any_channel { most } else { min(r, min(g, b)) };
            let measured = ((most - self.white) * above).clamp(0.0, 1.0);
            *clip = self.ramp(judged) * self.strength * (1.0 - measured);
        }
        true
    }
}
