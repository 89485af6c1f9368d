//! Pointwise curves, finite with finite gradients for every finite number.

use candle_core::{Result, Tensor};
use headroom::graph::Activation;

/// x above 0, 0 below and there; the gradient at 0 is 0, as in PyTorch, and what is not a number stays
/// so.
pub(crate) fn relu(x: &Tensor) -> Result<Tensor> {
    x.detach().le(0.0)?.where_cond(&x.zeros_like()?, x)
}

/// |x|, its gradient -1 at 0: that of [`relu`] is 0 there, and together they make softplus right.
pub(crate) fn absolute(x: &Tensor) -> Result<Tensor> {
    positive(x)?.where_cond(x, &x.neg()?)
}

fn positive(x: &Tensor) -> Result<Tensor> {
    x.detach().gt(0.0)
}

/// 1 / (1 + e^-x) by e^-|x|, which overflows nowhere.
fn sigmoid(x: &Tensor) -> Result<Tensor> {
    let small = absolute(x)?.neg()?.exp()?;
    let above = positive(x)?.where_cond(&x.ones_like()?, &small)?;
    above / (small + 1.0)?
}

/// A pointwise curve.
pub(crate) fn activation(x: &Tensor, by: Activation) -> Result<Tensor> {
    match by {
        Activation::Relu => relu(x),
        Activation::LeakyRelu(slope) => {
            positive(x)?.where_cond(x, &x.affine(f64::from(slope), 0.0)?)
        }
        Activation::Silu => x * sigmoid(x)?,
        Activation::Sigmoid => sigmoid(x),
        Activation::Softplus => {
            let small = absolute(x)?.neg()?.exp()?;
            relu(x)? + (small + 1.0)?.log()?
        }
        Activation::Tanh => x.tanh(),
        Activation::Relu6 => {
            let x = relu(x)?;
            x.detach().ge(6.0)?.where_cond(&(x.zeros_like()? + 6.0)?, &x)
        }
    }
}
