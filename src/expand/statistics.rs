//! What is measured of a frame and may be averaged over frames.

/// The part of an analysis that may be averaged over frames or taken from another frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Code value from which a channel counts as clipped (1 is full scale).
    pub clip_level: f32,
    /// How sure it is that the frame clips at all, 0 to 1; scales the clip mask.
    pub clip_strength: f32,
    /// Share of the pixels with a clipped channel, 0 to 1, by one row of every block of the frame.
    pub clip_share: f32,
    /// Linear luminance of the darkest pixel looked at (up to four rows of every block of the
    /// frame; a block is a 256th of the longer side). 0 where the method does not ask for it.
    pub darkest: f32,
    /// Linear luminance of the brightest pixel looked at. 1 where the method does not ask for it.
    pub brightest: f32,
    /// Mean of log2 of the light (greatest channel) over blocks of the frame, in stops around 1.
    pub mean_log2: f32,
}

impl Default for Statistics {
    /// A frame that never clips.
    fn default() -> Self {
        Self {
            clip_level: 1.0,
            clip_strength: 0.0,
            clip_share: 0.0,
            darkest: 0.0,
            brightest: 1.0,
            mean_log2: -3.0,
        }
    }
}

impl Statistics {
    /// Mean over frames; that of no frame is the default. Frames that clip more surely count more
    /// for the clip level.
    #[must_use]
    pub fn mean(of: &[Self]) -> Self {
        if of.is_empty() {
            return Self::default();
        }
        let n = of.len() as f32;
        let sum = |what: fn(&Self) -> f32| of.iter().map(what).sum::<f32>();
        let weight = sum(|s| s.clip_strength);
        let clip_level = if weight > 0.0 {
            sum(|s| s.clip_level * s.clip_strength) / weight
        } else {
            sum(|s| s.clip_level) / n
        };
        Self {
            clip_level,
            clip_strength: weight / n,
            clip_share: sum(|s| s.clip_share) / n,
            darkest: sum(|s| s.darkest) / n,
            brightest: sum(|s| s.brightest) / n,
            mean_log2: sum(|s| s.mean_log2) / n,
        }
    }
}
