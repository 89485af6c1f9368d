//! How far inside what clips a pixel lies: a share that stops of networks are multiplied by.
//!
//! A pixel on the rim of a lamp is partly lamp and partly wall, and clips or not as the grid of pixels
//! happens to lie. So the light that is missing there is less than a pixel farther in, and an addition
//! that begins at its full height draws stairs when it is pulled down, and flickers when it moves.
//! With m the clip mask of a channel and B the binomial filter [1 2 1] / 4 both ways, the share is
//! B(m) ^ 1.5: 1 where all nine pixels clip, 0.65 on a straight edge, 0.125 for a pixel by itself.
//! The figures behind it are in docs/decisions/0019.

use super::mask::ClipMask;
use super::strip::{STRIP, Strip};
use super::{Plan, around};
use crate::simd;
use headroom_kernel::ImageRef;

const WIDE: usize = STRIP + 2;

/// Masks of a row of pixels, from the one before the strip to the one after it.
type Row = [[f32; WIDE]; 3];

/// Working memory of one thread.
pub(super) struct Edges {
    /// Above the strip, of the strip, below it.
    rows: Box<[Row; 3]>,
    /// Means down the columns.
    down: [f32; WIDE],
    scratch: Box<Strip>,
}

impl Edges {
    pub(super) fn new() -> Self {
        Self { rows: Box::new([[[0.0; WIDE]; 3]; 3]), down: [0.0; WIDE], scratch: Strip::new() }
    }

    /// Fills `strip.inside`. Beyond the source its last pixels go on, so that what clips at the border of
    /// the frame has no edge there.
    pub(super) fn fill(
        &mut self,
        plan: &Plan,
        source: &ImageRef<'_>,
        mask: &ClipMask,
        strip: &mut Strip,
    ) {
        let n = strip.n;
        let rect = source.rect();
        let first = strip.x.saturating_sub(1);
        // Columns that the source has.
        let column = |x: i32| (i64::from(x) - i64::from(first)).clamp(0, n as i64 + 2) as usize;
        let columns = column(rect.x1)..column(rect.x2);
        for (row, down) in self.rows.iter_mut().zip(-1..) {
            let y =
                strip.y.saturating_add(down).clamp(rect.y1, rect.y2.saturating_sub(1).max(rect.y1));
            around::signal(plan, source, &mut self.scratch, row, (first, y, n + 2));
            mask.ramps(row, n + 2);
            if columns.is_empty() {
                continue;
            }
            for channel in row.iter_mut() {
                let (before, after) = (channel[columns.start], channel[columns.end - 1]);
                channel[..columns.start].fill(before);
                channel[columns.end..n + 2].fill(after);
            }
        }
        let rows = &self.rows;
        for (c, to) in strip.inside.iter_mut().enumerate() {
            let near = [0, 1, 2].map(|row: usize| &rows[row][c][..n + 2]);
            simd::run(
                #[inline(always)]
                || shares(near, &mut self.down[..n + 2], &mut to[..n]),
            );
        }
    }
}

/// The same of a whole picture of codes, `[height, width]` pixels of three numbers, for training: of each channel by
/// itself, as *Any channel* is at first.
pub(super) fn of_picture(mask: &ClipMask, codes: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
    let mut inside = vec![0.0; codes.len()];
    if codes.is_empty() {
        return inside;
    }
    let wide = width + 2;
    let (mut ramps, mut down, mut to) = (vec![0.0; 3 * wide], vec![0.0; wide], vec![0.0; width]);
    for (y, row) in inside.chunks_exact_mut(width * 3).enumerate() {
        for c in 0..3 {
            for (ramps, from) in ramps.chunks_exact_mut(wide).zip([y.saturating_sub(1), y, y + 1]) {
                let from = &codes[from.min(height - 1) * width * 3..][..width * 3];
                for (x, ramp) in ramps.iter_mut().enumerate() {
                    let x = x.saturating_sub(1).min(width - 1);
                    *ramp = mask.ramp(from[x * 3 + c]);
                }
            }
            let near = [0, 1, 2].map(|row| &ramps[row * wide..][..wide]);
            shares(near, &mut down, &mut to);
            row.iter_mut().skip(c).step_by(3).zip(&to).for_each(|(share, &of)| *share = of);
        }
    }
    inside
}

/// From the ramps of a row and those above and below it, from the pixel before the first to the one after
/// the last, to shares: exactly 1 where all ramps are. `down` is working memory.
#[inline(always)]
fn shares(rows: [&[f32]; 3], down: &mut [f32], to: &mut [f32]) {
    let binomial = |a: f32, b: f32, c: f32| 0.25 * (a + c) + 0.5 * b;
    let [above, here, below] = rows;
    for (((to, &a), &b), &c) in down.iter_mut().zip(above).zip(here).zip(below) {
        *to = binomial(a, b, c);
    }
    for (to, near) in to.iter_mut().zip(down.windows(3)) {
        let share = binomial(near[0], near[1], near[2]);
        *to = share * share.sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expand::{Statistics, Surroundings};
    use crate::model::pattern;
    use crate::settings::Values;
    use headroom_kernel::{Components, Rect};

    fn mask() -> ClipMask {
        let plan = Plan::new(&Values::default(), &Surroundings::default());
        ClipMask::new(
            &plan,
            &Statistics { clip_level: 1.0, clip_strength: 0.5, ..Statistics::default() },
        )
    }

    /// The share of the red of the middle pixel of a drawing whose `#` clip in red, and in blue everywhere.
    fn middle(drawing: [&str; 3]) -> f32 {
        let codes: Vec<f32> = drawing
            .iter()
            .flat_map(|row| row.bytes())
            .flat_map(|pixel| [f32::from(u8::from(pixel == b'#')), 0.0, 1.0])
            .collect();
        let inside = of_picture(&mask(), &codes, [3, 3]);
        assert_eq!(inside[3 * 4 + 1], 0.0);
        assert_eq!(inside[3 * 4 + 2], 1.0, "blue clips everywhere");
        inside[3 * 4]
    }

    #[test]
    fn shares_are_the_powers_of_binomial_means() {
        let close = |found: f32, mean: f32| {
            let expected = mean.powf(1.5);
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
        };
        assert_eq!(middle(["###", "###", "###"]), 1.0);
        close(middle(["...", ".#.", "..."]), 4.0 / 16.0);
        close(middle([".##", ".##", ".##"]), 12.0 / 16.0);
        close(middle(["...", "###", "..."]), 8.0 / 16.0);
        close(middle(["...", ".##", ".##"]), 9.0 / 16.0);
        close(middle(["###", "#.#", "###"]), 12.0 / 16.0);
    }

    #[test]
    fn strips_of_a_render_are_given_what_training_is() {
        let size = [7, 2 * STRIP + 9];
        let [height, width] = size;
        let codes: Vec<f32> =
            pattern("codes", height * width * 3).iter().map(|v| 0.97 + 0.06 * v).collect();
        let expected = of_picture(&mask(), &codes, size);
        let rect = Rect::new(-3, 5, width as i32 - 3, height as i32 + 5);
        let source = ImageRef::from_floats(&codes, rect, Components::Rgb).expect("fits");
        let plan = Plan::new(&Values::default(), &Surroundings::default());
        let (mut edges, mut strip) = (Edges::new(), Strip::new());
        for (x, y) in
            (0..height).flat_map(|y| [0, 1, 100, STRIP, width - STRIP, width - 1].map(|x| (x, y)))
        {
            strip.n = STRIP.min(width - x);
            (strip.x, strip.y) = (rect.x1 + x as i32, rect.y1 + y as i32);
            edges.fill(&plan, &source, &mask(), &mut strip);
            for i in 0..strip.n {
                let found = strip.inside.each_ref().map(|plane| plane[i]);
                assert_eq!(found, expected[(y * width + x + i) * 3..][..3], "{}, {y}", x + i);
            }
        }
        assert!(expected.iter().any(|share| (0.2..0.8).contains(share)));
    }

    #[test]
    fn what_clips_at_the_border_of_the_picture_has_no_edge_there() {
        let codes = [1.0; 3 * 4 * 2];
        assert_eq!(of_picture(&mask(), &codes, [2, 4]), vec![1.0; 24]);
        assert!(of_picture(&mask(), &[], [0, 0]).is_empty());
    }
}
