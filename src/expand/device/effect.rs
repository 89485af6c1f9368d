//! The kernel that makes pixels, and what it is given.

use super::place::Placed;
use super::told::Told;
use super::{DeviceFailure, DeviceImage, each_pixel, tiles};
use crate::execute::DeviceFrame;
use crate::expand::compose::Compose;
use crate::expand::emit::Emit;
use crate::expand::mask::ClipMask;
use crate::expand::methods::{DeviceMethod, device_method};
use crate::expand::network::Loaded;
use crate::expand::{
    Abort, Analysis, FALSE_COLOUR_STOPS, Plan, Report, Statistics, VIEWS, dequantise, ingest,
};
use headroom_gpu::layout::{self, View};
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Memory};
use headroom_kernel::Rect;
use std::sync::Arc;

/// Everything the kernels are given that does not change from tile to tile.
pub(super) struct Effect<'a> {
    pub(super) gpu: &'a Gpu,
    pub(super) plan: &'a Plan,
    pub(super) analysis: &'a Analysis,
    source: &'a DeviceImage<'a>,
    mask: Option<&'a DeviceImage<'a>>,
    pub(super) output: &'a DeviceImage<'a>,
    ingest: layout::Ingest,
    expand: layout::Expand,
    emit: layout::Emit,
    shown: layout::Shown,
    told: Told,
    /// Of the false colours.
    legend: Memory,
    /// Values that were no numbers, and infinite ones.
    counts: Memory,
}

/// What the kernel that makes pixels reads besides the picture.
enum Reads<'a> {
    Nothing,
    /// What a network made of pixels; its first lies at `origin` in the raster.
    Pixels {
        arena: &'a Memory,
        view: View,
        origin: [i32; 2],
        precision: Precision,
    },
    /// What one says of places in the frame.
    Places(&'a Placed),
}

/// What happens before and after parts of the output are told.
pub(super) trait Parts {
    /// In which parts pixels are made that know nothing of one another.
    fn of(&self, whole: Rect) -> Vec<Rect> {
        vec![whole]
    }

    /// Source and mask are there above row `end`, for what the device is told from here on.
    fn before(&mut self, end: i32) -> Result<(), DeviceFailure> {
        let _ = end;
        Ok(())
    }

    /// The device was told all that makes the part.
    fn after(&mut self, part: Rect) -> Result<(), DeviceFailure> {
        let _ = part;
        Ok(())
    }
}

/// Pictures lie on the device: nothing happens.
pub(super) struct Whole;

impl Parts for Whole {}

impl<'a> Effect<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        plan: &'a Plan,
        analysis: &'a Analysis,
        told: Told,
        (source, mask, output): (
            &'a DeviceImage<'a>,
            Option<&'a DeviceImage<'a>>,
            &'a DeviceImage<'a>,
        ),
    ) -> Result<Self, DeviceFailure> {
        let legend: Vec<f32> = FALSE_COLOUR_STOPS.iter().flat_map(|entry| entry.rgb).collect();
        // What the frame decides is told; any mask will do for the rest.
        let mask_of_none = ClipMask::new(plan, &Statistics::default());
        let kind = VIEWS.iter().position(|view| std::ptr::eq(view, plan.view)).unwrap_or(0);
        Ok(Self {
            ingest: ingest::for_device(plan),
            expand: layout::Expand {
                clip: ClipMask::for_device(plan),
                dequantise: dequantise::for_device(plan, source.format().depth),
                method: device_method(DeviceMethod::Nothing, &[]),
                compose: Compose::new(plan, &mask_of_none).for_device(),
                expands: !plan.is_pure(),
                needs_mask: plan.view.needs_mask,
            },
            emit: Emit::new(plan).for_device(),
            shown: layout::Shown {
                kind: kind as i32,
                raw: plan.view.raw,
                preview: plan.preview,
                first_stop: FALSE_COLOUR_STOPS[0].stops,
                colours: FALSE_COLOUR_STOPS.len() as i32,
            },
            told,
            legend: gpu.upload_floats(&legend)?,
            counts: gpu.upload_floats(&[0.0; 2])?,
            gpu,
            plan,
            analysis,
            source,
            mask: mask.filter(|_| plan.mask),
            output,
        })
    }

    /// All of the output: by a network and what it said of the frame, where the method is one and has them;
    /// exactly where it has not.
    pub(super) fn render(
        &self,
        network: Option<(&Arc<Loaded>, DeviceFrame)>,
        parts: &mut dyn Parts,
        count: bool,
        abort: Abort<'_>,
    ) -> Result<Report, DeviceFailure> {
        let whole = self.output.rect();
        let mut fallback = None;
        match network {
            Some((loaded, tensors)) => match &loaded.grid {
                Some(weights) => {
                    let frame = self.analysis.frame();
                    let placed = Placed::new(self.gpu, weights, &tensors, frame)?;
                    self.part_by_part(parts, abort, |part| self.placed(part, &placed))?;
                }
                None => {
                    // How far a network looks is its own affair.
                    parts.before(i32::MAX)?;
                    fallback = tiles::render(self, loaded, &tensors, abort)?;
                    parts.after(whole)?;
                }
            },
            None if self.plan.method.network => {
                self.part_by_part(parts, abort, |part| self.exact(part))?;
            }
            None => self.part_by_part(parts, abort, |part| self.analytic(part))?,
        }
        let mut report = if count { self.counted()? } else { Report::default() };
        report.fallback = fallback;
        Ok(report)
    }

    fn part_by_part(
        &self,
        parts: &mut dyn Parts,
        abort: Abort<'_>,
        tell: impl Fn(Rect) -> Result<(), GpuError>,
    ) -> Result<(), DeviceFailure> {
        for part in parts.of(self.output.rect()) {
            if abort() {
                return Err(DeviceFailure::Interrupted);
            }
            parts.before(part.y2.saturating_add(dequantise::REACH as i32))?;
            tell(part)?;
            parts.after(part)?;
        }
        Ok(())
    }

    /// The exact colour transform of a part of the output.
    pub(super) fn exact(&self, rect: Rect) -> Result<(), GpuError> {
        let expand = layout::Expand { expands: false, ..self.expand };
        self.run(rect, &expand, &Reads::Nothing)
    }

    /// A method that is no network, on a part of the output.
    pub(super) fn analytic(&self, rect: Rect) -> Result<(), GpuError> {
        let method = (self.plan.method.prepare)(self.plan, self.analysis).for_device();
        let expand = layout::Expand { method, ..self.expand };
        self.run(rect, &expand, &Reads::Nothing)
    }

    /// What a network says of places, on a part of the output.
    fn placed(&self, rect: Rect, placed: &Placed) -> Result<(), GpuError> {
        let expand = layout::Expand { method: placed.method, ..self.expand };
        self.run(rect, &expand, &Reads::Places(placed))
    }

    /// What a network made, on a part of the output. Its first pixel lies at `origin`.
    pub(super) fn networked(
        &self,
        rect: Rect,
        method: layout::Method,
        (arena, view, origin): (&Memory, View, [i32; 2]),
        precision: Precision,
    ) -> Result<(), GpuError> {
        let expand = layout::Expand { method, ..self.expand };
        self.run(rect, &expand, &Reads::Pixels { arena, view, origin, precision })
    }

    fn run(&self, rect: Rect, expand: &layout::Expand, reads: &Reads<'_>) -> Result<(), GpuError> {
        let output = self.output.crop(&rect);
        if output.rect().is_empty() {
            return Ok(());
        }
        // What is not read is any memory.
        let none = &self.legend;
        let (mut arena, mut precision, mut maps) = (none, Precision::Float, [none; 3]);
        let mut places = layout::Places {
            source: self.source.picture(),
            mask: self.mask.map_or(layout::Picture::NONE, DeviceImage::picture),
            output: output.picture(),
            result: View { start: 0, height: 0, width: 0, channels: 0, stride: 0 },
            result_x: 0,
            result_y: 0,
            field: self.told.field,
            maps: layout::Maps::NONE,
        };
        match reads {
            Reads::Nothing => {}
            Reads::Pixels { arena: lies_in, view, origin, precision: stored } => {
                (arena, precision) = (lies_in, *stored);
                places.result = *view;
                [places.result_x, places.result_y] = *origin;
            }
            Reads::Places(placed) => {
                let grid = placed.grid.as_deref().unwrap_or(none);
                maps = [&placed.gains, &placed.coverage, grid];
                places.maps = placed.maps;
            }
        }
        let [gains, coverage, grid] = maps.map(Argument::from);
        let arguments = vec![
            Argument::from(arena),
            self.source.memory.into(),
            self.mask.map_or(none, |mask| mask.memory).into(),
            output.memory.into(),
            (&self.told.memory).into(),
            (&self.legend).into(),
            (&self.counts).into(),
            gains,
            coverage,
            grid,
            places.into(),
            self.ingest.into(),
            (*expand).into(),
            self.emit.into(),
            self.shown.into(),
        ];
        let (width, height) = (output.rect().width(), output.rows());
        each_pixel(self.gpu, "render", [width, height], precision, arguments)
    }

    /// Fills an input of a network, whose first pixel lies at `origin` in the raster, with the picture
    /// or with the clip mask.
    pub(super) fn fill(
        &self,
        (arena, view): (&Memory, View),
        origin: [i32; 2],
        taken: layout::Taken,
        wants_clip: bool,
        precision: Precision,
    ) -> Result<(), GpuError> {
        let frame = self.analysis.frame();
        let seen = layout::Seen {
            x: origin[0],
            y: origin[1],
            last_x: frame.x2.wrapping_sub(1),
            last_y: frame.y2.wrapping_sub(1),
        };
        let arguments = vec![
            Argument::from(arena),
            self.source.memory.into(),
            (&self.told.memory).into(),
            self.source.picture().into(),
            self.ingest.into(),
            taken.into(),
            self.expand.clip.into(),
            seen.into(),
            view.into(),
            wants_clip.into(),
        ];
        let size = [view.width as usize, view.height as usize];
        each_pixel(self.gpu, "network_input", size, precision, arguments)
    }

    /// Waits for everything, and says what was odd about the source.
    pub(super) fn counted(&self) -> Result<Report, GpuError> {
        let mut bytes = [0; 8];
        self.gpu.read(&self.counts, 0, &mut bytes)?;
        let [nan, infinite] = [0, 4].map(|at| {
            let bytes: [u8; 4] = std::array::from_fn(|i| bytes[at + i]);
            u64::from(u32::from_ne_bytes(bytes))
        });
        Ok(Report { nan, infinite, fallback: None })
    }
}
