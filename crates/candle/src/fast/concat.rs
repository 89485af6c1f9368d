//! Channels of several tensors one after the other.

use super::numbers;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

/// [`headroom::graph::Op::Concat`]: two by two.
pub(crate) fn concat(parts: &[Tensor]) -> Result<Tensor> {
    let Some((first, rest)) = parts.split_first() else {
        candle_core::bail!("nothing to put together")
    };
    let mut all = first.clone();
    for part in rest {
        all = all.contiguous()?.apply_op2(&part.contiguous()?, Join)?;
    }
    Ok(all)
}

struct Join;

impl CustomOp2 for Join {
    fn name(&self) -> &'static str {
        "headroom concat"
    }

    fn cpu_fwd(
        &self,
        a: &CpuStorage,
        a_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let [batch, height, width, of_a] = numbers::sides(a_layout)?;
        let [.., of_b] = numbers::sides(b_layout)?;
        let (a, b) = (numbers::of(a, a_layout)?, numbers::of(b, b_layout)?);
        let mut y = vec![0.0; a.len() + b.len()];
        let pixels = a.chunks_exact(of_a).zip(b.chunks_exact(of_b));
        for (y, (a, b)) in y.chunks_exact_mut(of_a + of_b).zip(pixels) {
            let (to_a, to_b) = y.split_at_mut(of_a);
            to_a.copy_from_slice(a);
            to_b.copy_from_slice(b);
        }
        Ok((CpuStorage::F32(y), (batch, height, width, of_a + of_b).into()))
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let of_a = a.dim(3)?;
        let cut = |part: &Tensor, first: usize| {
            let channels = part.dim(3)?;
            part.track_op().then(|| gradient.narrow(3, first, channels)?.contiguous()).transpose()
        };
        Ok((cut(a, 0)?, cut(b, of_a)?))
    }
}
