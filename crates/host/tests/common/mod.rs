//! The test plug-ins, compiled once and copied for each test.
#![allow(dead_code, missing_docs, unreachable_pub)]

use headroom_host::{Context, Effect, HostConfig, HostImage};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

pub const INVERT: &str = "fx.headroom.test.Invert";

/// The faults of `plugins/invert.c`, in its order.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    None,
    Guard,
    Padding,
    Unwritten,
    Outside,
    Source,
    Leak,
    Twice,
    Status,
    Frame,
    Region,
    ReadOnly,
    WrongType,
    ParamInRender,
    TemporaryString,
    StaleImage,
    BadHandle,
    NullPointer,
    LeakMemory,
    BadFree,
    ImageInRod,
    FailRender,
    StaleClip,
    OtherField,
    ReleaseNothing,
    WindowMatters,
    HistoryMatters,
    LabelInRender,
    EarlyHost,
}

static COMPILED: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plugins");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("p{}", std::process::id()));
    fs::create_dir_all(&out).unwrap();
    let target = env!("TEST_TARGET");
    let compiler = cc::Build::new()
        .target(target)
        .host(target)
        .opt_level(1)
        .debug(false)
        .cargo_metadata(false)
        .out_dir(&out)
        .get_compiler();
    let binary = out.join("invert.ofx");
    let mut command = compiler.to_command();
    if compiler.is_like_msvc() {
        command.arg("/LD").arg(format!("/Fe:{}", binary.display()));
    } else {
        command.args(["-shared", "-fPIC", "-o"]).arg(&binary);
    }
    let status = command.arg(folder.join("invert.c")).current_dir(&out).status().unwrap();
    assert!(status.success(), "the C compiler: {status}");
    binary
});

/// A bundle of its own for each call: two copies of a binary share no global variable.
pub fn bundle() -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let bundle = COMPILED.parent().unwrap().join(format!("{number}/Invert.ofx.bundle"));
    let architecture = if cfg!(target_os = "windows") {
        "Win64"
    } else if cfg!(target_os = "macos") {
        "MacOS"
    } else if cfg!(target_arch = "aarch64") {
        "Linux-aarch64"
    } else {
        "Linux-x86-64"
    };
    let folder = bundle.join("Contents").join(architecture);
    fs::create_dir_all(&folder).unwrap();
    fs::copy(&*COMPILED, folder.join("Invert.ofx")).unwrap();
    bundle
}

pub fn open_with(plugin: &str, config: HostConfig, context: Context) -> Effect {
    Effect::open(&bundle(), Some(plugin), config, context).unwrap()
}

pub fn open() -> Effect {
    open_with(INVERT, HostConfig::default(), Context::Filter)
}

/// A picture whose pixels all differ.
pub fn ramp(width: usize, height: usize) -> HostImage {
    let pixels: Vec<f32> = (0..width * height)
        .flat_map(|at| {
            let (x, y) = ((at % width) as f32, (at / width) as f32);
            [x / 64.0, y / 64.0, (x + y) / 128.0, 1.0]
        })
        .collect();
    HostImage::new(width, height, pixels)
}
