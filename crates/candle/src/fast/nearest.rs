//! Every pixel several times; the gradient is the sum over its copies.

use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::Upsample`] by the nearest pixel.
pub(crate) fn nearest(fast: &Fast, x: &Tensor, factor: usize) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Nearest { fast: fast.clone(), factor })
}

struct Nearest {
    fast: Fast,
    factor: usize,
}

impl CustomOp1 for Nearest {
    fn name(&self) -> &'static str {
        "headroom nearest"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, channels] = numbers::sides(layout)?;
        let x = numbers::of(x, layout)?;
        let factor = self.factor;
        let mut y = vec![0.0; x.len() * factor * factor];
        // A row of the input makes `factor` rows.
        let row = width * channels;
        self.fast.each_part(&mut y, row * factor * factor, |index, rows| {
            let x = &x[index * row..][..row];
            for line in rows.chunks_exact_mut((row * factor).max(1)) {
                for (copies, pixel) in
                    line.chunks_exact_mut(channels * factor).zip(x.chunks_exact(channels))
                {
                    copies.chunks_exact_mut(channels).for_each(|copy| copy.copy_from_slice(pixel));
                }
            }
        });
        Ok((CpuStorage::F32(y), (batch, height * factor, width * factor, channels).into()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, _, width, channels) = x.dims4()?;
        let factor = self.factor;
        let mut sums = vec![0.0; x.elem_count()];
        let row = width * channels;
        numbers::with(gradient, |gradient| {
            self.fast.each_part(&mut sums, row, |index, sums| {
                let lines = &gradient[index * row * factor * factor..][..row * factor * factor];
                for line in lines.chunks_exact((row * factor).max(1)) {
                    for (sums, copies) in
                        sums.chunks_exact_mut(channels).zip(line.chunks_exact(channels * factor))
                    {
                        for copy in copies.chunks_exact(channels) {
                            sums.iter_mut().zip(copy).for_each(|(sum, value)| *sum += value);
                        }
                    }
                }
            });
            Ok(())
        })?;
        numbers::tensor(sums, x.dims()).map(Some)
    }
}
