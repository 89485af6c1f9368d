//! Builds kernels, or takes what was built before.

use super::device::Found;
use super::object::{Context, Program, call};
use crate::{GpuError, cache, source};
use opencl3::program::{
    CL_PROGRAM_BINARIES, CL_PROGRAM_BUILD_LOG, build_program, create_program_with_binary,
    create_program_with_source, get_program_build_data, get_program_info,
};
use std::ffi::CStr;
use std::path::Path;

const OPTIONS: &CStr = c"-cl-std=CL1.2";

/// The kernels for tensors that are stored so, on that device; from `folder` where they are kept there
/// and the driver still takes them.
pub(super) fn build(
    context: &Context,
    device: &Found,
    precision: source::Precision,
    folder: Option<&Path>,
) -> Result<Program, GpuError> {
    let hash = source::hash(precision);
    let key = ["opencl", &device.platform, &device.name, &device.driver, &hash];
    let path = folder.map(|folder| cache::path(folder, &key));
    if let Some(bytes) = path.as_deref().and_then(cache::read) {
        match from_binary(context, device, &bytes) {
            Ok(program) => return Ok(program),
            Err(error) => log::info!("{}: kept kernels are refused: {error}", device.name),
        }
    }
    let text = source::source(precision);
    let program = create_program_with_source(context.0, &[&text])
        .map_err(|status| call("clCreateProgramWithSource", status))?;
    let program = Program(program);
    finish(&program, device)?;
    if let Some(path) = path
        && let Ok(binaries) = get_program_info(program.0, CL_PROGRAM_BINARIES)
        && let [binary] = &Vec::<Vec<u8>>::from(binaries)[..]
    {
        cache::write(&path, binary);
    }
    Ok(program)
}

fn from_binary(context: &Context, device: &Found, bytes: &[u8]) -> Result<Program, GpuError> {
    // SAFETY: the device is the context's; the driver checks the bytes.
    let program = unsafe { create_program_with_binary(context.0, &[device.handle()], &[bytes]) };
    let program = Program(program.map_err(|status| call("clCreateProgramWithBinary", status))?);
    finish(&program, device)?;
    Ok(program)
}

fn finish(program: &Program, device: &Found) -> Result<(), GpuError> {
    let devices = [device.handle()];
    let built = build_program(program.0, &devices, OPTIONS, None, std::ptr::null_mut());
    built.map_err(|status| {
        let log = get_program_build_data(program.0, device.handle(), CL_PROGRAM_BUILD_LOG);
        let log = log.unwrap_or_default();
        let log = String::from_utf8_lossy(&log).trim_matches(['\0', '\n', ' ']).to_owned();
        let log = if log.is_empty() { call("clBuildProgram", status).to_string() } else { log };
        GpuError::Build { device: device.name.clone(), log }
    })
}
