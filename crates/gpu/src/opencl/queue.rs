//! A device with a queue of commands, done in their order.

use super::device::{self, Found};
use super::object::{Commands, Context, Event, Kernel, Mem, Program, call, call_for_memory};
use super::program;
use crate::pinned::Span;
use crate::source::Precision;
use crate::{GpuError, gpu};
use opencl3::command_queue::{
    CL_QUEUE_CONTEXT, CL_QUEUE_DEVICE, create_command_queue, enqueue_barrier_with_wait_list,
    enqueue_map_buffer, enqueue_marker_with_wait_list, enqueue_nd_range_kernel,
    enqueue_read_buffer, enqueue_unmap_mem_object, enqueue_write_buffer, finish, flush,
    get_command_queue_info, retain_command_queue,
};
use opencl3::context::context::{create_context, retain_context};
use opencl3::event::wait_for_events;
use opencl3::kernel::{create_kernel, set_kernel_arg};
use opencl3::memory::{
    CL_BUFFER_CREATE_TYPE_REGION, CL_MAP_READ, CL_MAP_WRITE, CL_MEM_ALLOC_HOST_PTR,
    CL_MEM_COPY_HOST_PTR, CL_MEM_READ_WRITE, CL_MEM_SIZE, cl_buffer_region, create_buffer,
    create_sub_buffer, get_mem_object_info, retain_mem_object,
};
use opencl3::types::{CL_FALSE, CL_TRUE, cl_bool, cl_context, cl_device_id, cl_event, cl_int};
use std::collections::HashMap;
use std::ffi::{CString, c_void};
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of the smallest memory: drivers refuse nothing at all.
const LEAST: usize = 4;

/// Memory of the device.
#[derive(Debug)]
pub(crate) struct Memory {
    mem: Mem,
    bytes: usize,
}

impl Memory {
    pub(crate) fn handle(&self) -> *mut c_void {
        self.mem.0
    }

    pub(crate) fn part(&self, offset: usize, bytes: usize) -> Result<Self, GpuError> {
        let region = cl_buffer_region { origin: offset, size: bytes };
        // SAFETY: the region has the layout that the type says, and lives until the call returns.
        let mem = unsafe {
            create_sub_buffer(
                self.mem.0,
                CL_MEM_READ_WRITE,
                CL_BUFFER_CREATE_TYPE_REGION,
                ptr::from_ref(&region).cast::<c_void>(),
            )
        };
        let mem = mem.map_err(|status| call("clCreateSubBuffer", status))?;
        Ok(Self { mem: Mem(mem), bytes })
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// See [`gpu::Gpu`].
#[derive(Debug)]
pub(crate) struct Queue {
    commands: Commands,
    shared: Arc<Shared>,
}

/// What all queues of a context and a device share.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Differs from that of every other in this process, ever.
    pub(crate) id: u64,
    // Dropped in this order: what is made of the context before it.
    kernels: Mutex<Kernels>,
    context: Context,
    device: Found,
    folder: Option<PathBuf>,
}

/// A command that was enqueued.
#[derive(Debug)]
pub(crate) struct Marker(Event);

impl Marker {
    /// Waits until the device gets there.
    pub(crate) fn wait(&self) -> Result<(), GpuError> {
        wait_for_events(&[self.0.0]).map_err(|status| call("clWaitForEvents", status))
    }
}

/// Memory of the CPU that the device reads and writes by itself, as far as a driver makes that so: a buffer that is
/// mapped for as long as it is there.
#[derive(Debug)]
pub(crate) struct Pinned {
    commands: Commands,
    mem: Mem,
    pub(crate) span: Span,
    // Dropped last.
    _shared: Arc<Shared>,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        // SAFETY: mapped by this queue, and unmapped once.
        let event = unsafe {
            enqueue_unmap_mem_object(
                self.commands.0,
                self.mem.0,
                self.span.start.cast(),
                0,
                ptr::null(),
            )
        };
        drop(event.map(Event));
    }
}

#[derive(Debug, Default)]
struct Kernels {
    /// By name and precision; arguments are set while the lock is held.
    made: HashMap<(&'static str, Precision), Kernel>,
    programs: HashMap<Precision, Program>,
}

/// Those of the contexts of hosts, the one used last at the end.
static HOSTS: Mutex<Vec<Arc<Shared>>> = Mutex::new(Vec::new());

/// Contexts of hosts whose kernels are kept.
const MOST_HOSTS: usize = 4;

/// Lets go of what is kept for hosts.
pub(crate) fn forget_hosts() {
    let kept = std::mem::take(&mut *HOSTS.lock().unwrap_or_else(PoisonError::into_inner));
    drop(kept);
}

impl Shared {
    fn new(context: Context, device: Found, folder: Option<PathBuf>) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        Arc::new(Self { id, kernels: Mutex::default(), context, device, folder })
    }
}

impl Queue {
    pub(crate) fn new(device: &Found, folder: Option<PathBuf>) -> Result<Self, GpuError> {
        let devices = [device.handle()];
        let context = create_context(&devices, ptr::null(), None, ptr::null_mut())
            .map_err(|status| call("clCreateContext", status))?;
        Self::of(Shared::new(Context(context), device.clone(), folder))
    }

    /// Another queue of the same context.
    pub(crate) fn beside(&self) -> Result<Self, GpuError> {
        Self::of(Arc::clone(&self.shared))
    }

    fn of(shared: Arc<Shared>) -> Result<Self, GpuError> {
        let Shared { context, device, .. } = &*shared;
        // SAFETY: the device is the context's.
        let commands = unsafe { create_command_queue(context.0, device.handle(), 0) };
        let commands = Commands(commands.map_err(|status| call("clCreateCommandQueue", status))?);
        Ok(Self { commands, shared })
    }

    /// A host's queue, which is retained while this is there.
    ///
    /// # Safety
    /// It is a queue of OpenCL.
    pub(crate) unsafe fn of_host(
        queue: *mut c_void,
        folder: Option<PathBuf>,
    ) -> Result<Self, GpuError> {
        // SAFETY: by the caller.
        unsafe { retain_command_queue(queue) }
            .map_err(|status| call("clRetainCommandQueue", status))?;
        let commands = Commands(queue);
        let info = |what| {
            let value = get_command_queue_info(queue, what);
            let value = value.map_err(|status| call("clGetCommandQueueInfo", status))?;
            Ok::<_, GpuError>(value.to_ptr())
        };
        let context = info(CL_QUEUE_CONTEXT)? as cl_context;
        let device = info(CL_QUEUE_DEVICE)? as cl_device_id;
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        let is =
            |shared: &Arc<Shared>| shared.context.0 == context && shared.device.handle() == device;
        let shared = match hosts.iter().position(is) {
            Some(index) => hosts.remove(index),
            None => {
                // SAFETY: the context is that of a queue that is held.
                unsafe { retain_context(context) }
                    .map_err(|status| call("clRetainContext", status))?;
                let context = Context(context);
                Shared::new(context, device::describe(device)?, folder)
            }
        };
        if hosts.len() >= MOST_HOSTS {
            hosts.remove(0);
        }
        hosts.push(Arc::clone(&shared));
        Ok(Self { commands, shared })
    }

    /// A host's memory, which is retained while this is there.
    ///
    /// # Safety
    /// It is a buffer of OpenCL, of this queue's context.
    pub(crate) unsafe fn memory_of_host(&self, mem: *mut c_void) -> Result<Memory, GpuError> {
        // SAFETY: by the caller.
        unsafe { retain_mem_object(mem) }.map_err(|status| call("clRetainMemObject", status))?;
        let mem = Mem(mem);
        let bytes = get_mem_object_info(mem.0, CL_MEM_SIZE)
            .map_err(|status| call("clGetMemObjectInfo", status))?
            .to_size();
        Ok(Memory { mem, bytes })
    }

    pub(crate) fn handle(&self) -> *mut c_void {
        self.commands.0
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn device(&self) -> &Found {
        &self.shared.device
    }

    /// Marks what was told so far.
    pub(crate) fn mark(&self) -> Result<Marker, GpuError> {
        // SAFETY: no events are given.
        let event = unsafe { enqueue_marker_with_wait_list(self.commands.0, 0, ptr::null()) };
        let event = event.map_err(|status| call("clEnqueueMarkerWithWaitList", status))?;
        // Another queue waits for it, so it must be on its way.
        flush(self.commands.0).map_err(|status| call("clFlush", status))?;
        Ok(Marker(Event(event)))
    }

    /// What is told from here on waits for a marker of any queue of the context.
    pub(crate) fn wait_for(&self, marker: &Marker) -> Result<(), GpuError> {
        let events = [marker.0.0];
        // SAFETY: the event is held until the call returns, and by the driver from then on.
        let event = unsafe { enqueue_barrier_with_wait_list(self.commands.0, 1, events.as_ptr()) };
        done("clEnqueueBarrierWithWaitList", event)
    }

    pub(crate) fn allocate(&self, bytes: usize) -> Result<Memory, GpuError> {
        self.create(CL_MEM_READ_WRITE, bytes, ptr::null_mut())
    }

    pub(crate) fn upload(&self, bytes: &[u8]) -> Result<Memory, GpuError> {
        // Drivers refuse nothing at all, and read as many bytes as are asked for.
        if bytes.len() < LEAST {
            let mut padded = [0; LEAST];
            padded[..bytes.len()].copy_from_slice(bytes);
            return self.upload(&padded);
        }
        let flags = CL_MEM_READ_WRITE | CL_MEM_COPY_HOST_PTR;
        self.create(flags, bytes.len(), bytes.as_ptr().cast_mut().cast::<c_void>())
    }

    /// `from` is null, or has that many bytes.
    fn create(&self, flags: u64, bytes: usize, from: *mut c_void) -> Result<Memory, GpuError> {
        let size = bytes.max(LEAST);
        if size as u64 > self.shared.device.largest {
            return Err(GpuError::Memory { bytes });
        }
        // SAFETY: the driver copies from memory that is large enough, or is given none.
        let mem = unsafe { create_buffer(self.shared.context.0, flags, size, from) };
        let mem = mem.map_err(|status| call_for_memory("clCreateBuffer", status, bytes))?;
        Ok(Memory { mem: Mem(mem), bytes })
    }

    pub(crate) fn pinned(&self, bytes: usize) -> Result<Pinned, GpuError> {
        let flags = CL_MEM_READ_WRITE | CL_MEM_ALLOC_HOST_PTR;
        let Memory { mem, .. } = self.create(flags, bytes, ptr::null_mut())?;
        let Self { commands, shared } = self.beside()?;
        let mut pointer = ptr::null_mut();
        // SAFETY: the whole buffer, whose address is written to a place for it when the call returns.
        let event = unsafe {
            enqueue_map_buffer(
                commands.0,
                mem.0,
                CL_TRUE,
                CL_MAP_READ | CL_MAP_WRITE,
                0,
                bytes.max(LEAST),
                &mut pointer,
                0,
                ptr::null(),
            )
        };
        done("clEnqueueMapBuffer", event)?;
        let span = Span { start: pointer.cast(), bytes };
        Ok(Pinned { commands, mem, span, _shared: shared })
    }

    /// Enqueues a copy of the first bytes, which stay as they are until it is done.
    pub(crate) fn send_pinned(
        &self,
        to: &Memory,
        offset: usize,
        from: &Pinned,
        bytes: usize,
    ) -> Result<(), GpuError> {
        self.send(to, offset, from.span.start, bytes, CL_FALSE)
    }

    /// Enqueues a copy to the first bytes, at which nobody looks until it is done.
    pub(crate) fn receive_pinned(
        &self,
        from: &Memory,
        offset: usize,
        to: &Pinned,
        bytes: usize,
    ) -> Result<(), GpuError> {
        self.receive(from, offset, to.span.start, bytes, CL_FALSE)
    }

    pub(crate) fn write(&self, to: &Memory, offset: usize, bytes: &[u8]) -> Result<(), GpuError> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.send(to, offset, bytes.as_ptr(), bytes.len(), CL_TRUE)
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
        self.receive(from, offset, bytes.as_mut_ptr(), bytes.len(), CL_TRUE)
    }

    /// A copy from that address, which stays as it is until it is done; `blocking`: when this returns.
    fn send(
        &self,
        to: &Memory,
        offset: usize,
        from: *const u8,
        bytes: usize,
        blocking: cl_bool,
    ) -> Result<(), GpuError> {
        let (queue, from) = (self.commands.0, from.cast_mut().cast());
        // SAFETY: `gpu::Gpu` has checked the range; callers keep the bytes until it is done.
        let event = unsafe {
            enqueue_write_buffer(queue, to.mem.0, blocking, offset, bytes, from, 0, ptr::null())
        };
        done("clEnqueueWriteBuffer", event)
    }

    /// A copy to that address, at which nobody looks until it is done; `blocking`: when this returns.
    fn receive(
        &self,
        from: &Memory,
        offset: usize,
        to: *mut u8,
        bytes: usize,
        blocking: cl_bool,
    ) -> Result<(), GpuError> {
        let (queue, to) = (self.commands.0, to.cast());
        // SAFETY: as above.
        let event = unsafe {
            enqueue_read_buffer(queue, from.mem.0, blocking, offset, bytes, to, 0, ptr::null())
        };
        done("clEnqueueReadBuffer", event)
    }

    pub(crate) fn launch(&self, launch: &gpu::Launch<'_>) -> Result<(), GpuError> {
        let mut kernels = self.shared.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        let kernel = self.kernel(&mut kernels, launch.kernel, launch.precision)?;
        for (index, argument) in launch.arguments.iter().enumerate() {
            let (size, value) = match argument {
                gpu::Argument::Memory(memory) => {
                    let memory = memory.opencl().ok_or_else(gpu::foreign)?;
                    let mem = &memory.mem.0;
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
                let Shared { context, device, folder, .. } = &*self.shared;
                entry.insert(program::build(context, device, precision, folder.as_deref())?)
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
