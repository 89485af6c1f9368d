//! How much light that is not there in the picture changes from frame to frame.

use super::Better;
use super::motion::Motion;
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
    /// Pixels across.
    pub width: usize,
    /// Where pixels were in the frame before, if that is known.
    pub motion: Option<Motion>,
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
    /// How much what clips changes along its motion.
    warped: [f64; 2],
    /// How much the whole picture changes along its motion.
    picture: [f64; 2],
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
    ClipMetric {
        id: "warping",
        label: "Warping error beyond the truth's",
        unit: "stops",
        better: Better::Zero,
        hint: "Mean absolute change of log2 luminance from frame to frame in what clipped, followed along \
               its motion, less that of the truth. Clips without a known motion have none.",
        measure: |changes| changes.warped[0] - changes.warped[1],
    },
    ClipMetric {
        id: "warping_absolute",
        label: "Warping error",
        unit: "stops",
        better: Better::Lower,
        hint: "Mean absolute change of log2 luminance from frame to frame in what clipped, followed along \
               its motion.",
        measure: |changes| changes.warped[0],
    },
    ClipMetric {
        id: "warping_picture_beyond",
        label: "Warping error beyond the truth's, whole picture",
        unit: "stops",
        better: Better::Zero,
        hint: "Mean absolute change of log2 luminance from frame to frame in the whole picture, followed \
               along its motion, less that of the truth.",
        measure: |changes| changes.picture[0] - changes.picture[1],
    },
    ClipMetric {
        id: "warping_picture",
        label: "Warping error, whole picture",
        unit: "stops",
        better: Better::Lower,
        hint: "Mean absolute change of log2 luminance from frame to frame in the whole picture, followed \
               along its motion.",
        measure: |changes| changes.picture[0],
    },
];

/// Sums of absolute changes of the picture and of its truth, and how many.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    changes: [f64; 2],
    count: u64,
}

impl Sum {
    fn add(&mut self, changes: [f64; 2]) {
        for (sum, change) in self.changes.iter_mut().zip(changes) {
            *sum += change.abs();
        }
        self.count += 1;
    }

    /// Not a number for none.
    fn mean(&self) -> [f64; 2] {
        self.changes.map(|sum| if self.count == 0 { f64::NAN } else { sum / self.count as f64 })
    }
}

/// Gathers the change of a clip's frames, one after another.
#[derive(Clone, Debug, Default)]
pub struct Flicker {
    pixels: Sum,
    level: Sum,
    warped: Sum,
    picture: Sum,
    last: Option<Last>,
}

/// The frame before.
#[derive(Clone, Debug)]
struct Last {
    /// log2 luminance of the picture and of its truth.
    light: Vec<[f64; 2]>,
    region: Vec<bool>,
}

impl Flicker {
    /// The next frame. What counts are pixels in the region of both this frame and the last;
    /// luminances are limited to [2^-10, 100]. A frame whose parts differ in size, or are of another
    /// size than the last frame's, begins anew.
    pub fn add(&mut self, frame: &FramePair<'_>) {
        let len = frame.region.len();
        if frame.test.len() != len || frame.truth.len() != len {
            self.last = None;
            return;
        }
        let pairs = frame.test.iter().zip(frame.truth);
        let light: Vec<_> = pairs.map(|(test, truth)| [stops(*test), stops(*truth)]).collect();
        if let Some(last) = self.last.take().filter(|last| last.region.len() == len) {
            self.in_place(&last, &light, frame.region);
            if let Some(motion) = frame.motion {
                self.followed(&last, &light, frame, motion);
            }
        }
        self.last = Some(Last { light, region: frame.region.to_vec() });
    }

    /// Change of each pixel, and of all of them together.
    fn in_place(&mut self, last: &Last, light: &[[f64; 2]], region: &[bool]) {
        let mut signed = [0.0; 2];
        let mut count = 0u64;
        for i in (0..light.len()).filter(|i| last.region[*i] && region[*i]) {
            let change = difference(light[i], last.light[i]);
            self.pixels.add(change);
            signed = [signed[0] + change[0], signed[1] + change[1]];
            count += 1;
        }
        if count > 0 {
            self.level.add(signed.map(|sum| sum / count as f64));
        }
    }

    /// Change of each pixel against where it was, which is bilinear in stops between four pixels: in
    /// the region where all of them are.
    fn followed(&mut self, last: &Last, light: &[[f64; 2]], frame: &FramePair<'_>, motion: Motion) {
        let width = frame.width.max(1);
        let height = light.len() / width;
        for (i, now) in light.iter().enumerate() {
            let Some(near) = motion.between(i, [height, width]) else { continue };
            let mut before = [0.0; 2];
            for (at, weight) in near {
                let [test, truth] = last.light[at];
                before = [before[0] + weight * test, before[1] + weight * truth];
            }
            let change = difference(*now, before);
            self.picture.add(change);
            if frame.region[i] && near.iter().all(|(at, _)| last.region[*at]) {
                self.warped.add(change);
            }
        }
    }

    /// Every number of [`CLIP_METRICS`]; not a number before two frames with a pixel to compare.
    #[must_use]
    pub fn measure(&self) -> Vec<f64> {
        let changes = Changes {
            pixels: self.pixels.mean(),
            level: self.level.mean(),
            warped: self.warped.mean(),
            picture: self.picture.mean(),
        };
        CLIP_METRICS.iter().map(|metric| (metric.measure)(&changes)).collect()
    }
}

fn difference(now: [f64; 2], before: [f64; 2]) -> [f64; 2] {
    [now[0] - before[0], now[1] - before[1]]
}
