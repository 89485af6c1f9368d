//! The device whose memory images lie in, where a host lends that.

use crate::buffer::Buffer;
use crate::error::HostError;
use headroom_gpu::{Gpu, GpuError, Memory, devices};
use std::sync::{Arc, Mutex, PoisonError};

/// Where images lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ImageMemory {
    /// In that of the CPU.
    #[default]
    Cpu,
    /// In buffers of the first OpenCL device, between guards.
    OpenCl,
}

/// What images on a device say of their row bytes. Their rows have no gaps unless the truth is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DeviceRows {
    /// The truth.
    #[default]
    Told,
    /// 0, as Resolve.
    Zero,
    /// Nothing.
    Missing,
}

/// One for the whole process: plug-ins keep what they build for a context.
static OPENCL: Mutex<Option<Arc<Gpu>>> = Mutex::new(None);

/// Why there is no device.
pub(crate) fn open(memory: ImageMemory) -> Result<Option<Arc<Gpu>>, HostError> {
    if memory == ImageMemory::Cpu {
        return Ok(None);
    }
    let mut known = OPENCL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(gpu) = &*known {
        return Ok(Some(Arc::clone(gpu)));
    }
    let (devices, problems) = devices();
    let Some(device) = devices.first() else {
        return Err(HostError::Device(problems.join(", ")));
    };
    let gpu = Gpu::new(device, None).map_err(|error| HostError::Device(error.to_string()))?;
    let gpu = Arc::new(gpu);
    *known = Some(Arc::clone(&gpu));
    Ok(Some(gpu))
}

/// A buffer's memory on the device, guards and all.
#[derive(Debug)]
pub(crate) struct Mirror {
    gpu: Arc<Gpu>,
    whole: Memory,
    /// What the plug-in is given: without the guards.
    image: Memory,
}

impl Mirror {
    pub(crate) fn new(gpu: &Arc<Gpu>, buffer: &Buffer) -> Result<Self, GpuError> {
        let whole = gpu.upload(buffer.bytes())?;
        let range = buffer.image_bytes();
        let image = gpu.part(&whole, range.start, range.len())?;
        Ok(Self { gpu: Arc::clone(gpu), whole, image })
    }

    /// `kOfxImagePropData`.
    pub(crate) fn handle(&self) -> usize {
        self.image.handle() as usize
    }

    /// Takes over what the CPU's memory holds.
    pub(crate) fn push(&self, bytes: &[u8]) -> Result<(), GpuError> {
        self.gpu.write(&self.whole, 0, bytes)
    }

    /// Waits for the device, and gives what its memory holds.
    pub(crate) fn pull(&self, bytes: &mut [u8]) -> Result<(), GpuError> {
        self.gpu.read(&self.whole, 0, bytes)
    }
}
