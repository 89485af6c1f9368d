//! The device on which a host's images lie.

use headroom::expand::device::kernel_folder;
use headroom_gpu::Gpu;
use headroom_ofx::{PropertySet, sys};
use std::ffi::c_void;
use std::sync::Arc;

/// The device of a render whose images lie in its memory; none where they lie in the CPU's. It holds
/// the host's queue for as long as it lives, which is no longer than the render.
pub(crate) fn of_host(args: Option<&PropertySet>) -> Result<Option<Arc<Gpu>>, String> {
    let Some(args) = args else { return Ok(None) };
    if args.get::<i32>(sys::kOfxImageEffectPropOpenCLEnabled).unwrap_or(0) == 0 {
        return Ok(None);
    }
    let queue = args.get::<*mut c_void>(sys::kOfxImageEffectPropOpenCLCommandQueue);
    let queue = queue.filter(|queue| !queue.is_null());
    let Some(queue) = queue else {
        return Err("OpenCL command queue: found none, expected the host's".to_owned());
    };
    // SAFETY: OpenFX (ofxGPURender.h) says that it is a cl_command_queue, valid for the render.
    let gpu = unsafe { Gpu::of_host(queue, kernel_folder()) };
    gpu.map(Arc::new).map(Some).map_err(|error| error.to_string())
}
