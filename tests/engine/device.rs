//! A device makes of a picture what the CPU makes of it. Without a device the tests say so and pass.

use crate::bench_frame::picture;
use crate::harness::{expand_masked, plan};
use half::f16;
use half::slice::HalfFloatSliceExt;
use headroom::expand::device::{
    DeviceAnalysis, DeviceImage, Fetched, fingerprint, render_on, render_through,
};
use headroom::expand::{Alpha, METHODS, Plan, Report, VIEWS, analyse, input_spaces, output_spaces};
use headroom_gpu::{Gpu, Memory, devices};
use headroom_kernel::{Components, Depth, Format, ImageMut, ImageRef, Pool, Rect};
use std::sync::OnceLock;

/// Odd sizes, and an origin that is not 0.
pub(crate) const RECT: Rect = Rect::new(-7, 11, 126, 98);

/// What f32 kernels may differ by from the CPU, relative to the pixel's greatest channel or to 1.
pub(crate) const CLOSE: f32 = 2e-5;

/// The same for the network that is run over and over, whose weights are noise here.
pub(crate) const CLOSE_OF_DEEP: f32 = 5e-5;

/// What tensors in halves may differ by, root mean square in stops, with weights that are noise.
const HALVES: f32 = 0.05;

pub(crate) fn gpu() -> Option<&'static Gpu> {
    static GPU: OnceLock<Option<Gpu>> = OnceLock::new();
    let open = || {
        let (devices, problems) = devices();
        let Some(device) = devices.first() else {
            eprintln!("skipped: {}", problems.join(", "));
            return None;
        };
        Some(Gpu::new(device, None).expect("a device that was found opens"))
    };
    GPU.get_or_init(open).as_ref()
}

fn through(
    gpu: &Gpu,
    plan: &Plan,
    source: &[f32],
    rect: Rect,
    mask: Option<&[f32]>,
) -> (Vec<f32>, Report) {
    let source = ImageRef::from_floats(source, rect, Components::Rgba).expect("fits");
    let mask = mask.map(|m| ImageRef::from_floats(m, rect, Components::Alpha).expect("fits"));
    let pool = Pool::new(2);
    let analysis = analyse(plan, &source, rect, &pool, &|| false).expect("not interrupted");
    let mut out = vec![f32::NAN; rect.width() * rect.height() * 4];
    let image = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
    let run = render_through;
    let report = run(gpu, plan, &analysis, &source, mask.as_ref(), image, &pool, &|| false);
    (out, report.expect("the device does it"))
}

/// Root mean square error of log2 of light, in stops, over all values.
fn relative(found: &[f32], exact: &[f32]) -> f32 {
    let stops = |v: &f32| v.abs().max(0.01).log2();
    let squares = found.iter().zip(exact).map(|(f, e)| (stops(f) - stops(e)).powi(2));
    (squares.sum::<f32>() / exact.len() as f32).sqrt()
}

pub(crate) fn off(found: f32, expected: f32, pixel: &[f32]) -> f32 {
    (found - expected).abs() / pixel.iter().fold(1.0, |most: f32, v| most.max(v.abs()))
}

/// Holds a device to the CPU, on a picture and a mask.
fn same(gpu: &Gpu, what: &str, plan: &Plan, source: &[f32], mask: Option<&[f32]>) {
    let (expected, told) = expand_masked(plan, source, RECT, mask, &Pool::new(2));
    let (found, report) = through(gpu, plan, source, RECT, mask);
    assert_eq!(report, told, "{what}");
    for (at, (found, expected)) in found.chunks(4).zip(expected.chunks(4)).enumerate() {
        let most = if plan.method().id == "diff-hdrtv" { CLOSE_OF_DEEP } else { CLOSE };
        let close = found.iter().zip(expected).all(|(f, e)| off(*f, *e, &expected[..3]) <= most);
        assert!(close, "{what}: {found:?}, expected {expected:?} at pixel {at}");
    }
}

/// The picture of the tests with alpha of all kinds, light beyond white, and values that are none;
/// `wild`: also with values beside which others of a network's sums are lost in rounding.
fn odd_picture(wild: bool) -> Vec<f32> {
    let mut source = picture(RECT);
    for (i, pixel) in source.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        pixel[3] = [1.0, 0.5, 0.0, 1e-6, 1.0, 0.25, 1.0][i % 7];
        match i % 331 {
            0 => pixel[i % 3] = f32::NAN,
            1 if wild => pixel[i % 3] = f32::INFINITY,
            2 => pixel[i % 3] = -0.25,
            3 => pixel[..3].fill(1.7),
            4 if wild => pixel[i % 3] = 1.0e9,
            _ => {}
        }
    }
    source
}

fn soft_mask() -> Vec<f32> {
    let (width, height) = (RECT.width(), RECT.height());
    (0..width * height).map(|i| (i % width) as f32 / 70.0 - 0.4).collect()
}

#[test]
fn every_method_and_view() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    for method in METHODS {
        for view in VIEWS {
            let settings = [("method", method.id), ("view", view.id), ("preview_exposure", "-2")];
            let plan = plan(&settings, Alpha::Opaque);
            let what = format!("{}, {}", method.id, view.id);
            if view.id != "difference" {
                same(gpu, &what, &plan, &source, None);
                continue;
            }
            // Stops of light that is nearly gone magnify what it differs by.
            let (expected, _) = expand_masked(&plan, &source, RECT, None, &Pool::new(2));
            let (found, _) = through(gpu, &plan, &source, RECT, None);
            for (found, expected) in found.iter().zip(&expected) {
                let most = 2.0 * CLOSE * (-expected).max(0.0).exp2();
                assert!((found - expected).abs() <= most, "{what}: {found}, expected {expected}");
            }
        }
    }
}

#[test]
fn every_method_with_every_switch() {
    let Some(gpu) = gpu() else { return };
    let mask = soft_mask();
    for method in METHODS {
        let source = odd_picture(!method.network);
        let with = |more: &[(&str, &str)], alpha: Alpha, mask: Option<&[f32]>| {
            let settings = [&[("method", method.id)], more].concat();
            let what = format!("{settings:?}, {alpha:?}");
            same(gpu, &what, &plan(&settings, alpha), &source, mask);
        };
        with(&[("protect_unclipped", "false"), ("amount", "0.7")], Alpha::Opaque, None);
        with(
            &[
                ("highlight_gain", "1.5"),
                ("highlight_saturation", "0.5"),
                ("highlight_hue", "30"),
                ("shadow_recovery", "0.6"),
                ("keep_above_white", "true"),
                ("input_exposure", "0.5"),
            ],
            Alpha::Premultiplied,
            None,
        );
        with(&[("mask_enable", "true"), ("mix", "0.6")], Alpha::Straight, Some(&mask));
        with(
            &[("mask_enable", "true"), ("mask_invert", "true"), ("output_space", "ACEScct")],
            Alpha::Premultiplied,
            Some(&mask),
        );
        with(&[("mask_enable", "true"), ("view", "difference")], Alpha::Opaque, None);
        with(&[("dequantise", "0.8"), ("clip_any_channel", "false")], Alpha::Opaque, None);
        with(&[("input_space", "estimate"), ("peak", "3")], Alpha::Opaque, None);
        with(&[("clip_auto", "false"), ("clip_threshold", "0.9")], Alpha::Opaque, None);
        with(
            &[("input_range", "legal"), ("source_depth", "10"), ("half_safe", "false")],
            Alpha::Opaque,
            None,
        );
    }
}

#[test]
fn every_space_in_and_out() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    for space in input_spaces() {
        let settings = [("input_space", space.name), ("dequantise", "0.5")];
        let what = format!("from {}", space.name);
        same(gpu, &what, &plan(&settings, Alpha::Opaque), &source, None);
        for network in ["grid", "residual"] {
            let settings = [("method", network), settings[0], settings[1]];
            let what = format!("{network}, {what}");
            same(gpu, &what, &plan(&settings, Alpha::Opaque), &source, None);
        }
    }
    for space in output_spaces() {
        let settings = [("output_space", space.name), ("peak", "6"), ("mix", "0.9")];
        let what = format!("to {}", space.name);
        same(gpu, &what, &plan(&settings, Alpha::Opaque), &source, None);
    }
}

#[test]
fn tiles_do_not_show() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    for network in ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"] {
        let settings = [("method", network), ("memory_limit", "2"), ("protect_unclipped", "false")];
        same(gpu, &format!("{network} in tiles"), &plan(&settings, Alpha::Opaque), &source, None);
    }
}

#[test]
fn halves_are_close_enough_to_look_at() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    for network in ["grid", "residual", "unet", "unet-linear", "unet-attention", "diff-hdrtv"] {
        let with =
            |precision: &str| plan(&[("method", network), ("precision", precision)], Alpha::Opaque);
        let (exact, _) = through(gpu, &with("full"), &source, RECT, None);
        let (found, _) = through(gpu, &with("fast"), &source, RECT, None);
        let error = relative(&found, &exact);
        eprintln!("{network}: {error}");
        assert!(error < HALVES, "{network}: {error}");
    }
}

#[test]
fn pictures_on_the_device_may_lie_anyhow() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    let (width, height) = (RECT.width(), RECT.height());
    let pool = Pool::new(2);
    for (depth, components, upwards, gap) in [
        (Depth::Float, Components::Rgba, false, 0),
        (Depth::Float, Components::Rgba, true, 3),
        (Depth::Half, Components::Rgba, true, 0),
        (Depth::Half, Components::Rgb, false, 5),
        (Depth::Float, Components::Rgb, true, 2),
    ] {
        let format = Format { depth, components };
        let each = components.count();
        let row = width * each + gap;
        let mut numbers = vec![0.3f32; row * height + 7];
        for y in 0..height {
            let to = if upwards { height - 1 - y } else { y } * row + 7;
            for x in 0..width {
                let pixel = &source[(y * width + x) * 4..][..each];
                numbers[to + x * each..][..each].copy_from_slice(pixel);
            }
        }
        let bytes: Vec<u8> = match depth {
            Depth::Float => numbers.iter().flat_map(|v| v.to_ne_bytes()).collect(),
            Depth::Half => numbers.iter().flat_map(|v| f16::from_f32(*v).to_ne_bytes()).collect(),
        };
        let (first, stride) = match upwards {
            true => ((height - 1) * row + 7, -(row as isize)),
            false => (7, row as isize),
        };
        let (first, stride) = (first * depth.bytes(), stride * depth.bytes() as isize);
        let from = gpu.upload(&bytes).expect("uploads");
        let to = gpu.upload(&vec![0xff; bytes.len()]).expect("uploads");
        let image = |memory| DeviceImage::new(memory, first, stride, RECT, format).expect("fits");
        let (from, to) = (image(&from), image(&to));
        let fetched = Fetched::new(gpu, &from).expect("comes back");
        let view = fetched.view().expect("fits");
        let plan = plan(&[("method", "unet"), ("mix", "0.8")], Alpha::Opaque);
        let analysis = analyse(&plan, &view, RECT, &pool, &|| false).expect("runs");
        // A window, so that what lies outside must stay.
        let window = Rect::new(3, 20, 100, 91);
        let out = to.crop(&window);
        let none = render_on(gpu, &plan, &analysis, &from, None, &out, false, &pool, &|| false);
        assert_eq!(none.expect("runs"), Report::default());

        let mut expected = vec![f32::NAN; window.width() * window.height() * 4];
        let target = ImageMut::from_floats(&mut expected, window, Components::Rgba).expect("fits");
        let run = headroom::expand::render;
        run(&plan, &analysis, &view, None, target, &pool, &|| false).expect("runs");
        let mut after = vec![0; bytes.len()];
        gpu.read(to.memory(), 0, &mut after).expect("reads");
        let found: Vec<f32> = match depth {
            Depth::Float => after.as_chunks().0.iter().map(|v| f32::from_ne_bytes(*v)).collect(),
            Depth::Half => {
                let halves: Vec<f16> =
                    after.as_chunks().0.iter().map(|v| f16::from_ne_bytes(*v)).collect();
                halves.to_f32_vec()
            }
        };
        let most = if depth == Depth::Half { 1e-3 } else { CLOSE };
        for y in 0..height {
            let at = if upwards { height - 1 - y } else { y } * row + 7;
            for i in 0..row {
                let (x, c) = (RECT.x1 + (i / each) as i32, i % each);
                let y = RECT.y1 + y as i32;
                let inside = i < width * each
                    && (window.x1..window.x2).contains(&x)
                    && (window.y1..window.y2).contains(&y);
                let found = found[at + i];
                if !inside {
                    assert!(found.is_nan(), "{format:?}: {found} was written at {x}, {y}");
                    continue;
                }
                let pixel = (y - window.y1) as usize * window.width() + (x - window.x1) as usize;
                let pixel = &expected[pixel * 4..][..4];
                let expected = pixel[c];
                assert!(
                    off(found, expected, &pixel[..3]) <= most,
                    "{format:?}: {found}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn pictures_are_told_apart_where_they_lie() {
    let Some(gpu) = gpu() else { return };
    let rect = Rect::new(2, 3, 79, 16);
    let source = picture(rect);
    let (width, height) = (rect.width(), rect.height());
    // With `gap` numbers after each row, rows downwards or upwards.
    let told = |pixels: &[f32], depth: Depth, upwards: bool, gap: usize| {
        let row = width * 4 + gap;
        let mut numbers = vec![f32::NAN; row * height];
        for (y, from) in pixels.chunks_exact(width * 4).enumerate() {
            let y = if upwards { height - 1 - y } else { y };
            numbers[y * row..][..width * 4].copy_from_slice(from);
        }
        let bytes: Vec<u8> = match depth {
            Depth::Float => numbers.iter().flat_map(|v| v.to_ne_bytes()).collect(),
            Depth::Half => numbers.iter().flat_map(|v| f16::from_f32(*v).to_ne_bytes()).collect(),
        };
        let stride = (row * depth.bytes()) as isize;
        let (first, stride) = match upwards {
            true => ((height - 1) * row * depth.bytes(), -stride),
            false => (0, stride),
        };
        let memory = gpu.upload(&bytes).expect("uploads");
        let format = Format { depth, components: Components::Rgba };
        let image = DeviceImage::new(&memory, first, stride, rect, format).expect("fits");
        fingerprint(gpu, &image).expect("is read")
    };
    for depth in [Depth::Float, Depth::Half] {
        let own = told(&source, depth, false, 0);
        assert_eq!(told(&source, depth, true, 0), own);
        assert_eq!(told(&source, depth, false, 5), own);
        let mut all = vec![own];
        for change in [0, 3, 255, 256, 300, source.len() - 1] {
            let mut other = source.clone();
            other[change] += 0.01;
            all.push(told(&other, depth, false, 0));
        }
        // The same numbers in other places: pixels, neighbours in what one work item reads, rows.
        for (a, b) in [(0, 4), (17, 17 + 64), (0, width * 4)] {
            let mut other = source.clone();
            (0..4).for_each(|i| other.swap(a + i, b + i));
            assert_ne!(other, source);
            all.push(told(&other, depth, false, 0));
        }
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count, "two are alike");
    }
}

/// Enough for tiles within a megabyte.
const LARGE: Rect = Rect::new(-7, 11, 293, 218);

/// All of a memory as a picture of floats.
fn whole(memory: &Memory) -> DeviceImage<'_> {
    let row = (LARGE.width() * 16) as isize;
    DeviceImage::new(memory, 0, row, LARGE, Format::RGBA_FLOAT).expect("fits")
}

#[test]
fn fields_are_the_rows_of_the_frame_in_tiles_too() {
    let Some(gpu) = gpu() else { return };
    let source = picture(LARGE);
    let (width, height) = (LARGE.width(), LARGE.height());
    let row = (width * 16) as isize;
    let view = ImageRef::from_floats(&source, LARGE, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    for settings in [
        [("method", "residual"), ("memory_limit", "1")],
        [("method", "inverse-highlights"), ("memory_limit", "0")],
    ] {
        let plan = plan(&settings, Alpha::Opaque);
        let analysis = analyse(&plan, &view, LARGE, &pool, &|| false).expect("runs");
        let from = gpu.upload_floats(&source).expect("uploads");
        let run = |output: &DeviceImage<'_>| {
            let none = render_on(
                gpu,
                &plan,
                &analysis,
                &whole(&from),
                None,
                output,
                false,
                &pool,
                &|| false,
            );
            assert_eq!(none.expect("runs"), Report::default());
        };
        let nans = vec![f32::NAN; source.len()];
        let to = gpu.upload_floats(&nans).expect("uploads");
        run(&whole(&to));
        let frame = gpu.read_floats(&to, nans.len()).expect("reads");
        assert!(frame.iter().all(|v| v.is_finite()));
        let row_of = |y: usize| &frame[y * width * 4..][..width * 4];
        for odd in 0..2 {
            // At full height, the rows of the other field left alone.
            let to = gpu.upload_floats(&nans).expect("uploads");
            run(&whole(&to).every_second(LARGE.y1 + odd));
            let found = gpu.read_floats(&to, nans.len()).expect("reads");
            for (y, row) in found.chunks(width * 4).enumerate() {
                match y % 2 == odd as usize {
                    true => assert_eq!(row, row_of(y), "{settings:?}, row {y}"),
                    false => assert!(row.iter().all(|v| v.is_nan()), "{settings:?}, row {y}"),
                }
            }
            // The field alone.
            let rows = (height - odd as usize).div_ceil(2);
            let rect = Rect::new(LARGE.x1, 0, LARGE.x2, rows as i32);
            let to = gpu.upload_floats(&nans[..rows * width * 4]).expect("uploads");
            let packed = DeviceImage::new(&to, 0, row, rect, Format::RGBA_FLOAT).expect("fits");
            run(&packed.field(LARGE.y1 + odd));
            let found = gpu.read_floats(&to, rows * width * 4).expect("reads");
            for (y, row) in found.chunks(width * 4).enumerate() {
                assert_eq!(row, row_of(2 * y + odd as usize), "{settings:?}, row {y} of a field");
            }
        }
    }
}

#[test]
fn pictures_beyond_their_memory_are_refused() {
    let Some(gpu) = gpu() else { return };
    let memory = gpu.allocate(4 * 16 * 3).expect("a little");
    let rect = Rect::new(0, 0, 4, 3);
    let make = |first, row| DeviceImage::new(&memory, first, row, rect, Format::RGBA_FLOAT);
    assert!(make(0, 64).is_ok() && make(128, -64).is_ok());
    for (first, row) in
        [(4, 64), (0, 68), (0, -64), (127, -64), (0, 60), (0, 66), (usize::MAX / 2, 64)]
    {
        let error = make(first, row).expect_err("beyond");
        assert!(error.to_string().contains("expected"), "{error}");
    }
}

/// More is carried than is under way at once, so bands wait for one another; the second frame is rendered in the
/// memory of the first, whose pixels must not show.
#[test]
fn pictures_are_carried_in_bands() {
    let Some(gpu) = gpu() else { return };
    let rect = Rect::new(-3, 5, 1497, 1010);
    let first = picture(rect);
    let second: Vec<f32> = first.iter().map(|v| 1.0 - v).collect();
    let mask: Vec<f32> = (0..rect.width() * rect.height()).map(|i| (i % 7) as f32 / 6.0).collect();
    // Which looks at rows beside its own.
    let dequantise = ("dequantise", "1");
    let settings = [("method", "inverse-highlights"), dequantise, ("mask_enable", "true")];
    let plan = plan(&settings, Alpha::Opaque);
    for source in [&first, &second] {
        let (expected, told) = expand_masked(&plan, source, rect, Some(&mask), &Pool::new(2));
        let (found, report) = through(gpu, &plan, source, rect, Some(&mask));
        assert_eq!(report, told);
        for (at, (found, expected)) in found.chunks(4).zip(expected.chunks(4)).enumerate() {
            let close =
                found.iter().zip(expected).all(|(f, e)| off(*f, *e, &expected[..3]) <= CLOSE);
            assert!(close, "{found:?}, expected {expected:?} at pixel {at}");
        }
    }
}

#[test]
fn the_same_by_cuda() {
    // What is left out only takes longer: the driver for tests is slow.
    let except = ["the_same_by_cuda", "every_space", "every_method"];
    assert!(headroom_fake_cuda::again("device::", &except, &[]));
}

/// What the whole frame tells when a device gathers it: rendered by the CPU, which shows nothing but what
/// differs in it.
#[test]
fn a_frame_tells_a_device_what_it_tells_the_cpu() {
    let Some(gpu) = gpu() else { return };
    let pool = Pool::new(2);
    // Smaller than its grid of cells, odd, and with more rows per cell than are read.
    for rect in [Rect::new(3, -5, 61, 44), RECT, Rect::new(0, 0, 700, 1500)] {
        let source = picture(rect);
        let (width, height) = (rect.width(), rect.height());
        let view = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
        let memory = gpu.upload_floats(&source).expect("uploads");
        let row = (width * 16) as isize;
        let image = DeviceImage::new(&memory, 0, row, rect, Format::RGBA_FLOAT).expect("fits");
        let mut cases: Vec<Vec<(&str, &str)>> =
            METHODS.iter().map(|method| vec![("method", method.id)]).collect();
        cases.push(vec![("method", "inverse-highlights"), ("input_space", "acescg")]);
        cases.push(vec![("method", "grid"), ("input_space", "acescct")]);
        cases.push(vec![("method", "grid"), ("input_space", "estimate")]);
        cases.push(vec![("method", "diff-hdrtv"), ("input_space", "Linear P3-D65")]);
        for settings in cases {
            // What diff-hdrtv sees is compared on the small frame alone: it is slow.
            if settings[0].1 == "diff-hdrtv" && rect != RECT {
                continue;
            }
            let plan = plan(&settings, Alpha::Opaque);
            if !plan.needs_whole_frame() {
                continue;
            }
            // More of the frame than there are pixels: what lacks is black.
            for frame in [rect, Rect { x2: rect.x2 + 9, y1: rect.y1 - 4, ..rect }] {
                let what = format!("{settings:?} {frame:?}");
                let run = DeviceAnalysis::new(gpu, &plan, &image, frame, false, &|| false);
                let found = run.expect("the device does it").fetch(gpu, &plan).expect("comes back");
                let found = &*found;
                let expected = analyse(&plan, &view, frame, &pool, &|| false).expect("runs");
                let (a, b) = (found.statistics(), expected.statistics());
                for (a, b) in [
                    (a.clip_level, b.clip_level),
                    (a.clip_strength, b.clip_strength),
                    (a.clip_share, b.clip_share),
                    (a.darkest, b.darkest),
                    (a.brightest, b.brightest),
                    (a.mean_log2, b.mean_log2),
                ] {
                    assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{what}: {a}, not {b}");
                }
                let render = |analysis| {
                    let mut out = vec![f32::NAN; width * height * 4];
                    let to = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
                    let run = headroom::expand::render;
                    run(&plan, analysis, &view, None, to, &pool, &|| false).expect("runs");
                    out
                };
                let (found, expected) = (render(found), render(&expected));
                for (found, expected) in found.chunks(4).zip(expected.chunks(4)) {
                    let close = found
                        .iter()
                        .zip(expected)
                        .all(|(f, e)| off(*f, *e, &expected[..3]) <= CLOSE_OF_DEEP);
                    assert!(close, "{what}: {found:?}, not {expected:?}");
                }
            }
        }
    }
    let plan = plan(&[("method", "grid")], Alpha::Opaque);
    let memory = gpu.upload_floats(&picture(RECT)).expect("uploads");
    let row = (RECT.width() * 16) as isize;
    let image = DeviceImage::new(&memory, 0, row, RECT, Format::RGBA_FLOAT).expect("fits");
    DeviceAnalysis::new(gpu, &plan, &image, RECT, false, &|| true).expect_err("stops when told to");
}
