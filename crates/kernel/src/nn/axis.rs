//! How one direction of the output is cut into blocks.
//!
//! With a step above 1 the output is first divided into phases: pixels 0, step, 2 step, ... then 1,
//! step + 1, ... A convolution with stride 1 and that dilation is an undilated one on each phase.

/// `length` output pixels in blocks of up to `block` pixels that are `step` apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub length: usize,
    pub step: usize,
    pub block: usize,
}

/// A block: pixels `start`, `start + step`, ...
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub start: usize,
    pub count: usize,
}

impl Axis {
    /// Number of blocks.
    pub(super) const fn blocks(&self) -> usize {
        let (whole, longer) = (self.length / self.step, self.length % self.step);
        longer * (whole + 1).div_ceil(self.block)
            + (self.step - longer) * whole.div_ceil(self.block)
    }

    /// The block of that index.
    pub(super) fn place(&self, index: usize) -> Place {
        let (whole, longer) = (self.length / self.step, self.length % self.step);
        let per_longer = (whole + 1).div_ceil(self.block);
        let (phase, within, pixels) = if index < longer * per_longer {
            (index / per_longer, index % per_longer, whole + 1)
        } else {
            let rest = index - longer * per_longer;
            let per_whole = whole.div_ceil(self.block);
            (longer + rest / per_whole, rest % per_whole, whole)
        };
        let first = within * self.block;
        Place { start: phase + first * self.step, count: self.block.min(pixels - first) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_every_pixel_once() {
        for length in 0..40 {
            for step in 1..10 {
                for block in 1..7 {
                    let axis = Axis { length, step, block };
                    let mut seen = vec![0; length];
                    for index in 0..axis.blocks() {
                        let place = axis.place(index);
                        assert!((1..=block).contains(&place.count), "{axis:?} {place:?}");
                        for pixel in 0..place.count {
                            seen[place.start + pixel * step] += 1;
                        }
                    }
                    assert!(seen.iter().all(|&n| n == 1), "{axis:?}: {seen:?}");
                }
            }
        }
    }
}
