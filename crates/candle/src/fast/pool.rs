//! Means over blocks.

use super::{Fast, numbers};
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::AveragePool`].
pub(crate) fn average_pool(fast: &Fast, x: &Tensor, size: usize) -> Result<Tensor> {
    x.contiguous()?.apply_op1(AveragePool { fast: fast.clone(), size })
}

struct AveragePool {
    fast: Fast,
    size: usize,
}

impl CustomOp1 for AveragePool {
    fn name(&self) -> &'static str {
        "headroom average pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, channels] = numbers::sides(layout)?;
        let x = numbers::of(x, layout)?;
        let size = self.size;
        let mut y = vec![0.0; x.len() / (size * size)];
        let (row, share) = (width * channels, 1.0 / (size * size) as f32);
        self.fast.each_part(&mut y, row / size, |index, sums| {
            for line in x[index * row * size..][..row * size].chunks_exact(row.max(1)) {
                for (sums, block) in
                    sums.chunks_exact_mut(channels).zip(line.chunks_exact(channels * size))
                {
                    for pixel in block.chunks_exact(channels) {
                        sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
                    }
                }
            }
            sums.iter_mut().for_each(|sum| *sum *= share);
        });
        Ok((CpuStorage::F32(y), (batch, height / size, width / size, channels).into()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (_, _, width, channels) = x.dims4()?;
        let size = self.size;
        let (row, share) = (width * channels, 1.0 / (size * size) as f32);
        let mut out = vec![0.0; x.elem_count()];
        numbers::with(gradient, |gradient| {
            self.fast.each_part(&mut out, row * size, |index, rows| {
                let told = &gradient[index * row / size..][..row / size];
                for line in rows.chunks_exact_mut(row.max(1)) {
                    for (block, told) in
                        line.chunks_exact_mut(channels * size).zip(told.chunks_exact(channels))
                    {
                        for pixel in block.chunks_exact_mut(channels) {
                            pixel.iter_mut().zip(told).for_each(|(out, told)| *out = told * share);
                        }
                    }
                }
            });
            Ok(())
        })?;
        numbers::tensor(out, x.dims()).map(Some)
    }
}
