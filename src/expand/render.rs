//! Drives the stages over a window of the frame, band by band.

use super::compose::Compose;
use super::dequantise::Dequantiser;
use super::edge::Edges;
use super::emit::Emit;
use super::ingest;
use super::mask::ClipMask;
use super::methods::{Predict, Prediction};
use super::network::{GridMethod, Method, Tiles};
use super::strip::{STRIP, Strip, planes};
use super::views::ViewContext;
use super::{Abort, Analysis, Interrupted, Plan, Report};
use crate::simd;
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Rows that a thread takes at a time.
const BAND: usize = 16;

/// Renders every pixel of `output`'s rectangle (crop it to the window first). Source and mask may
/// cover less or more; the mask's alpha is what counts (its red where it has no alpha).
///
/// # Errors
/// When `abort` said so; the output is then unfinished.
pub fn render(
    plan: &Plan,
    analysis: &Analysis,
    source: &ImageRef<'_>,
    mask: Option<&ImageRef<'_>>,
    output: ImageMut<'_>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, Interrupted> {
    let clip = ClipMask::new(plan, analysis.statistics());
    let ready = analysis.networks(plan, &clip, None, pool, abort)?;
    let plan = &*plan.toned(ready.tone);
    let stages = Stages::new(plan, analysis, mask);
    let bands = Bands { stages: &stages, source, pool, abort, counts: Counts::default() };
    let fallback = match ready.method {
        Some(Method::Fused(place)) => {
            let method = GridMethod::new(place, analysis.frame(), plan);
            bands.run(Some(&method), output)?;
            None
        }
        Some(Method::Tiled(loaded, tensors)) => {
            match Tiles::new(plan, loaded, tensors, analysis.frame(), pool) {
                Ok(tiles) => bands.tiled(tiles, output)?,
                Err(error) => {
                    bands.run(None, output)?;
                    Some(error)
                }
            }
        }
        None if plan.method.network => {
            bands.run(None, output)?;
            None
        }
        None => {
            bands.run(Some(&*(plan.method.prepare)(plan, analysis)), output)?;
            None
        }
    };
    Ok(bands.counts.report(ready.fallback.or(fallback)))
}

/// What was odd about the source, counted by all threads.
#[derive(Default)]
struct Counts {
    nan: AtomicU64,
    infinite: AtomicU64,
}

impl Counts {
    fn report(self, fallback: Option<String>) -> Report {
        Report { nan: self.nan.into_inner(), infinite: self.infinite.into_inner(), fallback }
    }
}

/// Runs the stages over parts of the output.
struct Bands<'r> {
    stages: &'r Stages<'r>,
    source: &'r ImageRef<'r>,
    pool: &'r Pool,
    abort: Abort<'r>,
    counts: Counts,
}

impl Bands<'_> {
    /// Renders a part with a method; with none it is the exact colour transform.
    fn run(&self, method: Option<&dyn Predict>, output: ImageMut<'_>) -> Result<(), Interrupted> {
        let interrupted = AtomicBool::new(false);
        self.pool.for_each(output.into_bands(BAND), |mut band| {
            if interrupted.load(Ordering::Relaxed) || (self.abort)() {
                interrupted.store(true, Ordering::Relaxed);
                return;
            }
            let report = self.stages.band(self.source, method, &mut band);
            self.counts.nan.fetch_add(report.nan, Ordering::Relaxed);
            self.counts.infinite.fetch_add(report.infinite, Ordering::Relaxed);
        });
        if interrupted.into_inner() { Err(Interrupted) } else { Ok(()) }
    }

    /// Renders the window tile by tile, and what lies outside the frame exactly. Where there is no
    /// memory for a tile, the exact transform stands in for it, and the answer says why.
    fn tiled(
        &self,
        mut tiles: Tiles<'_>,
        mut output: ImageMut<'_>,
    ) -> Result<Option<String>, Interrupted> {
        let window = output.rect();
        let mut fallback = None;
        for tile in tiles.of(window) {
            let rect = tiles.core(&tile);
            match tiles.run(&tile, self.source, &self.stages.clip, self.pool, self.abort)? {
                Ok(result) => {
                    let done = self.run(Some(&result), output.part(&rect));
                    tiles.reuse(result);
                    done?;
                }
                Err(error) => {
                    self.run(None, output.part(&rect))?;
                    fallback = Some(error);
                }
            }
        }
        for rect in around(window, tiles.frame()) {
            self.run(None, output.part(&rect))?;
        }
        Ok(fallback)
    }
}

/// The parts of a window outside the frame: above, below, left and right of it.
pub(super) fn around(window: Rect, frame: Rect) -> [Rect; 4] {
    let (top, bottom) =
        (frame.y1.clamp(window.y1, window.y2), frame.y2.clamp(window.y1, window.y2));
    let (left, right) =
        (frame.x1.clamp(window.x1, window.x2), frame.x2.clamp(window.x1, window.x2));
    let (top, bottom) = if frame.is_empty() { (window.y2, window.y2) } else { (top, bottom) };
    [
        Rect { y2: top, ..window },
        Rect { y1: bottom, ..window },
        Rect { y1: top, y2: bottom, x2: left, ..window },
        Rect { y1: top, y2: bottom, x1: right, ..window },
    ]
}

/// Every stage, resolved; shared by all bands.
struct Stages<'r> {
    plan: &'r Plan,
    mask: Option<&'r ImageRef<'r>>,
    clip: ClipMask,
    compose: Compose,
    emit: Emit<'r>,
    view: ViewContext,
    /// True when something may move a pixel away from the pure colour transform.
    expands: bool,
    /// True when the mask or the mix takes part of the result back.
    mixes: bool,
    /// True when the view is the result, straight.
    result: bool,
}

impl<'r> Stages<'r> {
    fn new(plan: &'r Plan, analysis: &Analysis, mask: Option<&'r ImageRef<'r>>) -> Self {
        let clip = ClipMask::new(plan, analysis.statistics());
        let emit = Emit::new(plan);
        let mask = mask.filter(|_| plan.mask);
        Self {
            plan,
            mask,
            compose: Compose::new(plan, &clip),
            view: ViewContext {
                luminance: plan.input.luminance_weights().map(|v| v as f32),
                conversion: plan.conversion,
                preview: plan.preview,
            },
            expands: !plan.is_pure(),
            mixes: plan.mask || plan.mix < 1.0,
            result: plan.view.id == super::VIEWS[0].id,
            clip,
            emit,
        }
    }

    fn band(
        &self,
        source: &ImageRef<'_>,
        method: Option<&dyn Predict>,
        band: &mut ImageMut<'_>,
    ) -> Report {
        let mut report = Report::default();
        let mut strip = Strip::new();
        let mut dequantiser = (self.plan.dequantise > 0.0).then(Dequantiser::new);
        let mut edges = self.plan.method.network.then(Edges::new);
        let rect = band.rect();
        for y in rect.y1..rect.y2 {
            for x in (rect.x1..rect.x2).step_by(STRIP) {
                strip.n = STRIP.min((i64::from(rect.x2) - i64::from(x)) as usize);
                (strip.x, strip.y) = (x, y);
                self.strip(source, method, &mut strip, (&mut dequantiser, &mut edges), &mut report);
                self.emit.store(&mut strip, !self.plan.view.raw, band);
            }
        }
        report
    }

    /// From the source to `strip.expanded`, ready to be stored.
    fn strip(
        &self,
        source: &ImageRef<'_>,
        method: Option<&dyn Predict>,
        strip: &mut Strip,
        (dequantiser, edges): (&mut Option<Dequantiser>, &mut Option<Edges>),
        report: &mut Report,
    ) {
        let n = strip.n;
        ingest::load(self.plan, source, strip, report);
        if self.mixes {
            strip.pure.clone_from(&strip.code);
        }
        if let Some(dequantiser) = dequantiser {
            dequantiser.mend(self.plan, source, strip);
        }
        {
            let Strip { ref code, ref mut linear, .. } = *strip;
            ingest::decode(self.plan, code, linear, n);
        }
        if let Some(dequantiser) = dequantiser {
            dequantiser.mend_linear(self.plan, strip);
        }
        self.fill_mix(strip);
        let in_mask = if self.expands || self.plan.view.needs_mask {
            ingest::take_signal_of_light(self.plan, strip);
            self.clip.fill(strip)
        } else {
            strip.clip[..n].fill(0.0);
            false
        };
        match method.filter(|_| self.expands && (in_mask || self.compose.everywhere())) {
            Some(method) => {
                if method.needs_channel_clip() {
                    self.clip.fill_channels(strip);
                }
                let prediction = self.compose.predict(strip, |strip| method.predict(strip));
                if let (Prediction::Stops, Some(edges)) = (prediction, edges) {
                    edges.fill(self.plan, source, &self.clip, strip);
                }
                self.compose.expand(strip, prediction);
            }
            None => Compose::keep(strip),
        }
        self.compose.open_shadows(strip);
        if self.result {
            self.emit.result(strip, self.mixes);
            return;
        }
        if self.mixes {
            simd::run(
                #[inline(always)]
                || mix_linear(strip),
            );
        }
        (self.plan.view.shade)(&self.view, strip);
        if !self.plan.view.raw {
            self.emit.encode(&mut strip.expanded, n);
        }
    }

    /// Fills `strip.mix` from the Mask input, its switches and the mix.
    fn fill_mix(&self, strip: &mut Strip) {
        let Strip { n, x, y, ref mut mix, ref mut target, ref mut gain, .. } = *strip;
        let share = self.plan.mix;
        if !self.plan.mask {
            mix[..n].fill(share);
            return;
        }
        let mix = &mut mix[..n];
        match self.mask {
            None => mix.fill(0.0),
            Some(image) => {
                image.load(x, y, &mut planes(target, gain, n));
                let from = match image.format().components {
                    Components::Rgba | Components::Alpha => &*gain,
                    Components::Rgb => &target[0],
                };
                mix.copy_from_slice(&from[..n]);
            }
        }
        let invert = self.plan.mask_invert;
        for v in mix {
            let m = if v.is_nan() { 0.0 } else { v.clamp(0.0, 1.0) };
            *v = share * if invert { 1.0 - m } else { m };
        }
    }
}

/// Takes part of the expansion back, in linear light, for views.
#[inline(always)]
fn mix_linear(strip: &mut Strip) {
    let Strip { n, ref linear, ref mix, ref mut expanded, .. } = *strip;
    let mix = &mix[..n];
    for (to, linear) in expanded.iter_mut().zip(linear) {
        for ((to, &l), &k) in to[..n].iter_mut().zip(&linear[..n]).zip(mix) {
            let mixed = l + (*to - l) * k;
            *to = if k >= 1.0 { *to } else { mixed };
        }
    }
}
