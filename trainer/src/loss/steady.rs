//! What is said of a place, from frame to frame, along the camera's motion.

use super::frame::{Frame, Where, divisor};
use super::light::{sign, stops};
use super::several::mean_of_pairs;
use headroom::metrics::Motion;

/// Change of the stops that a prediction adds at one place of the scene. The truth has no part in it: light
/// that is wrong but stays is no flicker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Steady {
    pub(super) place: Where,
    /// Stops beside which a change counts by what share of them it is, so that adding less is no way out;
    /// infinite: all changes count alike.
    pub(super) unit: f32,
}

/// Where a value was: four values of the frame before, and their shares.
type Corners = [(usize, f32); 4];

impl Steady {
    /// Mean over pairs of frames whose motion is known; gradients times `factor` are added, one for each
    /// frame.
    pub(super) fn clip(
        &self,
        frames: &[Frame<'_>],
        factor: f64,
        gradients: &mut [Vec<f32>],
    ) -> f64 {
        mean_of_pairs(frames, factor, gradients, |[before, now], factor, [to_before, to_now]| {
            let Some(motion) = now.before else { return 0.0 };
            let followed: Vec<(usize, Corners, f32)> = corners(&motion, now.size)
                .filter_map(|(i, from)| {
                    let weight =
                        from.iter().fold(self.place.weight(now.clip[i]), |least, (j, _)| {
                            least.min(self.place.weight(before.clip[*j]))
                        });
                    (weight > 0.0).then_some((i, from, weight))
                })
                .collect();
            let all = followed.iter().map(|(_, _, weight)| f64::from(*weight)).sum();
            let all = divisor(all, now.clip.len());
            let scale = (factor / all) as f32;
            let mut sum = 0.0;
            for (i, from, weight) in followed {
                let [after, slope] = added(now, i);
                let earlier: f32 = from.iter().map(|&(j, share)| share * added(before, j)[0]).sum();
                let d = after - earlier;
                let less = 1.0 / (1.0 + (after.abs() + earlier.abs()) / (2.0 * self.unit));
                sum += f64::from(weight) * f64::from(d.abs() * less);
                let of_size = d.abs() * less * less / (2.0 * self.unit);
                let scale = scale * weight;
                to_now[i] += scale * (sign(d) * less - of_size * sign(after)) * slope;
                let step = scale * (sign(d) * less + of_size * sign(earlier));
                for (j, share) in from {
                    to_before[j] -= step * share * added(before, j)[1];
                }
            }
            sum / all
        })
    }
}

/// Stops of the prediction above the picture, and their slope by the prediction.
fn added(frame: &Frame<'_>, i: usize) -> [f32; 2] {
    let [said, slope] = stops(frame.prediction[i]);
    [said - stops(frame.base[i])[0], slope]
}

/// Values of a frame, and between which of the frame before they lay, where these were in the picture.
fn corners(
    motion: &Motion,
    [height, width]: [usize; 2],
) -> impl Iterator<Item = (usize, Corners)> + '_ {
    let pixel = move |i: usize| motion.between(i, [height, width]).map(|near| (i, near));
    (0..height * width).filter_map(pixel).flat_map(|(i, near)| {
        (0..3).map(move |c| (i * 3 + c, near.map(|(at, share)| (at * 3 + c, share as f32))))
    })
}
