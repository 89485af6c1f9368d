//! A sliding window whose overlaps are blended so that no seams show.
//!
//! The engine does frames that are too large for memory in tiles by itself, with borders that make the
//! result the same as that of the whole frame. This window is another thing: each tile is expanded as
//! if it were a picture, so a network sees no more than the tile.

use crate::Error;

/// A sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Side of a tile in pixels, 64 or more.
    pub tile: usize,
    /// Pixels that neighbouring tiles share, at most half a tile.
    pub overlap: usize,
}

/// Least side of a tile: below, networks see nothing.
const LEAST: usize = 64;

impl Tiling {
    /// Checks the numbers.
    ///
    /// # Errors
    /// When they cannot be followed.
    pub fn check(&self) -> Result<(), Error> {
        if self.tile < LEAST {
            return Err(Error::setting("--tile", self.tile, format!("{LEAST} pixels or more")));
        }
        if self.overlap * 2 > self.tile {
            let expected = format!("at most half a tile, {} pixels", self.tile / 2);
            return Err(Error::setting("--overlap", self.overlap, expected));
        }
        Ok(())
    }

    /// Expands a picture tile by tile. Weights rise over an overlap as half a period of a raised cosine
    /// and are 1 elsewhere; the result is the mean by weight.
    ///
    /// # Errors
    /// What `expand` says of a tile.
    pub fn run(
        &self,
        [height, width]: [usize; 2],
        code: &[f32],
        expand: &dyn Fn([usize; 2], &[f32]) -> Result<Vec<f32>, Error>,
    ) -> Result<Vec<f32>, Error> {
        let (rows, columns) = (self.starts(height), self.starts(width));
        let mut light = vec![0.0f64; code.len()];
        let mut weights = vec![0.0f64; code.len() / 3];
        for &top in &rows {
            let tile_height = self.tile.min(height - top);
            for &left in &columns {
                let tile_width = self.tile.min(width - left);
                let lines = (top..top + tile_height).map(|y| (y * width + left) * 3);
                let part: Vec<f32> = lines
                    .flat_map(|start| code[start..start + tile_width * 3].iter().copied())
                    .collect();
                let tile = expand([tile_height, tile_width], &part)?;
                for y in 0..tile_height {
                    let down = self.weight(y, tile_height, top, height);
                    for x in 0..tile_width {
                        let weight = down * self.weight(x, tile_width, left, width);
                        let to = (top + y) * width + left + x;
                        weights[to] += weight;
                        for c in 0..3 {
                            let value = f64::from(tile[(y * tile_width + x) * 3 + c]);
                            light[to * 3 + c] += weight * value;
                        }
                    }
                }
            }
        }
        Ok(light.iter().enumerate().map(|(i, v)| (v / weights[i / 3]) as f32).collect())
    }

    /// Where tiles begin; the last one ends with the picture.
    fn starts(&self, length: usize) -> Vec<usize> {
        let last = length.saturating_sub(self.tile);
        let step = (self.tile - self.overlap).max(1);
        let mut starts: Vec<usize> = (0..last).step_by(step).collect();
        starts.push(last);
        starts
    }

    /// Weight of a pixel by its distance from the ends of its tile; the picture's edge is no end.
    fn weight(&self, at: usize, side: usize, start: usize, length: usize) -> f64 {
        let rise = |distance: usize| {
            let share = ((distance as f64 + 0.5) / self.overlap.max(1) as f64).min(1.0);
            0.5 - 0.5 * libm::cos(std::f64::consts::PI * share)
        };
        let low = if start == 0 { 1.0 } else { rise(at) };
        let high = if start + side == length { 1.0 } else { rise(side - 1 - at) };
        low * high
    }
}
