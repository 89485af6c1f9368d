//! The innermost functions, one table of them per instruction set.
//!
//! The loops around them ([`super::direct`], [`super::winograd`]) are compiled once and call
//! through the table, so that an instruction set is data. Operands lie in **slots** of 64 bytes: 16
//! words of one f32, or of a pair of bfloat16, so 16 or 32 channels of one pixel or tile. Slots of
//! neighbouring pixels are neighbours, which makes every address in a product a constant offset.

use super::shape::Epilogue;

/// f32s of a slot.
pub(super) const SLOT: usize = 16;

/// A product of up to `rows` pixels with up to `columns` vectors of output channels: for every row
/// r, `result[column][r][lane] = sum over taps, channels of operand * weight`.
pub(super) struct Product<'a> {
    /// Slot of the first row for the first tap and the first channels.
    pub operand: *const f32,
    /// f32s from there to each tap's slot.
    pub taps: &'a [usize],
    /// Slots of channels per tap.
    pub slots: usize,
    /// f32s from one slot of channels to the next.
    pub slot_stride: usize,
    /// Words that are used of the last slot; of the others all are.
    pub last_words: usize,
    /// Weights of these output channels: `[tap][word][column][lane]`, aligned to 64 bytes.
    pub weights: *const f32,
    pub rows: usize,
    pub columns: usize,
    /// `[column][row][lane]`, `result_stride` f32s from column to column.
    pub result: *mut f32,
    pub result_stride: usize,
}

/// One 6x6 tile of the input, for a Winograd transform.
pub(super) struct TileIn {
    pub from: *const f32,
    /// f32s from row to row and from pixel to pixel.
    pub strides: [usize; 2],
    pub channels: usize,
    /// f32s to where a tile to come begins, whose pixels are asked for in advance.
    pub ahead: usize,
    /// Slot of this tile for the first channels and the first of the 36 positions.
    pub slot: *mut f32,
    /// f32s from one slot of channels to the next, and from position to position.
    pub slot_stride: usize,
    pub position_stride: usize,
}

/// One 4x4 tile of the output, out of 36 sums.
pub(super) struct TileOut {
    /// This tile's sums: `[position][block][lane]`.
    pub sums: *const f32,
    pub block_stride: usize,
    pub position_stride: usize,
    /// Valid rows and pixels (1 to 4).
    pub size: [usize; 2],
    pub finish: Finish,
}

/// A row of sums on its way to the output.
pub(super) struct RowOut {
    /// `[block][pixel][lane]`.
    pub sums: *const f32,
    pub block_stride: usize,
    pub pixels: usize,
    pub finish: Finish,
}

/// Bias, residual, activation and the place in the output.
#[derive(Clone, Copy)]
pub(super) struct Finish {
    /// Of the first channel; padded to whole vectors.
    pub bias: *const f32,
    pub channels: usize,
    pub epilogue: Epilogue,
    /// Store whole vectors past the caches: output and strides are multiples of 64 bytes.
    pub stream: bool,
    pub output: *mut f32,
    /// f32s from row to row and from pixel to pixel.
    pub output_strides: [usize; 2],
    /// Read only where the epilogue has a residual.
    pub residual: *const f32,
    pub residual_strides: [usize; 2],
}

/// A row of a convolution of each channel by itself.
pub(super) struct Depths<'a> {
    /// Of every row of taps that lies in the picture: its first tap, and where the row of the input begins.
    pub rows: &'a [(usize, *const f32)],
    /// Taps of a row, and of all.
    pub columns: usize,
    pub taps: usize,
    /// Pixels of the input from one of the output to the next, and from tap to tap.
    pub steps: [usize; 2],
    /// Pixels before the row.
    pub padding: usize,
    /// Pixels of the input's row.
    pub width: usize,
    /// f32s from pixel to pixel of the input.
    pub pixel_stride: usize,
    /// Pixels of the output's row.
    pub pixels: usize,
    /// `[vector of channels][tap][lane]`, aligned to 64 bytes.
    pub weights: *const f32,
    /// From the row's first pixel on.
    pub finish: Finish,
}

/// Pixels to be put into slots.
pub(super) struct Pack {
    pub from: *const f32,
    pub pixel_stride: usize,
    pub pixels: usize,
    pub channels: usize,
    pub slot: *mut f32,
    pub slot_stride: usize,
}

/// The functions of one instruction set.
///
/// # Safety
/// All: the processor has the instruction set, and the addresses lead to what their fields say.
pub(super) struct Kernels {
    /// f32s of a vector.
    pub lanes: usize,
    /// Most rows and columns of a product.
    pub rows: usize,
    pub columns: usize,
    /// Channels of a word of a slot: 1 for f32, 2 for bfloat16.
    pub word_channels: usize,
    /// True when a product reads all words of the last slot.
    pub whole_slots: bool,
    pub multiply: unsafe fn(&Product),
    pub pack: unsafe fn(&Pack),
    pub emit: unsafe fn(&RowOut),
    pub tile_in: unsafe fn(&TileIn),
    pub tile_out: unsafe fn(&TileOut),
    pub depths: unsafe fn(&Depths),
    /// Before and after a thread's work.
    pub enter: unsafe fn(),
    pub leave: unsafe fn(),
}

impl Kernels {
    /// Channels of a slot.
    pub(super) const fn slot_channels(&self) -> usize {
        SLOT * self.word_channels
    }

    /// Words that a product reads of the last slot of that many channels.
    pub(super) fn last_words(&self, channels: usize) -> usize {
        let rest = (channels - 1) % self.slot_channels() + 1;
        if self.whole_slots { SLOT } else { rest.div_ceil(self.word_channels) }
    }

    /// Words of one tap's weights.
    pub(super) fn words(&self, channels: usize) -> usize {
        (channels.div_ceil(self.slot_channels()) - 1) * SLOT + self.last_words(channels)
    }
}
