//! What a frame tells its pixels, in a device's memory: `kernels/told.h`.

use super::each_pixel;
use crate::expand::mask::{ClipMask, level_and_strength};
use crate::expand::{Analysis, Plan, ingest};
use headroom_gpu::layout::{self, TOLD_NUMBERS};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Memory};

/// Numbers that every pixel reads, and the field of the method that has one.
pub(super) struct Told {
    pub(super) memory: Memory,
    pub(super) field: layout::Field,
}

impl Told {
    /// By an analysis of the CPU's. `plan` has the curve that was estimated, if one was.
    pub(super) fn by(gpu: &Gpu, plan: &Plan, analysis: &Analysis) -> Result<Self, GpuError> {
        let (level, strength) = level_and_strength(plan, analysis.statistics());
        let (field, values) = analysis.field().for_device();
        let field = if values.is_empty() { layout::Field { nx: 0, ny: 0, ..field } } else { field };
        let mut numbers = vec![0.0; TOLD_NUMBERS];
        numbers.extend_from_slice(values);
        let memory = gpu.upload_floats(&numbers)?;
        tell(gpu, plan, &memory, &gpu.upload_floats(&[level, strength])?)?;
        Ok(Self { memory, field })
    }
}

/// Fills the numbers, of a level and its strength.
pub(super) fn tell(gpu: &Gpu, plan: &Plan, told: &Memory, level: &Memory) -> Result<(), GpuError> {
    let arguments = vec![
        Argument::from(told),
        level.into(),
        ingest::for_device(plan).into(),
        ClipMask::for_device(plan).into(),
    ];
    each_pixel(gpu, "tell", [1, 1], Precision::Float, arguments)
}
