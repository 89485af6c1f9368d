//! The driver's functions, loaded at run time. The toolkit is never needed, and nothing is linked: the
//! trainer's Candle links the same driver in another way, which one binding could not serve.

use crate::GpuError;
use libloading::Library;
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::OnceLock;

/// `CUresult`.
pub(super) type Status = c_int;
/// `CUdevice`.
pub(super) type Ordinal = c_int;
/// `CUdeviceptr`.
pub(super) type Pointer = u64;
/// `CUcontext`, `CUmodule`, `CUfunction`, `CUstream`, `CUevent`.
pub(super) type Handle = *mut c_void;

/// Names the library, for tests.
const LIBRARY: &str = "HEADROOM_CUDA_DRIVER";

#[cfg(windows)]
const USUAL: &str = "nvcuda.dll";
#[cfg(not(windows))]
const USUAL: &str = "libcuda.so.1";

pub(super) const OUT_OF_MEMORY: Status = 2;
/// `CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR`, `..._MINOR`, `CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED`.
pub(super) const MAJOR: c_int = 75;
pub(super) const MINOR: c_int = 76;
pub(super) const POOLS: c_int = 115;
/// `CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL`.
pub(super) const OF_DEVICE: c_int = 9;
/// `CU_STREAM_NON_BLOCKING`: does not wait for the default stream.
pub(super) const NON_BLOCKING: c_uint = 1;
/// `CU_EVENT_DISABLE_TIMING`.
pub(super) const NO_TIMING: c_uint = 2;

macro_rules! functions {
    ($($field:ident = $symbol:literal ($($argument:ty),*);)*) => {
        /// Every function that is used, by the names of the CUDA driver API (12.0 and newer keep them).
        pub(super) struct Driver {
            $(pub(super) $field: unsafe extern "system" fn($($argument),*) -> Status,)*
            /// Never unloaded: a driver does not survive that.
            _library: &'static Library,
        }

        impl Driver {
            fn load() -> Result<Self, String> {
                let name = std::env::var(LIBRARY).unwrap_or_else(|_| USUAL.to_owned());
                // SAFETY: loading the driver runs its initialisers, which is what drivers are for.
                let library = unsafe { Library::new(&name) }.map_err(|error| format!("{name}: {error}"))?;
                let library: &'static Library = Box::leak(Box::new(library));
                Ok(Self {
                    $($field: {
                        // SAFETY: the type is the one that cuda.h declares for the symbol.
                        let found = unsafe { library.get(concat!($symbol, "\0").as_bytes()) };
                        *found.map_err(|error| format!("{name}: {error}"))?
                    },)*
                    _library: library,
                })
            }
        }
    };
}

functions! {
    init = "cuInit" (c_uint);
    driver_version = "cuDriverGetVersion" (*mut c_int);
    error_name = "cuGetErrorName" (Status, *mut *const c_char);
    device_count = "cuDeviceGetCount" (*mut c_int);
    device_get = "cuDeviceGet" (*mut Ordinal, c_int);
    device_name = "cuDeviceGetName" (*mut c_char, c_int, Ordinal);
    device_memory = "cuDeviceTotalMem_v2" (*mut usize, Ordinal);
    device_attribute = "cuDeviceGetAttribute" (*mut c_int, c_int, Ordinal);
    primary_retain = "cuDevicePrimaryCtxRetain" (*mut Handle, Ordinal);
    primary_release = "cuDevicePrimaryCtxRelease_v2" (Ordinal);
    push = "cuCtxPushCurrent_v2" (Handle);
    pop = "cuCtxPopCurrent_v2" (*mut Handle);
    module_load = "cuModuleLoadData" (*mut Handle, *const c_void);
    module_unload = "cuModuleUnload" (Handle);
    module_function = "cuModuleGetFunction" (*mut Handle, Handle, *const c_char);
    allocate = "cuMemAlloc_v2" (*mut Pointer, usize);
    free = "cuMemFree_v2" (Pointer);
    allocate_async = "cuMemAllocAsync" (*mut Pointer, usize, Handle);
    free_async = "cuMemFreeAsync" (Pointer, Handle);
    host_allocate = "cuMemHostAlloc" (*mut *mut c_void, usize, c_uint);
    host_free = "cuMemFreeHost" (*mut c_void);
    free_and_all = "cuMemGetInfo_v2" (*mut usize, *mut usize);
    address_range = "cuMemGetAddressRange_v2" (*mut Pointer, *mut usize, Pointer);
    pointer_attribute = "cuPointerGetAttribute" (*mut c_void, c_int, Pointer);
    to_device = "cuMemcpyHtoDAsync_v2" (Pointer, *const c_void, usize, Handle);
    to_host = "cuMemcpyDtoHAsync_v2" (*mut c_void, Pointer, usize, Handle);
    stream_create = "cuStreamCreate" (*mut Handle, c_uint);
    stream_destroy = "cuStreamDestroy_v2" (Handle);
    stream_synchronise = "cuStreamSynchronize" (Handle);
    stream_wait = "cuStreamWaitEvent" (Handle, Handle, c_uint);
    event_create = "cuEventCreate" (*mut Handle, c_uint);
    event_record = "cuEventRecord" (Handle, Handle);
    event_synchronise = "cuEventSynchronize" (Handle);
    event_destroy = "cuEventDestroy_v2" (Handle);
    launch = "cuLaunchKernel" (
        Handle, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, Handle, *mut *mut c_void,
        *mut *mut c_void
    );
}

impl Driver {
    /// The driver, loaded and initialised once per process.
    ///
    /// # Errors
    /// When there is none, or it refuses.
    pub(super) fn get() -> Result<&'static Self, GpuError> {
        static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();
        let driver = DRIVER.get_or_init(|| {
            let driver = Self::load()?;
            // SAFETY: the flags must be 0.
            let status = unsafe { (driver.init)(0) };
            if status == 0 { Ok(driver) } else { Err(format!("cuInit: {}", driver.name(status))) }
        });
        driver.as_ref().map_err(|error| GpuError::Missing(format!("no CUDA: {error}")))
    }

    /// What a status means.
    pub(super) fn name(&self, status: Status) -> String {
        let mut text = std::ptr::null();
        // SAFETY: the text is the driver's, for ever.
        let known = unsafe { (self.error_name)(status, &raw mut text) };
        if known != 0 || text.is_null() {
            return format!("error {status}");
        }
        // SAFETY: as above, and it ends with a 0.
        let text = unsafe { CStr::from_ptr(text) };
        format!("{} ({status})", text.to_string_lossy())
    }

    /// Turns a status into an error; `bytes` is what was asked for, where memory was.
    pub(super) fn check(
        &self,
        name: &'static str,
        status: Status,
        bytes: usize,
    ) -> Result<(), GpuError> {
        match status {
            0 => Ok(()),
            OUT_OF_MEMORY => Err(GpuError::Memory { bytes }),
            other => Err(GpuError::Call { name, status: self.name(other) }),
        }
    }
}
