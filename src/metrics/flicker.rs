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

/// Gathers the change of a clip's frames, one after another.
#[derive(Clone, Debug, Default)]
pub struct Flicker {
    sums: [f64; 2],
    count: u64,
    /// log2 luminance of the last frame's picture and truth, and its region.
    last: Option<([Vec<f64>; 2], Vec<bool>)>,
}

impl Flicker {
    /// The next frame. What counts are pixels in the region of both this frame and the last;
    /// luminances are limited to [2^-10, 100]. A frame whose parts differ in size, or are of another
    /// size than the last frame's, begins anew.
    pub fn add(&mut self, frame: &FramePair<'_>) {
        let now = [frame.test, frame.truth]
            .map(|light| light.iter().map(|rgb| stops(*rgb)).collect::<Vec<_>>());
        let len = frame.region.len();
        if now.iter().any(|light| light.len() != len) {
            self.last = None;
            return;
        }
        if let Some((before, region)) = self.last.as_ref().filter(|(_, r)| r.len() == len) {
            for i in (0..len).filter(|i| region[*i] && frame.region[*i]) {
                for ((sum, now), before) in self.sums.iter_mut().zip(&now).zip(before) {
                    *sum += (now[i] - before[i]).abs();
                }
                self.count += 1;
            }
        }
        self.last = Some((now, frame.region.to_vec()));
    }

    /// Every number of [`CLIP_METRICS`]; not a number before two frames with a pixel to compare.
    #[must_use]
    pub fn measure(&self) -> Vec<f64> {
        let mean = |sum: f64| if self.count == 0 { f64::NAN } else { sum / self.count as f64 };
        CLIP_METRICS.iter().map(|metric| (metric.measure)(self.sums.map(mean))).collect()
    }
}
