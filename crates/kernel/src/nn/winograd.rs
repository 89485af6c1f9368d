//! 3x3 convolution with stride 1 by Winograd F(4x4, 3x3): 2.25 products per output instead of 9.
//!
//! A piece of work is a run of 4x4 output tiles. Their 6x6 inputs are transformed into 36 positions
//! `[position][slot][tile]`, each position is one matrix product over the channels, and the 36 sums
//! of a tile are transformed into its outputs. All of it stays in the second-level cache.
//! A dilated convolution is an undilated one on every phase of the picture.

use super::axis::Axis;
use super::job::{Job, Picture};
use super::kernels::{Kernels, Product, SLOT, TileIn, TileOut};
use super::shape::ConvShape;
use super::tile;
use super::weights::{self, Aligned, Panels};

pub(super) struct Winograd {
    kernels: &'static Kernels,
    in_channels: usize,
    out_channels: usize,
    /// `[position][panel][word][column][lane]`
    weights: Aligned,
    /// f32s of a position's weights.
    position: usize,
    /// Most tiles of a piece.
    tiles: usize,
    /// True when the weights do not fit the second-level cache by far.
    large: bool,
}

/// How a piece lies in its scratch, in f32s.
struct Layout {
    operand_slot: usize,
    operand_position: usize,
    sums_block: usize,
    sums_position: usize,
    sums: usize,
    patch: usize,
    total: usize,
}

/// An odd number of cache lines, so that the 36 positions of a tile fall into different sets.
const fn odd_lines(floats: usize) -> usize {
    (floats.div_ceil(SLOT) | 1) * SLOT
}

impl Winograd {
    /// `weight`: out x in x 3 x 3.
    pub(super) fn new(shape: &ConvShape, weight: &[f32], kernels: &'static Kernels) -> Self {
        let (ins, outs) = (shape.in_channels, shape.out_channels);
        let position = weights::packed(kernels, ins, outs, 1);
        let mut packed = Aligned::zeros(position * 36);
        // All kernels first: packing goes position by position, and would transform each 36 times.
        let mut transformed = vec![0.0_f32; ins * outs * 36];
        for (kernel, to) in
            weight.as_chunks::<9>().0.iter().zip(transformed.as_chunks_mut::<36>().0)
        {
            let g = kernel.map(f64::from);
            let columns = [0, 1, 2].map(|x| tile::weights([g[x], g[3 + x], g[6 + x]]));
            for y in 0..6 {
                let row = tile::weights([columns[0][y], columns[1][y], columns[2][y]]);
                for x in 0..6 {
                    to[y * 6 + x] = row[x] as f32;
                }
            }
        }
        for (index, to) in packed.as_mut_slice().chunks_exact_mut(position).enumerate() {
            let weight = |o: usize, i: usize, _| transformed[(o * ins + i) * 36 + index];
            weights::pack(kernels, [ins, outs, 1], &weight, to);
        }
        let large = position * 36 * size_of::<f32>() > 4 << 20;
        Self {
            kernels,
            in_channels: ins,
            out_channels: outs,
            weights: packed,
            position,
            // Enough products per weight that reading weights from beyond the second-level cache is
            // hidden behind them; otherwise as few as fill the products, so that all else stays in.
            tiles: if large { 48 } else { 24 },
            large,
        }
    }

    fn layout(&self) -> Layout {
        let kernels = self.kernels;
        let slots = self.in_channels.div_ceil(kernels.slot_channels());
        let operand_slot = self.tiles * SLOT;
        let operand_position = odd_lines(slots * operand_slot);
        let blocks = Panels::new(kernels, self.out_channels).blocks;
        let sums_block = self.tiles * kernels.lanes;
        let sums_position = odd_lines(blocks * sums_block);
        let sums = 36 * operand_position;
        let patch = sums + 36 * sums_position;
        let total = (patch + 36 * self.in_channels).next_multiple_of(SLOT);
        Layout { operand_slot, operand_position, sums_block, sums_position, sums, patch, total }
    }

    /// f32s of scratch of a piece.
    pub(super) fn scratch(&self) -> usize {
        self.layout().total
    }

    fn axes(job: &Job<'_>) -> [Axis; 2] {
        job.output.map(|length| Axis { length, step: job.shape.dilation, block: 4 })
    }

    /// Tiles of a piece: fewer for small pictures, so that every thread gets some.
    fn tiles(&self, job: &Job<'_>, threads: usize) -> usize {
        let [rows, columns] = Self::axes(job).map(|axis| axis.blocks());
        let all = rows * columns * job.pictures.len();
        if threads == 1 {
            return self.tiles;
        }
        // Every piece reads all weights, so large ones are for fewer pieces.
        let per_thread = if self.large { 2 } else { 4 };
        let share = all.div_ceil(threads * per_thread).next_multiple_of(self.kernels.rows);
        share.clamp(self.kernels.rows, self.tiles)
    }

    /// Number of pieces for that many threads.
    pub(super) fn pieces(&self, job: &Job<'_>, threads: usize) -> usize {
        let [rows, columns] = Self::axes(job).map(|axis| axis.blocks());
        (rows * columns).div_ceil(self.tiles(job, threads)) * job.pictures.len()
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
        let [rows, columns] = Self::axes(job);
        let per_row = columns.blocks();
        let in_picture = rows.blocks() * per_row;
        let size = self.tiles(job, threads);
        let per_picture = in_picture.div_ceil(size);
        let picture = &job.pictures[index / per_picture];
        let first = index % per_picture * size;
        let count = size.min(in_picture - first);
        let layout = self.layout();
        // SAFETY: the caller's.
        unsafe {
            for at in 0..count {
                let (row, column) = ((first + at) / per_row, (first + at) % per_row);
                let start = [rows.place(row).start, columns.place(column).start];
                self.read(job, picture, start, &layout, scratch, at);
            }
            self.multiply(count, &layout, scratch);
            for at in 0..count {
                let (row, column) = ((first + at) / per_row, (first + at) % per_row);
                let (row, column) = (rows.place(row), columns.place(column));
                let start = [row.start, column.start];
                (self.kernels.tile_out)(&TileOut {
                    sums: scratch.add(layout.sums + at * self.kernels.lanes),
                    block_stride: layout.sums_block,
                    position_stride: layout.sums_position,
                    size: [row.count, column.count],
                    finish: job.finish(picture, start, rows.step, 0, self.out_channels),
                });
            }
        }
    }

    /// Transforms the input of the tile whose first output pixel is `start`.
    unsafe fn read(
        &self,
        job: &Job<'_>,
        picture: &Picture,
        start: [usize; 2],
        layout: &Layout,
        scratch: *mut f32,
        at: usize,
    ) {
        let step = job.shape.dilation;
        let padding = job.shape.padding;
        let inside = |axis: usize| {
            start[axis] >= padding[axis] && start[axis] - padding[axis] + 5 * step < job.input[axis]
        };
        let strides = picture.input_strides;
        // SAFETY: the caller's. Outside of the picture nothing is read.
        unsafe {
            let (from, strides) = if inside(0) && inside(1) {
                let y = (start[0] - padding[0]) * strides[0];
                let x = (start[1] - padding[1]) * strides[1];
                (picture.input.add(y + x), strides.map(|stride| stride * step))
            } else {
                let patch = scratch.add(layout.patch);
                for pixel in 0..36 {
                    let place = [pixel / 6, pixel % 6];
                    let source = [0, 1].map(|axis| {
                        (start[axis] + place[axis] * step)
                            .checked_sub(padding[axis])
                            .filter(|&source| source < job.input[axis])
                    });
                    let to = patch.add(pixel * self.in_channels);
                    if let [Some(y), Some(x)] = source {
                        let from = picture.input.add(y * strides[0] + x * strides[1]);
                        from.copy_to_nonoverlapping(to, self.in_channels);
                    } else {
                        to.write_bytes(0, self.in_channels);
                    }
                }
                (patch.cast_const(), [6 * self.in_channels, self.in_channels])
            };
            (self.kernels.tile_in)(&TileIn {
                from,
                strides,
                channels: self.in_channels,
                ahead: strides[1] * 4 * 2,
                slot: scratch.add(at * SLOT),
                slot_stride: layout.operand_slot,
                position_stride: layout.operand_position,
            });
        }
    }

    /// The 36 matrix products.
    unsafe fn multiply(&self, tiles: usize, layout: &Layout, scratch: *mut f32) {
        let kernels = self.kernels;
        let panels = Panels::new(kernels, self.out_channels);
        let words = kernels.words(self.in_channels);
        let rows = tiles.div_ceil(tiles.div_ceil(kernels.rows));
        for position in 0..36 {
            for panel in 0..panels.count() {
                let block = panel * panels.columns;
                for first in (0..tiles).step_by(rows) {
                    // SAFETY: the layout has room for all of it.
                    unsafe {
                        let operand = scratch.add(position * layout.operand_position);
                        let sums = scratch.add(layout.sums + position * layout.sums_position);
                        let weights = self.weights.as_ptr().add(position * self.position);
                        (kernels.multiply)(&Product {
                            operand: operand.add(first * SLOT),
                            taps: &[0],
                            slots: self.in_channels.div_ceil(kernels.slot_channels()),
                            slot_stride: layout.operand_slot,
                            last_words: kernels.last_words(self.in_channels),
                            weights: weights.add(block * panels.lanes * words),
                            rows: rows.min(tiles - first),
                            columns: panels.columns_of(panel),
                            result: sums.add(block * layout.sums_block + first * panels.lanes),
                            result_stride: layout.sums_block,
                        });
                    }
                }
            }
        }
    }
}
