//! What the tests of the plug-in share: where it is, hosts, pictures.
#![allow(dead_code)]

use headroom_host::{Context, Effect, HostConfig, HostImage, ImageMemory, RenderRequest, Rendered};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The plug-in to test: `$HEADROOM_PLUGIN` where that is set (a bundle or a library), else the one
/// of this source. Cargo does not build a cdylib for the tests of its package, so it is asked to;
/// once it is built that takes no time.
pub(crate) fn library() -> PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY
        .get_or_init(|| std::env::var_os("HEADROOM_PLUGIN").map_or_else(build, PathBuf::from))
        .clone()
}

/// Says to the tests that hosts of CUDA give no stream.
pub(crate) const WITHOUT_STREAM: &str = "HEADROOM_TEST_WITHOUT_STREAM";

/// The memory that hosts lend: OpenCL's, or CUDA's where the driver for tests is there.
pub(crate) fn lent() -> ImageMemory {
    if std::env::var_os(headroom_fake_cuda::VARIABLE).is_none() {
        ImageMemory::OpenCl
    } else if std::env::var_os(WITHOUT_STREAM).is_none() {
        ImageMemory::Cuda
    } else {
        ImageMemory::CudaWithoutStream
    }
}

/// Whether there is a device whose memory a host could lend; where there is none, that is said.
pub(crate) fn has_device() -> bool {
    let (devices, problems) = headroom_gpu::devices();
    if devices.is_empty() {
        eprintln!("skipped: {}", problems.join(", "));
    }
    !devices.is_empty()
}

fn build() -> PathBuf {
    // <target>/<profile>/deps/<test>
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("tests lie in deps of a profile");
    let profile = folder.file_name().and_then(|n| n.to_str()).expect("a profile's folder");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "headroom-plugin", "--profile"])
        .arg(if profile == "debug" { "dev" } else { profile })
        .arg("--target-dir")
        .arg(folder.parent().expect("a target folder"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the plug-in does not build");
    folder.join(format!("{DLL_PREFIX}headroom_plugin{DLL_SUFFIX}"))
}

/// The plug-in in a host of that profile.
pub(crate) fn open(profile: &str) -> Effect {
    open_in(HostConfig::profile(profile).expect("a profile"), Context::Filter)
}

/// The plug-in in a host.
pub(crate) fn open_in(config: HostConfig, context: Context) -> Effect {
    Effect::open(&library(), Some("fx.headroom.Headroom"), config, context).expect("it opens")
}

/// A picture with a ramp, colour, a clipped sun and alpha that varies; all of it between 0 and 1.
pub(crate) fn picture(width: usize, height: usize) -> HostImage {
    let mut pixels = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
            let sun = (1.3 - 4.0 * ((u - 0.6).powi(2) + (v - 0.4).powi(2)).sqrt()).max(0.0);
            let quantised = |c: f32| ((c + sun).min(1.0) * 255.0).round() / 255.0;
            pixels.extend([quantised(u), quantised(0.5 * v), quantised(0.3 * u * v), 1.0]);
        }
    }
    HostImage::new(width, height, pixels)
}

/// One picture as the source of every frame, nothing on the mask.
pub(crate) fn source(image: &HostImage) -> impl Fn(&str, f64) -> Option<HostImage> + Sync + '_ {
    move |clip, _| (clip == "Source").then(|| image.clone())
}

/// Renders and demands that the host noticed nothing.
pub(crate) fn render(
    effect: &mut Effect,
    request: &RenderRequest,
    sources: &dyn headroom_host::Sources,
) -> Rendered {
    let rendered = effect.render(request, sources).expect("it renders");
    assert!(rendered.report.is_clean(), "{:#?}\n{request:?}", rendered.report);
    rendered
}

/// Pixels compared by their bits, so that NaNs compare too, and printed in a line.
#[derive(Clone, PartialEq)]
pub(crate) struct Bits(Vec<u32>);

impl std::fmt::Debug for Bits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = self.0.iter().fold(0u64, |sum, v| sum.rotate_left(5) ^ u64::from(*v));
        let first: Vec<f32> = self.0.iter().take(8).map(|v| f32::from_bits(*v)).collect();
        write!(f, "{} values, checksum {sum:016x}, beginning {first:?}", self.0.len())
    }
}

/// The bits of pixels.
pub(crate) fn bits(pixels: &[f32]) -> Bits {
    Bits(pixels.iter().map(|v| v.to_bits()).collect())
}

/// Closes and demands that the host noticed nothing.
pub(crate) fn close(effect: Effect) {
    let violations = effect.close().expect("it closes");
    assert!(violations.is_empty(), "{violations:#?}");
}
