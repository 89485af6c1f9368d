//! A device, its memory and its queue, whichever runtime it is reached by.

use crate::GpuError;
use crate::layout::Plain;
use crate::opencl;
use crate::source::Precision;
use std::ffi::c_void;
use std::path::PathBuf;

/// A device that was found.
#[derive(Clone, Debug)]
pub struct Device {
    found: opencl::Found,
    /// Its place among those of its runtime; none of a host's.
    index: Option<usize>,
}

/// Every device that a runtime offers, and what is said where a runtime offers none.
#[must_use]
pub fn devices() -> (Vec<Device>, Vec<String>) {
    match opencl::devices() {
        Ok(found) if found.is_empty() => (Vec::new(), vec!["OpenCL has no device".to_owned()]),
        Ok(found) => {
            let numbered = found.into_iter().enumerate();
            let device = |(index, found)| Device { found, index: Some(index) };
            (numbered.map(device).collect(), Vec::new())
        }
        Err(error) => (Vec::new(), vec![error.to_string()]),
    }
}

/// The device that `text` means: a runtime (`opencl`), a runtime and a number (`opencl:1`), or part of a
/// name. Empty: the first that is no CPU.
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
        } else if runtime == Device::RUNTIME {
            device.index.is_some_and(|index| number.parse() == Ok(index))
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
    const RUNTIME: &str = "opencl";

    /// What [`find`] takes for it.
    #[must_use]
    pub fn id(&self) -> String {
        let index = self.index.map_or_else(String::new, |index| format!(":{index}"));
        format!("{}{index}", Self::RUNTIME)
    }

    /// Name, as its driver gives it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.found.name
    }

    /// Runtime, its provider and version, for people.
    #[must_use]
    pub fn runtime(&self) -> String {
        format!("OpenCL, {} {}", self.found.platform, self.found.driver)
    }

    /// True where it computes on the CPU, which Headroom does better itself.
    #[must_use]
    pub fn is_cpu(&self) -> bool {
        self.found.is_cpu
    }

    /// Bytes of memory in all.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.found.memory
    }

    /// Most bytes of one allocation.
    #[must_use]
    pub fn largest(&self) -> u64 {
        self.found.largest
    }
}

/// A device with a queue that does what it is told, in order. Threads may share it.
#[derive(Debug)]
pub struct Gpu {
    queue: opencl::Queue,
}

/// Memory of a device.
#[derive(Debug)]
pub struct Memory {
    pub(crate) memory: opencl::Memory,
}

impl Memory {
    /// Its size.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.memory.bytes()
    }

    /// The driver's handle, for a host that lends it: a `cl_mem`.
    #[must_use]
    pub fn handle(&self) -> *mut c_void {
        self.memory.handle()
    }
}

/// A moment in a queue.
#[derive(Debug)]
pub struct Marker {
    marker: opencl::Marker,
}

/// Lets go of what is kept for the contexts of hosts.
pub fn forget_hosts() {
    opencl::forget_hosts();
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
    /// Opens a device. Built kernels are kept in `folder`.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn new(device: &Device, folder: Option<PathBuf>) -> Result<Self, GpuError> {
        Ok(Self { queue: opencl::Queue::new(&device.found, folder)? })
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
        Ok(Self { queue: unsafe { opencl::Queue::of_host(queue, folder) }? })
    }

    /// A host's memory. It is held no longer than this.
    ///
    /// # Errors
    /// When the driver refuses.
    ///
    /// # Safety
    /// `mem` is a `cl_mem`, a buffer of this queue's context.
    #[allow(unsafe_code)] // a handle that a host gives
    pub unsafe fn memory_of_host(&self, mem: *mut c_void) -> Result<Memory, GpuError> {
        // SAFETY: by the caller.
        Ok(Memory { memory: unsafe { self.queue.memory_of_host(mem) }? })
    }

    /// The driver's handle of the queue, for a host that lends it: a `cl_command_queue`.
    #[must_use]
    pub fn handle(&self) -> *mut c_void {
        self.queue.handle()
    }

    /// A part of a memory, as a memory of its own.
    ///
    /// # Errors
    /// When the driver refuses; devices want `offset` to be a multiple of up to 512 bytes.
    ///
    /// # Panics
    /// When there is not so much of it.
    pub fn part(&self, of: &Memory, offset: usize, bytes: usize) -> Result<Memory, GpuError> {
        check(of, offset, bytes);
        Ok(Memory { memory: of.memory.part(offset, bytes)? })
    }

    /// Tells contexts apart: memory can be used by every `Gpu` with the same number.
    #[must_use]
    pub fn context(&self) -> u64 {
        self.queue.shared().id
    }

    /// Name of the device and runtime, for people.
    #[must_use]
    pub fn device(&self) -> Device {
        Device { found: self.queue.device().clone(), index: None }
    }

    /// Marks what was told so far, for [`Self::wait_for`].
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn mark(&self) -> Result<Marker, GpuError> {
        Ok(Marker { marker: self.queue.mark()? })
    }

    /// What is told from here on waits until what another of the same context was told is done.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn wait_for(&self, marker: &Marker) -> Result<(), GpuError> {
        self.queue.wait_for(&marker.marker)
    }

    /// Memory, with whatever is in it.
    ///
    /// # Errors
    /// When the device has no more.
    pub fn allocate(&self, bytes: usize) -> Result<Memory, GpuError> {
        Ok(Memory { memory: self.queue.allocate(bytes)? })
    }

    /// Memory with these bytes in it. Waits for nothing that the device was told.
    ///
    /// # Errors
    /// When the device has no more.
    pub fn upload(&self, bytes: &[u8]) -> Result<Memory, GpuError> {
        Ok(Memory { memory: self.queue.upload(bytes)? })
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
        self.queue.write(&to.memory, offset, bytes)
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
        self.queue.read(&from.memory, offset, bytes)
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
        self.queue.launch(launch)
    }

    /// Waits until all that was told is done.
    ///
    /// # Errors
    /// When the driver refuses, or something failed.
    pub fn finish(&self) -> Result<(), GpuError> {
        self.queue.finish()
    }
}

fn check(memory: &Memory, offset: usize, bytes: usize) {
    let end = offset.checked_add(bytes);
    assert!(end.is_some_and(|end| end <= memory.bytes()), "beyond the end of a device's memory");
}
