//! The CUDA toolkit that `headroom-train --features cuda` is built with: the system's, or PyPI's wheels
//! under the target folder. No card is needed to build.

use crate::{python, run, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compiler and its headers.
const COMPILER: [&str; 5] = [
    "nvidia-cuda-nvcc==13.0.88",
    "nvidia-nvvm==13.0.88",
    "nvidia-cuda-crt==13.0.88",
    "nvidia-cuda-cccl==13.0.85",
    "nvidia-cuda-runtime==13.0.96",
];

/// What Candle links besides; with the compiler about 1.2 GB on the disk.
const LIBRARIES: [&str; 3] =
    ["nvidia-cublas==13.1.0.3", "nvidia-curand==10.4.0.35", "nvidia-cuda-nvrtc==13.0.88"];

/// Where the wheels put the toolkit.
const FOLDER: [&str; 2] = ["nvidia", "cu13"];

/// Compute capability that is built for where the user says nothing: PTX of 8.0 (Ampere) is translated
/// by the driver for whatever is newer.
const CAPABILITY: &str = "80";

/// A toolkit.
pub(crate) struct Toolkit {
    /// Folder with `bin` and `lib64`; none where nvcc is in the path and says where it is by itself.
    home: Option<PathBuf>,
}

impl Toolkit {
    /// Sets the environment of a cargo that builds with it.
    pub(crate) fn apply<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        if let Some(home) = &self.home {
            let mut folders = vec![home.join("bin")];
            folders.extend(
                std::env::var_os("PATH").iter().flat_map(|path| std::env::split_paths(path)),
            );
            // A folder that cannot be in a path leaves the path as it is.
            if let Ok(path) = std::env::join_paths(folders) {
                command.env("PATH", path);
            }
            command.env("CUDA_HOME", home);
        }
        if std::env::var_os("CUDA_COMPUTE_CAP").is_none() {
            command.env("CUDA_COMPUTE_CAP", CAPABILITY);
        }
        command
    }

    /// The compiler.
    pub(crate) fn nvcc(&self) -> PathBuf {
        self.home.as_deref().map_or_else(|| PathBuf::from("nvcc"), compiler)
    }

    /// For people.
    pub(crate) fn place(&self) -> String {
        self.home
            .as_ref()
            .map_or_else(|| "nvcc in the path".to_owned(), |h| h.display().to_string())
    }
}

/// A toolkit that the user or the system has; nothing is installed.
pub(crate) fn at_hand() -> Option<Toolkit> {
    let variable = |name| std::env::var_os(name).map(PathBuf::from);
    let homes = [
        variable("CUDA_HOME"),
        variable("CUDA_PATH"),
        variable("NVCC").and_then(|nvcc| Some(nvcc.parent()?.parent()?.to_owned())),
    ];
    let home = homes.into_iter().flatten().find(|home| compiler(home).is_file());
    if home.is_some() {
        return Some(Toolkit { home });
    }
    run::exists("nvcc").then_some(Toolkit { home: None })
}

/// A toolkit, installed if need be.
pub(crate) fn prepare() -> Result<Toolkit, String> {
    found_or_installed("cuda", &[&COMPILER[..], &LIBRARIES].concat())
}

/// A compiler, installed if need be.
pub(crate) fn prepare_compiler() -> Result<Toolkit, String> {
    found_or_installed("cuda-compiler", &COMPILER)
}

fn found_or_installed(folder: &str, wheels: &[&str]) -> Result<Toolkit, String> {
    match at_hand() {
        Some(toolkit) => Ok(toolkit),
        None if cfg!(all(target_os = "linux", target_arch = "x86_64")) => install(folder, wheels),
        None => Err("no nvcc was found, and only on Linux (x86-64) it can be installed here.\n\
             Install the CUDA toolkit 12 or 13, or set CUDA_HOME to its folder."
            .to_owned()),
    }
}

fn compiler(home: &Path) -> PathBuf {
    home.join("bin").join(format!("nvcc{}", std::env::consts::EXE_SUFFIX))
}

fn install(folder: &str, wheels: &[&str]) -> Result<Toolkit, String> {
    let folder = workspace::tools().join(folder);
    python::install(wheels, &folder)?;
    let home = FOLDER.iter().fold(folder, |path, part| path.join(part));
    if !compiler(&home).is_file() {
        return Err(format!("{}: found no nvcc, expected one in the wheels", home.display()));
    }
    lay_out(&home)?;
    Ok(Toolkit { home: Some(home) })
}

/// What the wheels leave out of a toolkit: names without versions, `lib64`, and a libcuda to link with,
/// which on machines with a card is the driver's.
fn lay_out(home: &Path) -> run::Outcome {
    let lib = home.join("lib");
    for path in workspace::list(&lib) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some((stem, version)) = name.split_once(".so.")
            && !version.is_empty()
        {
            link(&name, &lib.join(format!("{stem}.so")))?;
        }
    }
    link("lib", &home.join("lib64"))?;
    let stubs = lib.join("stubs");
    workspace::make_folder(&stubs)?;
    let library = stubs.join("libcuda.so");
    if library.is_file() {
        return Ok(());
    }
    let source = stubs.join("libcuda.c");
    let header = workspace::read(&home.join("include").join("cuda.h"))?;
    workspace::write(&source, stub(&header))?;
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = run::program(compiler);
    command.args(["-shared", "-fPIC", "-w", "-Wl,-soname,libcuda.so.1", "-o"]);
    run::run(command.arg(&library).arg(&source))
}

/// A driver whose every call fails: enough for a linker.
fn stub(header: &str) -> String {
    // CUDA_ERROR_UNKNOWN.
    functions(header).iter().map(|name| format!("int {name}(void) {{ return 999; }}\n")).collect()
}

/// Names of a header that look like calls of the driver: `cu` and a capital.
fn functions(header: &str) -> std::collections::BTreeSet<&str> {
    let words = header.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let call = |word: &&str| {
        word.strip_prefix("cu")
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
    };
    words.filter(call).collect()
}

#[cfg(unix)]
fn link(to: &str, path: &Path) -> run::Outcome {
    if path.exists() {
        return Ok(());
    }
    std::os::unix::fs::symlink(to, path)
        .map_err(|error| format!("cannot link {}: {error}", path.display()))
}

#[cfg(not(unix))]
fn link(_: &str, path: &Path) -> run::Outcome {
    Err(format!("cannot link {}: not on this system", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_driver_is_in_the_stub_once() {
        let header = "#define cuMemAlloc cuMemAlloc_v2\nCUresult CUDAAPI cuInit(unsigned int Flags);\n\
                      typedef struct CUctx_st *CUcontext; /* custom cuInit */";
        let names: Vec<_> = functions(header).into_iter().collect();
        assert_eq!(names, ["cuInit", "cuMemAlloc", "cuMemAlloc_v2"]);
        assert!(stub(header).contains("int cuInit(void) { return 999; }"));
    }
}
