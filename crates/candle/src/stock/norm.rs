//! Group normalisation (Wu and He 2018).

use candle_core::{Result, Tensor};

/// [`headroom::graph::Op::GroupNorm`].
pub(crate) fn group_norm(
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    groups: usize,
    epsilon: f64,
) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let parts = x.reshape((batch, height * width, groups, channels / groups))?;
    let centred = parts.broadcast_sub(&parts.mean_keepdim((1, 3))?)?;
    let variance = centred.sqr()?.mean_keepdim((1, 3))?;
    let deviation = (variance + epsilon)?.sqrt()?; // guarded: epsilon is above 0
    let normal = centred.broadcast_div(&deviation)?.reshape(x.shape())?;
    normal.broadcast_mul(weight)?.broadcast_add(bias)
}
