//! A stream of a device, and its memory.

use super::context::Context;
use super::device::Found;
use super::driver::{Driver, Handle, NO_TIMING, NON_BLOCKING, OF_DEVICE, Pointer};
use crate::pinned::Span;
use crate::{GpuError, gpu};
use std::ffi::{c_int, c_uint, c_void};
use std::ptr;
use std::sync::Arc;

/// A stream; a host's is not destroyed.
#[derive(Debug)]
struct Stream {
    context: Arc<Context>,
    handle: Handle,
    own: bool,
}

// SAFETY: the driver's calls are safe for threads.
unsafe impl Send for Stream {}
// SAFETY: as above.
unsafe impl Sync for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some(_inside) = self.own.then(|| self.context.enter().ok()).flatten() {
            // SAFETY: created by `Queue::new`, destroyed once; what is enqueued is still done.
            let _ = unsafe { (self.context.driver.stream_destroy)(self.handle) };
        }
    }
}

/// How memory is given back.
#[derive(Debug)]
enum Keeping {
    /// At once, which waits for the device.
    Own(Arc<Context>),
    /// When the stream gets there.
    Ordered(Arc<Stream>),
    /// Not at all: it is the host's.
    Host(Arc<Context>),
}

/// Memory of the device.
#[derive(Debug)]
pub(crate) struct Memory {
    pointer: Pointer,
    bytes: usize,
    keeping: Keeping,
}

impl Memory {
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn handle(&self) -> *mut c_void {
        self.pointer as *mut c_void
    }

    pub(crate) fn part(&self, offset: usize, bytes: usize) -> Self {
        let context = match &self.keeping {
            Keeping::Own(context) | Keeping::Host(context) => Arc::clone(context),
            Keeping::Ordered(stream) => Arc::clone(&stream.context),
        };
        // As long as the whole is there, which is its holder's to see to.
        Self { pointer: self.pointer + offset as u64, bytes, keeping: Keeping::Host(context) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        match &self.keeping {
            Keeping::Own(context) => {
                if let Ok(_inside) = context.enter() {
                    // SAFETY: allocated so, and freed once.
                    let _ = unsafe { (context.driver.free)(self.pointer) };
                }
            }
            Keeping::Ordered(stream) => {
                if let Ok(_inside) = stream.context.enter() {
                    let driver = stream.context.driver;
                    // SAFETY: allocated so, and freed once; what the stream was told before is done
                    // before.
                    let _ = unsafe { (driver.free_async)(self.pointer, stream.handle) };
                }
            }
            Keeping::Host(_) => {}
        }
    }
}

/// An event that was recorded.
#[derive(Debug)]
pub(crate) struct Marker {
    context: Arc<Context>,
    event: Handle,
}

// SAFETY: the driver's calls are safe for threads.
unsafe impl Send for Marker {}
// SAFETY: as above.
unsafe impl Sync for Marker {}

impl Drop for Marker {
    fn drop(&mut self) {
        if let Ok(_inside) = self.context.enter() {
            // SAFETY: created once, destroyed once; who waits for it goes on waiting.
            let _ = unsafe { (self.context.driver.event_destroy)(self.event) };
        }
    }
}

impl Marker {
    /// Waits until the device gets there.
    pub(crate) fn wait(&self) -> Result<(), GpuError> {
        let _inside = self.context.enter()?;
        let driver = self.context.driver;
        // SAFETY: the event is held.
        let status = unsafe { (driver.event_synchronise)(self.event) };
        driver.check("cuEventSynchronize", status, 0)
    }
}

/// Memory of the CPU that the device reads and writes by itself.
#[derive(Debug)]
pub(crate) struct Pinned {
    context: Arc<Context>,
    pub(crate) span: Span,
}

impl Drop for Pinned {
    fn drop(&mut self) {
        if let Ok(_inside) = self.context.enter() {
            // SAFETY: allocated so, and freed once; no transfer is under way, or `gpu::InFlight` keeps it.
            let _ = unsafe { (self.context.driver.host_free)(self.span.start.cast()) };
        }
    }
}

/// See [`gpu::Gpu`].
#[derive(Debug)]
pub(crate) struct Queue {
    stream: Arc<Stream>,
}

impl Queue {
    pub(crate) fn new(device: &Found) -> Result<Self, GpuError> {
        Self::of(Context::new(device)?)
    }

    /// Another stream of the same context.
    pub(crate) fn beside(&self) -> Result<Self, GpuError> {
        Self::of(Arc::clone(&self.stream.context))
    }

    fn of(context: Arc<Context>) -> Result<Self, GpuError> {
        let mut handle = ptr::null_mut();
        {
            let _inside = context.enter()?;
            let driver = context.driver;
            // SAFETY: the handle is written to a place for it.
            let status = unsafe { (driver.stream_create)(&raw mut handle, NON_BLOCKING) };
            driver.check("cuStreamCreate", status, 0)?;
        }
        Ok(Self { stream: Arc::new(Stream { context, handle, own: true }) })
    }

    /// A host's stream, or the default one where it gives none, of the device on which `pointer` lies.
    ///
    /// # Safety
    /// The stream is one of that device's primary context.
    pub(crate) unsafe fn of_host(
        pointer: *mut c_void,
        stream: Option<*mut c_void>,
    ) -> Result<Self, GpuError> {
        let driver = Driver::get()?;
        let mut ordinal: c_int = -1;
        // SAFETY: the number is written to a place for it; what is no pointer of a device is refused.
        let status = unsafe {
            (driver.pointer_attribute)((&raw mut ordinal).cast(), OF_DEVICE, pointer as Pointer)
        };
        driver.check("cuPointerGetAttribute", status, 0)?;
        let context = Context::of_host(ordinal)?;
        let handle = stream.unwrap_or(ptr::null_mut());
        Ok(Self { stream: Arc::new(Stream { context, handle, own: false }) })
    }

    /// A host's memory from that address on.
    pub(crate) fn memory_of_host(&self, pointer: *mut c_void) -> Result<Memory, GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let (mut base, mut bytes) = (0, 0usize);
        let address = pointer as Pointer;
        // SAFETY: results are written to places for them; what is no such address is refused.
        let status =
            unsafe { (context.driver.address_range)(&raw mut base, &raw mut bytes, address) };
        context.driver.check("cuMemGetAddressRange", status, 0)?;
        let bytes = bytes - ((address - base) as usize).min(bytes);
        Ok(Memory { pointer: address, bytes, keeping: Keeping::Host(Arc::clone(context)) })
    }

    pub(crate) fn id(&self) -> u64 {
        self.stream.context.id
    }

    pub(crate) fn device(&self) -> &Found {
        &self.stream.context.device
    }

    pub(crate) fn handle(&self) -> *mut c_void {
        self.stream.handle
    }

    /// Bytes that are free.
    pub(crate) fn free(&self) -> Result<u64, GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let (mut free, mut all) = (0usize, 0usize);
        // SAFETY: results are written to places for them.
        let status = unsafe { (context.driver.free_and_all)(&raw mut free, &raw mut all) };
        context.driver.check("cuMemGetInfo", status, 0)?;
        Ok(free as u64)
    }

    pub(crate) fn allocate(&self, bytes: usize) -> Result<Memory, GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let mut pointer = 0;
        // SAFETY: the address is written to a place for it.
        let status = unsafe { (context.driver.allocate)(&raw mut pointer, bytes.max(4)) };
        context.driver.check("cuMemAlloc", status, bytes)?;
        Ok(Memory { pointer, bytes, keeping: Keeping::Own(Arc::clone(context)) })
    }

    /// Memory that is had and given back in the order of the stream, so that nothing waits.
    pub(crate) fn scratch(&self, bytes: usize) -> Result<Memory, GpuError> {
        let context = &self.stream.context;
        if !context.device.pools {
            return self.allocate(bytes);
        }
        let _inside = context.enter()?;
        let (driver, size) = (context.driver, bytes.max(4));
        let mut pointer = 0;
        // SAFETY: the address is written to a place for it.
        let status = unsafe { (driver.allocate_async)(&raw mut pointer, size, self.stream.handle) };
        driver.check("cuMemAllocAsync", status, bytes)?;
        Ok(Memory { pointer, bytes, keeping: Keeping::Ordered(Arc::clone(&self.stream)) })
    }

    /// As [`Self::scratch`], with these bytes in it.
    pub(crate) fn upload(&self, bytes: &[u8]) -> Result<Memory, GpuError> {
        let memory = self.scratch(bytes.len())?;
        self.write(&memory, 0, bytes)?;
        Ok(memory)
    }

    pub(crate) fn write(&self, to: &Memory, offset: usize, bytes: &[u8]) -> Result<(), GpuError> {
        if bytes.is_empty() {
            return Ok(());
        }
        // Memory that can be paged is read before the call returns.
        self.send(to, offset, bytes.as_ptr(), bytes.len())
    }

    /// Enqueues a copy from that address, which stays as it is until it is done or the driver has read it.
    fn send(
        &self,
        to: &Memory,
        offset: usize,
        from: *const u8,
        bytes: usize,
    ) -> Result<(), GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let at = to.pointer + offset as u64;
        // SAFETY: `gpu::Gpu` has checked the range; callers keep the bytes.
        let status =
            unsafe { (context.driver.to_device)(at, from.cast(), bytes, self.stream.handle) };
        context.driver.check("cuMemcpyHtoDAsync", status, 0)
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
        self.receive(from, offset, bytes.as_mut_ptr(), bytes.len())?;
        self.finish()
    }

    /// Enqueues a copy to that address, which is there until it is done.
    fn receive(
        &self,
        from: &Memory,
        offset: usize,
        to: *mut u8,
        bytes: usize,
    ) -> Result<(), GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let at = from.pointer + offset as u64;
        // SAFETY: `gpu::Gpu` has checked the range; callers wait before anybody looks.
        let status = unsafe { (context.driver.to_host)(to.cast(), at, bytes, self.stream.handle) };
        context.driver.check("cuMemcpyDtoHAsync", status, 0)
    }

    pub(crate) fn pinned(&self, bytes: usize) -> Result<Pinned, GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let mut pointer = ptr::null_mut();
        // SAFETY: the address is written to a place for it.
        let status = unsafe { (context.driver.host_allocate)(&raw mut pointer, bytes.max(4), 0) };
        context.driver.check("cuMemHostAlloc", status, bytes)?;
        let span = Span { start: pointer.cast(), bytes };
        Ok(Pinned { context: Arc::clone(context), span })
    }

    /// Enqueues a copy of the first bytes, which stay as they are until it is done.
    pub(crate) fn send_pinned(
        &self,
        to: &Memory,
        offset: usize,
        from: &Pinned,
        bytes: usize,
    ) -> Result<(), GpuError> {
        self.send(to, offset, from.span.start, bytes)
    }

    /// Enqueues a copy to the first bytes, at which nobody looks until it is done.
    pub(crate) fn receive_pinned(
        &self,
        from: &Memory,
        offset: usize,
        to: &Pinned,
        bytes: usize,
    ) -> Result<(), GpuError> {
        self.receive(from, offset, to.span.start, bytes)
    }

    pub(crate) fn launch(&self, launch: &gpu::Launch<'_>) -> Result<(), GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let function = context.kernel(launch.kernel, launch.precision)?;
        let mut pointers = Vec::with_capacity(launch.arguments.len());
        for argument in &launch.arguments {
            match argument {
                gpu::Argument::Memory(memory) => {
                    let memory = memory.cuda().ok_or_else(gpu::foreign)?;
                    pointers.push((&raw const memory.pointer).cast_mut().cast::<c_void>());
                }
                gpu::Argument::Plain(bytes) => pointers.push(bytes.as_ptr().cast_mut().cast()),
            }
        }
        let [gx, gy, gz] = launch.groups.map(|count| count as c_uint);
        let [bx, by, bz] = launch.group.map(|count| count as c_uint);
        // SAFETY: the function is loaded in this context, and is given as many arguments as it takes,
        // of its types; kernels stay inside the memory they are given, which `execute` of the engine
        // sizes after the same shapes that it gives them.
        let status = unsafe {
            (context.driver.launch)(
                function,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                0,
                self.stream.handle,
                pointers.as_mut_ptr(),
                ptr::null_mut(),
            )
        };
        context.driver.check("cuLaunchKernel", status, 0)
    }

    pub(crate) fn finish(&self) -> Result<(), GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        // SAFETY: the stream is held.
        let status = unsafe { (context.driver.stream_synchronise)(self.stream.handle) };
        context.driver.check("cuStreamSynchronize", status, 0)
    }

    pub(crate) fn mark(&self) -> Result<Marker, GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        let driver = context.driver;
        let mut event = ptr::null_mut();
        // SAFETY: the handle is written to a place for it.
        let status = unsafe { (driver.event_create)(&raw mut event, NO_TIMING) };
        driver.check("cuEventCreate", status, 0)?;
        let marker = Marker { context: Arc::clone(context), event };
        // SAFETY: event and stream are of this context.
        let status = unsafe { (driver.event_record)(event, self.stream.handle) };
        driver.check("cuEventRecord", status, 0)?;
        Ok(marker)
    }

    pub(crate) fn wait_for(&self, marker: &Marker) -> Result<(), GpuError> {
        let context = &self.stream.context;
        let _inside = context.enter()?;
        // SAFETY: both are of this context, whose number `gpu::Gpu` tells.
        let status = unsafe { (context.driver.stream_wait)(self.stream.handle, marker.event, 0) };
        context.driver.check("cuStreamWaitEvent", status, 0)
    }
}
