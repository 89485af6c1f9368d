//! The frame reduced to a small grid: per cell, how much of it lies above each of a few codes.
//!
//! The sums do not depend on the clip level, so the level may come from other frames and the cells
//! still tell how much of each of them clips.

/// Cells along the longer side of the frame.
pub(super) const CELLS: usize = 256;

/// Codes above which the excess of a pixel's greatest channel is summed up. The first is 0: its sum
/// is the mean code, and no share should be taken between it and [`LEAST`].
pub(super) const KNOTS: [f32; 7] = [0.0, 0.75, 0.85, 0.90, 0.94, 0.97, 1.0];

/// Code above which shares by greatest channel are known.
pub(super) const LEAST: f32 = KNOTS[1];

/// Code above which shares by least channel are known.
pub(super) const LEAST_WHITE: f32 = WHITE_KNOTS[0];

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

    /// Share of each cell's pixels whose greatest channel is in a ramp from code `low` (0) to
    /// `high` (1).
    pub(super) fn coverage(&self, low: f32, high: f32) -> Coverage<'_> {
        Coverage::new(&KNOTS, &self.excess, low, high)
    }

    /// The same for the least channel: the share that is clipped to white.
    pub(super) fn white_coverage(&self, low: f32, high: f32) -> Coverage<'_> {
        Coverage::new(&WHITE_KNOTS, &self.excess[KNOTS.len()..], low, high)
    }

    /// True when the excess over every knot is known; else that over the first, the mean code, alone is.
    pub(super) fn tell_excess(&self) -> bool {
        self.excess.len() == SUMS
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

/// How much of each cell lies in a ramp of codes: a weighted sum of four planes.
pub(super) struct Coverage<'a>([(&'a [f32], f32); 4]);

impl<'a> Coverage<'a> {
    fn new(knots: &[f32], excess: &'a [Vec<f32>], low: f32, high: f32) -> Self {
        let scale = 1.0 / (high - low);
        let [a, b] = above(knots, excess, low, scale);
        let [c, d] = above(knots, excess, high, -scale);
        Self([a, b, c, d])
    }

    /// The share of one cell, 0 to 1.
    pub(super) fn of(&self, cell: usize) -> f32 {
        self.0.iter().map(|(plane, weight)| plane[cell] * weight).sum::<f32>().clamp(0.0, 1.0)
    }
}

/// Mean excess above any code, linear between the knots: two planes and their weights.
fn above<'a>(
    knots: &[f32],
    excess: &'a [Vec<f32>],
    code: f32,
    scale: f32,
) -> [(&'a [f32], f32); 2] {
    let last = knots.len() - 1;
    let next = knots.partition_point(|&knot| knot <= code).clamp(1, last + 1);
    let end = knots.get(next).copied().unwrap_or(MOST);
    // Nothing is known below the first knot either.
    let t = ((code - knots[next - 1]) / (end - knots[next - 1])).clamp(0.0, 1.0);
    // Nothing lies above the last knot's end.
    let to = if next > last { 0.0 } else { t };
    [(&excess[next - 1], scale * (1.0 - t)), (&excess[next.min(last)], scale * to)]
}
