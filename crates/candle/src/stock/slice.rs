//! Reads a bilateral grid where a guide says (Chen et al. 2007; Gharbi et al. 2017, 3.3).

use super::{absolute, limit, relu, resample};
use crate::line::Line;
use candle_core::{Result, Tensor};

/// [`headroom::graph::Op::BilateralSlice`]: every bin is read at the size of the guide, and the bins
/// are weighed by a triangle around the guide's value.
pub(crate) fn slice(
    grid: &Tensor,
    guide: &Tensor,
    rows: &[Line],
    columns: &[Line],
    bins: usize,
) -> Result<Tensor> {
    let (batch, height, width, _) = guide.dims4()?;
    let read = resample(grid, rows, columns)?.reshape((batch, height, width, (), bins))?;
    let last = bins as f64 - 1.0;
    let position = limit(&guide.affine(bins as f64, -0.5)?, 0.0, last)?;
    let bin = Tensor::arange(0u32, bins as u32, guide.device())?.to_dtype(guide.dtype())?;
    let distance = absolute(&position.broadcast_sub(&bin.reshape((1, 1, 1, bins))?)?)?;
    let weight = relu(&distance.affine(-1.0, 1.0)?)?.unsqueeze(3)?;
    read.broadcast_mul(&weight)?.sum(4)
}
