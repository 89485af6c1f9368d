//! What the whole frame tells, added up on the device that it lies on. Where the CPU needs it sums over cells
//! come back, not pixels.

use super::analysis::{filled, room};
use super::{DeviceImage, each_pixel};
use crate::expand::analyse::{Gathered, ROWS_PER_CELL, row_step, sums_wanted};
use crate::expand::cells::{self, Cells};
use crate::expand::level::{ABOVE, BINS, Ends, FULL, PER_UNIT};
use crate::expand::network::{BLENDS_LEN, BlendSums, LOOK_KNOTS, LOOK_MOST, Look, Picture};
use crate::expand::{Plan, ingest};
use crate::model::Encoding;
use crate::model::inputs::LOOK_SIDE;
use headroom_gpu::layout;
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Memory};
use headroom_kernel::Rect;

/// What a frame adds up to, in the device's memory.
#[derive(Debug)]
pub(super) struct Sums {
    /// What was asked for.
    pub(super) asked: layout::Cells,
    /// Rows of cells.
    ny: usize,
    /// Pixels that are read.
    pub(super) pixels: u64,
    pub(super) planes: Memory,
    pub(super) histogram: Memory,
    /// What networks see, where there is one.
    pub(super) look: Option<Memory>,
    /// The network's own frame, if it wants one.
    own: Option<Memory>,
    /// What edges tell of the curve, part by part, if a network asks.
    pub(super) blends: Option<Memory>,
}

/// Tells the device to add a frame up; nothing is waited for. The memory stays when it is `kept`.
pub(super) fn gather(
    gpu: &Gpu,
    plan: &Plan,
    source: &DeviceImage<'_>,
    frame: Rect,
    kept: bool,
) -> Result<Sums, GpuError> {
    let on = Frame { gpu, plan, source, frame, cells: Cells::size(frame.width(), frame.height()) };
    let look = plan.looks().then(|| on.look([LOOK_SIDE; 2], None, kept)).transpose()?;
    let own = plan.network().and_then(|loaded| {
        let size = plan.own_frame().filter(|_| plan.looks())?;
        Some(on.look(size, Some(loaded.model.network.encoding), kept))
    });
    let blends = plan.asks_edges().then(|| on.blends(kept)).transpose()?;
    Ok(Sums { look, own: own.transpose()?, blends, ..on.cells(kept)? })
}

fn floats(gpu: &Gpu, memory: &Memory) -> Result<Vec<f32>, GpuError> {
    gpu.read_floats(memory, memory.bytes() / size_of::<f32>())
}

/// The frame at hand.
struct Frame<'a> {
    gpu: &'a Gpu,
    plan: &'a Plan,
    source: &'a DeviceImage<'a>,
    frame: Rect,
    /// Columns and rows of cells.
    cells: (usize, usize),
}

impl Frame<'_> {
    /// What of it is read.
    fn read(&self) -> layout::Frame {
        layout::Frame {
            x1: self.frame.x1,
            y1: self.frame.y1,
            width: self.frame.width() as i32,
            height: self.frame.height() as i32,
            ny: self.cells.1 as i32,
            rows_per_cell: ROWS_PER_CELL as i32,
        }
    }

    fn cells(&self, kept: bool) -> Result<Sums, GpuError> {
        let (width, height, (nx, ny)) = (self.frame.width(), self.frame.height(), self.cells);
        let sums = sums_wanted(self.plan);
        let planes = nx * ny * (sums + layout::CELL_PLANES);
        let planes = room(self.gpu, kept, planes * size_of::<f32>())?;
        let histogram = filled(self.gpu, kept, &[0; BINS * size_of::<u32>()])?;
        let mut knots = [0.0; layout::MOST_SUMS];
        knots[..cells::KNOTS.len()].copy_from_slice(&cells::KNOTS);
        knots[cells::KNOTS.len()..].copy_from_slice(&cells::WHITE_KNOTS);
        let asked = layout::Cells {
            nx: nx as i32,
            sums: sums as i32,
            of_greatest: cells::KNOTS.len() as i32,
            knots,
            most: cells::MOST,
            full: FULL,
            above: ABOVE,
            bins: BINS as i32,
            bins_per_unit: PER_UNIT,
            ranged: self.plan.method.needs_range,
            luminance: self.plan.input.luminance_weights().map(|v| v as f32),
        };
        let arguments = vec![
            Argument::from(&planes),
            (&histogram).into(),
            self.source.memory.into(),
            self.source.picture().into(),
            ingest::for_device(self.plan).into(),
            self.read().into(),
            asked.into(),
        ];
        each_pixel(self.gpu, "analyse_cells", [nx, ny], Precision::Float, arguments)?;
        let rows: usize = (0..ny)
            .map(|cy| Cells::start(cy + 1, ny, height) - Cells::start(cy, ny, height))
            .map(|rows| rows.div_ceil(row_step(rows)))
            .sum();
        let pixels = rows as u64 * width as u64;
        Ok(Sums { asked, ny, pixels, planes, histogram, look: None, own: None, blends: None })
    }

    /// Sums of edges, [`BLENDS_LEN`] numbers for each part of the frame.
    fn blends(&self, kept: bool) -> Result<Memory, GpuError> {
        let asked = BlendSums::for_device(self.frame.width());
        let (runs, ny) = (asked.runs as usize, self.cells.1);
        let found = room(self.gpu, kept, runs * ny * BLENDS_LEN * size_of::<f32>())?;
        let arguments = vec![
            Argument::from(&found),
            self.source.memory.into(),
            self.source.picture().into(),
            ingest::for_device(self.plan).into(),
            self.read().into(),
            asked.into(),
        ];
        each_pixel(self.gpu, "analyse_blends", [runs, ny], Precision::Float, arguments)?;
        Ok(found)
    }

    /// Planes of what networks see at that size; in an encoding, without excess, or as it is judged.
    fn look(
        &self,
        [rows, columns]: [usize; 2],
        own: Option<Encoding>,
        kept: bool,
    ) -> Result<Memory, GpuError> {
        let planes = if own.is_some() { 3 } else { layout::LOOK_PLANES };
        let found = room(self.gpu, kept, planes * rows * columns * size_of::<f32>())?;
        let asked = asked_look([rows, columns], own.is_some());
        let taken = Picture::new(self.plan, own.unwrap_or(Encoding::Srgb), false).for_device();
        let arguments = vec![
            Argument::from(&found),
            self.source.memory.into(),
            self.source.picture().into(),
            ingest::for_device(self.plan).into(),
            taken.into(),
            self.read().into(),
            asked.into(),
        ];
        each_pixel(self.gpu, "analyse_look", [columns, rows], Precision::Float, arguments)?;
        Ok(found)
    }
}

/// What is asked for of a look of that size.
pub(super) fn asked_look([rows, columns]: [usize; 2], own: bool) -> layout::Look {
    layout::Look {
        rows: rows as i32,
        columns: columns as i32,
        own,
        most: LOOK_MOST,
        knots: LOOK_KNOTS,
    }
}

impl Sums {
    /// Columns and rows of cells.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.asked.nx as usize, self.ny)
    }

    /// True when the excess over every knot is known.
    pub(super) fn tell_excess(&self) -> bool {
        self.asked.sums as usize == cells::SUMS
    }

    /// Bytes of the device's memory.
    pub(super) fn bytes(&self) -> usize {
        let looks = self.look.iter().chain(&self.own).chain(&self.blends);
        self.planes.bytes() + self.histogram.bytes() + looks.map(Memory::bytes).sum::<usize>()
    }

    /// Waits for it and puts it together.
    pub(super) fn gathered(&self, gpu: &Gpu) -> Result<Gathered, GpuError> {
        let mut gathered = self.cells(gpu)?;
        if let Some(look) = &self.look {
            let own = self.own.as_ref().map_or_else(|| Ok(Vec::new()), |own| floats(gpu, own))?;
            let mut blends = BlendSums::default();
            if let Some(parts) = &self.blends {
                let parts = floats(gpu, parts)?;
                parts.as_chunks().0.iter().for_each(|part| blends.join(&BlendSums(*part)));
            }
            gathered.look = Look::from_planes(floats(gpu, look)?, own, blends);
        }
        Ok(gathered)
    }

    /// The same without what networks see.
    pub(super) fn cells(&self, gpu: &Gpu) -> Result<Gathered, GpuError> {
        let found = floats(gpu, &self.planes)?;
        let (nx, ny) = self.size();
        let mut planes = found.chunks_exact(nx * ny);
        let sums = self.asked.sums as usize;
        let excess = planes.by_ref().take(sums).map(<[f32]>::to_vec).collect();
        let mut gathered = Gathered { cells: Cells { nx, ny, excess }, ..Gathered::default() };
        let mut next = || planes.next().unwrap_or_default();
        let most = |values: &[f32], from| values.iter().copied().fold(from, f32::max);
        gathered.greatest = most(next(), 0.0);
        let count = |values: &[f32]| values.iter().map(|&n| n as u64).sum::<u64>();
        gathered.ends = Ends { pixels: self.pixels, full: count(next()), above: count(next()) };
        let darkest = next().iter().copied().fold(f32::MAX, f32::min);
        gathered.widen((darkest, most(next(), f32::MIN)));
        let mut bins = [0; BINS * size_of::<u32>()];
        gpu.read(&self.histogram, 0, &mut bins)?;
        for (bin, bytes) in gathered.histogram.0.iter_mut().zip(bins.as_chunks().0) {
            *bin = u32::from_ne_bytes(*bytes);
        }
        Ok(gathered)
    }
}
