//! Means over blocks and over the picture.

use candle_core::{Result, Tensor};

/// Mean over blocks of `size` x `size`.
pub(crate) fn average_pool(x: &Tensor, size: usize) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let blocks = x.reshape(&[batch, height / size, size, width / size, size, channels])?;
    blocks.mean((2, 4))
}

/// Mean over the picture: a vector.
pub(crate) fn global_mean(x: &Tensor) -> Result<Tensor> {
    x.mean_keepdim((1, 2))
}
