//! Pointwise curves.

use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use headroom::graph::Activation;
use headroom_kernel::nn;

/// Numbers that one task works on.
const PART: usize = 1 << 16;

/// True where the derivative is a function of the result, so that a convolution can take the
/// activation over.
pub(crate) fn known_by_its_result(by: Activation) -> bool {
    match by {
        Activation::Relu
        | Activation::Relu6
        | Activation::Sigmoid
        | Activation::Softplus
        | Activation::Tanh => true,
        // With another slope the result's sign is not the argument's.
        Activation::LeakyRelu(slope) => slope > 0.0,
        Activation::Silu => false,
    }
}

/// A pointwise curve.
pub(crate) fn activation(fast: &Fast, x: &Tensor, by: Activation) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Pointwise { fast: fast.clone(), by })
}

struct Pointwise {
    fast: Fast,
    by: Activation,
}

impl CustomOp1 for Pointwise {
    fn name(&self) -> &'static str {
        "headroom activation"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = numbers::of(x, layout)?;
        let mut y = vec![0.0; x.len()];
        let by = nn::Activation::from(self.by);
        self.fast.each_part(&mut y, PART, |index, part| {
            for (y, &x) in part.iter_mut().zip(&x[index * PART..]) {
                *y = by.apply(x);
            }
        });
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, result: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        match self.by {
            Activation::Silu => {
                // x s has the derivative s (1 + x (1 - s)).
                let by = |x: f32, gradient: f32| {
                    let s = nn::Activation::Sigmoid.apply(x);
                    gradient * s * (1.0 + x * (1.0 - s))
                };
                combine(&self.fast, x, gradient, by).map(Some)
            }
            Activation::LeakyRelu(slope) => {
                let by = move |x: f32, gradient: f32| {
                    if x > 0.0 { gradient } else { slope * gradient }
                };
                combine(&self.fast, x, gradient, by).map(Some)
            }
            by => derivative(&self.fast, by, result, gradient).map(Some),
        }
    }
}

/// The gradient of the argument from the result, where [`known_by_its_result`].
pub(super) fn derivative(
    fast: &Fast,
    by: Activation,
    result: &Tensor,
    gradient: &Tensor,
) -> Result<Tensor> {
    match by {
        Activation::Relu => combine(fast, result, gradient, |y, g| if y > 0.0 { g } else { 0.0 }),
        Activation::Relu6 => {
            combine(fast, result, gradient, |y, g| if y > 0.0 && y < 6.0 { g } else { 0.0 })
        }
        Activation::LeakyRelu(slope) => {
            combine(fast, result, gradient, move |y, g| if y > 0.0 { g } else { slope * g })
        }
        Activation::Sigmoid => combine(fast, result, gradient, |y, g| g * y * (1.0 - y)),
        Activation::Tanh => combine(fast, result, gradient, |y, g| g * (1.0 - y * y)),
        // y = ln(1 + e^x) has the derivative 1 - e^-y.
        Activation::Softplus => combine(fast, result, gradient, |y, g| g * -libm::expm1f(-y)),
        Activation::Silu => candle_core::bail!("silu is not known by its result"),
    }
}

fn combine(
    fast: &Fast,
    values: &Tensor,
    gradient: &Tensor,
    by: impl Fn(f32, f32) -> f32 + Sync,
) -> Result<Tensor> {
    let mut out = vec![0.0; values.elem_count()];
    numbers::with(values, |values| {
        numbers::with(gradient, |gradient| {
            fast.each_part(&mut out, PART, |index, part| {
                let (values, gradient) = (&values[index * PART..], &gradient[index * PART..]);
                for ((out, &value), &gradient) in part.iter_mut().zip(values).zip(gradient) {
                    *out = by(value, gradient);
                }
            });
            Ok(())
        })
    })?;
    numbers::tensor(out, values.dims())
}
