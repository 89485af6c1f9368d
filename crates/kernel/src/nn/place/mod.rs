//! The full-size part of a network that decides at a small size: reads stops from maps of the frame,
//! adds what a bilateral grid says, and limits both to what is clipped.
//!
//! For a pixel of codes c with clip mask m, both per channel, at (x, y) in the frame:
//!
//! ```text
//! base  = gains(x, y) / max(coverage(x, y), least)         bilinear, centres at halves
//! guide = sigmoid(w2 . relu(W1 c + b1) + b2)
//! local = A(x, y, guide) (r, g, b, 1)                      trilinear in the grid
//! stops = m * max(base + local, 0)
//! ```
//!
//! It is the `place` stage of the network `grid`, fused: what depends on the row alone is made once
//! per row, and groups of pixels of which none is clipped are passed over. The eight bins of a grid's
//! cell fill one 256-bit register, so that looking one up is one permutation; tables of {value, slope
//! along z, slope along x, both} make the rest three fused multiply-adds per coefficient.

#[cfg(target_arch = "x86_64")]
mod lanes;
mod pixel;
mod row;
#[cfg(target_arch = "x86_64")]
mod vector;

#[cfg(test)]
mod tests;

pub use row::PlaceRow;

use super::machine::Isa;
use super::shape::ShapeError;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bins of a bilateral grid's guide.
pub const BINS: usize = 8;

/// Coefficients of a cell: 3 rows of (r, g, b, 1).
pub const COEFFICIENTS: usize = 12;

/// Channels between the two layers of the guide.
pub const HIDDEN: usize = 8;

/// What the frame's stage says of places, seen at one size; channels last.
#[derive(Clone, Copy, Debug)]
pub struct PlaceMaps<'a> {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Stops times coverage, 3 channels.
    pub gains: &'a [f32],
    /// Share that is clipped, 3 channels.
    pub coverage: &'a [f32],
    /// Coverage below this counts as this; positive.
    pub least: f32,
}

/// The guide's two layers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guide {
    /// Per hidden channel the weights of r, g and b.
    pub hidden: [[f32; 3]; HIDDEN],
    /// Added to each hidden channel.
    pub hidden_bias: [f32; HIDDEN],
    /// Weights of the hidden channels.
    pub out: [f32; HIDDEN],
    /// Added in the end.
    pub out_bias: f32,
}

/// A bilateral grid of local gains; channels last, channel k * [`BINS`] + z being coefficient k in
/// bin z.
#[derive(Clone, Copy, Debug)]
pub struct PlaceGrid<'a> {
    /// Rows and columns.
    pub size: [usize; 2],
    /// [`COEFFICIENTS`] * [`BINS`] channels.
    pub values: &'a [f32],
    /// What it is read by.
    pub guide: Guide,
}

/// Everything of one frame, ready for any pixel of it.
#[derive(Debug)]
pub struct Place {
    /// Tells rows that were made for another frame.
    id: u64,
    isa: Isa,
    /// Height and width.
    frame: [usize; 2],
    map_size: [usize; 2],
    /// Gains and coverage as six planes, row by row.
    maps: Vec<f32>,
    least: f32,
    grid_size: [usize; 2],
    /// Channels last; empty without a grid.
    grid: Vec<f32>,
    guide: Option<Guide>,
}

/// Planes of [`Place::maps`].
const PLANES: usize = 6;

impl Place {
    /// For a frame of that height and width.
    ///
    /// # Errors
    /// When something is empty or the numbers are not as many as the sizes say.
    pub fn new(
        frame: [usize; 2],
        maps: &PlaceMaps<'_>,
        grid: Option<&PlaceGrid<'_>>,
        isa: Isa,
    ) -> Result<Self, ShapeError> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let sized = |what, [rows, columns]: [usize; 2], channels: usize, found: usize| {
            let expected = rows.checked_mul(columns).and_then(|n| n.checked_mul(channels));
            if expected == Some(found) && found > 0 {
                return Ok(());
            }
            let expected = format!("{rows} x {columns} x {channels}, none of them 0");
            Err(ShapeError::new(what, format!("{found} numbers"), expected))
        };
        if frame.contains(&0) {
            let [height, width] = frame;
            return Err(ShapeError::new("frame", format!("{height} x {width}"), "some pixels"));
        }
        sized("gains", maps.size, 3, maps.gains.len())?;
        sized("coverage", maps.size, 3, maps.coverage.len())?;
        if let Some(grid) = grid {
            sized("grid", grid.size, COEFFICIENTS * BINS, grid.values.len())?;
        }
        let plane =
            |of: &[f32], c: usize| of.iter().skip(c).step_by(3).copied().collect::<Vec<_>>();
        let planes = (0..PLANES).flat_map(|p| match p {
            0..3 => plane(maps.gains, p),
            _ => plane(maps.coverage, p - 3),
        });
        Ok(Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            isa: if isa.available() { isa } else { Isa::Portable },
            frame,
            map_size: maps.size,
            maps: planes.collect(),
            least: maps.least.max(f32::MIN_POSITIVE),
            grid_size: grid.map_or([0; 2], |grid| grid.size),
            grid: grid.map_or_else(Vec::new, |grid| grid.values.to_vec()),
            guide: grid.map(|grid| grid.guide),
        })
    }

    /// Bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + (self.maps.capacity() + self.grid.capacity()) * size_of::<f32>()
    }

    /// Stops of a run of pixels from (`x`, `y`) on, counted from the frame's first; the run may leave
    /// the frame. A pixel's result depends on nothing but its own codes, mask and place. `row` is kept
    /// from call to call, and may come from anywhere.
    ///
    /// # Panics
    /// When the slices differ in length.
    pub fn run(
        &self,
        row: &mut PlaceRow,
        [y, x]: [i64; 2],
        code: [&[f32]; 3],
        clip: [&[f32]; 3],
        stops: [&mut [f32]; 3],
    ) {
        let n = code[0].len();
        let alike = code.iter().chain(&clip).all(|plane| plane.len() == n)
            && stops.iter().all(|plane| plane.len() == n);
        assert!(alike, "planes of one length");
        row.prepare(self, y, x, n);
        let mut run = Run { code, clip, stops };
        match self.isa {
            Isa::Portable => pixel::run(self, row, &mut run),
            // SAFETY: `new` found that the processor has the instructions; `prepare` made the tables
            // for this frame and these pixels, and the planes are of one length.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => unsafe { vector::avx2(self, row, &mut run) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 | Isa::Avx512Bf16 | Isa::Amx => unsafe {
                vector::avx512(self, row, &mut run);
            },
            #[cfg(not(target_arch = "x86_64"))]
            _ => pixel::run(self, row, &mut run),
        }
    }
}

/// Pixels to work on; all planes are of one length.
struct Run<'a> {
    code: [&'a [f32]; 3],
    clip: [&'a [f32]; 3],
    stops: [&'a mut [f32]; 3],
}
