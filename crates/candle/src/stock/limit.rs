//! Operations that limit what they work on. Outside the limits the gradient is 0, at them it is not.

use candle_core::{Result, Tensor};

/// x limited to [low, high]; what is not a number stays so.
pub(crate) fn limit(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let number = x.detach();
    let all = |limit: f64| Tensor::full(limit as f32, x.shape(), x.device())?.to_dtype(x.dtype());
    let raised = number.lt(low)?.where_cond(&all(low)?, x)?;
    number.gt(high)?.where_cond(&all(high)?, &raised)
}

/// 2^x, x limited to [-126, 126].
pub(crate) fn exp2(x: &Tensor) -> Result<Tensor> {
    limit(x, -126.0, 126.0)?.affine(std::f64::consts::LN_2, 0.0)?.exp()
}

/// a / max(b, least).
pub(crate) fn divide(a: &Tensor, b: &Tensor, least: f64) -> Result<Tensor> {
    a / limit(b, least, f64::from(f32::MAX))?
}
