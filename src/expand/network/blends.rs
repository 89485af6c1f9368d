//! What pixels between two others tell of the camera's curve: the tensor [`crate::model::inputs::BLENDS`].
//!
//! Where an edge falls on a pixel, light of its two sides adds up, by the same share in every channel. So of three
//! pixels in a row, codes a, m and b, the share (f(m) - f(a)) / (f(b) - f(a)) is the same for all channels where f is
//! the inverse of the camera's curve, and differs where f is another (Lin et al. 2004, Radiometric Calibration from a
//! Single Image, section 3). It says nothing of what is in the picture, and needs no training.

use crate::camera::filmic;
use crate::expand::ingest::srgb_light;
use crate::expand::math::{greatest, log2, max, min};
use crate::expand::strip::{Plane, STRIP};
use crate::model::inputs::BLEND_LEVELS as LEVELS;
use crate::simd;
use headroom_gpu::layout;
use std::sync::LazyLock;

/// Least difference of the outer two in a channel that is asked. Bounds lie between 8-bit codes, so that rounding
/// does not decide.
const LEAST: f32 = 15.5 / 255.0;
/// Codes of which nothing is concluded: black, and what may be clipped.
const RANGE: [f32; 2] = [2.5 / 255.0, 250.5 / 255.0];
/// Half an 8-bit code and a little, by which the middle one may be off.
const ROUNDING: f32 = 0.6 / 255.0;
/// Squared difference of shares that counts as none.
const ALIKE: f32 = 0.03 * 0.03;
/// Edges that count as much as what is thought before any was seen.
pub(in crate::expand) const FEW: f32 = 20.0;

/// Sums over pairs of channels, by the level of the brightest of their six codes: of how much shares differ under the
/// sRGB curve, of how much more under the S-shaped one, and how many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::expand) struct BlendSums(pub(in crate::expand) [f32; BLENDS_LEN]);

/// Of [`BlendSums`] and of the tensor.
pub(in crate::expand) const BLENDS_LEN: usize = 3 * LEVELS;

/// Light of a code under the curve of the filmic camera, up to a factor and a power of 0.99: odds.
#[inline(always)]
fn s_shaped([low, high]: [f32; 2], code: f32) -> f32 {
    let part = low + code * (high - low);
    part / (1.0 - part)
}

/// Where the S-shaped curve begins and ends.
static SPAN: LazyLock<[f32; 2]> = LazyLock::new(|| filmic::SPAN.map(|end| end as f32));

/// By which share the middle lies between the outer two.
#[inline(always)]
fn share([a, m, b]: [f32; 3]) -> f32 {
    (m - a) / (b - a)
}

/// ln(1 + d^2 / v), v being what rounding and mixtures of three make of it: few large ones do not outweigh the rest.
#[inline(always)]
fn differ(a: f32, b: f32, v: f32) -> f32 {
    let d = a - b;
    core::f32::consts::LN_2 * log2(1.0 + d * d / v)
}

/// Channels that are held against each other.
const PAIRS: [[usize; 2]; 3] = [[0, 1], [0, 2], [1, 2]];

/// Edges of a strip, side by side.
struct Edges {
    count: usize,
    /// The three codes of each channel.
    codes: [[Plane; 3]; 3],
    /// How far the outer two lie apart.
    apart: [Plane; 3],
    /// Under the sRGB curve and the S-shaped one.
    shares: [[Plane; 3]; 2],
    /// Of each pair of channels: how much shares differ under the sRGB curve, and how much more under the other.
    differ: [[Plane; 2]; 3],
    /// Of each pair, the brightest code.
    most: [Plane; 3],
}

impl Edges {
    fn new() -> Self {
        let planes = [[0.0; STRIP]; 3];
        Self {
            count: 0,
            codes: [planes; 3],
            apart: planes,
            shares: [planes; 2],
            differ: [[[0.0; STRIP]; 2]; 3],
            most: planes,
        }
    }

    /// Takes the pixels of a strip that are marked.
    fn take(&mut self, code: &[Plane; 3], told: &[f32]) {
        self.count = 0;
        for i in (0..told.len()).filter(|&i| told[i] > 0.0) {
            for (codes, plane) in self.codes.iter_mut().zip(code) {
                for (codes, code) in codes.iter_mut().zip(&plane[i - 1..=i + 1]) {
                    codes[self.count] = *code;
                }
            }
            self.count += 1;
        }
    }

    /// Holds channels against each other. What is not asked comes to nothing that counts.
    #[inline(always)]
    fn compare(&mut self, span: [f32; 2]) {
        let n = self.count;
        for (channel, codes) in self.codes.iter().enumerate() {
            for i in 0..n {
                let codes = [codes[0][i], codes[1][i], codes[2][i]];
                self.apart[channel][i] = (codes[2] - codes[0]).abs();
                self.shares[0][channel][i] = share(codes.map(srgb_light));
                self.shares[1][channel][i] = share(codes.map(|code| s_shaped(span, code)));
            }
        }
        for (pair, &[a, b]) in PAIRS.iter().enumerate() {
            for i in 0..n {
                let rounding = ROUNDING / min(self.apart[a][i], self.apart[b][i]);
                let v = ALIKE + rounding * rounding;
                let [of_plain, of_s] =
                    [0, 1].map(|of: usize| differ(self.shares[of][a][i], self.shares[of][b][i], v));
                self.differ[pair][0][i] = of_plain;
                self.differ[pair][1][i] = of_s - of_plain;
                let ends = |c: usize| max(self.codes[c][0][i], self.codes[c][2][i]);
                self.most[pair][i] = max(ends(a), ends(b));
            }
        }
    }
}

/// What one task counts, and its working memory.
pub(super) struct BlendPart {
    sums: BlendSums,
    edges: Box<Edges>,
}

impl BlendPart {
    pub(super) fn new() -> Self {
        Self { sums: BlendSums::default(), edges: Box::new(Edges::new()) }
    }

    /// Adds a strip of codes.
    pub(super) fn add(&mut self, code: &[Plane; 3], n: usize) {
        let mut told = [0.0f32; STRIP];
        let any = n >= 3
            && simd::run(
                #[inline(always)]
                || tell(code, n, &mut told),
            );
        if !any {
            return;
        }
        let edges = &mut *self.edges;
        edges.take(code, &told);
        let span = *SPAN;
        simd::run(
            #[inline(always)]
            || edges.compare(span),
        );
        let sums = &mut self.sums.0;
        for i in 0..edges.count {
            for (pair, [a, b]) in PAIRS.into_iter().enumerate() {
                if min(edges.apart[a][i], edges.apart[b][i]) > LEAST {
                    let level = level(edges.most[pair][i]);
                    sums[level] += edges.differ[pair][0][i];
                    sums[LEVELS + level] += edges.differ[pair][1][i];
                    sums[2 * LEVELS + level] += 1.0;
                }
            }
        }
    }

    pub(super) fn finish(self) -> BlendSums {
        self.sums
    }
}

impl BlendSums {
    /// What a device is asked of a row of so many pixels.
    pub(in crate::expand) fn for_device(width: usize) -> layout::Blends {
        /// Long enough that those beside it are hardly read twice.
        const RUN: usize = 32;
        layout::Blends {
            run: RUN as i32,
            runs: width.div_ceil(RUN) as i32,
            least: LEAST,
            darkest: RANGE[0],
            brightest: RANGE[1],
            rounding: ROUNDING,
            alike: ALIKE,
            span: *SPAN,
        }
    }

    /// Takes in the sums of another part of the frame.
    pub(in crate::expand) fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, more)| *sum += more);
    }

    /// The tensor.
    pub(in crate::expand) fn tensor(&self) -> [f32; BLENDS_LEN] {
        let mut tensor = self.0;
        for level in 0..LEVELS {
            let count = self.0[2 * LEVELS + level];
            tensor[level] /= count + FEW;
            tensor[LEVELS + level] /= count + FEW;
            // log10.
            tensor[2 * LEVELS + level] = core::f32::consts::LOG10_2 * log2(count + 10.0) - 2.0;
        }
        tensor
    }
}

/// Of the brightest code: quarters of the range.
fn level(code: f32) -> usize {
    [63.5, 127.5, 191.5].iter().filter(|&&from| code > from / 255.0).count()
}

/// Marks pixels that lie between their neighbours in every channel, and of which two channels are asked; true if there
/// is any.
#[inline(always)]
fn tell(code: &[Plane; 3], n: usize, told: &mut Plane) -> bool {
    let mut asked = [0.0f32; STRIP];
    let (told, asked) = (&mut told[1..n - 1], &mut asked[1..n - 1]);
    told.fill(1.0);
    for plane in code {
        let ends = plane[..n - 2].iter().zip(&plane[2..n]);
        let codes = plane[1..n - 1].iter().zip(ends);
        for ((told, asked), (&m, (&a, &b))) in told.iter_mut().zip(&mut *asked).zip(codes) {
            let inside = (m - a) * (b - m) >= 0.0;
            // What lies between is known where its neighbours are.
            let known = min(a, b) > RANGE[0] && max(a, b) < RANGE[1];
            *told = if inside & known { *told } else { 0.0 };
            *asked += if (b - a).abs() > LEAST { 1.0 } else { 0.0 };
        }
    }
    for (told, asked) in told.iter_mut().zip(asked) {
        *told = if *asked >= 2.0 { *told } else { 0.0 };
    }
    greatest([told, &[], &[]]) > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera;

    /// Rows of edges between colours, mixed as light is, by the camera of that id.
    fn seen(id: &str) -> BlendSums {
        let camera = camera::find(id).expect("a camera");
        let mut part = BlendPart::new();
        let light = |seed: usize| {
            [0.9, 0.35, 0.14]
                .map(|v: f32| v * (0.15 + 0.8 * (seed as f32 * 12.9 * (1.0 + v)).sin().abs()))
        };
        for row in 0..40 {
            let mut planes = [[0.0; STRIP]; 3];
            for i in 0..STRIP {
                let (side, within) = (i / 3, (i % 3) as f32 / 3.0);
                let (a, b) = (light(row * 97 + side), light(row * 97 + side + 1));
                let mixed = [0, 1, 2]
                    .map(|c| a[(c + side) % 3] * (1.0 - within) + b[(c + side + 1) % 3] * within);
                let codes = camera.codes(mixed, 1.0);
                planes
                    .iter_mut()
                    .zip(codes)
                    .for_each(|(plane, code)| plane[i] = f32::from(code) / 255.0);
            }
            part.add(&planes, STRIP);
        }
        part.finish()
    }

    #[test]
    fn a_camera_is_told_by_what_mixes() {
        let [plain, filmic] = ["srgb", "filmic"].map(|id| {
            let sums = seen(id);
            let of = |from: usize| sums.0[from..from + LEVELS].iter().sum::<f32>();
            assert!(of(2 * LEVELS) > 1000.0, "{id}: {sums:?}");
            of(LEVELS) / of(2 * LEVELS)
        });
        assert!(plain > 0.1 && filmic < -0.1, "{plain} {filmic}");
    }

    #[test]
    fn greys_and_white_tell_nothing() {
        let mut part = BlendPart::new();
        let ramp: Plane = std::array::from_fn(|i| i as f32 / 255.0);
        // Too even.
        part.add(&[ramp; 3], STRIP);
        // Up to full scale.
        let steps: Plane = std::array::from_fn(|i| [0.2, 0.5, 1.0][i % 3]);
        part.add(&[steps, steps.map(|v| v.min(0.9)), steps], STRIP);
        let sums = part.finish();
        assert_eq!(sums, BlendSums::default());
        let tensor = sums.tensor();
        assert_eq!(tensor[..2 * LEVELS], [0.0; 2 * LEVELS]);
        assert!(tensor[2 * LEVELS..].iter().all(|count| (count + 1.0).abs() < 1e-6), "{tensor:?}");
    }
}
