//! The frame reduced to a small grid: per cell, how much of it lies above each of a few codes.
//!
//! The sums do not depend on the clip level, so the level may come from other frames and the cells
//! still tell how much of each of them clips.

/// Cells along the longer side of the frame.
pub(super) const CELLS: usize = 256;

/// Codes above which the excess of a pixel's greatest channel is summed up. The first is 0: its sum
/// is the mean code.
pub(super) const KNOTS: [f32; 7] = [0.0, 0.75, 0.85, 0.90, 0.94, 0.97, 1.0];

/// The same for a pixel's least channel: what lies above clips to white.
pub(super) const WHITE_KNOTS: [f32; 4] = [0.88, 0.92, 0.96, 1.0];

/// Sums per cell.
pub(super) const SUMS: usize = KNOTS.len() + WHITE_KNOTS.len();

/// Codes are limited to this before they are summed up.
pub(super) const MOST: f32 = 1.1;

/// The grid.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    /// Columns.
    pub(super) nx: usize,
    /// Rows.
    pub(super) ny: usize,
    /// Per knot a plane of the mean excess: mean over the cell of max(code - knot, 0), where code
    /// is that of the pixel's greatest channel; then the same for the least channel.
    pub(super) excess: Vec<Vec<f32>>,
}

impl Cells {
    /// Grid of a frame of that size: square cells, as nearly as whole numbers allow; never more
    /// cells than pixels.
    pub(super) fn size(width: usize, height: usize) -> (usize, usize) {
        let longer = width.max(height).max(1);
        let along = |side: usize| ((side * CELLS + longer / 2) / longer).clamp(1, side.max(1));
        (along(width).min(CELLS), along(height).min(CELLS))
    }

    /// First pixel of a cell.
    pub(super) fn start(cell: usize, cells: usize, pixels: usize) -> usize {
        cell * pixels / cells
    }

    /// Share of a cell's pixels whose greatest channel is in a ramp from code `low` (0) to `high`
    /// (1).
    pub(super) fn coverage(&self, cell: usize, low: f32, high: f32) -> f32 {
        share(&KNOTS, &self.excess, cell, (low, high))
    }

    /// The same for the least channel: the share that is clipped to white.
    pub(super) fn white_coverage(&self, cell: usize, low: f32, high: f32) -> f32 {
        share(&WHITE_KNOTS, &self.excess[KNOTS.len()..], cell, (low, high))
    }

    /// Mean code of a cell.
    pub(super) fn mean(&self, cell: usize) -> f32 {
        self.excess[0][cell]
    }

    /// Bytes it holds.
    pub(super) fn bytes(&self) -> usize {
        self.excess.iter().map(|plane| plane.capacity() * size_of::<f32>()).sum()
    }
}

fn share(knots: &[f32], excess: &[Vec<f32>], cell: usize, (low, high): (f32, f32)) -> f32 {
    let fall = above(knots, excess, cell, low) - above(knots, excess, cell, high);
    (fall / (high - low)).clamp(0.0, 1.0)
}

/// Mean excess above any code, linear between the knots.
fn above(knots: &[f32], excess: &[Vec<f32>], cell: usize, code: f32) -> f32 {
    let last = knots.len() - 1;
    let next = knots.partition_point(|&knot| knot <= code).clamp(1, last + 1);
    let from = excess[next - 1][cell];
    let (to, width) = match knots.get(next) {
        Some(knot) => (excess[next][cell], knot - knots[next - 1]),
        None => (0.0, MOST - knots[last]),
    };
    from + (to - from) * ((code - knots[next - 1]) / width).min(1.0)
}
