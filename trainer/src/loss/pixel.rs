//! Losses that look at one pixel at a time: a weighted mean over the picture.

use super::frame::{Frame, Where, divisor, greatest};
use headroom_kernel::Pool;

/// Numbers that one task works on; sums are made in this order whatever the number of threads.
const BAND: usize = 3 * 4096;

/// What a loss says of one value or pixel.
pub(super) trait Pixel: Sync {
    /// Loss and slope with respect to the prediction, each channel times its weight. Channels whose
    /// weight is 0 need not be looked at.
    fn at(&self, prediction: [f32; 3], truth: [f32; 3], weight: [f32; 3]) -> (f64, [f32; 3]);

    /// Whether a channel's loss depends on that channel only; if not, a pixel has one weight.
    fn separate(&self) -> bool {
        true
    }
}

/// A loss of one channel: difference to squared or absolute loss, by a scale.
#[derive(Clone, Copy)]
pub(super) struct Channelwise<F>(pub(super) F);

impl<F: Fn(f32, f32) -> (f32, f32) + Sync> Pixel for Channelwise<F> {
    #[inline]
    fn at(&self, prediction: [f32; 3], truth: [f32; 3], weight: [f32; 3]) -> (f64, [f32; 3]) {
        let (mut sum, mut slope) = (0.0, [0.0; 3]);
        for c in 0..3 {
            if weight[c] > 0.0 {
                let (value, d) = (self.0)(prediction[c], truth[c]);
                sum += f64::from(weight[c]) * f64::from(value);
                slope[c] = weight[c] * d;
            }
        }
        (sum, slope)
    }
}

/// Which values count how much: those of `place`, and clipped ones `boost` more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weigh {
    pub(super) place: Where,
    pub(super) boost: f32,
}

impl Weigh {
    #[inline]
    fn weigh(self, clip: &[f32], separate: bool) -> [f32; 3] {
        let one = |clip: f32| self.place.weight(clip) + self.boost * clip;
        if separate { [one(clip[0]), one(clip[1]), one(clip[2])] } else { [one(greatest(clip)); 3] }
    }
}

/// The loss, and its gradient times `factor` added into `gradient`.
pub(super) fn mean(
    frame: &Frame<'_>,
    weigh: Weigh,
    limit: f32,
    loss: &impl Pixel,
    factor: f64,
    gradient: &mut [f32],
    pool: &Pool,
) -> f64 {
    let separate = loss.separate();
    let bands = frame.clip.len().div_ceil(BAND);
    let weights: f64 = pool
        .map(bands, |band| {
            let clip = &frame.clip[band * BAND..frame.clip.len().min((band + 1) * BAND)];
            clip.chunks_exact(3)
                .map(|clip| weigh.weigh(clip, separate).iter().map(|w| f64::from(*w)).sum::<f64>())
                .sum::<f64>()
        })
        .iter()
        .sum();
    let all = divisor(weights, frame.clip.len());
    let factor = (factor / all) as f32;
    let mut sums = vec![0.0; bands];
    let items: Vec<_> = gradient.chunks_mut(BAND).zip(&mut sums).enumerate().collect();
    pool.for_each(items, |(band, (gradient, sum))| {
        let within = band * BAND..band * BAND + gradient.len();
        let light = frame.prediction[within.clone()].chunks_exact(3);
        let light = light.zip(frame.truth[within.clone()].chunks_exact(3));
        let clips = frame.clip[within].chunks_exact(3);
        for ((to, clip), (p, y)) in gradient.chunks_exact_mut(3).zip(clips).zip(light) {
            let weight = weigh.weigh(clip, separate);
            if weight == [0.0; 3] {
                continue;
            }
            let truth = [y[0].min(limit), y[1].min(limit), y[2].min(limit)];
            let (value, slope) = loss.at([p[0], p[1], p[2]], truth, weight);
            *sum += value;
            for (to, slope) in to.iter_mut().zip(slope) {
                *to += factor * slope;
            }
        }
    });
    sums.iter().sum::<f64>() / all
}

/// `10 log10(1 + mean)` of a loss, and its gradient times `factor` added into `gradient`: an error twice
/// as large counts alike in a picture that is nearly right and in one that is far off.
pub(super) fn decibels(
    frame: &Frame<'_>,
    weigh: Weigh,
    limit: f32,
    loss: &impl Pixel,
    factor: f64,
    gradient: &mut [f32],
    pool: &Pool,
) -> f64 {
    let mut own = vec![0.0; gradient.len()];
    let value = mean(frame, weigh, limit, loss, 1.0, &mut own, pool);
    let slope = (factor * 10.0 * std::f64::consts::LOG10_E / (1.0 + value)) as f32;
    for (to, own) in gradient.iter_mut().zip(own) {
        *to += slope * own;
    }
    10.0 * libm::log10(1.0 + value)
}
