//! How much light that is not there in the picture changes from frame to frame.

use super::Better;
use super::stops::stops;

/// One frame of a clip.
#[derive(Clone, Copy, Debug)]
pub struct FramePair<'a> {
    /// Linear Rec.709 light of the picture.
    pub test: &'a [[f32; 3]],
    /// Of the truth.
    pub truth: &'a [[f32; 3]],
    /// Where it counts: what the camera clipped.
    pub region: &'a [bool],
}

/// A metric of clips.
#[derive(Debug)]
pub struct ClipMetric {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// Which way is better.
    pub better: Better,
    /// What it tells, in a sentence.
    pub hint: &'static str,
    measure: fn([f64; 2]) -> f64,
}

/// Every metric of clips, in the order of tables.
pub static CLIP_METRICS: &[ClipMetric] = &[
    ClipMetric {
        id: "flicker",
        label: "Flicker beyond the truth's",
        unit: "stops",
        better: Better::Zero,
        hint: "Mean absolute change of log2 luminance from frame to frame in what clipped, less that \
               of the truth: above 0 highlights breathe, below 0 they are dead.",
        measure: |[test, truth]| test - truth,
    },
    ClipMetric {
        id: "flicker_absolute",
        label: "Flicker",
        unit: "stops",
        better: Better::Lower,
        hint: "Mean absolute change of log2 luminance from frame to frame in what clipped.",
        measure: |[test, _]| test,
    },
];

/// Every number of [`CLIP_METRICS`] for a clip, over the pixels that are in the region of both of two
/// neighbouring frames. Luminances are limited to [2^-10, 100]. Not a number where there is no such
/// pixel. Frames of another size than the first do not count.
#[must_use]
pub fn measure_clip(frames: &[FramePair<'_>]) -> Vec<f64> {
    let (mut sums, mut count) = ([0.0; 2], 0u64);
    for pair in frames.windows(2) {
        let [a, b] = [&pair[0], &pair[1]];
        let len = a.test.len();
        let same = [a.truth.len(), a.region.len(), b.test.len(), b.truth.len(), b.region.len()];
        if same.iter().any(|l| *l != len) {
            continue;
        }
        for i in (0..len).filter(|i| a.region[*i] && b.region[*i]) {
            sums[0] += (stops(b.test[i]) - stops(a.test[i])).abs();
            sums[1] += (stops(b.truth[i]) - stops(a.truth[i])).abs();
            count += 1;
        }
    }
    let means = sums.map(|sum| if count == 0 { f64::NAN } else { sum / count as f64 });
    CLIP_METRICS.iter().map(|metric| (metric.measure)(means)).collect()
}
