//! Memory of the CPU that a device reads and writes by itself, while both go on.

use crate::gpu::{Kind, Queue, check, foreign};
use crate::{Gpu, GpuError, Marker, Memory, cuda, opencl};
use std::mem::ManuallyDrop;
use std::slice;

/// Where pinned memory lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: *mut u8,
    pub(crate) bytes: usize,
}

#[allow(unsafe_code)] // memory that a driver gave
// SAFETY: whoever frees the memory owns it, and nobody else has it.
unsafe impl Send for Span {}
#[allow(unsafe_code)] // as above
// SAFETY: as above.
unsafe impl Sync for Span {}

/// Memory of the CPU that a device reads and writes by itself. It is lent to one transfer at a time.
#[derive(Debug)]
pub struct Pinned(Which);

#[derive(Debug)]
enum Which {
    Cuda(cuda::Pinned),
    OpenCl(opencl::Pinned),
}

impl Pinned {
    fn span(&self) -> Span {
        match &self.0 {
            Which::Cuda(pinned) => pinned.span,
            Which::OpenCl(pinned) => pinned.span,
        }
    }

    /// What is in it.
    #[must_use]
    #[allow(unsafe_code)] // memory that a driver gave
    pub fn bytes(&self) -> &[u8] {
        let Span { start, bytes } = self.span();
        // SAFETY: so many bytes, zeroed by `Gpu::pinned`, which nobody else has: transfers own it.
        unsafe { slice::from_raw_parts(start, bytes) }
    }

    /// What is in it, to be changed.
    #[allow(unsafe_code)] // memory that a driver gave
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let Span { start, bytes } = self.span();
        // SAFETY: as above.
        unsafe { slice::from_raw_parts_mut(start, bytes) }
    }
}

/// A transfer that was told, and the memory it is of. Dropping it waits; where the device does not say that it is done,
/// the memory is never freed.
#[derive(Debug)]
pub struct InFlight {
    pinned: ManuallyDrop<Pinned>,
    done: Marker,
    over: bool,
}

impl InFlight {
    fn new(gpu: &Gpu, pinned: Pinned) -> Result<Self, GpuError> {
        // Where there is no marker nobody knows when the memory is free.
        let pinned = ManuallyDrop::new(pinned);
        Ok(Self { pinned, done: gpu.mark()?, over: false })
    }

    /// When it is done, for other queues.
    #[must_use]
    pub fn done(&self) -> &Marker {
        &self.done
    }

    /// Waits until it is done, and gives the memory back.
    ///
    /// # Errors
    /// When it failed; the memory is then never freed.
    #[allow(unsafe_code)] // taken out of what is not dropped
    pub fn wait(mut self) -> Result<Pinned, GpuError> {
        self.over = true;
        self.done.wait()?;
        // SAFETY: taken once: `over` says so to `drop`.
        Ok(unsafe { ManuallyDrop::take(&mut self.pinned) })
    }
}

impl Drop for InFlight {
    #[allow(unsafe_code)] // as above
    fn drop(&mut self) {
        if !self.over && self.done.wait().is_ok() {
            // SAFETY: the transfer is over, and nobody has taken it.
            unsafe { ManuallyDrop::drop(&mut self.pinned) };
        }
    }
}

impl Gpu {
    /// Memory of the CPU, zeroed, that devices of this context read and write by themselves.
    ///
    /// # Errors
    /// When the driver has no more.
    #[allow(unsafe_code)] // memory that a driver gave
    pub fn pinned(&self, bytes: usize) -> Result<Pinned, GpuError> {
        let pinned = Pinned(match &self.queue {
            Queue::Cuda(queue) => Which::Cuda(queue.pinned(bytes)?),
            Queue::OpenCl(queue) => Which::OpenCl(queue.pinned(bytes)?),
        });
        let Span { start, bytes } = pinned.span();
        // SAFETY: so many bytes, which nobody else has; they become numbers here.
        unsafe { start.write_bytes(0, bytes) };
        Ok(pinned)
    }

    /// Tells the device to fetch the first `bytes` bytes to `to` from `offset` on.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Panics
    /// When there is not so much of either.
    pub fn send(
        &self,
        to: &Memory,
        offset: usize,
        from: Pinned,
        bytes: usize,
    ) -> Result<InFlight, GpuError> {
        check(to, offset, bytes);
        assert!(bytes <= from.span().bytes, "beyond the end of pinned memory");
        match (&self.queue, &to.kind, &from.0) {
            (Queue::Cuda(queue), Kind::Cuda(to), Which::Cuda(from)) => {
                queue.send_pinned(to, offset, from, bytes)?;
            }
            (Queue::OpenCl(queue), Kind::OpenCl(to), Which::OpenCl(from)) => {
                queue.send_pinned(to, offset, from, bytes)?;
            }
            _ => return Err(foreign()),
        }
        InFlight::new(self, from)
    }

    /// Tells the device to bring `bytes` bytes of `from`, from `offset` on, once all that was told before is done.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Panics
    /// When there is not so much of either.
    pub fn receive(
        &self,
        from: &Memory,
        offset: usize,
        to: Pinned,
        bytes: usize,
    ) -> Result<InFlight, GpuError> {
        check(from, offset, bytes);
        assert!(bytes <= to.span().bytes, "beyond the end of pinned memory");
        match (&self.queue, &from.kind, &to.0) {
            (Queue::Cuda(queue), Kind::Cuda(from), Which::Cuda(to)) => {
                queue.receive_pinned(from, offset, to, bytes)?;
            }
            (Queue::OpenCl(queue), Kind::OpenCl(from), Which::OpenCl(to)) => {
                queue.receive_pinned(from, offset, to, bytes)?;
            }
            _ => return Err(foreign()),
        }
        InFlight::new(self, to)
    }
}
