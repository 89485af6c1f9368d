//! Where the pixels of one axis are read in a tensor of another size, linearly.

/// For every pixel of an axis the lower of the two pixels it is read from, and the share of the upper.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) low: Vec<u32>,
    pub(crate) share: Vec<f32>,
    /// Pixels of the axis that is read.
    pub(crate) source: usize,
}

impl Line {
    /// `count` pixels from `start` on, in an axis of `length` that shows the same as `source`
    /// pixels do. Centres lie at halves; beyond the border the border goes on.
    pub(crate) fn new(count: usize, start: f64, length: f64, source: usize) -> Self {
        let last = source.saturating_sub(1) as f64;
        let mut line = Self { low: Vec::with_capacity(count), share: vec![], source };
        line.share.reserve(count);
        for index in 0..count {
            let position = (start + index as f64 + 0.5) / length * source as f64 - 0.5;
            let position = position.max(0.0).min(last);
            let low = libm::floor(position).min((last - 1.0).max(0.0));
            line.low.push(low as u32);
            line.share.push((position - low) as f32);
        }
        line
    }

    /// Enlarged `factor` times.
    pub(crate) fn enlarged(source: usize, factor: usize) -> Self {
        let count = source * factor;
        Self::new(count, 0.0, count as f64, source)
    }

    /// Pixels of the axis.
    pub(crate) fn len(&self) -> usize {
        self.low.len()
    }

    /// The two pixels and their weights.
    pub(crate) fn taps(&self, index: usize) -> [(usize, f32); 2] {
        let low = self.low[index] as usize;
        let share = self.share[index];
        [(low, 1.0 - share), ((low + 1).min(self.source.saturating_sub(1)), share)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_lie_at_halves_and_the_border_goes_on() {
        let line = Line::enlarged(2, 2);
        // -0.25, 0.25, 0.75, 1.25 by PyTorch's align_corners=False
        assert_eq!(line.low, [0, 0, 0, 0]);
        assert_eq!(line.share, [0.0, 0.25, 0.75, 1.0]);
    }

    #[test]
    fn part_of_a_frame_is_read_where_it_lies() {
        let whole = Line::new(12, 0.0, 12.0, 5);
        let part = Line::new(4, 6.0, 12.0, 5);
        assert_eq!(part.low, whole.low[6..10]);
        assert_eq!(part.share, whole.share[6..10]);
    }

    #[test]
    fn one_pixel_is_read_everywhere() {
        let line = Line::new(3, 0.0, 3.0, 1);
        assert_eq!((line.low, line.share), (vec![0; 3], vec![0.0; 3]));
    }
}
