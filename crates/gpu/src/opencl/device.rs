//! Which devices there are.

use super::object::call;
use crate::GpuError;
use opencl3::device::{
    CL_DEVICE_GLOBAL_MEM_SIZE, CL_DEVICE_MAX_MEM_ALLOC_SIZE, CL_DEVICE_NAME, CL_DEVICE_PLATFORM,
    CL_DEVICE_TYPE, CL_DEVICE_TYPE_ALL, CL_DEVICE_TYPE_CPU, CL_DRIVER_VERSION, get_device_info,
};
use opencl3::platform::get_platforms;
use opencl3::platform::platform::{CL_PLATFORM_NAME, get_platform_info};
use opencl3::types::{cl_device_id, cl_platform_id};
use std::sync::{Mutex, PoisonError};

/// A device as its driver describes it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The driver's handle, an address: good as long as the driver is loaded, which is never unloaded.
    pub(super) id: usize,
    pub(crate) platform: String,
    pub(crate) name: String,
    pub(crate) driver: String,
    /// True for one that computes on the CPU.
    pub(crate) is_cpu: bool,
    /// Bytes in all.
    pub(crate) memory: u64,
    /// Most bytes of one allocation.
    pub(crate) largest: u64,
}

impl Found {
    pub(super) fn handle(&self) -> cl_device_id {
        self.id as cl_device_id
    }
}

/// All devices of all platforms.
///
/// # Errors
/// When there is no OpenCL library, or none that lists its platforms.
pub(crate) fn devices() -> Result<Vec<Found>, GpuError> {
    // PoCL 3.1 crashes where two threads are the first to ask.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let platforms = get_platforms()
        .map_err(|status| GpuError::Missing(format!("no OpenCL: {status} ({})", status.0)))?;
    let mut found = Vec::new();
    for platform in platforms {
        let name = platform.name().unwrap_or_default();
        // A platform without devices says so by an error.
        for id in platform.get_devices(CL_DEVICE_TYPE_ALL).unwrap_or_default() {
            match describe_of(id, &name) {
                Ok(device) => found.push(device),
                Err(error) => log::warn!("{name}: a device is left out: {error}"),
            }
        }
    }
    Ok(found)
}

/// A device that a host gave.
pub(super) fn describe(id: cl_device_id) -> Result<Found, GpuError> {
    let platform = get_device_info(id, CL_DEVICE_PLATFORM)
        .map_err(|status| call("clGetDeviceInfo", status))?
        .to_ptr();
    let name = get_platform_info(platform as cl_platform_id, CL_PLATFORM_NAME);
    let name = name.map(|name| String::from(name).trim().to_owned()).unwrap_or_default();
    describe_of(id, &name)
}

fn describe_of(id: cl_device_id, platform: &str) -> Result<Found, GpuError> {
    let info = |what| get_device_info(id, what).map_err(|status| call("clGetDeviceInfo", status));
    let text = |what| info(what).map(|value| String::from(value).trim().to_owned());
    let kind = info(CL_DEVICE_TYPE)?.to_ulong();
    Ok(Found {
        id: id as usize,
        platform: platform.to_owned(),
        name: text(CL_DEVICE_NAME)?,
        driver: text(CL_DRIVER_VERSION)?,
        is_cpu: kind & CL_DEVICE_TYPE_CPU != 0,
        memory: info(CL_DEVICE_GLOBAL_MEM_SIZE)?.to_ulong(),
        largest: info(CL_DEVICE_MAX_MEM_ALLOC_SIZE)?.to_ulong(),
    })
}
