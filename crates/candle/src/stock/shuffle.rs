//! Channels to pixels and back (Shi et al. 2016).

use candle_core::{Result, Tensor};

/// [`headroom::graph::Op::PixelShuffle`].
pub(crate) fn pixel_shuffle(x: &Tensor, factor: usize) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let out = channels / (factor * factor);
    x.reshape(&[batch, height, width, out, factor, factor])?
        .permute([0, 1, 4, 2, 5, 3])?
        .contiguous()?
        .reshape((batch, height * factor, width * factor, out))
}

/// [`headroom::graph::Op::PixelUnshuffle`].
pub(crate) fn pixel_unshuffle(x: &Tensor, factor: usize) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let (height, width) = (height / factor, width / factor);
    x.reshape(&[batch, height, factor, width, factor, channels])?
        .permute([0, 1, 3, 5, 2, 4])?
        .contiguous()?
        .reshape((batch, height, width, channels * factor * factor))
}
