//! What a frame tells may stay on the device: its pixels come out as when the CPU is told.

use crate::bench_frame::{picture, terrace};
use crate::device::{CLOSE, CLOSE_OF_DEEP, RECT, gpu, off};
use crate::harness::{expand, plan};
use headroom::expand::device::{DeviceAnalysis, DeviceImage, render_on};
use headroom::expand::{Alpha, METHODS, Plan, Statistics, analyse, render};
use headroom_gpu::{Gpu, Memory};
use headroom_kernel::{Components, Format, ImageMut, ImageRef, Pool, Rect};

fn image(memory: &Memory, rect: Rect) -> DeviceImage<'_> {
    let row = (rect.width() * 16) as isize;
    DeviceImage::new(memory, 0, row, rect, Format::RGBA_FLOAT).expect("fits")
}

/// The frame by the device, which is never asked what it found.
fn by_device(
    gpu: &Gpu,
    plan: &Plan,
    source: &[f32],
    rect: Rect,
    change: impl Fn(DeviceAnalysis) -> DeviceAnalysis,
) -> Vec<f32> {
    let from = gpu.upload_floats(source).expect("uploads");
    let to = gpu.upload_floats(&vec![f32::NAN; source.len()]).expect("uploads");
    let (from, to) = (image(&from, rect), image(&to, rect));
    let made = DeviceAnalysis::new(gpu, plan, &from, rect, false, &|| false);
    let analysis = change(made.expect("the device does it"));
    let run = render_on;
    run(gpu, plan, &analysis, &from, None, &to, false, &Pool::new(2), &|| false).expect("runs");
    gpu.read_floats(to.memory(), source.len()).expect("reads")
}

fn assert_same(what: &str, found: &[f32], expected: &[f32], most: f32) {
    for (at, (found, expected)) in found.chunks(4).zip(expected.chunks(4)).enumerate() {
        let close = found.iter().zip(expected).all(|(f, e)| off(*f, *e, &expected[..3]) <= most);
        assert!(close, "{what}: {found:?}, expected {expected:?} at pixel {at}");
    }
}

#[test]
fn every_method_is_told_of_its_frame_there() {
    let Some(gpu) = gpu() else { return };
    // Smaller than its grid of cells, odd, and with more rows per cell than are read.
    for rect in [Rect::new(3, -5, 61, 44), RECT, Rect::new(0, 0, 350, 1500)] {
        let source = picture(rect);
        let mut cases: Vec<Vec<(&str, &str)>> =
            METHODS.iter().map(|method| vec![("method", method.id)]).collect();
        cases.push(vec![("method", "inverse-highlights"), ("input_space", "acescg")]);
        cases.push(vec![("method", "grid"), ("input_space", "acescct")]);
        for method in ["inverse", "inverse-highlights", "grid", "unet", "residual"] {
            cases.push(vec![("method", method), ("input_space", "estimate")]);
        }
        cases.push(vec![("method", "unet"), ("clip_any_channel", "false")]);
        cases.push(vec![("method", "grid"), ("clip_auto", "false"), ("clip_threshold", "0.9")]);
        for settings in cases {
            let deep = !["inverse-highlights", "grid"].contains(&settings[0].1);
            if deep && rect.height() > 1000 {
                continue;
            }
            let plan = plan(&settings, Alpha::Opaque);
            let expected = expand(&plan, &source, rect).0;
            let found = by_device(gpu, &plan, &source, rect, |analysis| analysis);
            assert_same(&format!("{settings:?} {rect:?}"), &found, &expected, CLOSE_OF_DEEP);
        }
    }
}

#[test]
fn edges_tell_of_the_camera_there_too() {
    let Some(gpu) = gpu() else { return };
    // Strips that end at an edge of the frame, and one that is full.
    let frames = [(Rect::new(-3, 2, 411, 231), "filmic"), (Rect::new(0, 0, 256, 144), "srgb")];
    // As it is, and as JPEG scatters what clips.
    for ((rect, camera), scatter) in frames.into_iter().zip([1, 1]).chain([(frames[0], 4)]) {
        let mut source = terrace(rect, camera, 0.5).1;
        for (i, v) in source.iter_mut().enumerate().filter(|(_, v)| **v == 1.0) {
            *v -= if i % 4 == 3 { 0.0 } else { (i / 4 % scatter) as f32 / 255.0 };
        }
        for method in ["inverse", "grid", "unet"] {
            let plan = plan(&[("method", method), ("input_space", "estimate")], Alpha::Opaque);
            let expected = expand(&plan, &source, rect).0;
            let found = by_device(gpu, &plan, &source, rect, |analysis| analysis);
            assert_same(&format!("{method} {camera}"), &found, &expected, CLOSE_OF_DEEP);
        }
    }
}

/// A gradient with what is asked for in its last rows.
fn ending(rect: Rect, top: f32, rows: usize, with: impl Fn(usize) -> [f32; 3]) -> Vec<f32> {
    let (width, height) = (rect.width(), rect.height());
    let pixel = |i: usize| {
        let u = (i % width * height + i / width) as f32 / (width * height) as f32;
        let [r, g, b] = match i / width < height - rows {
            true => [u * top, u * u * top, 0.4],
            false => with(i),
        };
        [r, g, b, 1.0]
    };
    (0..width * height).flat_map(pixel).collect()
}

#[test]
fn the_level_is_found_there_wherever_a_frame_clips() {
    let Some(gpu) = gpu() else { return };
    let rect = Rect::new(0, 0, 320, 180);
    let of = |code: f32| move |_: usize| [code / 255.0; 3];
    let cases = [
        ("no white", ending(rect, 0.9, 1, of(200.0))),
        ("full scale", ending(rect, 1.0, 20, of(255.0))),
        ("a hundredth", ending(rect, 0.95, 2, of(255.0))),
        (
            "a handful at full scale",
            ending(rect, 0.95, 1, |i| [if i % 60 == 0 { 1.0 } else { 0.2 }; 3]),
        ),
        ("scattered by JPEG", ending(rect, 0.93, 30, |i| [(255 - i % 7) as f32 / 255.0; 3])),
        ("graded down", ending(rect, 0.9, 25, of(246.0))),
        ("legal white", ending(rect, 0.9, 25, of(235.0))),
        ("one channel", ending(rect, 0.9, 25, |_| [1.0, 0.5, 0.2])),
        ("super-whites that clip", ending(rect, 1.02, 25, of(274.0))),
        ("little above white", ending(rect, 0.97, 2, |i| [if i % 3 == 0 { 1.03 } else { 1.0 }; 3])),
        ("light above white", ending(rect, 2.5, 1, of(300.0))),
        ("all of it", vec![1.0; rect.width() * rect.height() * 4]),
        ("nothing", vec![0.0; rect.width() * rect.height() * 4]),
    ];
    for (what, source) in cases {
        for (method, view, most) in [
            ("inverse-highlights", "clip-mask", CLOSE),
            ("inverse-highlights", "result", CLOSE),
            ("grid", "result", CLOSE_OF_DEEP),
        ] {
            let plan = plan(&[("method", method), ("view", view)], Alpha::Opaque);
            let expected = expand(&plan, &source, rect).0;
            let found = by_device(gpu, &plan, &source, rect, |analysis| analysis);
            assert_same(&format!("{what}, {method}, {view}"), &found, &expected, most);
        }
    }
}

#[test]
fn statistics_of_other_frames_stand_in_there() {
    let Some(gpu) = gpu() else { return };
    let pool = Pool::new(2);
    let other = Statistics { clip_level: 0.94, clip_strength: 0.7, ..Statistics::default() };
    let methods = ["inverse-highlights", "grid", "unet", "akyuz2007"].map(|m| (m, picture(RECT)));
    // Of which so little clips that calibration asks how much.
    let calm = ["grid", "unet"].map(|method| (method, ending(RECT, 0.95, 1, |_| [1.0; 3])));
    for (method, source) in methods.into_iter().chain(calm) {
        let view = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
        let plan = plan(&[("method", method)], Alpha::Opaque);
        let analysis = analyse(&plan, &view, RECT, &pool, &|| false).expect("runs");
        let analysis = analysis.with_statistics(other);
        let mut expected = vec![f32::NAN; source.len()];
        let to = ImageMut::from_floats(&mut expected, RECT, Components::Rgba).expect("fits");
        render(&plan, &analysis, &view, None, to, &pool, &|| false).expect("runs");
        let found = by_device(gpu, &plan, &source, RECT, |own| own.with_statistics(other));
        assert_same(method, &found, &expected, CLOSE);
    }
}

#[test]
fn an_analysis_that_is_kept_serves_every_part_of_the_frame() {
    let Some(gpu) = gpu() else { return };
    let source = picture(RECT);
    let pool = Pool::new(2);
    for method in ["inverse-highlights", "grid", "unet"] {
        let plan = plan(&[("method", method)], Alpha::Opaque);
        let whole = by_device(gpu, &plan, &source, RECT, |analysis| analysis);
        let from = gpu.upload_floats(&source).expect("uploads");
        let to = gpu.upload_floats(&vec![f32::NAN; source.len()]).expect("uploads");
        let (from, to) = (image(&from, RECT), image(&to, RECT));
        let made = DeviceAnalysis::new(gpu, &plan, &from, RECT, true, &|| false);
        let analysis = made.expect("the device does it");
        for window in
            [Rect::new(-7, 11, 50, 98), Rect::new(50, 11, 126, 40), Rect::new(50, 40, 126, 98)]
        {
            let run = render_on;
            let part = to.crop(&window);
            run(gpu, &plan, &analysis, &from, None, &part, false, &pool, &|| false).expect("runs");
        }
        let parts = gpu.read_floats(to.memory(), source.len()).expect("reads");
        assert!(parts == whole, "{method}: parts differ from the whole");
        // And what it tells the CPU afterwards is what the CPU finds.
        let view = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
        let expected = analyse(&plan, &view, RECT, &pool, &|| false).expect("runs");
        let found = analysis.fetch(gpu, &plan).expect("comes back");
        let level = |statistics: &Statistics| [statistics.clip_level, statistics.clip_strength];
        assert_eq!(level(found.statistics()), level(expected.statistics()), "{method}");
        assert_eq!(analysis.statistics(gpu, &plan).as_ref(), Ok(found.statistics()));
    }
}

#[test]
fn the_same_by_cuda() {
    assert!(headroom_fake_cuda::again(
        "device_analysis::",
        &["the_same_by_cuda", "every_method"],
        &[]
    ));
}
