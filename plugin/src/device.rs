//! The device on which a host's images lie.

use headroom::expand::device::kernel_folder;
use headroom_gpu::Gpu;
use headroom_ofx::{PropertySet, sys};
use std::ffi::c_void;
use std::sync::Arc;

/// How a host lends the memory of a device for a render (ofxGPURender.h). Its handles are held no longer
/// than that.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lending {
    /// Images are addresses of CUDA; work goes on this stream, or must be done before the render ends.
    Cuda(Option<*mut c_void>),
    /// Images are buffers of this queue's context.
    OpenCl(*mut c_void),
}

impl Lending {
    /// What the arguments of a render say; none where images lie in the memory of the CPU.
    pub(crate) fn of(args: Option<&PropertySet>) -> Option<Self> {
        let args = args?;
        let enabled = |name| args.get::<i32>(name).unwrap_or(0) != 0;
        let handle = |name| args.get::<*mut c_void>(name).filter(|handle| !handle.is_null());
        if enabled(sys::kOfxImageEffectPropCudaEnabled) {
            return Some(Self::Cuda(handle(sys::kOfxImageEffectPropCudaStream)));
        }
        enabled(sys::kOfxImageEffectPropOpenCLEnabled).then(|| {
            let queue = handle(sys::kOfxImageEffectPropOpenCLCommandQueue);
            Self::OpenCl(queue.unwrap_or(std::ptr::null_mut()))
        })
    }

    /// The device, by the data of an image on it.
    pub(crate) fn open(self, data: *mut c_void) -> Result<Arc<Gpu>, String> {
        let gpu = match self {
            // SAFETY: the stream is the host's, of the runtime API and so of the primary context of the
            // device on which its images lie, and valid for the render.
            Self::Cuda(stream) => unsafe { Gpu::of_cuda_host(data, stream) },
            Self::OpenCl(queue) if queue.is_null() => {
                return Err("OpenCL command queue: found none, expected the host's".to_owned());
            }
            // SAFETY: it is the host's cl_command_queue, valid for the render.
            Self::OpenCl(queue) => unsafe { Gpu::of_host(queue, kernel_folder()) },
        };
        gpu.map(Arc::new).map_err(|error| error.to_string())
    }

    /// True where the work must be done before the render ends: there is no stream to go on.
    pub(crate) fn must_finish(self) -> bool {
        matches!(self, Self::Cuda(None))
    }
}
