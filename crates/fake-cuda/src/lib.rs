//! A CUDA driver for tests, whose device is the CPU: `driver/driver.cpp` with the kernels as they stand,
//! built by the machine's C++ compiler.

#![allow(unsafe_code)] // calls to a library of its own

use headroom_gpu::layout::{CONV_KERNELS, TENSOR_KERNELS};
use headroom_gpu::source::{Precision, fatbin, hash, source};
use libloading::Library;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Names the library to `headroom-gpu`.
pub const VARIABLE: &str = "HEADROOM_CUDA_DRIVER";

/// The library, built when it is first asked for. None where there is no C++ compiler, or the system is
/// another than Linux; that is then said.
#[must_use]
pub fn library() -> Option<PathBuf> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = LIBRARY.get_or_init(|| {
        let made = if cfg!(target_os = "linux") { build() } else { Err("not on Linux".to_owned()) };
        made.inspect_err(|why| eprintln!("skipped: no CUDA driver for tests: {why}")).ok()
    });
    made.clone()
}

/// Runs this test program again with the library as its driver, all tests whose names hold `filter` but
/// not `except`. True when they passed, or when there is no library.
///
/// # Panics
/// When the program cannot be run.
#[must_use]
pub fn again(filter: &str, except: &[&str], more: &[(&str, &str)]) -> bool {
    if std::env::var_os(VARIABLE).is_some() {
        return true;
    }
    let Some(library) = library() else { return true };
    let program = std::env::current_exe().expect("a test has a path");
    let mut command = Command::new(program);
    command.env(VARIABLE, library).envs(more.iter().copied()).arg(filter);
    except.iter().for_each(|name| {
        command.args(["--skip", name]);
    });
    let output = command.output().expect("the test program runs");
    if !output.status.success() {
        let told = [output.stdout, output.stderr].concat();
        eprintln!("{}", String::from_utf8_lossy(&told));
    }
    output.status.success()
}

/// What the driver of this process holds and has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Contexts on this thread's stack.
    pub contexts: i32,
    /// Times that the primary context is held.
    pub retained: i32,
    /// Blocks of memory.
    pub blocks: i32,
    /// Streams.
    pub streams: i32,
    /// Events.
    pub events: i32,
    /// Modules.
    pub modules: i32,
    /// Times that a stream was waited for, or that memory was had or given back in no stream's order, for which
    /// drivers may wait.
    pub waits: i32,
}

/// The driver of this process, where it is the one for tests.
#[derive(Debug)]
pub struct Fake(Library);

impl Fake {
    /// None where this process has another.
    #[must_use]
    pub fn get() -> Option<Self> {
        let path = std::env::var_os(VARIABLE)?;
        // SAFETY: a library of this crate, whose initialisers do nothing; loaded already.
        unsafe { Library::new(path) }.ok().map(Self)
    }

    /// What it holds now.
    #[must_use]
    pub fn held(&self) -> Held {
        let number = |which| self.call(b"fake_held\0", which);
        let [contexts, retained, blocks, streams, events, modules, waits] =
            std::array::from_fn(|which| number(which as i32));
        Held { contexts, retained, blocks, streams, events, modules, waits }
    }

    /// Makes another context this thread's current one, as a host would.
    pub fn enter_another_context(&self) {
        self.call(b"fake_enter\0", 0);
    }

    /// Whether that is the current one still.
    #[must_use]
    pub fn is_in_another_context(&self) -> bool {
        self.call(b"fake_is_inside\0", 0) != 0
    }

    fn call(&self, name: &[u8], number: i32) -> i32 {
        type Function = unsafe extern "C" fn(i32) -> i32;
        // SAFETY: driver.cpp declares it so, or without the number, which C does not mind.
        unsafe { self.0.get::<Function>(name).map_or(-1, |function| function(number)) }
    }
}

fn build() -> Result<PathBuf, String> {
    // <target>/<profile>/deps/<test>
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    let folder = test.ancestors().nth(2).ok_or("no folder of tests")?.join("fake-cuda");
    let driver = include_str!("../driver/driver.cpp");
    let header = include_str!("../driver/include/cuda_fp16.h");
    let half = fatbin(Precision::Half);
    let length =
        half.get(8..16).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes);
    let sources = hash(Precision::Half);
    let ours = sum(driver).wrapping_add(sum(header)).wrapping_add(length);
    let library = folder.join(format!("cuda-{}-{ours:016x}.so", &sources[..16]));
    if library.is_file() {
        return Ok(library);
    }
    let own = folder.join(format!("{}", std::process::id()));
    let told = |error: std::io::Error| format!("{}: {error}", own.display());
    std::fs::create_dir_all(own.join("include")).map_err(told)?;
    let write = |name: &str, text: &str| std::fs::write(own.join(name), text).map_err(told);
    write("driver.cpp", driver)?;
    write("include/cuda_fp16.h", header)?;
    for (name, precision) in [("float.cu", Precision::Float), ("half.cu", Precision::Half)] {
        // Names of C could not be there twice.
        let text = source(precision).replace("extern \"C\" __global__", "__global__");
        write(name, &text)?;
    }
    let entries: String = kernels().iter().map(|name| format!("ENTRY({name})\n")).collect();
    write("entries.h", &entries)?;
    compile(&own, length)?;
    std::fs::rename(own.join("cuda.so"), &library).map_err(told)?;
    drop(std::fs::remove_dir_all(&own));
    Ok(library)
}

fn compile(folder: &Path, half_length: u64) -> Result<(), String> {
    let compiler = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut command = Command::new(compiler);
    command.current_dir(folder).args(["-std=c++17", "-O1", "-w", "-shared", "-fPIC"]);
    command.args(["-fvisibility=hidden", "-ffp-contract=off", "-Iinclude", "-I."]);
    command.arg("-DFLOAT_KERNELS=\"float.cu\"").arg("-DHALF_KERNELS=\"half.cu\"");
    command.arg("-DENTRIES=\"entries.h\"").arg(format!("-DHALF_LENGTH={half_length}ull"));
    command.args(["-o", "cuda.so", "driver.cpp", "-lpthread"]);
    let output = command.output().map_err(|error| format!("C++ compiler: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    // A compiler that is there and fails is a mistake of ours.
    panic!("the driver for tests does not build:\n{told}");
}

/// Names of all kernels.
fn kernels() -> Vec<String> {
    let text = source(Precision::Float);
    let mut names: Vec<String> = text
        .split("\nKERNEL ")
        .skip(1)
        .filter_map(|rest| rest.split_once('(').map(|(name, _)| name.trim().to_owned()))
        .collect();
    // Those that a macro writes.
    names.extend(CONV_KERNELS.map(str::to_owned));
    names.extend(TENSOR_KERNELS.map(str::to_owned));
    names
}

fn sum(text: &str) -> u64 {
    text.bytes().fold(14_695_981_039_346_656_037, |sum: u64, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}
