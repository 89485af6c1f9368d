//! Repairs the steps that 8-bit (or 10-bit) storage cut into smooth areas.
//!
//! Every value may move by at most half a code, which is what storing it may have moved it by. It
//! moves towards the mean of pairs of pixels that lie opposite each other, and a pair counts only
//! where both differ from the pixel by one code at most: so edges stay, a straight slope stays a
//! slope, and a flat area stays flat. Values that are no whole codes were not cut by storage and
//! are left alone.

use super::ingest;
use super::math::{max, min};
use super::strip::{STRIP, Strip};
use super::{Plan, around};
use crate::simd;
use headroom_colour::Kind;
use headroom_gpu::layout;
use headroom_kernel::{Depth, ImageRef};

/// Distances of the pairs, in pixels, and how much each counts.
const REACHES: [(usize, f32); 5] = [(1, 1.0), (2, 1.0), (4, 1.0), (8, 0.8), (16, 0.5)];

/// The farthest distance.
const HALO: usize = 16;

const WIDE: usize = STRIP + 2 * HALO;

/// How far away rows and pixels are looked at.
pub(super) const REACH: usize = REACHES[REACHES.len() - 1].0;

/// Rows that are looked at for one row: itself and those at every reach above and below.
const ROWS: usize = 1 + 2 * REACHES.len();

/// Working memory of one thread.
pub(super) struct Dequantiser {
    /// Codes around the strip, by row and channel, in steps of one stored code.
    rows: Vec<[[f32; WIDE]; 3]>,
    scratch: Box<Strip>,
    /// What is to be added to the strip's codes.
    delta: [[f32; STRIP]; 3],
}

impl Dequantiser {
    pub(super) fn new() -> Self {
        Self { rows: vec![[[0.0; WIDE]; 3]; ROWS], scratch: Strip::new(), delta: [[0.0; STRIP]; 3] }
    }

    /// Finds what to add to the codes of `strip`, and adds it where codes are what is stored:
    /// display-referred inputs. For others [`Self::mend_linear`] does.
    pub(super) fn mend(&mut self, plan: &Plan, source: &ImageRef<'_>, strip: &mut Strip) {
        let n = strip.n;
        let (scale, offset) = grid(plan);
        for (index, row) in self.rows.iter_mut().enumerate() {
            let y = strip.y.saturating_add(row_offset(index));
            fill(plan, source, &mut self.scratch, row, (strip.x, y, n), (scale, offset));
        }
        let tolerance = tolerance(source.format().depth);
        for (channel, delta) in self.delta.iter_mut().enumerate() {
            let rows = self.rows.each_channel(channel);
            simd::run(
                #[inline(always)]
                || differ(&rows, &mut delta[..n], plan.dequantise, tolerance),
            );
        }
        if plan.input.kind == Kind::Display {
            let step = 1.0 / scale;
            for (code, delta) in strip.code.iter_mut().zip(&self.delta) {
                for (v, d) in code[..n].iter_mut().zip(&delta[..n]) {
                    *v += d * step;
                }
            }
        }
    }

    /// Adds to linear light what the change of its sRGB code amounts to; inputs that are not
    /// display-referred only.
    pub(super) fn mend_linear(&self, plan: &Plan, strip: &mut Strip) {
        if plan.input.kind == Kind::Display {
            return;
        }
        let n = strip.n;
        let (scale, _) = grid(plan);
        let unexpose = 1.0 / plan.exposure;
        for (linear, delta) in strip.linear.iter_mut().zip(&self.delta) {
            let (linear, delta) = (&mut linear[..n], &delta[..n]);
            simd::run(
                #[inline(always)]
                || {
                    for (v, &d) in linear.iter_mut().zip(delta) {
                        let code = ingest::srgb_code(*v * unexpose);
                        let change =
                            ingest::srgb_light(code + d / scale) - ingest::srgb_light(code);
                        *v += if d == 0.0 { 0.0 } else { change * plan.exposure };
                    }
                },
            );
        }
    }
}

/// What a device's kernels are told of it, for pictures stored so.
pub(super) fn for_device(plan: &Plan, depth: Depth) -> layout::Dequantise {
    let (scale, offset) = grid(plan);
    layout::Dequantise { amount: plan.dequantise, scale, offset, tolerance: tolerance(depth) }
}

/// How far a code may be from a whole one: halves hold them less well.
fn tolerance(depth: Depth) -> f32 {
    if depth == Depth::Half { 0.13 } else { 0.01 }
}

/// A view of one channel of every row.
trait Channels {
    fn each_channel(&self, channel: usize) -> [&[f32; WIDE]; ROWS];
}

impl Channels for Vec<[[f32; WIDE]; 3]> {
    fn each_channel(&self, channel: usize) -> [&[f32; WIDE]; ROWS] {
        std::array::from_fn(|row| &self[row][channel])
    }
}

/// Row 0 is the strip's own; then above and below at each reach.
fn row_offset(index: usize) -> i32 {
    if index == 0 {
        return 0;
    }
    let reach = REACHES[(index - 1) / 2].0 as i32;
    if index % 2 == 1 { -reach } else { reach }
}

/// Full-range code to stored codes: `code * scale + offset`.
fn grid(plan: &Plan) -> (f32, f32) {
    let full = 1.0 / plan.code_step;
    match plan.range {
        Some((factor, black)) => (full / factor, -full * black / factor),
        None => (full, 0.0),
    }
}

/// Loads one row around the strip, in stored codes.
fn fill(
    plan: &Plan,
    source: &ImageRef<'_>,
    scratch: &mut Strip,
    row: &mut [[f32; WIDE]; 3],
    (x, y, n): (i32, i32, usize),
    (scale, offset): (f32, f32),
) {
    let wide = n + 2 * HALO;
    around::signal(plan, source, scratch, row, (x.saturating_sub(HALO as i32), y, wide));
    for v in row.iter_mut().flat_map(|channel| &mut channel[..wide]) {
        *v = *v * scale + offset;
    }
}

/// How far each value should move, in stored codes.
#[inline(always)]
fn differ(rows: &[&[f32; WIDE]; ROWS], delta: &mut [f32], amount: f32, tolerance: f32) {
    /// Two codes count as neighbours up to this difference.
    const NEIGHBOUR: f32 = 1.2;
    let n = delta.len();
    let here = &rows[0][HALO..HALO + n];
    let mut sum = [0.0f32; STRIP];
    let mut weight = [1.0f32; STRIP];
    let mut add = |a: &[f32], b: &[f32], w: f32| {
        for ((((sum, weight), &c), &a), &b) in
            sum[..n].iter_mut().zip(&mut weight[..n]).zip(here).zip(&a[..n]).zip(&b[..n])
        {
            let near = max((a - c).abs(), (b - c).abs()) <= NEIGHBOUR;
            let w = if near { w } else { 0.0 };
            *weight += w;
            *sum += if near { w * (0.5 * (a + b) - c) } else { 0.0 };
        }
    };
    for (i, &(reach, w)) in REACHES.iter().enumerate() {
        let (above, below) = (rows[1 + 2 * i], rows[2 + 2 * i]);
        add(&rows[0][HALO - reach..], &rows[0][HALO + reach..], w);
        add(&above[HALO..], &below[HALO..], w);
        add(&above[HALO - reach..], &below[HALO + reach..], w);
        add(&above[HALO + reach..], &below[HALO - reach..], w);
    }
    for (((delta, &sum), &weight), &c) in delta.iter_mut().zip(&sum).zip(&weight).zip(here) {
        let whole = (c - (c + 0.5).floor()).abs() <= tolerance;
        let moved = min(max(sum / weight, -0.5), 0.5) * amount;
        *delta = if whole { moved } else { 0.0 };
    }
}
