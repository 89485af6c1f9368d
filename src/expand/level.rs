//! Finds the code at which a frame clips.

use super::math::smoothstep;

/// Bins per full scale: one per 8-bit code.
pub(super) const PER_UNIT: f32 = 255.0;

/// Bins; the last holds everything above.
pub(super) const BINS: usize = 321;

/// A histogram of each pixel's greatest channel.
#[derive(Clone, Debug)]
pub(super) struct Histogram(pub(super) [u32; BINS]);

impl Default for Histogram {
    fn default() -> Self {
        Self([0; BINS])
    }
}

/// Bin of a code value.
#[inline(always)]
pub(super) fn bin(code: f32) -> u32 {
    let scaled = (code * PER_UNIT + 0.5).clamp(0.0, (BINS - 1) as f32);
    scaled as u32
}

/// Where a frame clips.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    /// Code from which a channel counts as clipped.
    pub(super) level: f32,
    /// How sure that is, 0 to 1.
    pub(super) strength: f32,
}

/// Code from which a value is at full scale: those that 8 bits store as 254.5 and above count,
/// and 254, which is where a JPEG or a legal-range round trip leaves much of what was 255.
pub(super) const FULL: f32 = 253.5 / PER_UNIT;

/// Code above which a value lies above white rather than at it.
pub(super) const ABOVE: f32 = 1.003;

/// The two ends of the scale, counted pixel by pixel: bins are too coarse and rows too few for
/// what may be a handful of pixels.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// Pixels looked at.
    pub(super) pixels: u64,
    /// Of those, with the greatest channel from [`FULL`] to [`ABOVE`].
    pub(super) full: u64,
    /// Of those, with the greatest channel above [`ABOVE`].
    pub(super) above: u64,
}

impl Ends {
    pub(super) fn add(&mut self, other: Self) {
        self.pixels += other.pixels;
        self.full += other.full;
        self.above += other.above;
    }

    fn share(self, of: u64) -> f32 {
        (of as f64 / self.pixels.max(1) as f64) as f32
    }
}

/// The bin of [`FULL`].
const FULL_BIN: usize = 254;

/// What clips at full scale is not looked for below this code: the mask's ramp reaches farther down.
const FOOT: usize = 250;

/// Never looked for below this code: pictures whose white was graded down further are for the
/// user to tell.
const LOWEST: usize = 238;

/// How many codes below the greatest the pile may reach: JPEG at quality 90 scatters clipped white
/// that far.
const REACH: usize = 17;

impl Level {
    /// Part of the way to another level, 0 to 1; the surer of the two counts more.
    fn towards(self, other: Self, way: f32) -> Self {
        let (from, to) = ((1.0 - way) * self.strength, way * other.strength);
        let strength = from + to;
        let level = if strength > 0.0 {
            (self.level * from + other.level * to) / strength
        } else {
            self.level
        };
        Self { level, strength }
    }
}

impl Histogram {
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, n) in self.0.iter_mut().zip(&other.0) {
            *sum += n;
        }
    }

    /// Share of the pixels from a code on, 0 to 1; to the nearest 8-bit code.
    pub(super) fn share_from(&self, code: f32) -> f32 {
        let count = |bins: &[u32]| bins.iter().map(|&n| u64::from(n)).sum::<u64>();
        // A level is the lower edge of a bin, give or take its rounding.
        let from = bin(code + 0.25 / PER_UNIT) as usize;
        (count(&self.0[from..]) as f64 / count(&self.0).max(1) as f64) as f32
    }

    fn mean(&self, from: usize, to: usize) -> f64 {
        let sum: u64 = self.0[from..to].iter().map(|&n| u64::from(n)).sum();
        sum as f64 / (to - from) as f64
    }

    /// The clip level, given the greatest code of the frame and what lies at full scale and above.
    ///
    /// What clips piles up: above the level there is far more than the slope of the histogram
    /// below it lets expect. Three cases differ by the greatest code.
    /// * At full scale (an SDR picture): full scale is where the format itself clips, so however
    ///   little lies there is clipped. JPEG scatters a clipped area over the codes below; so the tail
    ///   that falls away from full scale counts, and what rises again below it does not, unless it is
    ///   such a pile as the next case means and holds most of what there is.
    /// * Below: only a distinct pile counts, and the level is put where nine tenths of it lie above;
    ///   a picture that simply has no white is left alone. A
    ///   flat area that is the brightest there is, at code 250 say, is such a pile: nothing tells
    ///   a graded-down clip from a flat sheet of paper.
    /// * Above (super-whites, light measured above white): only a spike counts.
    ///
    /// Between the last two the share above white decides by degrees, so that a few pixels of
    /// overshoot that come and go switch nothing.
    pub(super) fn level(&self, greatest: f32, ends: Ends) -> Level {
        let above = rise(ends.share(ends.above), 1.0e-6, 1.0e-4);
        if above >= 1.0 {
            return self.spike();
        }
        let white = self.pile(greatest, ends.share(ends.full));
        if above <= 0.0 { white } else { white.towards(self.spike(), above) }
    }

    /// What clips at full scale, and what piles up below it.
    fn pile(&self, greatest: f32, share_at_full_scale: f32) -> Level {
        let total: u64 = self.0.iter().map(|&n| u64::from(n)).sum();
        let top = bin(greatest).clamp(LOWEST as u32, 255) as usize;
        // The valley between the pile and the rest of the picture, and what lies above its floor, the
        // mean of five bins: in fifths, so that it is compared in whole numbers.
        let around = |i: usize| self.0[i - 2..i + 3].iter().map(|&n| u64::from(n)).sum::<u64>();
        let (valley, floor) = (top - REACH..top - 2)
            .rev()
            .map(|i| (i, around(i)))
            .fold((top - 3, u64::MAX), |best, here| if here.1 < best.1 { here } else { best });
        let excess: Vec<u64> =
            (valley..=top).map(|i| (5 * u64::from(self.0[i])).saturating_sub(floor)).collect();
        let all: u64 = excess.iter().sum();
        let mut below = 0;
        let within = excess.iter().position(|e| {
            below += e;
            10 * below >= all
        });
        let (pile, floor) = (all as f64 / 5.0, floor as f64 / 5.0);
        // A bin's codes reach half a code to either side of it.
        let level = (valley + within.unwrap_or(top - valley)) as f32 - 0.5;
        let level = level.max(LOWEST as f32);
        let at_ceiling = rise(share_at_full_scale, 1.0e-6, 1.0e-4);
        // A pile short of full scale must stand out of what lies in the valley before it.
        let dense = pile / (8.0 * floor + 1.0e-5 * total as f64 + 1.0e-9);
        let share = (pile / (total.max(1)) as f64) as f32;
        let in_pile = smoothstep((dense as f32 - 3.0) / 5.0) * rise(share, 1.0e-4, 1.0e-3);
        let near = smoothstep((greatest - 0.925) / 0.02);
        let in_pile = in_pile * near;
        // And most of it must lie short of full scale; else it is what clips there.
        let full: u64 =
            excess[(top.min(FULL_BIN - 1) + 1 - valley).min(excess.len())..].iter().sum();
        let short = smoothstep((0.5 - full as f32 / all.max(1) as f32) / 0.25);
        let way = at_ceiling * (1.0 - in_pile * short);
        let level = level + (self.ceiling(top) - level) * way;
        Level { level: level / PER_UNIT, strength: at_ceiling.max(in_pile) }
    }

    /// The code, in bins, from which 98.5 % of what clips at full scale lies: of what stands out of the
    /// valley where counts cease to fall away from it, give or take their noise, at most five codes
    /// down. So the tail to which JPEG scatters what clips belongs to it, and highlights that lie in
    /// the shoulder of a film curve do not.
    fn ceiling(&self, top: usize) -> f32 {
        let at = |i: usize| u64::from(self.0[i]);
        let mut valley = top - 1;
        for i in (FOOT.min(top)..top - 1).rev() {
            // Counts deviate by their square root.
            let up = at(i).saturating_sub(at(valley));
            if up * up > at(valley) {
                break;
            }
            if at(i) < at(valley) {
                valley = i;
            }
        }
        let excess = |i: usize| at(i).saturating_sub(at(valley));
        let all: u64 = (valley..=top).map(excess).sum();
        let mut before = 0;
        for i in valley..=top {
            let here = excess(i);
            if here > 0 && 200 * (before + here) >= 3 * all {
                let into = (3 * all - 200 * before) as f32 / (200 * here) as f32;
                return i as f32 - 0.5 + into;
            }
            before += here;
        }
        top as f32 - 0.5
    }

    /// The highest code that stands out of its neighbours by far.
    fn spike(&self) -> Level {
        let total: u64 = self.0.iter().map(|&n| u64::from(n)).sum();
        let mut best = Level { level: 1.0, strength: 0.0 };
        for i in 250..BINS - 8 {
            let around = 0.5 * (self.mean(i - 6, i - 1) + self.mean(i + 2, i + 7));
            let here = f64::from(self.0[i - 1]) + f64::from(self.0[i]) + f64::from(self.0[i + 1]);
            if self.0[i] < self.0[i - 1] || self.0[i] < self.0[i + 1] {
                continue;
            }
            let ratio = here / (3.0 * around + 1.0e-7 * total as f64 + 1.0e-9);
            let share = (here / total.max(1) as f64) as f32;
            let strength = smoothstep((ratio as f32 - 4.0) / 8.0) * rise(share, 1.0e-5, 1.0e-3);
            if strength > 0.0 && strength >= 0.5 * best.strength {
                best = Level { level: (i as f32 - 0.5) / PER_UNIT, strength };
            }
        }
        best
    }
}

/// 0 at `from`, 1 at `to`, even in the logarithm.
fn rise(v: f32, from: f32, to: f32) -> f32 {
    let (v, from, to) = (f64::from(v.max(1.0e-12)), f64::from(from), f64::from(to));
    (libm::log2(v / from) / libm::log2(to / from)).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(codes: impl Iterator<Item = f32>) -> (Histogram, f32, Ends) {
        let (mut histogram, mut greatest, mut ends) =
            (Histogram::default(), 0.0f32, Ends::default());
        for code in codes {
            histogram.0[bin(code) as usize] += 1;
            greatest = greatest.max(code);
            ends.pixels += 1;
            ends.full += u64::from((FULL..=ABOVE).contains(&code));
            ends.above += u64::from(code > ABOVE);
        }
        (histogram, greatest, ends)
    }

    fn level((histogram, greatest, ends): &(Histogram, f32, Ends)) -> Level {
        histogram.level(*greatest, *ends)
    }

    fn ramp(to: u32) -> impl Iterator<Item = f32> {
        (0..1_000_000u32).map(move |i| (i % (to + 1)) as f32 / 255.0)
    }

    #[test]
    fn a_ramp_that_ends_short_of_full_scale_does_not_clip() {
        for to in [240, 247, 250, 252, 253] {
            assert_eq!(level(&of(ramp(to))).strength, 0.0, "up to code {to}");
        }
        assert_eq!(level(&of(ramp(255))).strength, 1.0);
    }

    #[test]
    fn a_pile_short_of_full_scale_clips_there() {
        let piled = of(ramp(250).chain(std::iter::repeat_n(250.0 / 255.0, 500_000)));
        let found = level(&piled);
        assert_eq!(found.strength, 1.0);
        assert!((found.level * 255.0 - 249.5).abs() < 0.01, "{found:?}");
        assert!((piled.0.share_from(found.level) - 0.336).abs() < 1e-3);
    }

    /// A picture of codes below 238, and counts of those from there on.
    fn with_top(top: [u32; 18]) -> Level {
        let dark = (0..150_000u32).map(|i| (i % 200) as f32 / 255.0);
        let dark = dark.chain((0..3800u32).map(|i| (200 + i % 38) as f32 / 255.0));
        let bright = top
            .into_iter()
            .enumerate()
            .flat_map(|(i, n)| std::iter::repeat_n((238 + i) as f32 / 255.0, n as usize));
        level(&of(dark.chain(bright)))
    }

    #[test]
    fn highlights_in_the_shoulder_of_a_curve_are_not_clipped() {
        // A garage with fluorescent tubes through the filmic camera of the quality protocol.
        let found = with_top([
            131, 97, 104, 129, 119, 125, 115, 171, 162, 192, 207, 290, 409, 537, 627, 95, 33, 265,
        ]);
        assert_eq!(found.strength, 1.0);
        assert!((254.0..=255.0).contains(&(found.level * 255.0)), "{found:?}");
        // A studio, whose greatest codes hardly stand out.
        let found = with_top([
            202, 231, 268, 295, 298, 331, 350, 369, 392, 423, 460, 483, 509, 605, 439, 299, 44, 70,
        ]);
        assert!(found.level * 255.0 >= 253.5, "{found:?}");
    }

    #[test]
    fn the_scatter_of_jpeg_belongs_to_what_clips() {
        // The lamps of a studio after JPEG at quality 90, 4:2:0.
        let found = with_top([
            85, 72, 77, 84, 76, 98, 104, 94, 82, 92, 88, 102, 137, 155, 242, 483, 862, 6016,
        ]);
        assert!((250.5..=253.0).contains(&(found.level * 255.0)), "{found:?}");
        // The same scene without: nothing is scattered.
        let found =
            with_top([42, 69, 63, 69, 58, 43, 112, 55, 76, 58, 97, 40, 67, 55, 55, 64, 52, 1680]);
        assert!((254.0..=255.0).contains(&(found.level * 255.0)), "{found:?}");
    }

    #[test]
    fn a_pile_short_of_full_scale_stays_one_where_little_overshoots_it() {
        // White that was graded down to code 248, scattered, and a ringing edge at full scale.
        let found = with_top([
            20, 18, 21, 25, 40, 160, 700, 2200, 4100, 5000, 4000, 2100, 690, 170, 60, 30, 20, 90,
        ]);
        assert_eq!(found.strength, 1.0);
        assert!((244.0..=247.0).contains(&(found.level * 255.0)), "{found:?}");
    }

    #[test]
    fn pixels_above_white_that_come_and_go_switch_nothing() {
        let with = |n: usize| level(&of(ramp(255).chain(std::iter::repeat_n(1.02, n))));
        let none = with(0);
        let mut last = none;
        for n in 0..=200 {
            let now = with(n);
            assert!((now.strength - last.strength).abs() < 0.25, "{n}: {last:?} to {now:?}");
            // Where nothing is in the mask its level means nothing.
            let moved = (now.level - last.level) * now.strength.min(last.strength);
            assert!(moved.abs() < 0.006, "{n}: {last:?} to {now:?}");
            last = now;
        }
        assert_eq!(with(1), none, "one pixel in a million");
    }
}
