//! Operations that limit what they work on. Outside the limits the gradient is 0, at them it is not.

use candle_core::{Result, Tensor};

/// x limited to [low, high].
pub(crate) fn limit(x: &Tensor, low: f64, high: f64) -> Result<Tensor> {
    let number = x.detach();
    let limits = [low, high].map(|limit| Tensor::full(limit as f32, x.shape(), x.device()));
    let [low_tensor, high_tensor] = limits;
    let raised = number.ge(low)?.where_cond(x, &low_tensor?.to_dtype(x.dtype())?)?;
    number.le(high)?.where_cond(&raised, &high_tensor?.to_dtype(x.dtype())?)
}

/// 2^x, x limited to [-126, 126].
pub(crate) fn exp2(x: &Tensor) -> Result<Tensor> {
    limit(x, -126.0, 126.0)?.affine(std::f64::consts::LN_2, 0.0)?.exp()
}

/// a / max(b, least).
pub(crate) fn divide(a: &Tensor, b: &Tensor, least: f64) -> Result<Tensor> {
    a / limit(b, least, f64::from(f32::MAX))?
}
