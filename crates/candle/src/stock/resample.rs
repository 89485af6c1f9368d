//! Tensors read at another size. Reading along an axis is a matrix product, so its gradient is the
//! transposed one, whatever the sizes.

use crate::line::Line;
use candle_core::{DType, Device, Result, Tensor};

/// Every pixel `factor` x `factor` times.
pub(crate) fn nearest(x: &Tensor, factor: usize) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    x.reshape(&[batch, height, 1, width, 1, channels])?
        .broadcast_as(&[batch, height, factor, width, factor, channels])?
        .contiguous()?
        .reshape((batch, height * factor, width * factor, channels))
}

/// Reads rows, then columns, by one line for all samples or one for each.
pub(crate) fn resample(x: &Tensor, rows: &[Line], columns: &[Line]) -> Result<Tensor> {
    let (batch, height, width, channels) = x.dims4()?;
    let by_rows = matrix(rows, x.dtype(), x.device())?;
    let out_height = by_rows.dim(1)?;
    let y = by_rows.broadcast_matmul(&x.reshape((batch, height, width * channels))?)?;
    // One matrix for each row of each sample.
    let by_columns = matrix(columns, x.dtype(), x.device())?.unsqueeze(1)?;
    let y = y.reshape((batch, out_height, width, channels))?;
    by_columns.broadcast_matmul(&y)
}

/// The matrices [lines, pixels, source] that read by lines of one length.
fn matrix(lines: &[Line], dtype: DType, device: &Device) -> Result<Tensor> {
    let (length, source) = lines.first().map_or((0, 0), |line| (line.len(), line.source));
    let mut values = vec![0.0f32; lines.len() * length * source];
    for (line, matrix) in lines.iter().zip(values.chunks_mut((length * source).max(1))) {
        for (index, row) in matrix.chunks_mut(source.max(1)).enumerate() {
            for (pixel, weight) in line.taps(index) {
                row[pixel] += weight;
            }
        }
    }
    Tensor::from_vec(values, (lines.len(), length, source), device)?.to_dtype(dtype)
}
