//! The primary context of a device, and the kernels loaded into it.

use super::device::{self, Found};
use super::driver::{Driver, Handle};
use crate::source::Precision;
use crate::{GpuError, source};
use std::collections::HashMap;
use std::ffi::CString;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A device's primary context, which is held while this is there. It is the one that the runtime API of a
/// host works in.
#[derive(Debug)]
pub(super) struct Context {
    /// Differs from that of every other in this process, ever.
    pub(super) id: u64,
    pub(super) driver: &'static Driver,
    pub(super) device: Found,
    handle: Handle,
    kernels: Mutex<Kernels>,
}

#[derive(Debug, Default)]
struct Kernels {
    modules: HashMap<Precision, Handle>,
    functions: HashMap<(&'static str, Precision), Handle>,
}

// SAFETY: the driver's calls are safe for threads; handles are used in the context they belong to.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl std::fmt::Debug for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Driver")
    }
}

/// While it is there the context is the thread's current one; then the caller's is again.
pub(super) struct Inside<'a>(&'a Context);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let mut own = ptr::null_mut();
        // SAFETY: takes off what `enter` put on. A driver that lost its device may refuse.
        let _ = unsafe { (self.0.driver.pop)(&raw mut own) };
    }
}

/// Those that were opened for hosts, by device: their kernels are kept for the next render.
static HOSTS: Mutex<Vec<Arc<Context>>> = Mutex::new(Vec::new());

/// Lets go of what is kept for hosts.
pub(crate) fn forget_hosts() {
    let kept = std::mem::take(&mut *HOSTS.lock().unwrap_or_else(PoisonError::into_inner));
    drop(kept);
}

impl Context {
    pub(super) fn new(device: &Found) -> Result<Arc<Self>, GpuError> {
        static NEXT: AtomicU64 = AtomicU64::new(1 << 32);
        let driver = Driver::get()?;
        let mut handle = ptr::null_mut();
        // SAFETY: the handle is written to a place for it.
        let status = unsafe { (driver.primary_retain)(&raw mut handle, device.ordinal) };
        driver.check("cuDevicePrimaryCtxRetain", status, 0)?;
        Ok(Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            driver,
            device: device.clone(),
            handle,
            kernels: Mutex::default(),
        }))
    }

    /// That of a device whose memory a host lends.
    pub(super) fn of_host(ordinal: i32) -> Result<Arc<Self>, GpuError> {
        let mut hosts = HOSTS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = hosts.iter().find(|known| known.device.ordinal == ordinal) {
            return Ok(Arc::clone(known));
        }
        let device = device::describe(ordinal)?.ok_or_else(|| {
            GpuError::Missing(format!("CUDA device {ordinal}: older than the kernels"))
        })?;
        let context = Self::new(&device)?;
        hosts.push(Arc::clone(&context));
        Ok(context)
    }

    /// Makes it the thread's current context for a while.
    pub(super) fn enter(&self) -> Result<Inside<'_>, GpuError> {
        // SAFETY: the context is held.
        let status = unsafe { (self.driver.push)(self.handle) };
        self.driver.check("cuCtxPushCurrent", status, 0)?;
        Ok(Inside(self))
    }

    /// A kernel; its module is loaded when one of it is first wanted.
    pub(super) fn kernel(
        &self,
        name: &'static str,
        precision: Precision,
    ) -> Result<Handle, GpuError> {
        let mut kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kernels.functions.get(&(name, precision)) {
            return Ok(*known);
        }
        let module = match kernels.modules.get(&precision) {
            Some(known) => *known,
            None => {
                let image = source::fatbin(precision);
                let mut module = ptr::null_mut();
                // SAFETY: the image is a whole fat binary, in static memory.
                let status =
                    unsafe { (self.driver.module_load)(&raw mut module, image.as_ptr().cast()) };
                self.driver.check("cuModuleLoadData", status, 0)?;
                kernels.modules.insert(precision, module);
                module
            }
        };
        let Ok(text) = CString::new(name) else {
            return Err(GpuError::Missing(format!("{name:?}: no name of a kernel")));
        };
        let mut function = ptr::null_mut();
        // SAFETY: the module is loaded in this context, and the name ends with a 0.
        let status =
            unsafe { (self.driver.module_function)(&raw mut function, module, text.as_ptr()) };
        self.driver.check("cuModuleGetFunction", status, 0)?;
        kernels.functions.insert((name, precision), function);
        Ok(function)
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        if let Ok(_inside) = self.enter() {
            let kernels = self.kernels.lock().unwrap_or_else(PoisonError::into_inner);
            for module in kernels.modules.values() {
                // SAFETY: loaded in this context, and nobody has a function of it any more.
                let _ = unsafe { (self.driver.module_unload)(*module) };
            }
        }
        // SAFETY: retained once.
        let _ = unsafe { (self.driver.primary_release)(self.device.ordinal) };
    }
}
