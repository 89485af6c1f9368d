//! Telling pictures apart where they lie.

use super::DeviceImage;
use headroom_gpu::source::Precision;
use headroom_gpu::{Argument, Gpu, GpuError, Launch};

/// Work items that read a row: `READERS` of `kernels/analyse.cl`.
const READERS: usize = 64;

/// Bytes that tell a row from others: `MARKS` of the kernel.
const ROW: usize = 8;

/// Bytes that differ where any number of two pictures does, but for chance: eight a row, made of all its numbers in
/// their order. Gaps and the order of rows in memory make no difference. Waits for the device.
///
/// # Errors
/// When the device refuses.
pub fn fingerprint(gpu: &Gpu, picture: &DeviceImage<'_>) -> Result<Vec<u8>, GpuError> {
    let rows = picture.rows();
    let mut bytes = vec![0; rows * ROW];
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let found = gpu.scratch(bytes.len())?;
    gpu.launch(&Launch {
        kernel: "fingerprint",
        precision: Precision::Float,
        groups: [rows, 1, 1],
        group: [READERS, 1, 1],
        arguments: vec![Argument::from(&found), picture.memory.into(), picture.picture().into()],
    })?;
    gpu.read(&found, 0, &mut bytes)?;
    Ok(bytes)
}
