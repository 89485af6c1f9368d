//! The same way on a GPU: what the whole frame decides is gathered there ([`analyse_on`]) or comes from
//! [`super::analyse`], pixels are read, expanded and written by one kernel, networks run tile by tile
//! before it.
//!
//! Pictures lie in the device's memory ([`render_on`]) or are carried there and back
//! ([`render_through`]).

mod auto;
mod effect;
mod error;
mod folder;
mod gather;
mod image;
mod memory;
mod own;
mod through;
mod tiles;

pub use error::DeviceFailure;
pub use folder::kernel_folder;
pub use gather::analyse_on;
pub use image::{DeviceImage, DeviceImageError};
pub(super) use memory::DeviceModels;
pub use own::{Wish, chosen, forget_gpus, own_gpu, render_anywhere};
pub use through::{Fetched, render_through};

use super::mask::ClipMask;
use super::network::Method;
use super::{Abort, Analysis, Plan, Report};
use effect::Effect;
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch};
use headroom_kernel::Pool;
use headroom_kernel::nn::Precision as Wanted;

/// As [`super::render`], on the device that the pictures lie on: renders every pixel of `output`'s
/// rectangle. Everything is enqueued; with `count` it is waited for, and the report counts what was odd
/// about the source.
///
/// # Errors
/// When `abort` said so, or the device refuses; the output is then unfinished.
#[allow(clippy::too_many_arguments)]
pub fn render_on(
    gpu: &Gpu,
    plan: &Plan,
    analysis: &Analysis,
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
    let clip = ClipMask::new(plan, analysis.statistics());
    let ready = analysis.networks(plan, &clip, Some(gpu), pool, abort)?;
    let plan = &*plan.toned(ready.tone);
    let effect = Effect::new(gpu, plan, analysis, clip, (source, mask, output))?;
    let mut fallback = ready.fallback;
    match ready.method {
        Some(Method::Tiled(loaded, tensors)) => {
            let tiled = tiles::render(&effect, &loaded, &tensors, abort)?;
            fallback = fallback.or(tiled);
        }
        Some(Method::Fused(_)) | None if plan.method.network => effect.exact(output.rect())?,
        _ => effect.analytic(output.rect())?,
    }
    let mut report = if count { effect.counted()? } else { Report::default() };
    report.fallback = fallback;
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
    /// Work items of a group, in x and y.
    const GROUP: [usize; 3] = [32, 4, 1];
    let groups = [width.div_ceil(GROUP[0]), height.div_ceil(GROUP[1]), 1];
    gpu.launch(&Launch { kernel, precision, groups, group: GROUP, arguments })
}
