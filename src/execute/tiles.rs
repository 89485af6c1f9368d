//! Where tiles lie.
//!
//! A frame is padded to the right and below, by repeating its last pixels, up to multiples of the
//! graph's alignment, and cut into blocks of one size. A tile makes one block from a larger part of
//! the frame, which reaches as far to each side as a pixel of the result sees; so what is missing
//! beyond that part does not show, and the result does not depend on the size of tiles. Blocks do not
//! depend on the window that is rendered either.

use crate::graph::{GraphError, Place, Reach};
use std::fmt;

/// A rectangle in pixels of the frame, from its top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// First row.
    pub y: usize,
    /// First column.
    pub x: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

/// What is made at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Pixels of the window that this tile gives; in the frame, and in `input`.
    pub core: Area,
    /// Pixels it is made from; may reach beyond the frame to the right and below, where the last
    /// pixels are repeated. Place and size are multiples of the alignment.
    pub input: Area,
}

impl Tile {
    /// Height and width of the picture to be worked on.
    #[must_use]
    pub fn picture(&self) -> [usize; 2] {
        [self.input.height, self.input.width]
    }

    /// Where that picture lies in a frame of that height and width.
    #[must_use]
    pub fn place(&self, frame: [usize; 2]) -> Place {
        Place { y: self.input.y as i64, x: self.input.x as i64, frame }
    }
}

/// Why there are no tiles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TilingError {
    /// The smallest tile needs more memory than is allowed.
    Memory {
        /// Bytes of the smallest tile.
        needed: usize,
        /// Bytes that are allowed.
        allowed: usize,
    },
    /// The frame is too large to be counted.
    Size(GraphError),
}

impl fmt::Display for TilingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { needed, allowed } => {
                let megabytes = |bytes: usize| bytes as f64 * 1.0e-6;
                write!(
                    f,
                    "memory for a network: found {:.1} MB allowed, expected at least {:.1} MB",
                    megabytes(*allowed),
                    megabytes(*needed)
                )
            }
            Self::Size(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for TilingError {}

impl From<GraphError> for TilingError {
    fn from(error: GraphError) -> Self {
        Self::Size(error)
    }
}

/// A frame cut into tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    frame: [usize; 2],
    padded: [usize; 2],
    block: [usize; 2],
    margin: usize,
}

impl Tiling {
    /// Cuts a frame of that height and width into the largest tiles for which `bytes` (of the height
    /// and width of a picture) says no more than `budget`: one where that fits, otherwise squares,
    /// evened out over the frame.
    ///
    /// # Errors
    /// When not even a tile of one block of the alignment fits, and what `bytes` says.
    pub fn new(
        frame: [usize; 2],
        alignment: usize,
        reach: Reach,
        budget: usize,
        bytes: impl Fn([usize; 2]) -> Result<usize, GraphError>,
    ) -> Result<Self, TilingError> {
        let alignment = alignment.max(1);
        let mut padded = [0; 2];
        for (padded, side) in padded.iter_mut().zip(frame) {
            let too_large = || GraphError::new("frame", "more pixels than can be counted");
            *padded = side.checked_next_multiple_of(alignment).ok_or_else(too_large)?;
        }
        let whole = Self { frame, padded, block: padded, margin: 0 };
        let needed = bytes(padded)?;
        if needed <= budget {
            return Ok(whole);
        }
        let Reach::Pixels(reach) = reach else {
            return Err(TilingError::Memory { needed, allowed: budget });
        };
        let margin = reach.saturating_add(alignment - 1) / alignment * alignment;
        let square = |blocks: usize| {
            let block = padded.map(|side| side.min(blocks * alignment));
            Self { frame, padded, block, margin }
        };
        let needed = bytes(square(1).largest())?;
        if needed > budget {
            return Err(TilingError::Memory { needed, allowed: budget });
        }
        // Known to fit, and known or taken not to.
        let (mut fits, mut too_large) = (1, padded[0].max(padded[1]) / alignment + 1);
        while too_large - fits > 1 {
            let middle = fits + (too_large - fits) / 2;
            if bytes(square(middle).largest())? <= budget {
                fits = middle;
            } else {
                too_large = middle;
            }
        }
        let largest = square(fits);
        let mut even = largest;
        for (block, side) in even.block.iter_mut().zip(padded) {
            let count = side.div_ceil((*block).max(1)).max(1);
            *block = side.div_ceil(count).next_multiple_of(alignment).min(*block);
        }
        // Smaller tiles need less, but for the luck of packing.
        Ok(if bytes(even.largest())? <= budget { even } else { largest })
    }

    /// True when the frame is one tile.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.block == self.padded
    }

    /// Height and width of the largest picture that is worked on.
    #[must_use]
    pub fn largest(&self) -> [usize; 2] {
        let mut picture = self.padded;
        for (side, block) in picture.iter_mut().zip(self.block) {
            if block < *side {
                *side = (*side).min(block.saturating_add(self.margin.saturating_mul(2)));
            }
        }
        picture
    }

    /// The tiles that make a window, which is cut to the frame, row by row. Their cores cover it
    /// once.
    pub fn tiles(&self, window: Area) -> impl Iterator<Item = Tile> + use<> {
        let tiling = *self;
        let rows = tiling.blocks(0, window.y, window.height);
        let columns = tiling.blocks(1, window.x, window.width);
        rows.flat_map(move |row| columns.clone().map(move |column| (row, column))).map(
            move |(row, column)| {
                let [(y, height), (input_y, input_height)] =
                    tiling.side(0, row, window.y, window.height);
                let [(x, width), (input_x, input_width)] =
                    tiling.side(1, column, window.x, window.width);
                Tile {
                    core: Area { y, x, height, width },
                    input: Area {
                        y: input_y,
                        x: input_x,
                        height: input_height,
                        width: input_width,
                    },
                }
            },
        )
    }

    /// The blocks in which a stretch of the window lies.
    fn blocks(&self, axis: usize, first: usize, count: usize) -> std::ops::Range<usize> {
        let end = first.saturating_add(count).min(self.frame[axis]);
        let block = self.block[axis].max(1);
        if first >= end { 0..0 } else { first / block..end.div_ceil(block) }
    }

    /// Start and length of the core and of the input of a block.
    fn side(&self, axis: usize, block: usize, first: usize, count: usize) -> [(usize, usize); 2] {
        let (size, padded) = (self.block[axis], self.padded[axis]);
        let (start, end) = (block * size, ((block + 1) * size).min(padded));
        let window_end = first.saturating_add(count).min(self.frame[axis]);
        let core = (start.max(first), end.min(window_end));
        let input =
            (start.saturating_sub(self.margin), end.saturating_add(self.margin).min(padded));
        [core, input].map(|(start, end)| (start, end - start))
    }
}
