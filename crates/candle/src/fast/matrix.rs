//! A matrix per pixel.

use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::ApplyMatrix`].
pub(crate) fn apply_matrix(fast: &Fast, coefficients: &Tensor, x: &Tensor) -> Result<Tensor> {
    coefficients.contiguous()?.apply_op2(&x.contiguous()?, ApplyMatrix { fast: fast.clone() })
}

struct ApplyMatrix {
    fast: Fast,
}

impl CustomOp2 for ApplyMatrix {
    fn name(&self) -> &'static str {
        "headroom matrix"
    }

    fn cpu_fwd(
        &self,
        coefficients: &CpuStorage,
        coefficients_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, inputs] = numbers::sides(x_layout)?;
        let [.., factors] = numbers::sides(coefficients_layout)?;
        let outputs = factors / (inputs + 1);
        let coefficients = numbers::of(coefficients, coefficients_layout)?;
        let x = numbers::of(x, x_layout)?;
        let mut y = vec![0.0; batch * height * width * outputs];
        self.fast.each_part(&mut y, width * outputs, |row, y| {
            let first = row * width;
            let pixels = y
                .chunks_exact_mut(outputs)
                .zip(x[first * inputs..].chunks_exact(inputs))
                .zip(coefficients[first * factors..].chunks_exact(factors));
            for ((y, x), matrix) in pixels {
                for (y, row) in y.iter_mut().zip(matrix.chunks_exact(inputs + 1)) {
                    *y = x.iter().zip(row).fold(row[inputs], |sum, (x, factor)| sum + x * factor);
                }
            }
        });
        Ok((CpuStorage::F32(y), (batch, height, width, outputs).into()))
    }

    fn bwd(
        &self,
        coefficients: &Tensor,
        x: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (_, _, width, inputs) = x.dims4()?;
        let factors = coefficients.dim(3)?;
        let outputs = gradient.dim(3)?;
        let mut of_matrix = vec![0.0; coefficients.elem_count()];
        let mut of_x = vec![0.0; x.elem_count()];
        numbers::with(gradient, |gradient| {
            numbers::with(x, |x| {
                self.fast.each_part(&mut of_matrix, width * factors, |row, part| {
                    let first = row * width;
                    let pixels = part
                        .chunks_exact_mut(factors)
                        .zip(x[first * inputs..].chunks_exact(inputs))
                        .zip(gradient[first * outputs..].chunks_exact(outputs));
                    for ((matrix, x), told) in pixels {
                        for (row, told) in matrix.chunks_exact_mut(inputs + 1).zip(told) {
                            row.iter_mut().zip(x).for_each(|(to, x)| *to = told * x);
                            row[inputs] = *told;
                        }
                    }
                });
                Ok(())
            })?;
            numbers::with(coefficients, |coefficients| {
                self.fast.each_part(&mut of_x, width * inputs, |row, part| {
                    let first = row * width;
                    let pixels = part
                        .chunks_exact_mut(inputs)
                        .zip(coefficients[first * factors..].chunks_exact(factors))
                        .zip(gradient[first * outputs..].chunks_exact(outputs));
                    for ((to, matrix), told) in pixels {
                        for (row, told) in matrix.chunks_exact(inputs + 1).zip(told) {
                            to.iter_mut().zip(row).for_each(|(to, factor)| *to += told * factor);
                        }
                    }
                });
                Ok(())
            })
        })?;
        let of_matrix = numbers::tensor(of_matrix, coefficients.dims())?;
        Ok((Some(of_matrix), Some(numbers::tensor(of_x, x.dims())?)))
    }
}
