//! The device whose memory images lie in, where a host lends that.

use crate::buffer::Buffer;
use crate::error::HostError;
use headroom_gpu::{Gpu, GpuError, Memory, devices};
use headroom_ofx_sys as sys;
use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

/// Where images lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ImageMemory {
    /// In that of the CPU.
    #[default]
    Cpu,
    /// In buffers of the first OpenCL device, between guards.
    OpenCl,
    /// In memory of the first CUDA device, between guards; work goes on the host's stream.
    Cuda,
    /// The same without a stream: what is not done when the render returns is lost.
    CudaWithoutStream,
}

impl ImageMemory {
    /// What plug-ins say that take it.
    pub(crate) fn property(self) -> Option<&'static CStr> {
        match self {
            Self::Cpu => None,
            Self::OpenCl => Some(sys::kOfxImageEffectPropOpenCLRenderSupported),
            Self::Cuda | Self::CudaWithoutStream => {
                Some(sys::kOfxImageEffectPropCudaRenderSupported)
            }
        }
    }

    /// Beginning of the device's identifier.
    fn runtime(self) -> &'static str {
        if self == Self::OpenCl { "opencl" } else { "cuda" }
    }
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

/// One of each runtime for the whole process: plug-ins keep what they build for a context.
static OPEN: Mutex<Vec<(&str, Arc<Gpu>)>> = Mutex::new(Vec::new());

/// The device of that memory; none for the CPU's.
pub(crate) fn open(memory: ImageMemory) -> Result<Option<Arc<Gpu>>, HostError> {
    if memory == ImageMemory::Cpu {
        return Ok(None);
    }
    let runtime = memory.runtime();
    let mut known = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, gpu)) = known.iter().find(|(of, _)| *of == runtime) {
        return Ok(Some(Arc::clone(gpu)));
    }
    let (devices, problems) = devices();
    let device = devices.iter().find(|device| device.id().starts_with(runtime));
    let Some(device) = device else {
        return Err(HostError::Device(format!("no {runtime}: {}", problems.join(", "))));
    };
    let gpu = Gpu::new(device, None).map_err(|error| HostError::Device(error.to_string()))?;
    let gpu = Arc::new(gpu);
    known.push((runtime, Arc::clone(&gpu)));
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
        // A plug-in that is given no stream works on another, which does not wait for this one.
        gpu.finish()?;
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
        self.gpu.write(&self.whole, 0, bytes)?;
        self.gpu.finish()
    }

    /// Waits for the device, and gives what its memory holds.
    pub(crate) fn pull(&self, bytes: &mut [u8]) -> Result<(), GpuError> {
        self.gpu.read(&self.whole, 0, bytes)
    }
}
