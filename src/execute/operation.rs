//! Operations as they are run, weights included.

use crate::graph::{Extent, Resample, Scale};
use headroom_kernel::nn::ops::{Combine, Map};
use headroom_kernel::nn::{Conv, ops};
use std::sync::Arc;

/// What a step does to its inputs. `C` is a convolution as whoever runs it keeps it.
pub(super) enum Operation<C = Box<Conv>> {
    /// Input, and a residual where it was fused.
    Conv(C),
    Linear {
        weight: Arc<[f32]>,
        bias: Option<Arc<[f32]>>,
    },
    Constant(Vec<f32>),
    Map(Map),
    Combine(Combine),
    CumulativeSum,
    Concat,
    /// Copied: an output lies by itself.
    Channels {
        first: usize,
    },
    Upsample {
        factor: usize,
        by: Resample,
    },
    PixelShuffle {
        factor: usize,
    },
    PixelUnshuffle {
        factor: usize,
    },
    AveragePool {
        size: usize,
    },
    GlobalMean,
    GroupNorm {
        groups: usize,
        epsilon: f32,
        weight: Arc<[f32]>,
        bias: Arc<[f32]>,
    },
    TimeEmbedding,
    /// The map.
    FromFrame(Sight),
    /// The grid, the guide.
    BilateralSlice {
        bins: usize,
        sight: Sight,
    },
    /// The grid, the guide, the input: a slice of twelve coefficients that are a matrix.
    BilateralAffine {
        bins: usize,
        sight: Sight,
    },
    /// Coefficients, input.
    ApplyMatrix,
    /// Knots, input.
    Curve,
}

/// What a tensor shows of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sight {
    /// The picture at hand, so much larger or smaller.
    Part(Scale),
    /// All of it.
    Whole,
}

impl From<Extent> for Sight {
    fn from(extent: Extent) -> Self {
        match extent {
            Extent::Of { scale, .. } => Self::Part(scale),
            Extent::Fixed(_) => Self::Whole,
        }
    }
}

impl<C> Operation<C> {
    /// The inputs in whose place the output may be written, the preferred first.
    pub(super) fn places(&self) -> &'static [usize] {
        match self {
            Self::Map(_) | Self::GroupNorm { .. } | Self::Combine(Combine::Divide { .. }) => &[0],
            Self::Combine(_) => &[0, 1],
            Self::Curve => &[1],
            _ => &[],
        }
    }
}

impl Operation {
    /// Numbers of scratch, for an output and inputs of those heights, widths and channels.
    pub(super) fn scratch(
        &self,
        output: [usize; 3],
        inputs: &[[usize; 3]],
        threads: usize,
    ) -> usize {
        match self {
            Self::Conv(conv) => conv.scratch(inputs[0][0], inputs[0][1], threads),
            Self::GlobalMean => ops::global_mean_scratch(inputs[0]),
            Self::GroupNorm { .. } => ops::group_norm_scratch(output),
            Self::FromFrame(_) => ops::from_frame_scratch(inputs[0], [output[0], output[1]]),
            Self::BilateralSlice { .. } | Self::BilateralAffine { .. } => {
                ops::bilateral_slice_scratch(inputs[0], output)
            }
            _ => 0,
        }
    }
}
