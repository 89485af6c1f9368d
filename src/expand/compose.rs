//! Joins the exact linear picture and a method's prediction, in log light, under the clip mask.

use super::Plan;
use super::mask::ClipMask;
use super::math::{exp2, greatest, log2, max, min};
use super::methods::{Prediction, Scope};
use super::strip::Strip;
use crate::simd;
use headroom_colour::Matrix3;
use headroom_gpu::layout;

/// Light below which two values are mixed linearly instead of in log light.
const DARK: f32 = 1.0e-6;

/// Stops that a channel gains at most, far beyond any highlight: what weights may ask for is any number.
const MOST_STOPS: f32 = 64.0;

/// The compose stage, resolved for a render.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compose {
    amount: f32,
    highlight_gain: f32,
    /// True when the method may act outside the clip mask.
    everywhere: bool,
    /// Linear light of white, when what lies above it is to be cut before it is expanded.
    cut: Option<f32>,
    /// Turns and saturates what the expansion added.
    colour: Option<[[f32; 3]; 3]>,
    peak: Peak,
    shadow: f32,
    luminance: [f32; 3],
}

/// The roll-off towards the brightest value, in stops above diffuse white.
#[derive(Clone, Copy, Debug)]
struct Peak {
    /// Where it begins.
    knee: f32,
    /// Stops from there to the peak; at least a hair.
    room: f32,
}

impl Compose {
    pub(super) fn new(plan: &Plan, mask: &ClipMask) -> Self {
        let white = f64::from(mask.white());
        let linear_white = match &plan.tone {
            Some(tone) => f64::from(tone.grey(mask.white())),
            None => plan.input.decode(&plan.viewing, [white; 3])[1],
        };
        let cut = (!plan.keep_above_white)
            .then(|| signal_white(plan, linear_white, white) * plan.exposure);
        let luminance = plan.input.luminance_weights().map(|v| v as f32);
        let knee = plan.peak.max(0.0) * (1.0 - plan.rolloff);
        let knee = min(knee, plan.peak);
        Self {
            amount: plan.amount,
            highlight_gain: plan.highlight_gain,
            everywhere: plan.method.scope == Scope::WholePicture && !plan.protect_unclipped,
            cut,
            colour: colour_of_addition(plan.saturation, plan.hue, luminance),
            peak: Peak { knee, room: max(plan.peak - knee, 1.0e-6) },
            shadow: plan.shadow_recovery,
            luminance,
        }
    }

    /// The same for a device's kernels.
    pub(super) fn for_device(&self) -> layout::Compose {
        layout::Compose {
            amount: self.amount,
            highlight_gain: self.highlight_gain,
            everywhere: self.everywhere,
            cuts: self.cut.is_some(),
            tints: self.colour.is_some(),
            tint: row_by_row(self.colour.unwrap_or_default()),
            knee: self.peak.knee,
            room: self.peak.room,
            shadow: self.shadow,
            luminance: self.luminance,
        }
    }

    /// True when the method may move pixels outside the clip mask.
    pub(super) fn everywhere(&self) -> bool {
        self.everywhere
    }

    /// Lets `predict` find the expansion, of the picture cut to white when that is asked for and the
    /// method goes by light. (Others go by place and code, and are cut in [`Self::by_gain`].)
    pub(super) fn predict(
        &self,
        strip: &mut Strip,
        predict: impl FnOnce(&mut Strip) -> Prediction,
    ) -> Prediction {
        let Some(white) = self.cut else { return predict(strip) };
        // `expanded` is filled later; until then it keeps the picture as it is.
        strip.expanded.clone_from(&strip.linear);
        simd::run(
            #[inline(always)]
            || cut_to(strip, white),
        );
        let prediction = predict(strip);
        strip.linear.clone_from(&strip.expanded);
        prediction
    }

    /// Fills `strip.expanded` from `linear`, `clip` and what the method predicted.
    pub(super) fn expand(&self, strip: &mut Strip, prediction: Prediction) {
        match prediction {
            Prediction::Gain => simd::run(
                #[inline(always)]
                || self.by_gain(strip),
            ),
            Prediction::Stops => simd::run(
                #[inline(always)]
                || self.by_stops(strip),
            ),
            Prediction::Target => simd::run(
                #[inline(always)]
                || self.by_target(strip),
            ),
        }
        if let Some(matrix) = &self.colour {
            simd::run(
                #[inline(always)]
                || tint(strip, matrix),
            );
        }
        simd::run(
            #[inline(always)]
            || self.roll_off(strip),
        );
    }

    /// `strip.expanded` where nothing is expanded.
    pub(super) fn keep(strip: &mut Strip) {
        let n = strip.n;
        for (to, from) in strip.expanded.iter_mut().zip(&strip.linear) {
            to[..n].copy_from_slice(&from[..n]);
        }
    }

    #[inline(always)]
    fn by_gain(&self, strip: &mut Strip) {
        let Strip { n, ref linear, ref clip, ref mut gain, ref mut expanded, .. } = *strip;
        let (clip, gain) = (&clip[..n], &mut gain[..n]);
        let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
        let (white, cuts) = self.cut.map_or((1.0, false), |white| (white, true));
        for i in 0..n {
            let top = max(r[i], max(g[i], b[i]));
            // The same for every pixel, so the compiler takes it out of the loop.
            let excess = if cuts { max(log2(top * (1.0 / white)), 0.0) } else { 0.0 };
            let stops = max(gain[i] + self.highlight_gain, 0.0) - excess;
            gain[i] = exp2(clip[i] * self.amount * stops);
        }
        for (linear, to) in linear.iter().zip(expanded.iter_mut()) {
            for ((to, &l), &factor) in to[..n].iter_mut().zip(&linear[..n]).zip(&*gain) {
                *to = l * factor;
            }
        }
    }

    /// As [`Self::by_gain`], with stops that each channel has by itself and the mask in them, and less of
    /// them towards edges. The highlight gain is the same for all three, so that it turns no hue.
    #[inline(always)]
    fn by_stops(&self, strip: &mut Strip) {
        let Strip {
            n,
            ref linear,
            ref clip,
            ref inside,
            ref target,
            ref mut gain,
            ref mut expanded,
            ..
        } = *strip;
        let (clip, excess) = (&clip[..n], &mut gain[..n]);
        let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
        match self.cut {
            None => excess.fill(0.0),
            Some(white) => {
                for i in 0..n {
                    let top = max(r[i], max(g[i], b[i]));
                    excess[i] = clip[i] * max(log2(top * (1.0 / white)), 0.0);
                }
            }
        }
        let [r, g, b] = inside.each_ref().map(|plane| &plane[..n]);
        let more = |i: usize| clip[i] * max(r[i], max(g[i], b[i])) * self.highlight_gain;
        let excess = &*excess;
        for (((linear, stops), inside), to) in
            linear.iter().zip(target).zip(inside).zip(expanded.iter_mut())
        {
            let (linear, stops, inside) = (&linear[..n], &stops[..n], &inside[..n]);
            for (i, to) in to[..n].iter_mut().enumerate() {
                let added = min(max(inside[i] * stops[i] + more(i), 0.0), MOST_STOPS) - excess[i];
                *to = linear[i] * exp2(self.amount * added);
            }
        }
    }

    /// Raises targets that are darker than the picture up to its luminance, by one factor, so that
    /// hue stays. Beside exact pixels a method may add light but not take any: else the way into
    /// the clip mask would go down before it goes up.
    #[inline(always)]
    fn floor(&self, strip: &mut Strip) {
        let Strip { n, ref linear, ref mut target, .. } = *strip;
        let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
        let [tr, tg, tb] = head_of(target, n);
        let w = self.luminance;
        let gain = exp2(self.highlight_gain);
        let white = self.cut.unwrap_or(f32::MAX);
        for i in 0..n {
            let top = max(r[i], max(g[i], b[i]));
            let cut = if top > white { white / top } else { 1.0 };
            let (lr, lg, lb) = (r[i] * cut, g[i] * cut, b[i] * cut);
            let y = w[0] * lr + w[1] * lg + w[2] * lb;
            let target = (w[0] * tr[i] + w[1] * tg[i] + w[2] * tb[i]) * gain;
            let raised = if y > target { gain * y / target } else { gain };
            let dark = min(y, target) <= DARK;
            let keep = dark && y > target;
            tr[i] = if keep { lr } else { tr[i] * raised };
            tg[i] = if keep { lg } else { tg[i] * raised };
            tb[i] = if keep { lb } else { tb[i] * raised };
        }
    }

    #[inline(always)]
    fn by_target(&self, strip: &mut Strip) {
        if !self.everywhere {
            self.floor(strip);
        }
        let Strip { n, ref linear, ref clip, ref target, ref mut expanded, .. } = *strip;
        let clip = &clip[..n];
        // Beside exact pixels the gain is part of the target already.
        let gain = if self.everywhere { self.amount * self.highlight_gain } else { 0.0 };
        for ((linear, target), to) in linear.iter().zip(target).zip(expanded.iter_mut()) {
            let (linear, target) = (&linear[..n], &target[..n]);
            for (((to, &l), &t), &clip) in to[..n].iter_mut().zip(linear).zip(target).zip(clip) {
                let k = self.amount * if self.everywhere { 1.0 } else { clip };
                let in_log = l * exp2(k * (log2(t) - log2(l)));
                let mixed = if min(l, t) > DARK { in_log } else { l + (t - l) * k };
                let mixed = if k >= 1.0 { t } else { mixed };
                let mixed = if k <= 0.0 { l } else { mixed };
                *to = mixed * exp2(clip * gain);
            }
        }
    }

    /// Presses expanded pixels under the peak by one factor for the three channels, so that hue
    /// stays, and never below what they were before the expansion.
    #[inline(always)]
    fn roll_off(&self, strip: &mut Strip) {
        let Strip { n, ref linear, ref clip, ref mut expanded, .. } = *strip;
        let [er, eg, eb] = head_of(expanded, n);
        if log2(greatest([er, eg, eb])) <= self.peak.knee {
            return;
        }
        let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
        let clip = &clip[..n];
        let inverse_room = 1.0 / self.peak.room;
        for i in 0..n {
            let x = log2(max(er[i], max(eg[i], eb[i])));
            let before = log2(max(r[i], max(g[i], b[i])));
            let u = max(x - self.peak.knee, 0.0) * inverse_room;
            let pressed = self.peak.knee + self.peak.room * (u / (1.0 + u * u).sqrt());
            let pressed = if u > 0.0 { pressed } else { x };
            let least = min(x, before);
            let acts = self.everywhere || clip[i] > 0.0;
            let factor = if acts { exp2(max(pressed, least) - x) } else { 1.0 };
            er[i] *= factor;
            eg[i] *= factor;
            eb[i] *= factor;
        }
    }

    /// Opens what lies more than three stops below white, by up to a stop and a half.
    pub(super) fn open_shadows(&self, strip: &mut Strip) {
        if self.shadow > 0.0 {
            simd::run(
                #[inline(always)]
                || self.run_shadows(strip),
            );
        }
    }

    #[inline(always)]
    fn run_shadows(&self, strip: &mut Strip) {
        /// Stops relative to white between which the opening grows, and how far: the slope stays
        /// above one half, so that dark stays darker than less dark.
        const FROM: f32 = -3.0;
        const WIDTH: f32 = 5.0;
        const MOST: f32 = 1.5;
        let n = strip.n;
        let [r, g, b] = head_of(&mut strip.expanded, n);
        let w = self.luminance;
        for i in 0..n {
            let y = w[0] * r[i] + w[1] * g[i] + w[2] * b[i];
            let t = super::math::smoothstep((FROM - log2(y)) * (1.0 / WIDTH));
            let factor = exp2(self.shadow * MOST * t);
            r[i] *= factor;
            g[i] *= factor;
            b[i] *= factor;
        }
    }
}

/// A matrix as kernels take it.
pub(super) fn row_by_row(rows: [[f32; 3]; 3]) -> [f32; 9] {
    std::array::from_fn(|i| rows[i / 3][i % 3])
}

/// Linear light at which the clip signal is `white`.
fn signal_white(plan: &Plan, display: f64, white: f64) -> f32 {
    use headroom_colour::{Kind, transfer};
    let linear =
        if plan.input.kind == Kind::Display { display } else { transfer::eotf_srgb(white) };
    linear as f32
}

fn head_of(planes: &mut [super::strip::Plane; 3], n: usize) -> [&mut [f32]; 3] {
    super::strip::head(planes, n)
}

/// Scales pixels brighter than `white` down to it, by one factor for the three channels.
#[inline(always)]
fn cut_to(strip: &mut Strip, white: f32) {
    let Strip { n, ref mut linear, .. } = *strip;
    let [r, g, b] = head_of(linear, n);
    for i in 0..n {
        let top = max(r[i], max(g[i], b[i]));
        let factor = if top > white { white / top } else { 1.0 };
        r[i] *= factor;
        g[i] *= factor;
        b[i] *= factor;
    }
}

/// Turns the hue and scales the saturation of what the expansion added; luminance stays.
#[inline(always)]
fn tint(strip: &mut Strip, m: &[[f32; 3]; 3]) {
    let Strip { n, ref linear, ref mut expanded, .. } = *strip;
    let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
    let [er, eg, eb] = head_of(expanded, n);
    for i in 0..n {
        let added = [er[i] - r[i], eg[i] - g[i], eb[i] - b[i]];
        let changed = added[0] != 0.0 || added[1] != 0.0 || added[2] != 0.0;
        let tinted = m.map(|row| row[0] * added[0] + row[1] * added[1] + row[2] * added[2]);
        let put = |l: f32, add: f32, e: f32| {
            if changed { max(l + add, min(l, 0.0)) } else { e }
        };
        er[i] = put(r[i], tinted[0], er[i]);
        eg[i] = put(g[i], tinted[1], eg[i]);
        eb[i] = put(b[i], tinted[2], eb[i]);
    }
}

/// The matrix of [`tint`]; none when it would change nothing. Chroma is what differs from
/// luminance; it is turned about the grey axis (Rodrigues' formula) and scaled.
fn colour_of_addition(saturation: f32, hue: f32, luminance: [f32; 3]) -> Option<[[f32; 3]; 3]> {
    if saturation == 1.0 && hue == 0.0 {
        return None;
    }
    let angle = f64::from(hue).to_radians();
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    let third = (1.0 - cos) / 3.0;
    let root = sin / libm::sqrt(3.0);
    let turn = Matrix3([
        [cos + third, third - root, third + root],
        [third + root, cos + third, third - root],
        [third - root, third + root, cos + third],
    ]);
    let w = luminance.map(f64::from);
    let grey = Matrix3([w, w, w]);
    let s = f64::from(saturation);
    // grey + s * (1 - grey) * turn * (1 - grey): the luminance of the addition is kept exactly.
    let mut chroma = Matrix3::IDENTITY;
    for (row, grey) in chroma.0.iter_mut().zip(&grey.0) {
        for (v, g) in row.iter_mut().zip(grey) {
            *v -= g;
        }
    }
    let chroma = chroma.after(&turn).after(&chroma);
    let mut out = [[0.0; 3]; 3];
    for (i, row) in out.iter_mut().enumerate() {
        for (j, v) in row.iter_mut().enumerate() {
            *v = (grey.0[i][j] + s * chroma.0[i][j]) as f32;
        }
    }
    Some(out)
}
