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
    measure: fn(&Changes) -> f64,
}

/// Means over a clip, of the picture and of its truth, in stops.
#[derive(Clone, Copy, Debug)]
struct Changes {
    /// How much a pixel changes from frame to frame.
    pixels: [f64; 2],
    /// How much the level of all pixels together changes.
    level: [f64; 2],
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
        measure: |changes| changes.pixels[0] - changes.pixels[1],
    },
    ClipMetric {
        id: "flicker_absolute",
        label: "Flicker",
        unit: "stops",
        better: Better::Lower,
        hint: "Mean absolute change of log2 luminance from frame to frame in what clipped.",
        measure: |changes| changes.pixels[0],
    },
    ClipMetric {
        id: "breathing",
        label: "Breathing beyond the truth's",
        unit: "stops",
        better: Better::Zero,
        hint: "Mean absolute change, from frame to frame, of the level of what clipped (the mean of its \
               log2 luminance), less that of the truth. What moves without changing hardly counts.",
        measure: |changes| changes.level[0] - changes.level[1],
    },
    ClipMetric {
        id: "breathing_absolute",
        label: "Breathing",
        unit: "stops",
        better: Better::Lower,
        hint: "Mean absolute change, from frame to frame, of the level of what clipped.",
        measure: |changes| changes.level[0],
    },
];

/// Gathers the change of a clip's frames, one after another.
#[derive(Clone, Debug, Default)]
pub struct Flicker {
    /// Of the absolute changes of pixels, and their number.
    sums: [f64; 2],
    count: u64,
    /// Of the absolute changes of the level, and their number.
    levels: [f64; 2],
    steps: u64,
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
            let mut signed = [0.0; 2];
            let mut count = 0u64;
            for i in (0..len).filter(|i| region[*i] && frame.region[*i]) {
                for (of, (now, before)) in now.iter().zip(before).enumerate() {
                    let change = now[i] - before[i];
                    signed[of] += change;
                    self.sums[of] += change.abs();
                }
                count += 1;
            }
            if count > 0 {
                for (level, signed) in self.levels.iter_mut().zip(signed) {
                    *level += signed.abs() / count as f64;
                }
                self.steps += 1;
            }
            self.count += count;
        }
        self.last = Some((now, frame.region.to_vec()));
    }

    /// Every number of [`CLIP_METRICS`]; not a number before two frames with a pixel to compare.
    #[must_use]
    pub fn measure(&self) -> Vec<f64> {
        let mean = |sums: [f64; 2], count: u64| {
            sums.map(|sum| if count == 0 { f64::NAN } else { sum / count as f64 })
        };
        let changes =
            Changes { pixels: mean(self.sums, self.count), level: mean(self.levels, self.steps) };
        CLIP_METRICS.iter().map(|metric| (metric.measure)(&changes)).collect()
    }
}
