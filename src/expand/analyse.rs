//! One look at the whole frame: the clip level, the statistics, and the small grid of cells from
//! which methods make their fields.

use super::cells::{Cells, KNOTS, MOST, SUMS, WHITE_KNOTS};
use super::field::Field;
use super::ingest;
use super::level::{ABOVE, BINS, Ends, FULL, Histogram, bin};
use super::mask::ClipMask;
use super::math::{log2, max, min};
use super::network::{FrameMemo, Look, LookPart, LookShare, OneFrame, Picture, Ready, prepare};
use super::strip::{Plane, STRIP, Strip};
use super::{Abort, Interrupted, Plan, Report, Statistics};
use crate::simd;
use headroom_gpu::Gpu;
use headroom_kernel::{ImageRef, Pool, Rect};
use std::sync::Arc;

/// What the whole frame decides: its statistics and its low-resolution fields.
#[derive(Clone, Debug)]
pub struct Analysis {
    statistics: Statistics,
    cells: Arc<Cells>,
    field: Arc<Field>,
    frame: Rect,
    fixed_level: Option<f32>,
    look: Arc<Look>,
    memo: Arc<FrameMemo>,
    /// Frames over which what networks say is averaged, this one among them; none: it alone speaks.
    averaged: Vec<Arc<Analysis>>,
}

impl Analysis {
    /// What was measured.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// The same analysis with other statistics (averaged over frames, or frozen). Fields, and what
    /// networks see, stay those of the frame itself; what counts as clipped there follows the level.
    #[must_use]
    pub fn with_statistics(self, statistics: Statistics) -> Self {
        if statistics == self.statistics {
            return self;
        }
        let level = self.fixed_level.unwrap_or(statistics.clip_level);
        let field = if self.cells.tell_excess() {
            Arc::new(Field::new(&self.cells, self.frame, level))
        } else {
            self.field
        };
        Self { statistics, field, ..self }
    }

    /// The same frame, of which networks say the mean of what they say of `frames`, among which it is itself: of stops,
    /// along the camera's motion, and curves ([`Plan::averages_frames`]). Frames that look otherwise, as those beyond a
    /// cut, are hardly heard.
    #[must_use]
    pub fn averaged_over(self, frames: Vec<Arc<Self>>) -> Self {
        // What was said of this frame by itself stays with that.
        Self { memo: Arc::default(), averaged: frames, ..self }
    }

    /// Bytes it holds, for caches.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.cells.bytes() + self.field.bytes() + self.look.bytes()
    }

    /// Where the frame lies.
    pub(super) fn frame(&self) -> Rect {
        self.frame
    }

    /// What networks see of the whole frame.
    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    /// What networks say of the whole frame; run (on a device, if one is given) at the first call, and
    /// again where the clip mask is another one.
    pub(super) fn networks(
        &self,
        plan: &Plan,
        clip: &ClipMask,
        gpu: Option<&Gpu>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<Ready, Interrupted> {
        let frame = [self.frame.height(), self.frame.width()];
        let frames: Vec<OneFrame<'_>> = self.averaged.iter().map(|other| other.one()).collect();
        let same = |other: &&Arc<Self>| Arc::ptr_eq(&other.look, &self.look);
        let own = self.averaged.iter().find(same).map_or_else(|| self.one(), |own| own.one());
        prepare(plan, &self.memo, own, &frames, frame, clip, gpu, pool, abort)
    }

    fn one(&self) -> OneFrame<'_> {
        OneFrame { look: &self.look, memo: &self.memo }
    }

    pub(super) fn field(&self) -> &Arc<Field> {
        &self.field
    }

    /// The same without what networks said of it.
    pub(super) fn forgetful(&self) -> Self {
        Self { memo: Arc::default(), ..self.clone() }
    }

    pub(super) fn blank(frame: Rect) -> Self {
        Self {
            statistics: Statistics::default(),
            cells: Arc::default(),
            field: Arc::default(),
            frame,
            fixed_level: None,
            look: Arc::default(),
            memo: Arc::default(),
            averaged: Vec::new(),
        }
    }
}

/// Looks at the whole frame. `frame` is where the frame lies; pixels the source does not cover
/// count as black and transparent. Reads no pixel when [`Plan::needs_whole_frame`] is false.
///
/// # Errors
/// When `abort` said so.
pub fn analyse(
    plan: &Plan,
    source: &ImageRef<'_>,
    frame: Rect,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Analysis, Interrupted> {
    if plan.needs_whole_frame() {
        measure(plan, source, frame, pool, abort)
    } else if abort() {
        Err(Interrupted)
    } else {
        Ok(Analysis::blank(frame))
    }
}

/// As [`analyse`], but always looks: for showing figures to a user.
///
/// # Errors
/// When `abort` said so.
pub fn measure(
    plan: &Plan,
    source: &ImageRef<'_>,
    frame: Rect,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Analysis, Interrupted> {
    if frame.is_empty() {
        return Ok(Analysis::blank(frame));
    }
    let (nx, ny) = Cells::size(frame.width(), frame.height());
    let rows = pool.map(ny, |cy| (!abort()).then(|| Row::look(plan, source, frame, (nx, ny), cy)));
    let mut cells = Cells { nx, ny, excess: vec![Vec::new(); sums_wanted(plan)] };
    cells.excess.iter_mut().for_each(|plane| plane.reserve_exact(nx * ny));
    let mut gathered = Gathered { cells, ..Gathered::default() };
    let mut looks = Vec::new();
    for row in rows {
        let row = row.ok_or(Interrupted)?;
        for (plane, sums) in gathered.cells.excess.iter_mut().zip(row.excess.chunks_exact(nx)) {
            plane.extend_from_slice(sums);
        }
        gathered.histogram.add(&row.histogram);
        gathered.greatest = max(row.greatest, gathered.greatest);
        gathered.ends.add(row.ends);
        looks.extend(row.share);
        gathered.widen(row.range);
    }
    if !looks.is_empty() {
        gathered.look = Look::join(looks);
    }
    Ok(gathered.analysis(plan, frame))
}

/// What is gathered of a frame, by the CPU or by a device.
pub(super) struct Gathered {
    pub(super) cells: Cells,
    pub(super) histogram: Box<Histogram>,
    /// Greatest code.
    pub(super) greatest: f32,
    pub(super) ends: Ends,
    /// Least and greatest linear luminance, if the method asks for it.
    pub(super) range: (f32, f32),
    /// What networks see; empty where there is none.
    pub(super) look: Look,
}

impl Default for Gathered {
    fn default() -> Self {
        Self {
            cells: Cells::default(),
            histogram: Box::default(),
            greatest: 0.0,
            ends: Ends::default(),
            range: (f32::MAX, f32::MIN),
            look: Look::default(),
        }
    }
}

impl Gathered {
    /// Takes in the least and the greatest luminance of a part.
    pub(super) fn widen(&mut self, (least, most): (f32, f32)) {
        self.range = (min(least, self.range.0), max(most, self.range.1));
    }

    /// What it comes to.
    pub(super) fn analysis(self, plan: &Plan, frame: Rect) -> Analysis {
        let Self { cells, histogram, greatest, ends, mut range, mut look } = self;
        if !plan.method.needs_range {
            let unknown = Statistics::default();
            range = (unknown.darkest, unknown.brightest);
        }
        let statistics = summarise(plan, &cells, &histogram, greatest, ends, range);
        look.clipped = statistics.clip_share;
        let level = plan.clip_level.unwrap_or(statistics.clip_level);
        let field = if cells.tell_excess() {
            Arc::new(Field::new(&cells, frame, level))
        } else {
            Arc::default()
        };
        Analysis {
            statistics,
            cells: Arc::new(cells),
            field,
            frame,
            fixed_level: plan.clip_level,
            look: Arc::new(look),
            memo: Arc::default(),
            averaged: Vec::new(),
        }
    }
}

fn summarise(
    plan: &Plan,
    cells: &Cells,
    histogram: &Histogram,
    greatest: f32,
    ends: Ends,
    range: (f32, f32),
) -> Statistics {
    let count = (cells.nx * cells.ny) as f32;
    let mean = |of: &dyn Fn(usize) -> f32| {
        // Sums of sums: rows first, so that large grids lose no digits.
        (0..cells.ny).map(|y| (0..cells.nx).map(|x| of(y * cells.nx + x)).sum::<f32>()).sum::<f32>()
            / count
    };
    let found = histogram.level(greatest, ends);
    let level = plan.clip_level.unwrap_or(found.level);
    let strength = if plan.clip_level.is_some() { 1.0 } else { found.strength };
    Statistics {
        clip_level: level,
        clip_strength: strength,
        clip_share: strength * histogram.share_from(level),
        darkest: range.0,
        brightest: range.1,
        // A gamma of 2.2 is close enough for a mean of logarithms.
        mean_log2: mean(&|cell| 2.2 * log2(max(cells.mean(cell), 1.0 / 512.0)))
            + log2(plan.exposure),
    }
}

/// Sums per cell that are made: those of the field for every analytic method, so that they share one
/// analysis; networks are spared all but the mean code.
pub(super) fn sums_wanted(plan: &Plan) -> usize {
    if plan.method.network { 1 } else { SUMS }
}

/// Rows of pixels that are read of each row of cells, at most.
pub(super) const ROWS_PER_CELL: usize = 4;

/// From a row of pixels that is read to the next, in a row of cells of that height.
pub(super) fn row_step(rows: usize) -> usize {
    rows.div_ceil(ROWS_PER_CELL).max(1)
}

/// One row of cells.
struct Row {
    /// Mean excess, knot by knot, `nx` each; over the first knot alone where no field is wanted.
    excess: Vec<f32>,
    histogram: Box<Histogram>,
    greatest: f32,
    ends: Ends,
    /// Least and greatest linear luminance, if the method asks for it.
    range: (f32, f32),
    /// What networks see, where there is one.
    look: Option<LookPart>,
    /// The same, once the row is done.
    share: Option<LookShare>,
}

impl Row {
    fn look(
        plan: &Plan,
        source: &ImageRef<'_>,
        frame: Rect,
        (nx, ny): (usize, usize),
        cy: usize,
    ) -> Self {
        let (width, height) = (frame.width(), frame.height());
        let (y1, y2) = (Cells::start(cy, ny, height), Cells::start(cy + 1, ny, height));
        let mut row = Self {
            excess: vec![0.0; nx * sums_wanted(plan)],
            histogram: Box::default(),
            greatest: 0.0,
            ends: Ends::default(),
            range: (f32::MAX, f32::MIN),
            look: plan.looks().then(|| {
                LookPart::new([height, width], (y1, y2), plan.own_frame(), plan.asks_edges())
            }),
            share: None,
        };
        let own = plan.network().filter(|_| plan.own_frame().is_some());
        let own = own.map(|loaded| Picture::new(plan, loaded.model.network.encoding, false));
        let mut planes = [[0.0; STRIP]; 3];
        let luminance = plan.input.luminance_weights().map(|v| v as f32);
        let mut strip = Strip::new();
        let mut most: Plane = [0.0; STRIP];
        let mut sums: [Plane; SUMS] = [[0.0; STRIP]; SUMS];
        let mut report = Report::default();
        // A cell is told well enough by up to four of its rows.
        let step = row_step(y2 - y1);
        for x in (0..width).step_by(STRIP) {
            strip.n = STRIP.min(width - x);
            strip.x = frame.x1 + x as i32;
            let n = strip.n;
            sums.iter_mut().for_each(|plane| plane[..n].fill(0.0));
            let full = sums_wanted(plan) == SUMS;
            for y in (y1..y2).step_by(step) {
                strip.y = frame.y1 + y as i32;
                ingest::load(plan, source, &mut strip, &mut report);
                ingest::take_signal(plan, &mut strip);
                simd::run(
                    #[inline(always)]
                    || accumulate(strip.signal(), n, &mut most, &mut sums, full),
                );
                if let Some(look) = &mut row.look {
                    let rows = (y, (y + step).min(y2));
                    look.add(strip.signal(), (x, n), rows);
                    if let Some(own) = &own {
                        own.of_code(plan, &mut strip, &mut planes);
                        look.add_own(&planes, (x, n), rows);
                    }
                }
                if plan.method.needs_range {
                    let Strip { ref code, ref mut linear, .. } = *strip;
                    ingest::decode(plan, code, linear, n);
                    let (least, most) = extremes(linear, n, luminance);
                    row.range = (min(least, row.range.0), max(most, row.range.1));
                }
                let top = super::math::greatest([&most[..n], &[], &[]]);
                row.greatest = max(top, row.greatest);
                row.ends.pixels += n as u64;
                if top >= FULL {
                    let count = |is: fn(f32) -> bool| {
                        most[..n].iter().map(|&m| u32::from(is(m))).sum::<u32>()
                    };
                    let above = count(|m| m > ABOVE);
                    row.ends.above += u64::from(above);
                    row.ends.full += u64::from(count(|m| m >= FULL) - above);
                }
                if y == y1 {
                    row.count(&most[..n]);
                }
            }
            if let Some(look) = &mut row.look {
                look.flush(x, n);
            }
            row.gather(&sums, x, n, (nx, width));
        }
        row.share = row.look.take().map(LookPart::finish);
        let rows = (y2 - y1).div_ceil(step) as f32;
        for sums in row.excess.chunks_exact_mut(nx) {
            for (cx, sum) in sums.iter_mut().enumerate() {
                let columns = Cells::start(cx + 1, nx, width) - Cells::start(cx, nx, width);
                *sum /= rows * columns as f32;
            }
        }
        row
    }

    /// Adds column sums to the cells they lie in.
    fn gather(&mut self, sums: &[Plane; SUMS], x: usize, n: usize, (nx, width): (usize, usize)) {
        let mut cell = x * nx / width;
        let mut from = 0;
        while from < n {
            while Cells::start(cell + 1, nx, width) <= x + from {
                cell += 1;
            }
            let to = (Cells::start(cell + 1, nx, width) - x).min(n);
            if self.excess.len() == nx {
                self.excess[cell] += sums[0][from..to].iter().sum::<f32>();
                from = to;
                continue;
            }
            // Knots side by side: one after another, every addition would wait for the last.
            let mut total = [0.0f32; SUMS];
            for i in from..to {
                for (total, plane) in total.iter_mut().zip(sums) {
                    *total += plane[i];
                }
            }
            for (knot, total) in total.into_iter().enumerate() {
                self.excess[knot * nx + cell] += total;
            }
            from = to;
        }
    }

    fn count(&mut self, most: &[f32]) {
        let mut bins = [0u32; 64];
        for chunk in most.chunks(bins.len()) {
            for (bin_of, &m) in bins.iter_mut().zip(chunk) {
                *bin_of = bin(m);
            }
            for &i in &bins[..chunk.len()] {
                self.histogram.0[(i as usize).min(BINS - 1)] += 1;
            }
        }
    }
}

/// Least and greatest luminance of a strip.
fn extremes(linear: &[Plane; 3], n: usize, w: [f32; 3]) -> (f32, f32) {
    let [r, g, b] = linear.each_ref().map(|plane| &plane[..n]);
    let mut range = (f32::MAX, f32::MIN);
    for ((r, g), b) in r.iter().zip(g).zip(b) {
        let y = w[0] * r + w[1] * g + w[2] * b;
        range = (min(y, range.0), max(y, range.1));
    }
    range
}

/// Adds one row's excess to column sums: over every knot when `full`, else over the first, which is 0.
#[inline(always)]
fn accumulate(code: &[Plane; 3], n: usize, most: &mut Plane, sums: &mut [Plane; SUMS], full: bool) {
    let [r, g, b] = code.each_ref().map(|plane| &plane[..n]);
    let most = &mut most[..n];
    if !full {
        for ((((m, sum), &r), &g), &b) in
            most.iter_mut().zip(&mut sums[0][..n]).zip(r).zip(g).zip(b)
        {
            *m = max(r, max(g, b));
            *sum += max(min(*m, MOST) - KNOTS[0], 0.0);
        }
        return;
    }
    let mut least: Plane = [0.0; STRIP];
    let least = &mut least[..n];
    for ((((m, l), &r), &g), &b) in most.iter_mut().zip(&mut *least).zip(r).zip(g).zip(b) {
        *m = max(r, max(g, b));
        *l = min(r, min(g, b));
    }
    let (of_most, of_least) = sums.split_at_mut(KNOTS.len());
    for (plane, &knot) in of_most.iter_mut().zip(&KNOTS) {
        for (sum, &m) in plane[..n].iter_mut().zip(&*most) {
            *sum += max(min(m, MOST) - knot, 0.0);
        }
    }
    for (plane, &knot) in of_least.iter_mut().zip(&WHITE_KNOTS) {
        for (sum, &l) in plane[..n].iter_mut().zip(&*least) {
            *sum += max(min(l, MOST) - knot, 0.0);
        }
    }
}
