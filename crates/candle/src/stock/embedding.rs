//! Sines and cosines of a number (Vaswani et al. 2017, 3.5).

use candle_core::{Result, Tensor};

/// [`headroom::graph::Op::TimeEmbedding`].
pub(crate) fn time_embedding(t: &Tensor, channels: usize) -> Result<Tensor> {
    let half = channels / 2;
    let frequency = |i: usize| libm::pow(10_000.0, -(i as f64) / half as f64) as f32;
    let frequencies: Vec<f32> = (0..half).map(frequency).collect();
    let frequencies =
        Tensor::from_vec(frequencies, (1, 1, 1, half), t.device())?.to_dtype(t.dtype())?;
    let angles = t.broadcast_mul(&frequencies)?;
    Tensor::cat(&[angles.sin()?, angles.cos()?], 3)
}
