//! What pixels between two others tell of the camera's curve: the tensor [`crate::model::inputs::BLENDS`].
//!
//! Where an edge falls on a pixel, light of its two sides adds up, by the same share in every channel. So of three
//! pixels in a row, codes a, m and b, the share (f(m) - f(a)) / (f(b) - f(a)) is the same for all channels where f is
//! the inverse of the camera's curve, and differs where f is another (Lin et al. 2004, Radiometric Calibration from a
//! Single Image, section 3). It says nothing of what is in the picture, and needs no training.

use crate::camera::filmic;
use crate::expand::math::{exp2, log2, max, min};
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

/// Light of a code under the plain sRGB curve (IEC 61966-2-1).
fn plain(code: f32) -> f32 {
    if code <= 0.04045 {
        return code * (1.0 / 12.92);
    }
    exp2(2.4 * log2((code + 0.055) * (1.0 / 1.055)))
}

/// Light of a code under the curve of the filmic camera, up to a factor and a power of 0.99: odds.
fn s_shaped(code: f32) -> f32 {
    let [low, high] = *SPAN;
    let part = low + code * (high - low);
    part / (1.0 - part)
}

/// Where the S-shaped curve begins and ends.
static SPAN: LazyLock<[f32; 2]> = LazyLock::new(|| filmic::SPAN.map(|end| end as f32));

/// By which share the middle lies between the outer two.
fn share([a, m, b]: [f32; 3], curve: fn(f32) -> f32) -> f32 {
    let [a, m, b] = [curve(a), curve(m), curve(b)];
    (m - a) / (b - a)
}

/// ln(1 + d^2 / v), v being what rounding and mixtures of three make of it: few large ones do not outweigh the rest.
fn differ(a: f32, b: f32, v: f32) -> f32 {
    let d = a - b;
    core::f32::consts::LN_2 * log2(1.0 + d * d / v)
}

fn difference([a, _, b]: [f32; 3]) -> f32 {
    (b - a).abs()
}

impl BlendSums {
    /// Adds a strip of codes.
    pub(in crate::expand) fn add(&mut self, code: &[Plane; 3], n: usize) {
        let mut told = [0.0f32; STRIP];
        if n < 3
            || !simd::run(
                #[inline(always)]
                || tell(code, n, &mut told),
            )
        {
            return;
        }
        for i in (1..n - 1).filter(|&i| told[i] > 0.0) {
            self.count(code.each_ref().map(|plane| [plane[i - 1], plane[i], plane[i + 1]]));
        }
    }

    /// Adds three pixels, channel by channel.
    fn count(&mut self, channels: [[f32; 3]; 3]) {
        let asked = channels.map(|channel| difference(channel) > LEAST);
        let under = |curve: fn(f32) -> f32| {
            let mut shares = [0.0; 3];
            for ((share_of, channel), asked) in shares.iter_mut().zip(channels).zip(asked) {
                if asked {
                    *share_of = share(channel, curve);
                }
            }
            shares
        };
        let (plain, s_shaped) = (under(plain), under(s_shaped));
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            if !asked[i] || !asked[j] {
                continue;
            }
            let rounding = ROUNDING / min(difference(channels[i]), difference(channels[j]));
            let v = ALIKE + rounding * rounding;
            let of_plain = differ(plain[i], plain[j], v);
            let more = differ(s_shaped[i], s_shaped[j], v) - of_plain;
            let most = channels[i].iter().chain(&channels[j]).copied().fold(0.0, max);
            let level = level(most);
            self.0[level] += of_plain;
            self.0[LEVELS + level] += more;
            self.0[2 * LEVELS + level] += 1.0;
        }
    }

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
    pub(super) fn tensor(&self) -> [f32; BLENDS_LEN] {
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
    let mut any = 0.0f32;
    for i in 1..n - 1 {
        let mut asked = 0.0f32;
        let mut sound = 1.0f32;
        for plane in code {
            let [a, m, b] = [plane[i - 1], plane[i], plane[i + 1]];
            let inside = (m - a) * (b - m) >= 0.0;
            let least = min(a, min(m, b));
            let most = max(a, max(m, b));
            let known = least > RANGE[0] && most < RANGE[1];
            sound *= f32::from(u8::from(inside && known));
            asked += f32::from(u8::from((b - a).abs() > LEAST));
        }
        told[i] = sound * max(asked - 1.0, 0.0);
        any = max(any, told[i]);
    }
    any > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::camera;

    /// Rows of edges between colours, mixed as light is, by the camera of that id.
    fn seen(id: &str) -> BlendSums {
        let camera = camera::find(id).expect("a camera");
        let mut sums = BlendSums::default();
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
            sums.add(&planes, STRIP);
        }
        sums
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
        let mut sums = BlendSums::default();
        let ramp: Plane = std::array::from_fn(|i| i as f32 / 255.0);
        // Too even.
        sums.add(&[ramp; 3], STRIP);
        // Up to full scale.
        let steps: Plane = std::array::from_fn(|i| [0.2, 0.5, 1.0][i % 3]);
        sums.add(&[steps, steps.map(|v| v.min(0.9)), steps], STRIP);
        assert_eq!(sums, BlendSums::default());
        let tensor = sums.tensor();
        assert_eq!(tensor[..2 * LEVELS], [0.0; 2 * LEVELS]);
        assert!(tensor[2 * LEVELS..].iter().all(|count| (count + 1.0).abs() < 1e-6), "{tensor:?}");
    }
}
