//! The numbers of Candle's tensors.

use candle_core::{CpuStorage, Device, Layout, Result, Storage, Tensor, bail};

/// Those of an operand.
pub(super) fn of<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let CpuStorage::F32(all) = storage else { bail!("numbers that are not f32") };
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&all[start..end]),
        None => bail!("numbers with gaps"),
    }
}

/// Lends those of a tensor.
pub(super) fn with<R>(tensor: &Tensor, work: impl FnOnce(&[f32]) -> Result<R>) -> Result<R> {
    let tensor = tensor.contiguous()?;
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => work(of(storage, layout)?),
        Storage::Cuda(_) | Storage::Metal(_) => bail!("numbers that are not on the CPU"),
    }
}

/// A tensor of numbers.
pub(super) fn tensor(numbers: Vec<f32>, shape: &[usize]) -> Result<Tensor> {
    Tensor::from_vec(numbers, shape, &Device::Cpu)
}

/// The four sides of an operand.
pub(super) fn sides(layout: &Layout) -> Result<[usize; 4]> {
    let (batch, height, width, channels) = layout.shape().dims4()?;
    Ok([batch, height, width, channels])
}
