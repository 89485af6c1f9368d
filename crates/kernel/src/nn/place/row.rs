//! What the pixels of one row have in common.

use super::{BINS, COEFFICIENTS, PLANES, Place};

/// Numbers after the last of a table, so that whole vectors can be read from any entry.
pub(super) const SPARE: usize = 16;

/// Numbers of an interval's tables for one coefficient: the value per bin, its slope along z, its
/// slope along x, and the slope of the slope.
pub(super) const TABLE: usize = 4 * BINS;

/// Working memory of a row; see [`Place::run`].
#[derive(Debug, Default)]
pub struct PlaceRow {
    owner: u64,
    y: i64,
    /// Per plane the numbers of this row, then their slopes towards the next column.
    pub(super) maps: Vec<f32>,
    /// Numbers of one plane in `maps`, spare ones included.
    pub(super) map_stride: usize,
    /// The grid's numbers of this row, column by column.
    grid: Vec<f32>,
    /// Per column [`COEFFICIENTS`] tables.
    pub(super) tables: Vec<f32>,
    made: Vec<bool>,
    /// Where each pixel of the run reads the maps and the grid.
    pub(super) in_maps: Columns,
    pub(super) in_grid: Columns,
}

/// Cells to the left of pixels, and how far from there to the next, 0 to 1.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) cells: Vec<i32>,
    pub(super) parts: Vec<f32>,
}

impl Columns {
    /// For `n` pixels from `x` on, of `width` seen as `cells`; whole numbers, so that a pixel's place
    /// does not depend on where the run begins.
    fn fill(&mut self, x: i64, n: usize, width: usize, cells: usize) {
        self.cells.clear();
        self.parts.clear();
        // Position of a centre, in units of 1 / (2 * width) cells: (2 x + 1) * cells - width.
        let unit = 2 * width as i64;
        let step = 2 * cells as i64;
        let last = cells as i64 - 1;
        let scale = 1.0 / unit as f32;
        let first = (2 * x + 1) * cells as i64 - width as i64;
        let (mut cell, mut rest) = (first.div_euclid(unit), first.rem_euclid(unit));
        for _ in 0..n {
            let outside = cell < 0 || cell >= last;
            self.cells.push(cell.clamp(0, last) as i32);
            self.parts.push(if outside { 0.0 } else { rest as f32 * scale });
            rest += step;
            if rest >= unit {
                cell += rest / unit;
                rest %= unit;
            }
        }
        // Whole vectors are read; the last pixel stands for those that are not there.
        let (cell, part) = (self.cells.last().copied(), self.parts.last().copied());
        self.cells.resize(n + SPARE, cell.unwrap_or(0));
        self.parts.resize(n + SPARE, part.unwrap_or(0.0));
    }
}

/// The cell above a row's centre, the one below, and how far from the one to the other.
fn between(y: i64, height: usize, cells: usize) -> (usize, usize, f32) {
    let mut column = Columns::default();
    column.fill(y, 1, height, cells);
    let above = column.cells[0] as usize;
    (above, (above + 1).min(cells - 1), column.parts[0])
}

impl PlaceRow {
    /// Makes what is lacking for `n` pixels from (`x`, `y`) on.
    pub(super) fn prepare(&mut self, place: &Place, y: i64, x: i64, n: usize) {
        if self.owner != place.id || self.y != y {
            self.fill_maps(place, y);
            self.fill_grid(place, y);
            (self.owner, self.y) = (place.id, y);
        }
        let width = place.frame[1];
        self.in_maps.fill(x, n, width, place.map_size[1]);
        if place.guide.is_some() {
            self.in_grid.fill(x, n, width, place.grid_size[1]);
            let first = self.in_grid.cells[0];
            let last = self.in_grid.cells[n.max(1) - 1];
            (first..=last).for_each(|cell| self.make_tables(place, cell as usize));
        }
    }

    fn fill_maps(&mut self, place: &Place, y: i64) {
        let [rows, columns] = place.map_size;
        let (above, below, part) = between(y, place.frame[0], rows);
        self.map_stride = columns + SPARE;
        self.maps.clear();
        self.maps.resize(2 * PLANES * self.map_stride, 0.0);
        for (plane, to) in self.maps.chunks_exact_mut(2 * self.map_stride).enumerate() {
            let row = |y: usize| &place.maps[(plane * rows + y) * columns..][..columns];
            let (values, slopes) = to.split_at_mut(self.map_stride);
            for ((to, a), b) in values.iter_mut().zip(row(above)).zip(row(below)) {
                *to = a + (b - a) * part;
            }
            for (to, pair) in slopes.iter_mut().zip(values[..columns].windows(2)) {
                *to = pair[1] - pair[0];
            }
        }
    }

    fn fill_grid(&mut self, place: &Place, y: i64) {
        self.made.clear();
        if place.guide.is_none() {
            return;
        }
        let [rows, columns] = place.grid_size;
        let (above, below, part) = between(y, place.frame[0], rows);
        let length = columns * COEFFICIENTS * BINS;
        let row = |y: usize| &place.grid[y * length..][..length];
        self.grid.clear();
        self.grid.extend(row(above).iter().zip(row(below)).map(|(a, b)| a + (b - a) * part));
        self.made.resize(columns, false);
        self.tables.resize(columns * COEFFICIENTS * TABLE, 0.0);
    }

    fn make_tables(&mut self, place: &Place, cell: usize) {
        if self.made[cell] {
            return;
        }
        const CELL: usize = COEFFICIENTS * BINS;
        let next = (cell + 1).min(place.grid_size[1] - 1);
        let (left, right) = (&self.grid[cell * CELL..][..CELL], &self.grid[next * CELL..][..CELL]);
        let tables = &mut self.tables[cell * COEFFICIENTS * TABLE..][..COEFFICIENTS * TABLE];
        for ((table, left), right) in tables
            .chunks_exact_mut(TABLE)
            .zip(left.chunks_exact(BINS))
            .zip(right.chunks_exact(BINS))
        {
            for z in 0..BINS {
                let above = (z + 1).min(BINS - 1);
                let (here, there) = (left[above] - left[z], right[above] - right[z]);
                table[z] = left[z];
                table[BINS + z] = here;
                table[2 * BINS + z] = right[z] - left[z];
                table[3 * BINS + z] = there - here;
            }
        }
        self.made[cell] = true;
    }
}
