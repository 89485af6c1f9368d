//! Which devices there are.

use super::driver::{Driver, MAJOR, MINOR, Ordinal, POOLS};
use crate::GpuError;
use std::ffi::{c_char, c_int};

/// The least compute capability that kernels are built for.
const LEAST: [c_int; 2] = [7, 5];

/// The least that tensor cores are used of.
const TENSOR_CORES: [c_int; 2] = [8, 0];

/// A device as its driver describes it.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(super) ordinal: Ordinal,
    pub(crate) name: String,
    /// Compute capability and version of the driver.
    pub(crate) about: String,
    /// Bytes in all.
    pub(crate) memory: u64,
    /// Memory can be had and given back in the order of a stream.
    pub(super) pools: bool,
    /// It has tensor cores, of the generation that `kernels/tensor_cores.h` is for.
    pub(crate) tensor_cores: bool,
}

/// All devices that the kernels run on.
///
/// # Errors
/// When there is no driver.
pub(crate) fn devices() -> Result<Vec<Found>, GpuError> {
    let driver = Driver::get()?;
    let mut count = 0;
    // SAFETY: the number is written to a place for it.
    driver.check("cuDeviceGetCount", unsafe { (driver.device_count)(&raw mut count) }, 0)?;
    let mut found = Vec::new();
    for index in 0..count {
        match describe(index) {
            Ok(Some(device)) => found.push(device),
            Ok(None) => {}
            Err(error) => log::warn!("CUDA device {index} is left out: {error}"),
        }
    }
    Ok(found)
}

/// None for what is too old.
pub(super) fn describe(index: c_int) -> Result<Option<Found>, GpuError> {
    let driver = Driver::get()?;
    let mut ordinal = 0;
    let mut name = [0 as c_char; 256];
    let mut memory = 0usize;
    let mut version = 0;
    // SAFETY: results are written to places for them, the name to as many bytes as are told.
    unsafe {
        driver.check("cuDeviceGet", (driver.device_get)(&raw mut ordinal, index), 0)?;
        let status = (driver.device_name)(name.as_mut_ptr(), name.len() as c_int - 1, ordinal);
        driver.check("cuDeviceGetName", status, 0)?;
        let status = (driver.device_memory)(&raw mut memory, ordinal);
        driver.check("cuDeviceTotalMem", status, 0)?;
        driver.check("cuDriverGetVersion", (driver.driver_version)(&raw mut version), 0)?;
    }
    let attribute = |which| {
        let mut value = 0;
        // SAFETY: as above.
        let status = unsafe { (driver.device_attribute)(&raw mut value, which, ordinal) };
        driver.check("cuDeviceGetAttribute", status, 0).map(|()| value)
    };
    let capability = [attribute(MAJOR)?, attribute(MINOR)?];
    if capability < LEAST {
        return Ok(None);
    }
    let bytes: Vec<u8> = name.iter().take_while(|c| **c != 0).map(|c| *c as u8).collect();
    let [major, minor] = capability;
    Ok(Some(Found {
        ordinal,
        name: String::from_utf8_lossy(&bytes).into_owned(),
        about: format!("{major}.{minor}, driver {}.{}", version / 1000, version % 1000 / 10),
        memory: memory as u64,
        // A driver that does not know of it has none.
        pools: attribute(POOLS).is_ok_and(|pools| pools != 0),
        tensor_cores: capability >= TENSOR_CORES,
    }))
}
