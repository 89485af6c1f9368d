//! What a device refuses the CPU does, and nothing is lost. A driver for tests, whose device is the CPU,
//! refuses what it is told to.

use crate::bench_frame::picture;
use crate::harness::{expand, plan};
use headroom::expand::device::{
    DeviceAnalysis, DeviceFailure, DeviceImage, forget_gpus, own_gpu, render_anywhere, render_on,
};
use headroom::expand::{Alpha, Plan, analyse, forget_networks};
use headroom_fake_cuda::{Fake, again};
use headroom_gpu::{Gpu, devices, find};
use headroom_kernel::{Components, Format, ImageMut, ImageRef, Pool, Rect};

const RECT: Rect = Rect::new(0, 0, 44, 31);

/// Refusals so far; more allocations than a render makes.
const MOST_ALLOCATIONS: usize = 128;

/// Names the file into which the child writes how often the CPU did it.
const REPORT: &str = "HEADROOM_TEST_REPORT";

/// Names the method whose analysis stays on the device.
const METHOD: &str = "HEADROOM_TEST_METHOD";

fn assert_close(method: &str, found: &[f32], expected: &[f32]) {
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= 2e-5 * expected.abs().max(1.0), "{method}");
    }
}

/// The frame from the device's memory to its memory, told of itself there; and what was found, fetched.
fn there(gpu: &Gpu, plan: &Plan, source: &[f32]) -> Result<Vec<f32>, DeviceFailure> {
    let row = (RECT.width() * 16) as isize;
    let (from, to) = (gpu.upload_floats(source)?, gpu.upload_floats(source)?);
    let image = |memory| DeviceImage::new(memory, 0, row, RECT, Format::RGBA_FLOAT).expect("fits");
    let (from, to) = (image(&from), image(&to));
    let analysis = DeviceAnalysis::new(gpu, plan, &from, RECT, true, &|| false)?;
    let (run, pool) = (render_on, Pool::new(1));
    run(gpu, plan, &analysis, &from, None, &to, true, &pool, &|| false)?;
    let view = ImageRef::from_floats(source, RECT, Components::Rgba).expect("fits");
    let expected = analyse(plan, &view, RECT, &pool, &|| false).expect("runs");
    let found = analysis.fetch(gpu, plan)?;
    let [found, expected] = [&*found, &expected].map(|it| it.statistics().clip_share);
    assert!((found - expected).abs() <= 1e-5, "{found}, not {expected}");
    Ok(gpu.read_floats(to.memory(), source.len())?)
}

/// In a process of its own, with a driver that refuses something: the result is there all the same, and
/// nothing is held in the end.
#[test]
fn child_renders_whatever_is_refused() {
    let Some(fake) = Fake::get() else { return };
    let source = picture(RECT);
    let image = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    let mut by_cpu = 0;
    if let Ok(gpu) = own_gpu(Some("cuda")) {
        let method = std::env::var(METHOD).unwrap_or_else(|_| "inverse-highlights".to_owned());
        let plan = plan(&[("method", &method)], Alpha::Opaque);
        match there(&gpu, &plan, &source) {
            Ok(found) => assert_close(&method, &found, &expand(&plan, &source, RECT).0),
            Err(error) => {
                assert!(!error.to_string().is_empty());
                by_cpu += 1;
            }
        }
    }
    for method in ["residual", "bt2446c"] {
        let plan = plan(&[("method", method), ("protect_unclipped", "false")], Alpha::Opaque);
        let (expected, _) = expand(&plan, &source, RECT);
        // A device that cannot be opened is said to be so before anything is rendered.
        let gpu = own_gpu(Some("cuda"));
        let mut out = vec![f32::NAN; source.len()];
        let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
        let analysis = analyse(&plan, &image, RECT, &pool, &|| false).expect("runs");
        let gpu = gpu.inspect_err(|error| assert!(!error.to_string().is_empty()));
        let gpu = gpu.as_deref().ok();
        let (report, instead) =
            render_anywhere(gpu, &plan, &analysis, &image, None, target, &pool, &|| false)
                .expect("not interrupted");
        assert_eq!(report.fallback, None);
        if gpu.is_none() || instead.is_some() {
            by_cpu += 1;
            assert_eq!(out, expected, "by the CPU: {instead:?}");
        }
        assert_close(method, &out, &expected);
    }
    forget_networks();
    forget_gpus();
    let held = fake.held();
    let nothing =
        [held.contexts, held.retained, held.blocks, held.streams, held.events, held.modules];
    // A module that was refused after it was loaded is the driver's own.
    let loaded = std::env::var("FAKE_LOST").is_ok_and(|lost| lost == "cuModuleLoadData");
    if !loaded {
        assert_eq!(nothing, [0; 6], "{held:?}");
    }
    let report = std::env::var_os(REPORT).expect("a file");
    std::fs::write(report, by_cpu.to_string()).expect("writes");
}

/// How often the CPU did it; none where there is no such driver.
fn child(spoilt: &[(&str, &str)]) -> Option<usize> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report");
    let report = (REPORT, path.to_str().expect("plain text"));
    let passed = again("child_renders_whatever_is_refused", &[], &[spoilt, &[report]].concat());
    assert!(passed, "{spoilt:?}");
    std::fs::read_to_string(&path).ok().map(|text| text.parse().expect("a number"))
}

#[test]
fn memory_may_run_out_at_every_allocation() {
    let Some(by_cpu) = child(&[]) else { return };
    assert_eq!(by_cpu, 0, "nothing refused");
    assert_eq!(child(&[("FAKE_POOLS", "0")]), Some(0), "a driver without pools");
    assert_eq!(child(&[("FAKE_FAIL", "0")]), Some(3), "no memory at all");
    // The driver for tests is slow with networks that look at the frame: not every one of theirs.
    for (method, step) in [("inverse-highlights", 1), ("grid", 5)] {
        let enough = (1..MOST_ALLOCATIONS).step_by(step).find(|allowed| {
            child(&[("FAKE_FAIL", &allowed.to_string()), (METHOD, method)]) == Some(0)
        });
        assert!(enough.is_some(), "{method}: never enough");
    }
}

#[test]
fn a_device_may_be_lost_at_every_call() {
    for call in [
        "cuInit",
        "cuCtxPushCurrent",
        "cuModuleLoadData",
        "cuMemcpyHtoDAsync",
        "cuMemcpyDtoHAsync",
        "cuStreamSynchronize",
        "cuLaunchKernel",
    ] {
        if let Some(by_cpu) = child(&[("FAKE_LOST", call)]) {
            assert!(by_cpu > 0, "{call}");
        }
    }
}

/// A render on a device only tells it what to do, also where it looks at the whole frame.
#[test]
fn child_waits_for_nothing() {
    let Some(fake) = Fake::get() else { return };
    let gpu = own_gpu(Some("cuda")).expect("opens");
    let bytes: Vec<u8> = picture(RECT).iter().flat_map(|v| v.to_ne_bytes()).collect();
    let (from, to) = (gpu.upload(&bytes).expect("room"), gpu.upload(&bytes).expect("room"));
    let row = (RECT.width() * 16) as isize;
    let image = |memory| DeviceImage::new(memory, 0, row, RECT, Format::RGBA_FLOAT).expect("fits");
    let (from, to) = (image(&from), image(&to));
    let estimated = ("input_space", "estimate");
    let of = |method| [("method", method), ("protect_unclipped", "false")];
    let methods = ["bt2446c", "inverse", "inverse-highlights", "grid", "unet"];
    let estimates = ["inverse", "grid", "unet"].map(|method| [("method", method), estimated]);
    for settings in methods.map(of).into_iter().chain(estimates) {
        let plan = plan(&settings, Alpha::Opaque);
        let render = || {
            let run = DeviceAnalysis::new;
            let analysis = run(&gpu, &plan, &from, RECT, false, &|| false).expect("runs");
            let (run, pool) = (render_on, Pool::new(1));
            run(&gpu, &plan, &analysis, &from, None, &to, false, &pool, &|| false).expect("runs");
        };
        // The first uploads weights and has memory for a tile, which stay.
        render();
        let before = fake.held();
        render();
        assert_eq!(fake.held(), before, "{settings:?}");
    }
}

#[test]
fn nothing_is_waited_for() {
    assert!(again("child_waits_for_nothing", &[], &[("FAKE_POOLS", "1")]));
}

#[test]
fn without_a_driver_it_is_said() {
    if std::env::var("HEADROOM_CUDA_DRIVER").is_ok_and(|driver| driver == "no-such-library.so") {
        let (_, problems) = devices();
        let told = problems.iter().any(|told| told.contains("no-such-library.so"));
        assert!(told, "{problems:?}");
        let error = find("cuda").expect_err("none").to_string();
        assert!(error.contains("found no such device"), "{error}");
        return;
    }
    let program = std::env::current_exe().expect("a test has a path");
    let mut command = std::process::Command::new(program);
    command.env("HEADROOM_CUDA_DRIVER", "no-such-library.so").arg("without_a_driver_it_is_said");
    assert!(command.status().expect("runs").success());
}
