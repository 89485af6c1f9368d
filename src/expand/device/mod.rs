//! The same way on a GPU: what the whole frame decides is found and stays there ([`DeviceAnalysis`]) or
//! comes from [`super::analyse`], pixels are read, expanded and written by one kernel, networks run tile
//! by tile before it.
//!
//! Pictures lie in the device's memory ([`render_on`]) or are carried there and back
//! ([`render_through`]).

mod analysis;
mod auto;
mod effect;
mod error;
mod fingerprint;
mod folder;
mod follow;
mod gather;
mod image;
mod memory;
mod own;
mod place;
mod staging;
mod through;
mod tiles;
mod told;

pub use analysis::{DeviceAnalysis, Known};
pub use error::DeviceFailure;
pub use fingerprint::fingerprint;
pub use folder::kernel_folder;
pub use image::{DeviceImage, DeviceImageError};
pub(super) use memory::DeviceModels;
pub use own::{Wish, chosen, forget_gpus, own_gpu, render_anywhere};
pub use through::{Fetched, render_through};

use super::mask::ClipMask;
use super::network::{CROSSTALK, CURVE, Method, TONE_KNOTS, Tone};
use super::{Abort, Analysis, Plan, Report};
use crate::execute::DeviceFrame;
use effect::{Effect, Parts, Whole};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch, layout};
use headroom_kernel::Pool;
use headroom_kernel::nn::Precision as Wanted;
use std::sync::Arc;
use told::Told;

/// Source, mask and output.
type Images<'a> = (&'a DeviceImage<'a>, Option<&'a DeviceImage<'a>>, &'a DeviceImage<'a>);

/// As [`super::render`], on the device that the pictures lie on: renders every pixel of `output`'s
/// rectangle. Everything is enqueued; with `count` it is waited for, and the report counts what was odd
/// about the source.
///
/// # Errors
/// When `abort` said so, or the device refuses; the output is then unfinished.
#[allow(clippy::too_many_arguments)]
pub fn render_on<'k>(
    gpu: &Gpu,
    plan: &Plan,
    known: impl Into<Known<'k>>,
    source: &DeviceImage<'_>,
    mask: Option<&DeviceImage<'_>>,
    output: &DeviceImage<'_>,
    count: bool,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, DeviceFailure> {
    if output.rect().is_empty() {
        return Ok(Report::default());
    }
    let images = (source, mask, output);
    let fetched;
    let analysis = match known.into() {
        Known::Cpu(analysis) => analysis,
        Known::Device(analysis) if DeviceAnalysis::follows(plan) => {
            return follow_on(gpu, plan, analysis, images, count, abort);
        }
        Known::Device(analysis) => {
            fetched = analysis.fetch(gpu, plan)?;
            &fetched
        }
    };
    carried_on(gpu, plan, analysis, images, &mut Whole, count, pool, abort)
}

/// The same of an analysis by the CPU, part by part.
#[allow(clippy::too_many_arguments)]
fn carried_on(
    gpu: &Gpu,
    plan: &Plan,
    analysis: &Analysis,
    images: Images<'_>,
    parts: &mut dyn Parts,
    count: bool,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Report, DeviceFailure> {
    let clip = ClipMask::new(plan, analysis.statistics());
    let ready = analysis.networks(plan, &clip, Some(gpu), pool, abort)?;
    let plan = &*plan.toned(ready.tone);
    let effect = Effect::new(gpu, plan, analysis, Told::by(gpu, plan, analysis)?, images)?;
    let network = match &ready.method {
        Some(Method::Tiled(loaded, tensors)) => {
            Some((loaded, DeviceFrame::Carried(Arc::clone(tensors))))
        }
        Some(Method::Fused(_)) | None => None,
    };
    let mut report = effect.render(network, parts, count, abort)?;
    report.fallback = ready.fallback.or(report.fallback);
    Ok(report)
}

/// The same of an analysis that is on the device, and stays there.
fn follow_on(
    gpu: &Gpu,
    plan: &Plan,
    analysis: &DeviceAnalysis,
    images: Images<'_>,
    count: bool,
    abort: Abort<'_>,
) -> Result<Report, DeviceFailure> {
    let told = analysis.told(gpu, plan)?;
    let wanted = plan.wanted_networks();
    let mut given = None;
    // Before there is a curve: pixels are told it once for all.
    let mut method = match &wanted.method {
        Some(loaded) if wanted.tone.is_none() || !loaded.takes_recoded() => {
            let said = analysis.tensors(gpu, plan, loaded, None, &told, &mut given, abort)?;
            Some((loaded, DeviceFrame::There(said)))
        }
        _ => None,
    };
    let (mut tone, mut fallback) = (None, None);
    if let Some(loaded) = &wanted.tone {
        let tensors = analysis.tensors(gpu, plan, loaded, None, &told, &mut given, abort)?;
        let find = |name, channels| tensors.get(name, [1, 1, channels]);
        match find(CURVE, TONE_KNOTS).zip(find(CROSSTALK, 1)) {
            Some((curve, crosstalk)) => {
                let found = Arc::new(Tone::on_device());
                told.tone(gpu, &plan.toned(Some(Arc::clone(&found))), curve, crosstalk)?;
                tone = Some(found);
            }
            None => fallback = Some(loaded.finds_no_curve()),
        }
    }
    let toned = plan.toned(tone);
    if let (Some(loaded), None) = (&wanted.method, &method) {
        let finder = wanted.tone.as_ref().filter(|_| toned.tone.is_some());
        let said = analysis.tensors(gpu, &toned, loaded, finder, &told, &mut None, abort)?;
        method = Some((loaded, DeviceFrame::There(said)));
    }
    let plan = &*toned;
    if plan.tone.is_some() {
        told.pixels(gpu, plan)?;
    }
    let frame = Analysis::blank(analysis.frame());
    let effect = Effect::new(gpu, plan, &frame, told, images)?;
    let mut report = effect.render(method, &mut Whole, count, abort)?;
    report.fallback = fallback.or(report.fallback);
    Ok(report)
}

/// How tensors are stored on a device.
fn stored(precision: Wanted) -> Precision {
    match precision {
        Wanted::Full => Precision::Float,
        Wanted::Fast => Precision::Half,
    }
}

/// Runs a kernel that has a work item for every pixel of a picture of that size.
fn each_pixel(
    gpu: &Gpu,
    kernel: &'static str,
    [width, height]: [usize; 2],
    precision: Precision,
    arguments: Vec<Argument<'_>>,
) -> Result<(), GpuError> {
    let group = layout::PIXELS;
    let groups = [width.div_ceil(group[0]), height.div_ceil(group[1]), 1];
    gpu.launch(&Launch { kernel, precision, groups, group, arguments })
}
