//! Convolution of any geometry without groups, as products over taps and channels.
//!
//! A piece of work is a rectangle of output pixels (of one phase where a convolution with stride 1
//! is dilated) times some output channels. The input it sees is packed once:
//! `[row][column phase][slot][pixel]`, where the column phase is what remains of a column divided by
//! the stride, so that neighbouring outputs read neighbouring slots at every tap.

use super::axis::{Axis, Place};
use super::job::{Job, Picture};
use super::kernels::{Kernels, Pack, Product, RowOut, SLOT};
use super::shape::ConvShape;
use super::weights::{self, Aligned, Panels};

/// f32s of packed input that a piece aims at: with the weights of a panel it fits the second-level
/// cache.
const PACKED: usize = 48 * 1024;

pub(super) struct Direct {
    kernels: &'static Kernels,
    shape: ConvShape,
    /// `[panel][tap][word][column][lane]`
    weights: Aligned,
    /// Largest rectangle of output pixels of a piece.
    rows: usize,
    columns: usize,
    /// f32s from the first packed slot to each tap's.
    taps: Vec<usize>,
    layout: Layout,
}

/// How the packed input lies in the scratch, in f32s.
struct Layout {
    /// Column phases.
    phases: usize,
    slot_stride: usize,
    phase_stride: usize,
    row_stride: usize,
    sums: usize,
    total: usize,
}

/// How a run is cut.
struct Plan {
    axes: [Axis; 2],
    /// Panels of a piece, and pieces over the panels.
    panels: usize,
    parts: usize,
}

impl Direct {
    /// `weight`: out x in x height x width.
    pub(super) fn new(shape: &ConvShape, weight: &[f32], kernels: &'static Kernels) -> Self {
        let (ins, outs) = (shape.in_channels, shape.out_channels);
        let taps = shape.kernel[0] * shape.kernel[1];
        let mut packed = Aligned::zeros(weights::packed(kernels, ins, outs, taps));
        let at = |o: usize, i: usize, tap: usize| weight[(o * ins + i) * taps + tap];
        weights::pack(kernels, [ins, outs, taps], &at, packed.as_mut_slice());
        let columns = kernels.rows.max(48);
        let mut rows = 1;
        while rows < 16 && Layout::new(shape, kernels, rows + 1, columns).sums <= PACKED {
            rows += 1;
        }
        let layout = Layout::new(shape, kernels, rows, columns);
        let spacing = tap_spacing(shape);
        let taps = (0..taps).map(|tap| {
            let (y, x) = (tap / shape.kernel[1] * spacing, tap % shape.kernel[1] * spacing);
            y * layout.row_stride + x % shape.stride * layout.phase_stride + x / shape.stride * SLOT
        });
        let taps = taps.collect();
        Self { kernels, shape: *shape, weights: packed, rows, columns, taps, layout }
    }

    /// f32s of scratch of a piece.
    pub(super) const fn scratch(&self) -> usize {
        self.layout.total
    }

    fn plan(&self, job: &Job<'_>, threads: usize) -> Plan {
        let step = phase_step(&self.shape);
        let cut = |length: usize, most: usize| {
            let pixels = length.div_ceil(step).max(1);
            let block = pixels.div_ceil(pixels.div_ceil(most));
            Axis { length, step, block }
        };
        let [height, width] = job.output;
        let mut axes = [cut(height, self.rows), cut(width, self.columns)];
        let count = |axes: &[Axis; 2]| axes[0].blocks() * axes[1].blocks() * job.pictures.len();
        let wanted = if threads == 1 { 1 } else { threads * 4 };
        while count(&axes) < wanted && axes[0].block > 2 {
            axes[0] = cut(height, axes[0].block.div_ceil(2));
        }
        let all = Panels::new(self.kernels, self.shape.out_channels).count();
        let parts = wanted.div_ceil(count(&axes).max(1)).min(all);
        let panels = all.div_ceil(parts);
        Plan { axes, panels, parts: all.div_ceil(panels) }
    }

    /// Number of pieces for that many threads.
    pub(super) fn pieces(&self, job: &Job<'_>, threads: usize) -> usize {
        let plan = self.plan(job, threads);
        plan.axes[0].blocks() * plan.axes[1].blocks() * plan.parts * job.pictures.len()
    }

    /// # Safety
    /// The job's addresses are valid, the processor has the instruction set, `scratch` has
    /// [`Self::scratch`] f32s at a multiple of 64 bytes, and no piece runs twice at once.
    pub(super) unsafe fn piece(
        &self,
        job: &Job<'_>,
        threads: usize,
        index: usize,
        scratch: *mut f32,
    ) {
        let plan = self.plan(job, threads);
        let (block, part) = (index / plan.parts, index % plan.parts);
        let blocks = plan.axes.map(|axis| axis.blocks());
        let per_picture = blocks[0] * blocks[1];
        let picture = &job.pictures[block / per_picture];
        let block = block % per_picture;
        let rows = plan.axes[0].place(block / blocks[1]);
        let columns = plan.axes[1].place(block % blocks[1]);
        let panels = Panels::new(self.kernels, self.shape.out_channels);
        let first = part * plan.panels;
        // SAFETY: the caller's.
        unsafe {
            self.pack(job, picture, rows, columns, scratch);
            for panel in first..(first + plan.panels).min(panels.count()) {
                for row in 0..rows.count {
                    self.row(job, picture, [rows, columns], row, (panels, panel), scratch);
                }
            }
        }
    }

    /// One panel of one row of outputs.
    unsafe fn row(
        &self,
        job: &Job<'_>,
        picture: &Picture,
        [rows, columns]: [Place; 2],
        row: usize,
        (panels, panel): (Panels, usize),
        scratch: *mut f32,
    ) {
        let kernels = self.kernels;
        let step = phase_step(&self.shape);
        let words = kernels.words(self.shape.in_channels);
        let channel = panel * panels.columns * panels.lanes;
        let width = panels.columns_of(panel);
        let channels = (width * panels.lanes).min(self.shape.out_channels - channel);
        let pixels = columns.count.div_ceil(columns.count.div_ceil(kernels.rows));
        for x in (0..columns.count).step_by(pixels) {
            let pixels = pixels.min(columns.count - x);
            // SAFETY: the layout has room for all of it, and the pixels lie in the output.
            unsafe {
                let operand = scratch.add(row * self.shape.stride * self.layout.row_stride);
                let sums = scratch.add(self.layout.sums);
                let block_stride = kernels.rows * panels.lanes;
                (kernels.multiply)(&Product {
                    operand: operand.add(x * SLOT),
                    taps: &self.taps,
                    slots: self.shape.in_channels.div_ceil(kernels.slot_channels()),
                    slot_stride: self.layout.slot_stride,
                    last_words: kernels.last_words(self.shape.in_channels),
                    weights: self.weights.as_ptr().add(channel * self.taps.len() * words),
                    rows: pixels,
                    columns: width,
                    result: sums,
                    result_stride: block_stride,
                });
                let at = [rows.start + row * step, columns.start + x * step];
                (kernels.emit)(&RowOut {
                    sums,
                    block_stride,
                    pixels,
                    finish: job.finish(picture, at, step, channel, channels),
                });
            }
        }
    }

    /// Packs what a rectangle of outputs sees, zeros where that is outside of the picture.
    unsafe fn pack(
        &self,
        job: &Job<'_>,
        picture: &Picture,
        rows: Place,
        columns: Place,
        scratch: *mut f32,
    ) {
        let (shape, layout) = (&self.shape, &self.layout);
        let (step, spacing) = (phase_step(shape), tap_spacing(shape));
        let seen =
            |count: usize, taps: usize| (count - 1) * shape.stride + (taps - 1) * spacing + 1;
        // Of strided rows and columns not all need be seen by a tap.
        let used = |place: usize, taps: usize| {
            (0..taps).any(|tap| tap * spacing % shape.stride == place % shape.stride)
        };
        // The first one inside, and one past the last, of `count` places `step` apart from `from`.
        let inside = |from: isize, step: usize, length: usize, count: usize| {
            let (step, length) = (step as isize, length as isize);
            let before = (-from).max(0).div_euclid(step) + isize::from((-from).max(0) % step != 0);
            let end = (length - from + step - 1).div_euclid(step);
            let count = count as isize;
            (before.clamp(0, count) as usize, end.clamp(0, count) as usize)
        };
        let origin = |start: usize, axis: usize| {
            (start * shape.stride) as isize - shape.padding[axis] as isize
        };
        let top = origin(rows.start, 0);
        let left = origin(columns.start, 1);
        let wide = seen(columns.count, shape.kernel[1]);
        for row in (0..seen(rows.count, shape.kernel[0])).filter(|&r| used(r, shape.kernel[0])) {
            let y = top + (row * step) as isize;
            for phase in (0..layout.phases).filter(|&phase| used(phase, shape.kernel[1])) {
                if phase >= wide {
                    continue;
                }
                let pixels = (wide - phase).div_ceil(shape.stride);
                let x = left + (phase * step) as isize;
                let (mut from, mut to) = inside(x, step * shape.stride, job.input[1], pixels);
                if y < 0 || y >= job.input[0] as isize || from >= to {
                    (from, to) = (0, 0);
                }
                // SAFETY: the layout has room, and only pixels inside are read.
                unsafe {
                    let start = scratch.add(row * layout.row_stride + phase * layout.phase_stride);
                    for slot in 0..shape.in_channels.div_ceil(self.kernels.slot_channels()) {
                        let start = start.add(slot * layout.slot_stride);
                        start.write_bytes(0, from * SLOT);
                        start.add(to * SLOT).write_bytes(0, (pixels - to) * SLOT);
                    }
                    if from < to {
                        let x = x + (from * step * shape.stride) as isize;
                        let strides = picture.input_strides;
                        let at = y as usize * strides[0] + x as usize * strides[1];
                        (self.kernels.pack)(&Pack {
                            from: picture.input.add(at),
                            pixel_stride: strides[1] * step * shape.stride,
                            pixels: to - from,
                            channels: shape.in_channels,
                            slot: start.add(from * SLOT),
                            slot_stride: layout.slot_stride,
                        });
                    }
                }
            }
        }
    }
}

/// Output pixels from one pixel of a phase to the next.
const fn phase_step(shape: &ConvShape) -> usize {
    if shape.stride == 1 { shape.dilation } else { 1 }
}

/// Packed pixels from one tap to the next: phases have the dilation taken out.
const fn tap_spacing(shape: &ConvShape) -> usize {
    if shape.stride == 1 { 1 } else { shape.dilation }
}

impl Layout {
    /// For a rectangle of outputs.
    fn new(shape: &ConvShape, kernels: &Kernels, rows: usize, columns: usize) -> Self {
        let spacing = tap_spacing(shape);
        let slots = shape.in_channels.div_ceil(kernels.slot_channels());
        let rows = (rows - 1) * shape.stride + (shape.kernel[0] - 1) * spacing + 1;
        let phases = shape.stride;
        let pixels = columns + (shape.kernel[1] - 1) * spacing / shape.stride;
        let slot_stride = pixels * SLOT;
        let phase_stride = slots * slot_stride;
        let row_stride = phases * phase_stride;
        // A tile product reads whole tiles: up to a product's rows past the last pixel.
        let sums = rows * row_stride + kernels.rows * SLOT;
        let total = sums + kernels.rows * kernels.columns * kernels.lanes;
        Self { phases, slot_stride, phase_stride, row_stride, sums, total }
    }
}
