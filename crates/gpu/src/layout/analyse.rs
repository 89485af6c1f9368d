//! What the kernels that gather what a frame tells are given: `kernels/analyse.cl`.

use super::{Plain, plain};

/// Most sums of a cell.
pub const MOST_SUMS: usize = 11;

/// Planes of a cell beside its sums: the greatest code, pixels at full scale, pixels above it, the least and
/// the greatest luminance.
pub const CELL_PLANES: usize = 5;

/// Knots of a look.
pub const LOOK_KNOTS: usize = 8;

/// Planes of a look: three of means, then each channel's excess over each knot.
pub const LOOK_PLANES: usize = 3 + 3 * LOOK_KNOTS;

/// Where the numbers of the estimated curve begin among those that pixels are told: `kernels/told.h`.
pub const TOLD_TONE: usize = 5;

/// Numbers of that curve: its knots, and cross-talk.
pub const TONE_NUMBERS: usize = 25;

/// Numbers that pixels are told of their frame, before the values of the field.
pub const TOLD_NUMBERS: usize = TOLD_TONE + TONE_NUMBERS;

/// Work items of the group that finds a frame's level.
pub const FOLLOWERS: usize = 256;

/// Planes of a level of the field's pyramid.
pub const FIELD_PLANES: usize = 4;

plain! {
    /// The frame, and which of its rows are read.
    struct Frame {
        /// First column.
        x1: i32,
        /// First row.
        y1: i32,
        /// Columns.
        width: i32,
        /// Rows.
        height: i32,
        /// Rows of cells.
        ny: i32,
        /// Rows that are read of each of them, at most.
        rows_per_cell: i32,
    }

    /// What is summed up of the grid of cells.
    struct Cells {
        /// Columns of cells.
        nx: i32,
        /// Sums that are wanted.
        sums: i32,
        /// How many of them are of a pixel's greatest channel; the others are of its least.
        of_greatest: i32,
        /// Codes above which excess is summed up.
        knots: [f32; MOST_SUMS],
        /// Codes are limited to this before.
        most: f32,
        /// Codes from here on are at full scale.
        full: f32,
        /// Codes above this are above white.
        above: f32,
        /// Bins of the histogram.
        bins: i32,
        /// Bins per full scale.
        bins_per_unit: f32,
        /// Least and greatest luminance are wanted.
        ranged: bool,
        /// Weights of the input's primaries.
        luminance: [f32; 3],
    }

    /// What edges are asked of the camera's curve.
    struct Blends {
        /// Pixels of a row that a work item looks at.
        run: i32,
        /// Work items of a row.
        runs: i32,
        /// Least difference of the outer two of three codes.
        least: f32,
        /// Codes from there down tell nothing.
        darkest: f32,
        /// Codes from there up tell nothing.
        brightest: f32,
        /// By how much the middle code may be off.
        rounding: f32,
        /// Squared difference of shares that counts as none.
        alike: f32,
        /// Where the S-shaped curve begins and ends.
        span: [f32; 2],
    }

    /// A level of the field's pyramid.
    struct Level {
        /// Where its first plane begins.
        start: i32,
        /// Columns; none: there is no such level.
        nx: i32,
        /// Rows.
        ny: i32,
    }

    /// What networks see of the whole frame.
    struct Look {
        /// Rows of what is seen.
        rows: i32,
        /// Columns of what is seen.
        columns: i32,
        /// The network's own frame, without excess.
        own: bool,
        /// Codes are limited to this.
        most: f32,
        /// Codes above which a channel's excess is summed up.
        knots: [f32; LOOK_KNOTS],
    }
}
