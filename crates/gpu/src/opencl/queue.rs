//! A device with a queue of commands, done in their order.

use super::device::Found;
use super::object::{Commands, Event, Kernel, Mem, Program, call, call_for_memory};
use super::program;
use crate::source::Precision;
use crate::{GpuError, gpu};
use opencl3::command_queue::{
    create_command_queue, enqueue_nd_range_kernel, enqueue_read_buffer, enqueue_write_buffer,
    finish,
};
use opencl3::context::Context;
use opencl3::device::Device;
use opencl3::kernel::{create_kernel, set_kernel_arg};
use opencl3::memory::{CL_MEM_READ_WRITE, create_buffer};
use opencl3::types::{CL_TRUE, cl_event, cl_int};
use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::{Mutex, PoisonError};

/// Memory of the device.
#[derive(Debug)]
pub(crate) struct Memory {
    mem: Mem,
    bytes: usize,
}

impl Memory {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// See [`gpu::Gpu`].
#[derive(Debug)]
pub(crate) struct Queue {
    // Dropped in this order: what is made of the context before it.
    kernels: Mutex<Kernels>,
    commands: Commands,
    context: Context,
    device: Found,
    folder: Option<PathBuf>,
}

#[derive(Debug, Default)]
struct Kernels {
    /// By name and precision; arguments are set while the lock is held.
    made: HashMap<(&'static str, Precision), Kernel>,
    programs: HashMap<Precision, Program>,
}

impl Queue {
    pub(crate) fn new(device: &Found, folder: Option<PathBuf>) -> Result<Self, GpuError> {
        let context = Context::from_device(&Device::new(device.handle()))
            .map_err(|status| call("clCreateContext", status.0))?;
        // SAFETY: the device is the context's.
        let commands = unsafe { create_command_queue(context.get(), device.handle(), 0) };
        let commands = Commands(commands.map_err(|status| call("clCreateCommandQueue", status))?);
        Ok(Self { kernels: Mutex::default(), commands, context, device: device.clone(), folder })
    }

    pub(crate) fn allocate(&self, bytes: usize) -> Result<Memory, GpuError> {
        // Drivers refuse nothing at all.
        let size = bytes.max(4);
        if size as u64 > self.device.largest {
            return Err(GpuError::Memory { bytes });
        }
        // SAFETY: no memory of the host is given.
        let mem =
            unsafe { create_buffer(self.context.get(), CL_MEM_READ_WRITE, size, ptr::null_mut()) };
        let mem = mem.map_err(|status| call_for_memory("clCreateBuffer", status, bytes))?;
        Ok(Memory { mem: Mem(mem), bytes })
    }

    pub(crate) fn write(&self, to: &Memory, offset: usize, bytes: &[u8]) -> Result<(), GpuError> {
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: `gpu::Gpu` has checked the range; the call returns when the bytes are read.
        let event = unsafe {
            enqueue_write_buffer(
                self.commands.0,
                to.mem.0,
                CL_TRUE,
                offset,
                bytes.len(),
                bytes.as_ptr().cast_mut().cast::<c_void>(),
                0,
                ptr::null(),
            )
        };
        done("clEnqueueWriteBuffer", event)
    }

    pub(crate) fn read(
        &self,
        from: &Memory,
        offset: usize,
        bytes: &mut [u8],
    ) -> Result<(), GpuError> {
        if bytes.is_empty() {
            return Ok(());
        }
        // SAFETY: `gpu::Gpu` has checked the range; the call returns when the bytes are written.
        let event = unsafe {
            enqueue_read_buffer(
                self.commands.0,
                from.mem.0,
                CL_TRUE,
                offset,
                bytes.len(),
                bytes.as_mut_ptr().cast::<c_void>(),
                0,
                ptr::null(),
            )
        };
        done("clEnqueueReadBuffer", event)
    }

    pub(crate) fn launch(&self, launch: &gpu::Launch<'_>) -> Result<(), GpuError> {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        let kernel = self.kernel(&mut kernels, launch.kernel, launch.precision)?;
        for (index, argument) in launch.arguments.iter().enumerate() {
            let (size, value) = match argument {
                gpu::Argument::Memory(memory) => {
                    let mem = &memory.memory.mem.0;
                    (size_of_val(mem), ptr::from_ref(mem).cast::<c_void>())
                }
                gpu::Argument::Plain(bytes) => (bytes.len(), bytes.as_ptr().cast::<c_void>()),
            };
            // SAFETY: the value is of that size; the driver checks it against the kernel and copies it.
            unsafe { set_kernel_arg(kernel.0, index as u32, size, value) }
                .map_err(|status| call("clSetKernelArg", status))?;
        }
        let sizes: [usize; 3] =
            std::array::from_fn(|axis| launch.groups[axis] * launch.group[axis]);
        // SAFETY: kernels stay inside the memory they are given, which `execute` of the engine sizes
        // after the same shapes that it gives them; memory outlives the command, since the driver
        // keeps what an enqueued kernel uses.
        let event = unsafe {
            enqueue_nd_range_kernel(
                self.commands.0,
                kernel.0,
                3,
                ptr::null(),
                sizes.as_ptr(),
                launch.group.as_ptr(),
                0,
                ptr::null(),
            )
        };
        done("clEnqueueNDRangeKernel", event)
    }

    pub(crate) fn finish(&self) -> Result<(), GpuError> {
        finish(self.commands.0).map_err(|status| call("clFinish", status))
    }

    fn kernel<'k>(
        &self,
        kernels: &'k mut Kernels,
        name: &'static str,
        precision: Precision,
    ) -> Result<&'k Kernel, GpuError> {
        use std::collections::hash_map::Entry;
        let entry = match kernels.made.entry((name, precision)) {
            Entry::Occupied(known) => return Ok(known.into_mut()),
            Entry::Vacant(entry) => entry,
        };
        let program = match kernels.programs.entry(precision) {
            Entry::Occupied(built) => built.into_mut(),
            Entry::Vacant(entry) => {
                let folder = self.folder.as_deref();
                entry.insert(program::build(&self.context, &self.device, precision, folder)?)
            }
        };
        let Ok(text) = CString::new(name) else {
            return Err(GpuError::Missing(format!("{name:?}: no name of a kernel")));
        };
        let kernel = create_kernel(program.0, &text);
        Ok(entry.insert(Kernel(kernel.map_err(|status| call("clCreateKernel", status))?)))
    }
}

fn done(name: &'static str, event: Result<cl_event, cl_int>) -> Result<(), GpuError> {
    event.map(|event| drop(Event(event))).map_err(|status| call_for_memory(name, status, 0))
}
