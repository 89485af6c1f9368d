//! What the whole frame is to a network, before anyone knows at which code it clips.
//!
//! Means of codes, and per channel the mean excess over a few codes: from these the share that is in
//! any ramp of the clip mask follows, so that the clip level may come from other frames (see
//! [`crate::expand::cells`], which does the same). Excess is kept only of cells that have any.

use super::blends::{BlendPart, BlendSums};
use super::means::Means;
use super::shelf;
use crate::expand::math::{greatest, max, min};
use crate::expand::strip::{Plane, STRIP};
use crate::model::inputs::LOOK_SIDE;
use crate::simd;

/// Codes above which a channel's excess is summed up. Ramps are taken straight between them, and from
/// the last to 1.
pub(in crate::expand) const KNOTS: [f32; 8] = [0.75, 0.85, 0.90, 0.93, 0.95, 0.97, 0.985, 0.992];

/// Sums of excess per cell, channel by channel.
pub(super) const EXCESS: usize = 3 * KNOTS.len();

/// Codes are limited to this before they are summed up.
pub(in crate::expand) const MOST: f32 = 1.1;

/// Pixels of which one look tells that none has excess.
const BLOCK: usize = 32;

/// A cell without excess.
const NONE: u32 = u32::MAX;

/// What one task has seen.
pub(in crate::expand) struct LookPart {
    codes: Means<3>,
    /// Made when the first bright strip comes.
    excess: Option<Box<Means<{ KNOTS.len() }>>>,
    frame: [usize; 2],
    rows: (usize, usize),
    /// The network's own frame, if it wants one.
    own: Option<Means<3>>,
    /// What edges tell of the curve, if a network asks.
    blends: Option<BlendPart>,
}

/// What one task has seen, without its working memory: that goes to the next task, where fresh memory
/// would cost more than the work on it.
pub(in crate::expand) struct LookShare {
    codes: Means<3>,
    excess: Vec<(u32, [f32; EXCESS])>,
    own: Option<Means<3>>,
    blends: Option<BlendSums>,
}

/// The whole frame, joined.
#[derive(Clone, Debug, Default)]
pub(in crate::expand) struct Look {
    /// Planes of mean codes.
    pub(super) codes: Vec<f32>,
    /// Per cell its place in `excess`, or [`NONE`].
    index: Vec<u32>,
    /// [`EXCESS`] numbers of each cell that has any.
    excess: Vec<f32>,
    /// Planes of the network's own frame, in its encoding.
    pub(super) own: Vec<f32>,
    /// What edges tell of the curve; nothing where no network asks.
    pub(super) blends: BlendSums,
    /// Share of the pixels with a clipped channel, as the frame itself was measured.
    pub(in crate::expand) clipped: f32,
}

impl Drop for Look {
    fn drop(&mut self) {
        for vector in [&mut self.codes, &mut self.excess, &mut self.own] {
            shelf::give(std::mem::take(vector));
        }
    }
}

impl LookPart {
    /// For rows `y1` to `y2` of a frame of that height and width; `own` is the size of the frame that
    /// the network takes, and with `blends` edges are asked for the curve.
    pub(in crate::expand) fn new(
        frame: [usize; 2],
        rows: (usize, usize),
        own: Option<[usize; 2]>,
        blends: bool,
    ) -> Self {
        Self {
            codes: Means::new([LOOK_SIDE; 2], frame, (3, false), rows),
            excess: None,
            frame,
            rows,
            own: own.map(|size| Means::new(size, frame, (3, false), rows)),
            blends: blends.then(BlendPart::new),
        }
    }

    /// Adds a strip of sRGB codes that stands for the rows `y1` to `y2`.
    pub(in crate::expand) fn add(
        &mut self,
        code: &[Plane; 3],
        (x, n): (usize, usize),
        rows: (usize, usize),
    ) {
        if let Some(blends) = &mut self.blends {
            blends.add(code, n);
        }
        self.codes.add(x, n, rows, |parts, sums| {
            simd::run(
                #[inline(always)]
                || {
                    for (sum, code) in sums.chunks_exact_mut(STRIP).zip(code) {
                        for (sum, &v) in sum[..n].iter_mut().zip(&code[..n]) {
                            *sum += parts * max(min(v, MOST), 0.0);
                        }
                    }
                },
            );
        });
        if greatest(code.each_ref().map(|plane| &plane[..n])) <= KNOTS[0] {
            return;
        }
        let (frame, all) = (self.frame, self.rows);
        let excess = self.excess.get_or_insert_with(|| {
            Box::new(Means::new([LOOK_SIDE; 2], frame, (EXCESS, true), all))
        });
        excess.add(x, n, rows, |parts, sums| {
            simd::run(
                #[inline(always)]
                || {
                    let (of_channel, _) = sums.as_chunks_mut::<{ STRIP * KNOTS.len() }>();
                    for (sums, code) in of_channel.iter_mut().zip(code) {
                        for (block, code) in code[..n].chunks(BLOCK).enumerate() {
                            if greatest([code, &[], &[]]) <= KNOTS[0] {
                                continue;
                            }
                            let at = block * BLOCK;
                            for (sum, &knot) in sums.chunks_exact_mut(STRIP).zip(&KNOTS) {
                                for (sum, &v) in sum[at..at + code.len()].iter_mut().zip(code) {
                                    *sum += parts * max(min(v, 1.0) - knot, 0.0);
                                }
                            }
                        }
                    }
                },
            );
        });
    }

    /// Adds a strip of the network's own frame.
    pub(in crate::expand) fn add_own(
        &mut self,
        picture: &[Plane; 3],
        (x, n): (usize, usize),
        rows: (usize, usize),
    ) {
        let Some(own) = &mut self.own else { return };
        own.add(x, n, rows, |parts, sums| {
            for (sum, plane) in sums.chunks_exact_mut(STRIP).zip(picture) {
                for (sum, &v) in sum[..n].iter_mut().zip(&plane[..n]) {
                    *sum += parts * v;
                }
            }
        });
    }

    /// Ends the task.
    pub(in crate::expand) fn finish(self) -> LookShare {
        let excess = self.excess.as_ref().map(|excess| excess.cells()).unwrap_or_default();
        LookShare {
            codes: self.codes,
            excess,
            own: self.own,
            blends: self.blends.map(BlendPart::finish),
        }
    }

    /// Ends the strips at column `x`.
    pub(in crate::expand) fn flush(&mut self, x: usize, n: usize) {
        self.codes.flush(x, n);
        if let Some(excess) = &mut self.excess {
            excess.flush(x, n);
        }
        if let Some(own) = &mut self.own {
            own.flush(x, n);
        }
    }
}

impl Look {
    /// Joins what the tasks have seen, in order.
    pub(in crate::expand) fn join(parts: Vec<LookShare>) -> Self {
        let bright: usize = parts.iter().map(|part| part.excess.len()).sum();
        let mut look = Self {
            index: vec![NONE; LOOK_SIDE * LOOK_SIDE],
            excess: shelf::take(bright * EXCESS),
            codes: Vec::new(),
            own: Vec::new(),
            blends: BlendSums::default(),
            clipped: 0.0,
        };
        let mut known = 0;
        let mut codes = Vec::with_capacity(parts.len());
        let mut own = Vec::new();
        for part in parts {
            codes.push(part.codes);
            own.extend(part.own);
            part.blends.iter().for_each(|blends| look.blends.join(blends));
            for (cell, excess) in part.excess {
                let place = &mut look.index[cell as usize];
                if *place == NONE {
                    *place = known;
                    known += 1;
                    look.excess.extend_from_slice(&excess);
                    continue;
                }
                // A row of cells that two tasks share.
                let at = *place as usize * EXCESS;
                for (sum, e) in look.excess[at..at + EXCESS].iter_mut().zip(excess) {
                    *sum += e;
                }
            }
        }
        look.codes = Means::join(&codes);
        look.own = Means::join(&own);
        look
    }

    /// From planes of [`LOOK_SIDE`] squared: means of codes, then [`EXCESS`] of each cell; and those of the
    /// network's own frame, if it wants one.
    pub(in crate::expand) fn from_planes(
        mut planes: Vec<f32>,
        own: Vec<f32>,
        blends: BlendSums,
    ) -> Self {
        const CELLS: usize = LOOK_SIDE * LOOK_SIDE;
        let excess = planes.split_off((3 * CELLS).min(planes.len()));
        let mut look = Self {
            index: vec![NONE; CELLS],
            excess: Vec::new(),
            codes: planes,
            own,
            blends,
            clipped: 0.0,
        };
        let of = |plane: usize, cell: usize| excess.get(plane * CELLS + cell).copied();
        for (cell, place) in look.index.iter_mut().enumerate() {
            // Over the first knot there is most.
            if (0..3).any(|channel| of(channel * KNOTS.len(), cell).is_some_and(|sum| sum != 0.0)) {
                *place = (look.excess.len() / EXCESS) as u32;
                look.excess.extend((0..EXCESS).map(|plane| of(plane, cell).unwrap_or(0.0)));
            }
        }
        look
    }

    /// The excess of a cell, channel by channel.
    pub(super) fn excess(&self, cell: usize) -> Option<&[f32; EXCESS]> {
        let place = *self.index.get(cell)? as usize;
        self.excess.as_chunks::<EXCESS>().0.get(place)
    }

    /// True when nothing was looked at.
    pub(super) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// Bytes it holds.
    pub(in crate::expand) fn bytes(&self) -> usize {
        let floats = [&self.codes, &self.own, &self.excess].map(Vec::capacity);
        (floats.iter().sum::<usize>() + self.index.capacity()) * 4
    }
}
