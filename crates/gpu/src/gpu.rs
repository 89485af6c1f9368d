//! A device, its memory and its queue, whichever runtime it is reached by.

use crate::layout::Plain;
use crate::source::Precision;
use crate::{GpuError, cuda, opencl};
use std::ffi::c_void;
use std::path::PathBuf;

/// How a device is reached.
#[derive(Clone, Debug)]
enum Found {
    Cuda(cuda::Found),
    OpenCl(opencl::Found),
}

/// A device that was found.
#[derive(Clone, Debug)]
pub struct Device {
    found: Found,
    /// Its place among those of its runtime; none of a host's.
    index: Option<usize>,
}

/// Every device that a runtime offers, and what is said where a runtime offers none. One card may be
/// there twice, by CUDA first.
#[must_use]
pub fn devices() -> (Vec<Device>, Vec<String>) {
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    let mut take = |runtime: &str, found: Result<Vec<Found>, GpuError>| match found {
        Ok(found) if found.is_empty() => problems.push(format!("{runtime} has no device")),
        Ok(found) => {
            let numbered = found.into_iter().enumerate();
            all.extend(numbered.map(|(index, found)| Device { found, index: Some(index) }));
        }
        Err(error) => problems.push(error.to_string()),
    };
    let cuda = cuda::devices();
    take("CUDA", cuda.map(|found| found.into_iter().map(Found::Cuda).collect()));
    let opencl = opencl::devices();
    take("OpenCL", opencl.map(|found| found.into_iter().map(Found::OpenCl).collect()));
    (all, problems)
}

/// The device that `text` means: a runtime (`cuda`, `opencl`), a runtime and a number (`opencl:1`), or
/// part of a name. Empty: the first that is no CPU.
///
/// # Errors
/// With what there is, where nothing is meant.
pub fn find(text: &str) -> Result<Device, GpuError> {
    let (devices, problems) = devices();
    let wanted = text.trim().to_lowercase();
    let (runtime, number) = wanted.split_once(':').unwrap_or((&wanted, "0"));
    let is = |device: &&Device| {
        if wanted.is_empty() {
            !device.is_cpu()
        } else if ["cuda", "opencl"].contains(&runtime) {
            runtime == device.api() && device.index.is_some_and(|index| number.parse() == Ok(index))
        } else {
            device.name().to_lowercase().contains(&wanted)
        }
    };
    devices.iter().find(is).cloned().ok_or_else(|| {
        let known: Vec<String> =
            devices.iter().map(|device| format!("{} ({})", device.id(), device.name())).collect();
        let known = if known.is_empty() { problems.join(", ") } else { known.join(", ") };
        let wanted = if wanted.is_empty() { "a GPU" } else { text };
        GpuError::Missing(format!("{wanted}: found no such device; there is {known}"))
    })
}

impl Device {
    fn api(&self) -> &'static str {
        match self.found {
            Found::Cuda(_) => "cuda",
            Found::OpenCl(_) => "opencl",
        }
    }

    /// What [`find`] takes for it.
    #[must_use]
    pub fn id(&self) -> String {
        let index = self.index.map_or_else(String::new, |index| format!(":{index}"));
        format!("{}{index}", self.api())
    }

    /// Name, as its driver gives it.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.found {
            Found::Cuda(found) => &found.name,
            Found::OpenCl(found) => &found.name,
        }
    }

    /// Runtime, its provider and version, for people.
    #[must_use]
    pub fn runtime(&self) -> String {
        match &self.found {
            Found::Cuda(found) => format!("CUDA {}", found.about),
            Found::OpenCl(found) => format!("OpenCL, {} {}", found.platform, found.driver),
        }
    }

    /// True where it computes on the CPU, which Headroom does better itself.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        matches!(&self.found, Found::OpenCl(found) if found.is_cpu)
    }

    /// Bytes of memory in all.
    #[must_use]
    pub fn memory(&self) -> u64 {
        match &self.found {
            Found::Cuda(found) => found.memory,
            Found::OpenCl(found) => found.memory,
        }
    }

    /// Most bytes of one allocation.
    #[must_use]
    pub fn largest(&self) -> u64 {
        match &self.found {
            Found::Cuda(found) => found.memory,
            Found::OpenCl(found) => found.largest,
        }
    }
}

/// A device with a queue that does what it is told, in order. Threads may share it.
#[derive(Debug)]
pub struct Gpu {
    pub(crate) queue: Queue,
}

#[derive(Debug)]
pub(crate) enum Queue {
    Cuda(cuda::Queue),
    OpenCl(opencl::Queue),
}

/// Memory of a device.
#[derive(Debug)]
pub struct Memory {
    pub(crate) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Cuda(cuda::Memory),
    OpenCl(opencl::Memory),
}

impl Memory {
    /// Its size.
    #[must_use]
    pub fn bytes(&self) -> usize {
        match &self.kind {
            Kind::Cuda(memory) => memory.bytes(),
            Kind::OpenCl(memory) => memory.bytes(),
        }
    }

    /// The driver's handle, for a host that lends it: an address of CUDA, or a `cl_mem`.
    #[must_use]
    pub fn handle(&self) -> *mut c_void {
        match &self.kind {
            Kind::Cuda(memory) => memory.handle(),
            Kind::OpenCl(memory) => memory.handle(),
        }
    }

    pub(crate) fn cuda(&self) -> Option<&cuda::Memory> {
        match &self.kind {
            Kind::Cuda(memory) => Some(memory),
            Kind::OpenCl(_) => None,
        }
    }

    pub(crate) fn opencl(&self) -> Option<&opencl::Memory> {
        match &self.kind {
            Kind::OpenCl(memory) => Some(memory),
            Kind::Cuda(_) => None,
        }
    }
}

/// What is said of memory and markers that belong to another runtime than the queue.
pub(crate) fn foreign() -> GpuError {
    GpuError::Missing("memory of another runtime".to_owned())
}

/// A moment in a queue.
#[derive(Debug)]
pub struct Marker {
    marker: MarkerKind,
}

#[derive(Debug)]
enum MarkerKind {
    Cuda(cuda::Marker),
    OpenCl(opencl::Marker),
}

impl Marker {
    /// Waits until the queue gets there.
    ///
    /// # Errors
    /// When the driver refuses, or what was told before failed.
    pub fn wait(&self) -> Result<(), GpuError> {
        match &self.marker {
            MarkerKind::Cuda(marker) => marker.wait(),
            MarkerKind::OpenCl(marker) => marker.wait(),
        }
    }
}

/// Lets go of what is kept for the contexts of hosts.
pub fn forget_hosts() {
    opencl::forget_hosts();
    cuda::forget_hosts();
}

/// What a kernel is given.
#[derive(Clone, Debug)]
pub enum Argument<'a> {
    /// Memory.
    Memory(&'a Memory),
    /// A number or a structure.
    Plain(Vec<u8>),
}

impl<'a> From<&'a Memory> for Argument<'a> {
    fn from(memory: &'a Memory) -> Self {
        Self::Memory(memory)
    }
}

impl<P: Plain> From<P> for Argument<'_> {
    fn from(plain: P) -> Self {
        Self::Plain(plain.bytes())
    }
}

/// A kernel to be run: `groups` groups of `group` work items, in x, y and z.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// Its name in `kernels/`.
    pub kernel: &'static str,
    /// How the tensors it works on are stored.
    pub precision: Precision,
    /// Groups in x, y and z.
    pub groups: [usize; 3],
    /// Work items of a group in x, y and z.
    pub group: [usize; 3],
    /// In the order in which the kernel takes them.
    pub arguments: Vec<Argument<'a>>,
}

impl Gpu {
    /// Opens a device. Built kernels are kept in `folder`, where they are built on this machine.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn new(device: &Device, folder: Option<PathBuf>) -> Result<Self, GpuError> {
        let queue = match &device.found {
            Found::Cuda(found) => Queue::Cuda(cuda::Queue::new(found)?),
            Found::OpenCl(found) => Queue::OpenCl(opencl::Queue::new(found, folder)?),
        };
        Ok(Self { queue })
    }

    /// A host's queue of OpenCL. It is held no longer than this; what is built for its context is kept
    /// for the next until [`forget_hosts`].
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Safety
    /// `queue` is a `cl_command_queue` that executes in order.
    #[allow(unsafe_code)] // a handle that a host gives
    pub unsafe fn of_host(queue: *mut c_void, folder: Option<PathBuf>) -> Result<Self, GpuError> {
        // SAFETY: by the caller.
        Ok(Self { queue: Queue::OpenCl(unsafe { opencl::Queue::of_host(queue, folder) }?) })
    }

    /// A host's stream of CUDA, or the default stream where it gives none, on the device of the memory
    /// that it lends. Work goes to the device's primary context; the caller's own is its current one
    /// again after every call.
    ///
    /// # Errors
    /// When there is no driver, or it refuses.
    ///
    /// # Safety
    /// `stream` is a `cudaStream_t` of the primary context of the device on which `pointer` lies.
    #[allow(unsafe_code)] // a handle that a host gives
    pub unsafe fn of_cuda_host(
        pointer: *mut c_void,
        stream: Option<*mut c_void>,
    ) -> Result<Self, GpuError> {
        // SAFETY: by the caller.
        Ok(Self { queue: Queue::Cuda(unsafe { cuda::Queue::of_host(pointer, stream) }?) })
    }

    /// A host's memory: a `cl_mem`, or an address of CUDA. It is held no longer than this.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Safety
    /// It is a buffer of this queue's context, and is there for as long as this.
    #[allow(unsafe_code)] // a handle that a host gives
    pub unsafe fn memory_of_host(&self, memory: *mut c_void) -> Result<Memory, GpuError> {
        let kind = match &self.queue {
            Queue::Cuda(queue) => Kind::Cuda(queue.memory_of_host(memory)?),
            // SAFETY: by the caller.
            Queue::OpenCl(queue) => Kind::OpenCl(unsafe { queue.memory_of_host(memory) }?),
        };
        Ok(Memory { kind })
    }

    /// The driver's handle of the queue, for a host that lends it: a `CUstream` or a
    /// `cl_command_queue`.
    #[must_use]
    pub fn handle(&self) -> *mut c_void {
        match &self.queue {
            Queue::Cuda(queue) => queue.handle(),
            Queue::OpenCl(queue) => queue.handle(),
        }
    }

    /// Another queue of the same context, which does what it is told at the same time as this one.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn beside(&self) -> Result<Self, GpuError> {
        let queue = match &self.queue {
            Queue::Cuda(queue) => Queue::Cuda(queue.beside()?),
            Queue::OpenCl(queue) => Queue::OpenCl(queue.beside()?),
        };
        Ok(Self { queue })
    }

    /// A part of a memory, as a memory of its own, which must not be there longer than the whole.
    ///
    /// # Errors
    /// When the driver refuses; devices want `offset` to be a multiple of up to 512 bytes.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn part(&self, of: &Memory, offset: usize, bytes: usize) -> Result<Memory, GpuError> {
        check(of, offset, bytes);
        let kind = match &of.kind {
            Kind::Cuda(memory) => Kind::Cuda(memory.part(offset, bytes)),
            Kind::OpenCl(memory) => Kind::OpenCl(memory.part(offset, bytes)?),
        };
        Ok(Memory { kind })
    }

    /// Tells contexts apart: memory can be used by every `Gpu` with the same number.
    #[must_use]
    pub fn context(&self) -> u64 {
        match &self.queue {
            Queue::Cuda(queue) => queue.id(),
            Queue::OpenCl(queue) => queue.shared().id,
        }
    }

    /// Name of the device and runtime, for people.
    #[must_use]
    pub fn device(&self) -> Device {
        let found = match &self.queue {
            Queue::Cuda(queue) => Found::Cuda(queue.device().clone()),
            Queue::OpenCl(queue) => Found::OpenCl(queue.device().clone()),
        };
        Device { found, index: None }
    }

    /// Whether convolutions can be done by `layout::TENSOR_KERNELS`.
    #[must_use]
    pub fn has_tensor_cores(&self) -> bool {
        matches!(&self.queue, Queue::Cuda(queue) if queue.device().tensor_cores)
    }

    /// Bytes of memory that are free; where the runtime does not tell (OpenCL), half of all.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn free_memory(&self) -> Result<u64, GpuError> {
        match &self.queue {
            Queue::Cuda(queue) => queue.free(),
            Queue::OpenCl(queue) => Ok(queue.device().memory / 2),
        }
    }

    /// Marks what was told so far, for [`Self::wait_for`].
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn mark(&self) -> Result<Marker, GpuError> {
        let marker = match &self.queue {
            Queue::Cuda(queue) => MarkerKind::Cuda(queue.mark()?),
            Queue::OpenCl(queue) => MarkerKind::OpenCl(queue.mark()?),
        };
        Ok(Marker { marker })
    }

    /// What is told from here on waits until what another of the same context was told is done.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn wait_for(&self, marker: &Marker) -> Result<(), GpuError> {
        match (&self.queue, &marker.marker) {
            (Queue::Cuda(queue), MarkerKind::Cuda(marker)) => queue.wait_for(marker),
            (Queue::OpenCl(queue), MarkerKind::OpenCl(marker)) => queue.wait_for(marker),
            _ => Err(foreign()),
        }
    }

    /// Memory, with whatever is in it.
    ///
    /// # Errors
    /// When the device has no more.
    pub fn allocate(&self, bytes: usize) -> Result<Memory, GpuError> {
        let kind = match &self.queue {
            Queue::Cuda(queue) => Kind::Cuda(queue.allocate(bytes)?),
            Queue::OpenCl(queue) => Kind::OpenCl(queue.allocate(bytes)?),
        };
        Ok(Memory { kind })
    }

    /// As [`Self::allocate`], for what is enqueued here and done with here: it is had and given back in the
    /// order of this queue, and nothing waits for that.
    ///
    /// # Errors
    /// When the device has no more.
    pub fn scratch(&self, bytes: usize) -> Result<Memory, GpuError> {
        let kind = match &self.queue {
            Queue::Cuda(queue) => Kind::Cuda(queue.scratch(bytes)?),
            // A driver of OpenCL keeps what is released until what uses it is done.
            Queue::OpenCl(queue) => Kind::OpenCl(queue.allocate(bytes)?),
        };
        Ok(Memory { kind })
    }

    /// Memory with these bytes in it, for what is enqueued here. Waits for nothing that the device was
    /// told.
    ///
    /// # Errors
    /// When the device has no more.
    pub fn upload(&self, bytes: &[u8]) -> Result<Memory, GpuError> {
        let kind = match &self.queue {
            Queue::Cuda(queue) => Kind::Cuda(queue.upload(bytes)?),
            Queue::OpenCl(queue) => Kind::OpenCl(queue.upload(bytes)?),
        };
        Ok(Memory { kind })
    }

    /// As [`Self::upload`].
    ///
    /// # Errors
    /// When the device has no more.
    pub fn upload_floats(&self, floats: &[f32]) -> Result<Memory, GpuError> {
        let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_ne_bytes()).collect();
        self.upload(&bytes)
    }

    /// Fills memory from `offset` on.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn write(&self, to: &Memory, offset: usize, bytes: &[u8]) -> Result<(), GpuError> {
        check(to, offset, bytes.len());
        match (&self.queue, &to.kind) {
            (Queue::Cuda(queue), Kind::Cuda(to)) => queue.write(to, offset, bytes),
            (Queue::OpenCl(queue), Kind::OpenCl(to)) => queue.write(to, offset, bytes),
            _ => Err(foreign()),
        }
    }

    /// Reads memory from `offset` on, once all that was told before is done.
    ///
    /// # Errors
    /// When the driver refuses, or what was told before failed.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn read(&self, from: &Memory, offset: usize, bytes: &mut [u8]) -> Result<(), GpuError> {
        check(from, offset, bytes.len());
        match (&self.queue, &from.kind) {
            (Queue::Cuda(queue), Kind::Cuda(from)) => queue.read(from, offset, bytes),
            (Queue::OpenCl(queue), Kind::OpenCl(from)) => queue.read(from, offset, bytes),
            _ => Err(foreign()),
        }
    }

    /// As [`Self::write`], from the beginning on.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn write_floats(&self, to: &Memory, floats: &[f32]) -> Result<(), GpuError> {
        let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_ne_bytes()).collect();
        self.write(to, 0, &bytes)
    }

    /// As [`Self::read`], so many from the beginning on.
    ///
    /// # Errors
    /// When the driver refuses, or what was told before failed.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn read_floats(&self, from: &Memory, count: usize) -> Result<Vec<f32>, GpuError> {
        let mut bytes = vec![0; count * size_of::<f32>()];
        self.read(from, 0, &mut bytes)?;
        Ok(bytes.as_chunks().0.iter().map(|v| f32::from_ne_bytes(*v)).collect())
    }

    /// Runs a kernel after all that was told before. Kernels are built when one is first run.
    ///
    /// # Errors
    /// When the kernels cannot be built or the driver refuses.
    pub fn launch(&self, launch: &Launch<'_>) -> Result<(), GpuError> {
        if launch.groups.contains(&0) {
            return Ok(());
        }
        match &self.queue {
            Queue::Cuda(queue) => queue.launch(launch),
            Queue::OpenCl(queue) => queue.launch(launch),
        }
    }

    /// Waits until all that was told is done.
    ///
    /// # Errors
    /// When the driver refuses, or something failed.
    pub fn finish(&self) -> Result<(), GpuError> {
        match &self.queue {
            Queue::Cuda(queue) => queue.finish(),
            Queue::OpenCl(queue) => queue.finish(),
        }
    }
}

pub(crate) fn check(memory: &Memory, offset: usize, bytes: usize) {
    let end = offset.checked_add(bytes);
    assert!(end.is_some_and(|end| end <= memory.bytes()), "beyond the end of a device's memory");
}
