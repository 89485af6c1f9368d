//! Curves through knots.

use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::Curve`].
pub(crate) fn curve(fast: &Fast, knots: &Tensor, x: &Tensor) -> Result<Tensor> {
    knots.contiguous()?.apply_op2(&x.contiguous()?, Curve { fast: fast.clone() })
}

struct Curve {
    fast: Fast,
}

/// The knot below, and how far it is to the next.
fn place(x: f32, knots: usize) -> (usize, f32) {
    let position = x.clamp(0.0, 1.0) * (knots - 1) as f32; // guarded: a number, no tensor
    let low = (position as usize).min(knots - 2);
    (low, position - low as f32)
}

impl CustomOp2 for Curve {
    fn name(&self) -> &'static str {
        "headroom curve"
    }

    fn cpu_fwd(
        &self,
        knots: &CpuStorage,
        knots_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [batch, _, _, count] = numbers::sides(knots_layout)?;
        let (knots, x) = (numbers::of(knots, knots_layout)?, numbers::of(x, x_layout)?);
        let mut y = vec![0.0; x.len()];
        let one = x.len() / batch.max(1);
        self.fast.each_part(&mut y, one, |sample, y| {
            let knots = &knots[sample * count..][..count];
            for (y, &x) in y.iter_mut().zip(&x[sample * one..]) {
                let (low, share) = place(x, count);
                *y = knots[low] + (knots[low + 1] - knots[low]) * share;
            }
        });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        knots: &Tensor,
        x: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (batch, _, _, count) = knots.dims4()?;
        let one = x.elem_count() / batch.max(1);
        let mut of_knots = vec![0.0; batch * count];
        let mut of_x = vec![0.0; x.elem_count()];
        numbers::with(gradient, |gradient| {
            numbers::with(x, |x| {
                self.fast.each_part(&mut of_knots, count, |sample, sums| {
                    // Many small numbers are added to few sums.
                    let mut exact = vec![0.0_f64; count];
                    let start = sample * one;
                    for (&x, &told) in x[start..][..one].iter().zip(&gradient[start..]) {
                        let (low, share) = place(x, count);
                        exact[low] += f64::from(told * (1.0 - share));
                        exact[low + 1] += f64::from(told * share);
                    }
                    sums.iter_mut().zip(exact).for_each(|(sum, exact)| *sum = exact as f32);
                });
                numbers::with(knots, |knots| {
                    self.fast.each_part(&mut of_x, one, |sample, of_x| {
                        let knots = &knots[sample * count..][..count];
                        let start = sample * one;
                        let values = x[start..].iter().zip(&gradient[start..]);
                        for (to, (&x, &told)) in of_x.iter_mut().zip(values) {
                            let (low, _) = place(x, count);
                            let slope = (knots[low + 1] - knots[low]) * (count - 1) as f32;
                            *to = if (0.0..=1.0).contains(&x) { told * slope } else { 0.0 };
                        }
                    });
                    Ok(())
                })
            })
        })?;
        let of_knots = numbers::tensor(of_knots, knots.dims())?;
        Ok((Some(of_knots), Some(numbers::tensor(of_x, x.dims())?)))
    }
}
