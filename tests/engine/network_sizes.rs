//! Networks on frames and windows of every size: one pixel, odd sides, nothing at all, more than UHD.

use crate::bench_frame::picture;
use crate::harness::{expand, plan, pure};
use headroom::expand::{Alpha, METHODS, Plan, analyse, render};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};

fn networks() -> impl Iterator<Item = &'static str> {
    METHODS.iter().filter(|method| method.network).map(|method| method.id)
}

/// A window of the frame, by a pool of so many threads.
fn window(plan: &Plan, source: &[f32], frame: Rect, window: Rect, threads: usize) -> Vec<f32> {
    let pool = Pool::new(threads);
    let image = ImageRef::from_floats(source, frame, Components::Rgba).expect("fits");
    let analysis = analyse(plan, &image, frame, &pool, &|| false).expect("not interrupted");
    let mut out = vec![f32::NAN; window.width() * window.height() * 4];
    let target = ImageMut::from_floats(&mut out, window, Components::Rgba).expect("fits");
    let report =
        render(plan, &analysis, &image, None, target, &pool, &|| false).expect("not interrupted");
    assert_eq!(report.fallback, None);
    out
}

/// Rows and columns of `inner` out of the pixels of `outer`.
fn cut(pixels: &[f32], outer: Rect, inner: Rect) -> Vec<f32> {
    let row = |y: i32| {
        let first = (y - outer.y1) as usize * outer.width() + (inner.x1 - outer.x1) as usize;
        &pixels[first * 4..(first + inner.width()) * 4]
    };
    (inner.y1..inner.y2).flat_map(row).copied().collect()
}

fn most_off(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let off = |(a, b): (&f32, &f32)| (a - b).abs() / b.abs().max(1.0);
    let most = a.iter().zip(b).map(off).fold(0.0, f32::max);
    assert!(a.iter().all(|v| v.is_finite()));
    most
}

#[test]
fn every_network_takes_every_size_with_the_same_bits_for_any_number_of_threads() {
    for network in networks() {
        let plan = plan(&[("method", network), ("clip_auto", "false")], Alpha::Opaque);
        for (width, height) in [(1, 1), (17, 3), (2, 65), (131, 67)] {
            let frame = Rect::new(-3, 5, width - 3, height + 5);
            let source = picture(frame);
            let whole = window(&plan, &source, frame, frame, 1);
            for threads in [2, 3] {
                let again = window(&plan, &source, frame, frame, threads);
                let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&whole), bits(&again), "{network} {width}x{height} {threads}");
            }
            let part = Rect::new(frame.x1 + width / 3, frame.y1, frame.x2, frame.y2 - height / 4);
            let found = window(&plan, &source, frame, part, 2);
            let off = most_off(&found, &cut(&whole, frame, part));
            assert!(off < 1e-5, "{network} {width}x{height}: {off}");
            let nothing = Rect::new(frame.x1, frame.y1, frame.x1, frame.y2);
            assert!(window(&plan, &source, frame, nothing, 2).is_empty());
        }
        // A frame of nothing, and a source of nothing in a frame of something.
        let nothing = Rect::new(4, 4, 4, 4);
        assert!(expand(&plan, &[], nothing).0.is_empty(), "{network}");
    }
}

#[test]
fn more_than_uhd_in_odd_sides_comes_out_alike_whole_and_in_parts() {
    let frame = Rect::new(0, 0, 4097, 2161);
    let source = picture(frame);
    for network in ["grid", "residual"] {
        let plan = plan(&[("method", network)], Alpha::Opaque);
        let limited =
            crate::harness::plan(&[("method", network), ("memory_limit", "64")], Alpha::Opaque);
        let whole = window(&plan, &source, frame, frame, 2);
        let exact = pure(&plan, &source);
        assert_ne!(whole, exact, "{network} adds light");
        // What is not near clipping keeps every bit.
        for ((a, b), code) in
            whole.chunks_exact(4).zip(exact.chunks_exact(4)).zip(source.chunks_exact(4))
        {
            let top = code[0].max(code[1]).max(code[2]);
            assert!(top > 0.85 || a == b, "{network}: {a:?} {b:?}");
        }
        for part in [Rect::new(0, 0, 61, 47), Rect::new(4000, 2000, 4097, 2161)] {
            let found = window(&limited, &source, frame, part, 2);
            let off = most_off(&found, &cut(&whole, frame, part));
            assert!(off < 1e-5, "{network}: {off}");
        }
    }
}
