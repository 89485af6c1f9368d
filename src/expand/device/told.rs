//! What a frame tells its pixels, in a device's memory: `kernels/told.h`.

use super::each_pixel;
use crate::expand::field::field_of;
use crate::expand::mask::{ClipMask, level_and_strength};
use crate::expand::{Analysis, Plan, ingest};
use headroom_gpu::layout::{self, TOLD_NUMBERS, TOLD_TONE};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Memory};
use headroom_kernel::Rect;

/// Numbers that every pixel reads, and the field of the method that has one.
pub(super) struct Told {
    pub(super) memory: Memory,
    pub(super) field: layout::Field,
    /// At which code the frame clips, and how sure that is.
    level: Memory,
}

impl Told {
    /// By an analysis of the CPU's. `plan` has the curve that was estimated, if one was.
    pub(super) fn by(gpu: &Gpu, plan: &Plan, analysis: &Analysis) -> Result<Self, GpuError> {
        let (level, strength) = level_and_strength(plan, analysis.statistics());
        let (field, values) = analysis.field().for_device();
        let field = if values.is_empty() { layout::Field { nx: 0, ny: 0, ..field } } else { field };
        let mut numbers = vec![0.0; TOLD_NUMBERS];
        if let Some(tone) = &plan.tone {
            numbers[TOLD_TONE..].copy_from_slice(&tone.told());
        }
        numbers.extend_from_slice(values);
        let level = gpu.upload_floats(&[level, strength])?;
        let told = Self { memory: gpu.upload_floats(&numbers)?, field, level };
        told.tell(gpu, plan, true)?;
        Ok(told)
    }

    /// Of a level on the device, with room for a field of so many columns and rows of that frame.
    pub(super) fn of(
        gpu: &Gpu,
        plan: &Plan,
        level: Memory,
        size: (usize, usize),
        frame: Rect,
    ) -> Result<Self, GpuError> {
        let floats = TOLD_NUMBERS + size.0 * size.1;
        let memory = gpu.scratch(floats * size_of::<f32>())?;
        let told = Self { memory, field: field_of(size, frame), level };
        told.tell(gpu, plan, true)?;
        Ok(told)
    }

    /// Tells the curve that a network found, besides, to what is made of the look; `plan` has one that stays on the
    /// device. Pixels are told it by [`Self::pixels`].
    pub(super) fn tone(
        &self,
        gpu: &Gpu,
        plan: &Plan,
        curve: &Memory,
        crosstalk: &Memory,
    ) -> Result<(), GpuError> {
        let arguments = vec![Argument::from(&self.memory), curve.into(), crosstalk.into()];
        each_pixel(gpu, "tell_tone", [layout::TONE_NUMBERS, 1], Precision::Float, arguments)?;
        self.tell(gpu, plan, false)
    }

    /// Tells pixels of the curve.
    pub(super) fn pixels(&self, gpu: &Gpu, plan: &Plan) -> Result<(), GpuError> {
        self.tell(gpu, plan, true)
    }

    /// Fills the numbers but those of the curve. Pixels are spared a ramp that is too narrow.
    fn tell(&self, gpu: &Gpu, plan: &Plan, spares: bool) -> Result<(), GpuError> {
        let arguments = vec![
            Argument::from(&self.memory),
            (&self.level).into(),
            ingest::for_device(plan).into(),
            ClipMask::for_device(plan).into(),
            spares.into(),
        ];
        each_pixel(gpu, "tell", [1, 1], Precision::Float, arguments)
    }

    /// At which code the frame clips, and how sure that is.
    pub(super) fn level(&self) -> &Memory {
        &self.level
    }
}
