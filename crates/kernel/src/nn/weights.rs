//! Weights in the order in which products read them.

use super::bf16;
use super::kernels::{Kernels, SLOT};

/// f32s that begin at a multiple of 64 bytes.
pub(super) struct Aligned(Vec<Line>);

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; SLOT]);

impl Aligned {
    pub(super) fn zeros(floats: usize) -> Self {
        Self(vec![Line([0.0; SLOT]); floats.div_ceil(SLOT)])
    }

    pub(super) fn as_ptr(&self) -> *const f32 {
        self.0.as_ptr().cast()
    }

    pub(super) fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: lines are arrays of f32 without gaps.
        unsafe { std::slice::from_raw_parts_mut(self.0.as_mut_ptr().cast(), self.0.len() * SLOT) }
    }
}

/// How the output channels of a layer fall into products.
#[derive(Clone, Copy)]
pub(super) struct Panels {
    /// Vectors of output channels in all.
    pub blocks: usize,
    /// Of one product.
    pub columns: usize,
    pub lanes: usize,
}

impl Panels {
    pub(super) fn new(kernels: &Kernels, out_channels: usize) -> Self {
        let (lanes, columns) = (kernels.lanes, kernels.columns);
        Self { blocks: out_channels.div_ceil(lanes), columns, lanes }
    }

    /// Products over the output channels.
    pub(super) const fn count(&self) -> usize {
        self.blocks.div_ceil(self.columns)
    }

    /// Vectors of a panel.
    pub(super) fn columns_of(&self, panel: usize) -> usize {
        self.columns.min(self.blocks - panel * self.columns)
    }
}

/// Packs `[panel][tap][word][column][lane]` into `to`; `weight(out, in, tap)` gives the numbers.
/// Returns nothing to fill up: what has no weight is left 0.
pub(super) fn pack(
    kernels: &Kernels,
    [in_channels, out_channels, taps]: [usize; 3],
    weight: &dyn Fn(usize, usize, usize) -> f32,
    to: &mut [f32],
) {
    let panels = Panels::new(kernels, out_channels);
    let words = kernels.words(in_channels);
    let at = |channel: usize, out: usize, tap: usize| {
        if channel < in_channels { weight(out, channel, tap) } else { 0.0 }
    };
    for panel in 0..panels.count() {
        let columns = panels.columns_of(panel);
        let first = panel * panels.columns * panels.lanes;
        let start = first * taps * words;
        for tap in 0..taps {
            for word in 0..words {
                let row = start + (tap * words + word) * columns * panels.lanes;
                for lane in 0..columns * panels.lanes {
                    let out = first + lane;
                    if out < out_channels {
                        to[row + lane] = if kernels.word_channels == 1 {
                            at(word, out, tap)
                        } else {
                            bf16::word(at(word * 2, out, tap), at(word * 2 + 1, out, tap))
                        };
                    }
                }
            }
        }
    }
}

/// f32s that [`pack`] fills.
pub(super) fn packed(
    kernels: &Kernels,
    in_channels: usize,
    out_channels: usize,
    taps: usize,
) -> usize {
    let panels = Panels::new(kernels, out_channels);
    panels.blocks * panels.lanes * taps * kernels.words(in_channels)
}
