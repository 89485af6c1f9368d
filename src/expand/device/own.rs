//! Which device renders, and the GPU that Headroom opens itself for pictures in the CPU's memory.

use super::{DeviceFailure, auto, kernel_folder, render_through};
use crate::expand::{Abort, Analysis, Interrupted, Plan, Report, render};
use headroom_gpu::{Gpu, GpuError, find};
use headroom_kernel::{ImageMut, ImageRef, Pool, Rect};
use std::sync::{Arc, Mutex, PoisonError};

/// Names the GPU, as [`headroom_gpu::find`] takes it.
const NAMED: &str = "HEADROOM_GPU";

/// What the setting Device says, in the order of its options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wish {
    /// The host's GPU where it lends one; else whatever is faster.
    #[default]
    Auto,
    /// The host's GPU where it lends one, else the CPU.
    Host,
    /// The host's GPU where it lends one, else one of this machine.
    Gpu,
    /// The CPU.
    Cpu,
}

impl Wish {
    pub(in crate::expand) fn from_index(index: usize) -> Self {
        [Self::Auto, Self::Host, Self::Gpu, Self::Cpu].get(index).copied().unwrap_or_default()
    }
}

/// What was found last, and by which name. That there is none is kept too: every render asks.
static OWN: Mutex<Option<(String, Found)>> = Mutex::new(None);

type Found = Result<Arc<Gpu>, GpuError>;

/// A GPU of this machine: the one that `named` or else `$HEADROOM_GPU` names, or the first. It stays open,
/// and what is not there is not looked for again, until [`forget_gpus`].
///
/// # Errors
/// When there is none, or its driver refuses.
pub fn own_gpu(named: Option<&str>) -> Result<Arc<Gpu>, GpuError> {
    let named = named.map(str::to_owned).or_else(|| std::env::var(NAMED).ok()).unwrap_or_default();
    let mut own = OWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((name, found)) = own.as_ref()
        && *name == named
    {
        return found.clone();
    }
    let found = find(&named).and_then(|device| Gpu::new(&device, kernel_folder())).map(Arc::new);
    // A driver that refuses now may not do so later.
    if matches!(found, Ok(_) | Err(GpuError::Missing(_))) {
        *own = Some((named, found.clone()));
    }
    found
}

/// Lets go of all that is held of GPUs but what models hold; see [`crate::expand::forget_networks`].
pub fn forget_gpus() {
    let own = OWN.lock().unwrap_or_else(PoisonError::into_inner).take();
    drop(own);
    super::staging::forget();
    headroom_gpu::forget_hosts();
}

/// The GPU that is to render a window of pictures in the CPU's memory, or why it is the CPU.
///
/// # Errors
/// With why the CPU renders; `Ok(None)` inside of it where that is what was wished.
pub fn chosen(
    plan: &Plan,
    source: &ImageRef<'_>,
    window: Rect,
    pool: &Pool,
) -> Result<Arc<Gpu>, Option<String>> {
    match plan.device() {
        Wish::Cpu | Wish::Host => Err(None),
        Wish::Gpu => own_gpu(None).map_err(|error| Some(error.to_string())),
        Wish::Auto => auto::chosen(plan, source, window, pool).ok_or(None),
    }
}

/// As [`render`], on a GPU if one is given and it can. The text says why the CPU did it instead.
///
/// # Errors
/// When `abort` said so.
#[allow(clippy::too_many_arguments)]
pub fn render_anywhere(
    gpu: Option<&Gpu>,
    plan: &Plan,
    analysis: &Analysis,
    source: &ImageRef<'_>,
    mask: Option<&ImageRef<'_>>,
    mut output: ImageMut<'_>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<(Report, Option<String>), Interrupted> {
    let rect = output.rect();
    let mut instead = None;
    if let Some(gpu) = gpu {
        let part = output.part(&rect);
        match render_through(gpu, plan, analysis, source, mask, part, pool, abort) {
            Ok(report) => return Ok((report, None)),
            Err(DeviceFailure::Interrupted) => return Err(Interrupted),
            Err(failure) => instead = Some(failure.to_string()),
        }
    }
    let report = render(plan, analysis, source, mask, output, pool, abort)?;
    Ok((report, instead))
}
