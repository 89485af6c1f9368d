//! What networks say, averaged over frames.

use crate::bench_frame::picture;
use crate::device::{CLOSE, gpu, off};
use crate::harness::plan;
use headroom::expand::device::render_through;
use headroom::expand::{Alpha, Analysis, Plan, analyse, render};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};
use std::sync::Arc;

const RECT: Rect = Rect::new(0, 0, 96, 64);

/// The picture of the tests so many pixels to the left.
fn moved(by: usize) -> Vec<f32> {
    let wide = picture(Rect { x2: RECT.x2 + 16, ..RECT });
    let row = (RECT.width() + 16) * 4;
    wide.chunks_exact(row).flat_map(|row| &row[by * 4..][..RECT.width() * 4]).copied().collect()
}

fn found(plan: &Plan, source: &[f32]) -> Arc<Analysis> {
    let image = ImageRef::from_floats(source, RECT, Components::Rgba).expect("fits");
    Arc::new(analyse(plan, &image, RECT, &Pool::new(2), &|| false).expect("runs"))
}

fn rendered(plan: &Plan, analysis: &Analysis, source: &[f32]) -> Vec<f32> {
    let image = ImageRef::from_floats(source, RECT, Components::Rgba).expect("fits");
    let mut out = vec![f32::NAN; source.len()];
    let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
    render(plan, analysis, &image, None, target, &Pool::new(2), &|| false).expect("runs");
    out
}

fn stabilised(method: &str, more: &[(&str, &str)]) -> Plan {
    plan(&[&[("method", method), ("temporal_radius", "1")], more].concat(), Alpha::Opaque)
}

/// The frame in the middle of three, of which each is given by itself.
fn over(frames: &[&Arc<Analysis>; 3]) -> Analysis {
    Analysis::clone(frames[1]).averaged_over(frames.map(Arc::clone).to_vec())
}

/// Greatest difference, in stops where there is light.
fn difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs() / a.abs().max(1.0)))
}

#[test]
fn frames_that_are_alike_are_what_each_is_alone() {
    let source = moved(4);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/weights/unet.safetensors");
    let cases = [
        ("grid", &[][..]),
        ("grid", &[("input_space", "estimate")]),
        ("unet", &[("weights", shipped), ("input_space", "estimate")]),
        ("unet", &[("weights", shipped)]),
    ];
    for (method, more) in cases {
        let plan = stabilised(method, more);
        assert!(plan.averages_frames());
        let frame = found(&plan, &source);
        let alone = rendered(&plan, &frame, &source);
        let averaged = rendered(&plan, &over(&[&frame, &frame, &frame]), &source);
        assert_eq!(averaged, alone, "{method}");
    }
}

#[test]
fn others_have_their_say_and_the_first_to_ask_decides_nothing() {
    let sources = [0, 4, 8].map(moved);
    for more in [&[][..], &[("input_space", "estimate")]] {
        let plan = stabilised("grid", more);
        let frames = || [0, 1, 2].map(|i| found(&plan, &sources[i]));
        let [a, b, c] = frames();
        let alone = rendered(&plan, &b, &sources[1]);
        let averaged = rendered(&plan, &over(&[&a, &b, &c]), &sources[1]);
        assert!(difference(&alone, &averaged) > 1e-4, "{more:?}");
        // By itself it is still what it was; and heard in another order it comes to the same.
        assert_eq!(rendered(&plan, &b, &sources[1]), alone, "{more:?}");
        let [a, b, c] = frames();
        let _ = rendered(&plan, &over(&[&b, &c, &a]), &sources[2]);
        assert_eq!(rendered(&plan, &over(&[&a, &b, &c]), &sources[1]), averaged, "{more:?}");
    }
}

#[test]
fn networks_that_make_pictures_are_not_averaged() {
    let sources = [0, 4, 8].map(moved);
    let plan = stabilised("residual", &[]);
    assert!(!plan.averages_frames());
    let frames = [0, 1, 2].map(|i| found(&plan, &sources[i]));
    let alone = rendered(&plan, &frames[1], &sources[1]);
    assert_eq!(rendered(&plan, &over(&frames.each_ref()), &sources[1]), alone);
    // Nor is there anything to average in one frame, or in a frozen one.
    let method = ("method", "grid");
    assert!(!self::plan(&[method], Alpha::Opaque).averages_frames());
    let frozen = [method, ("temporal_radius", "1"), ("freeze_analysis", "true")];
    assert!(!self::plan(&frozen, Alpha::Opaque).averages_frames());
}

#[test]
fn a_device_makes_the_same_of_it() {
    let Some(gpu) = gpu() else { return };
    let sources = [0, 4, 8].map(moved);
    let plan = stabilised("grid", &[]);
    let frames = [0, 1, 2].map(|i| found(&plan, &sources[i]));
    let averaged = over(&frames.each_ref());
    let expected = rendered(&plan, &averaged, &sources[1]);
    let image = ImageRef::from_floats(&sources[1], RECT, Components::Rgba).expect("fits");
    let mut out = vec![f32::NAN; expected.len()];
    let target = ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    render_through(gpu, &plan, &averaged, &image, None, target, &pool, &|| false).expect("runs");
    for (found, expected) in out.chunks(4).zip(expected.chunks(4)) {
        let close = found.iter().zip(expected).all(|(f, e)| off(*f, *e, &expected[..3]) <= CLOSE);
        assert!(close, "{found:?}, expected {expected:?}");
    }
}
