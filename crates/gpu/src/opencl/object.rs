//! Handles of the driver that are released when they are dropped, and its errors.

use crate::GpuError;
use opencl3::command_queue::release_command_queue;
use opencl3::context::context::release_context;
use opencl3::error_codes::{
    CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_HOST_MEMORY, CL_OUT_OF_RESOURCES, error_text,
};
use opencl3::event::release_event;
use opencl3::kernel::release_kernel;
use opencl3::memory::release_mem_object;
use opencl3::program::release_program;
use opencl3::types::{
    cl_command_queue, cl_context, cl_event, cl_int, cl_kernel, cl_mem, cl_program,
};

/// What a status other than success means.
pub(super) fn call(name: &'static str, status: cl_int) -> GpuError {
    GpuError::Call { name, status: format!("{} ({status})", error_text(status)) }
}

/// As [`call`], where the call asked for so much memory.
pub(super) fn call_for_memory(name: &'static str, status: cl_int, bytes: usize) -> GpuError {
    match status {
        CL_MEM_OBJECT_ALLOCATION_FAILURE | CL_OUT_OF_HOST_MEMORY | CL_OUT_OF_RESOURCES => {
            GpuError::Memory { bytes }
        }
        status => call(name, status),
    }
}

macro_rules! owned {
    ($($(#[$about:meta])* $name:ident($handle:ty) by $release:ident;)*) => {$(
        $(#[$about])*
        #[derive(Debug)]
        pub(super) struct $name(pub(super) $handle);

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the handle was given to this object alone, and is released once. A driver
                // that lost its device may refuse; there is nothing left to do about it then.
                let _ = unsafe { $release(self.0) };
            }
        }

        // SAFETY: OpenCL's calls are safe for threads, but for clSetKernelArg; `Queue` keeps kernels
        // behind a lock.
        unsafe impl Send for $name {}
        // SAFETY: as above.
        unsafe impl Sync for $name {}
    )*};
}

owned! {
    /// What memory, kernels and queues belong to.
    Context(cl_context) by release_context;
    /// A command queue.
    Commands(cl_command_queue) by release_command_queue;
    /// Kernels that were built.
    Program(cl_program) by release_program;
    /// A kernel and its arguments.
    Kernel(cl_kernel) by release_kernel;
    /// Memory.
    Mem(cl_mem) by release_mem_object;
    /// What an enqueued command gives.
    Event(cl_event) by release_event;
}
