//! A matrix per pixel.

use candle_core::{Result, Tensor};

/// [`headroom::graph::Op::ApplyMatrix`].
pub(crate) fn apply_matrix(coefficients: &Tensor, x: &Tensor) -> Result<Tensor> {
    let (batch, height, width, inputs) = x.dims4()?;
    let matrix = coefficients.reshape((batch, height, width, (), inputs + 1))?;
    let factors = matrix.narrow(4, 0, inputs)?;
    let sums = factors.broadcast_mul(&x.unsqueeze(3)?)?.sum(4)?;
    sums + matrix.narrow(4, inputs, 1)?.squeeze(4)?
}
