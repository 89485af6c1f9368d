//! Matrix products over channels, with and without a neighbourhood.

use candle_core::{Result, Tensor};
use headroom::graph::padding;

/// [`headroom::graph::Op::Conv`].
pub(crate) fn conv(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    stride: usize,
    dilation: usize,
    groups: usize,
) -> Result<Tensor> {
    let (out, _, height, width) = weight.dims4()?;
    let [above, left] = padding([height, width], stride, dilation);
    let planes = x.permute((0, 3, 1, 2))?.contiguous()?;
    // Candle pads both directions alike; what goes beyond is put there by hand.
    let both = above.min(left);
    let planes = planes.pad_with_zeros(2, above - both, above - both)?.pad_with_zeros(
        3,
        left - both,
        left - both,
    )?;
    let planes = planes.conv2d(weight, both, stride, dilation, groups)?;
    let y = planes.permute((0, 2, 3, 1))?.contiguous()?;
    match bias {
        Some(bias) => y.broadcast_add(&bias.reshape((1, 1, 1, out))?),
        None => Ok(y),
    }
}

/// [`headroom::graph::Op::Linear`].
pub(crate) fn linear(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
    let (batch, _, _, channels) = x.dims4()?;
    let y = x.reshape((batch, channels))?.matmul(&weight.t()?)?;
    let y = match bias {
        Some(bias) => y.broadcast_add(bias)?,
        None => y,
    };
    y.reshape((batch, 1, 1, ()))
}
