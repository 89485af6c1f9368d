//! Curves through knots.

use super::limit;
use candle_core::{DType, Result, Tensor};

/// [`headroom::graph::Op::Curve`].
pub(crate) fn curve(knots: &Tensor, x: &Tensor) -> Result<Tensor> {
    let (batch, _, _, count) = knots.dims4()?;
    let knots = knots.reshape((batch, count))?;
    let position = limit(x, 0.0, 1.0)?.affine(count as f64 - 1.0, 0.0)?.reshape((batch, ()))?;
    let low = limit(&position.detach().floor()?, 0.0, count as f64 - 2.0)?;
    let share = (position - &low)?;
    let low = low.to_dtype(DType::U32)?;
    let high = (&low + 1.0)?;
    let (below, above) = (knots.gather(&low, 1)?, knots.gather(&high, 1)?);
    let y = (&below + (above - &below)?.mul(&share)?)?;
    y.reshape(x.shape())
}

/// Running sums over channels, by a triangular matrix.
pub(crate) fn cumulative_sum(x: &Tensor) -> Result<Tensor> {
    let channels = x.dim(3)?;
    let mut ones = vec![0.0f32; channels * channels];
    for (row, line) in ones.chunks_mut(channels).enumerate() {
        line[row..].fill(1.0);
    }
    let ones = Tensor::from_vec(ones, (channels, channels), x.device())?.to_dtype(x.dtype())?;
    x.reshape(((), channels))?.matmul(&ones)?.reshape(x.shape())
}
