//! The same pixels, whatever the window, the threads, the origin, the order of rows, the depth.

use crate::bench_frame::picture;
use crate::harness::{expand, expand_masked, plan};
use half::f16;
use half::slice::HalfFloatSliceExt;
use headroom::expand::{Alpha, Plan, analyse, render};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};

const RECT: Rect = Rect::new(0, 0, 600, 337);

fn plans() -> Vec<Plan> {
    ["inverse-highlights", "bt2446a", "bt2446c", "akyuz2007", "grid", "residual"]
        .into_iter()
        .flat_map(|method| {
            [
                plan(&[("method", method), ("output_space", "ACEScct")], Alpha::Opaque),
                plan(&[("method", method), ("dequantise", "1"), ("mix", "0.7")], Alpha::Opaque),
            ]
        })
        .collect()
}

#[test]
fn windows_tiles_and_threads_do_not_show() {
    let source = picture(RECT);
    let image = ImageRef::from_floats(&source, RECT, Components::Rgba).expect("fits");
    for plan in plans() {
        let (whole, _) = expand(&plan, &source, RECT);
        for threads in [1, 3] {
            let pool = Pool::new(threads);
            let analysis = analyse(&plan, &image, RECT, &pool, &|| false).expect("runs");
            for window in
                [Rect::new(0, 0, 600, 1), Rect::new(13, 7, 550, 331), Rect::new(599, 300, 600, 337)]
            {
                let mut out = vec![0.0; window.width() * window.height() * 4];
                let target =
                    ImageMut::from_floats(&mut out, window, Components::Rgba).expect("fits");
                render(&plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
                for y in window.y1..window.y2 {
                    let at = (y as usize * RECT.width() + window.x1 as usize) * 4;
                    let row = (y - window.y1) as usize * window.width() * 4;
                    let n = window.width() * 4;
                    assert_eq!(out[row..row + n], whole[at..at + n], "row {y} of {window:?}");
                }
            }
        }
    }
}

#[test]
fn the_origin_does_not_show() {
    let source = picture(RECT);
    for plan in plans() {
        let (here, _) = expand(&plan, &source, RECT);
        let moved = Rect::new(-1000, 77, -400, 414);
        assert_eq!(here, expand(&plan, &source, moved).0);
    }
}

#[test]
fn the_order_of_rows_does_not_show() {
    let source = picture(RECT);
    for plan in &plans() {
        let (here, _) = expand(plan, &source, RECT);
        let row = RECT.width() * 4;
        let upside_down: Vec<f32> = source.chunks_exact(row).rev().flatten().copied().collect();
        let mut out = vec![0.0f32; source.len()];
        let image =
            ImageRef::from_floats(&upside_down, RECT, Components::Rgba).expect("fits").flipped();
        let target =
            ImageMut::from_floats(&mut out, RECT, Components::Rgba).expect("fits").flipped();
        let pool = Pool::new(2);
        let analysis = analyse(plan, &image, RECT, &pool, &|| false).expect("runs");
        render(plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
        let turned: Vec<f32> = out.chunks_exact(row).rev().flatten().copied().collect();
        assert_eq!(here, turned);
    }
}

#[test]
fn half_floats_give_what_the_same_floats_give() {
    let mut source = picture(RECT);
    let halves: Vec<f16> = source.iter().map(|&v| f16::from_f32(v)).collect();
    halves.convert_to_f32_slice(&mut source);
    let plan = &plans()[0];
    let (expected, _) = expand(plan, &source, RECT);
    let mut out = vec![f16::ZERO; source.len()];
    let image = ImageRef::from_halves(&halves, RECT, Components::Rgba).expect("fits");
    let target = ImageMut::from_halves(&mut out, RECT, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    let analysis = analyse(plan, &image, RECT, &pool, &|| false).expect("runs");
    render(plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
    for (found, expected) in out.iter().zip(&expected) {
        assert_eq!(found.to_bits(), f16::from_f32(*expected).to_bits());
    }
}

#[test]
fn premultiplied_pictures_come_out_as_straight_ones_times_alpha() {
    let mut straight = picture(RECT);
    for (i, pixel) in straight.chunks_exact_mut(4).enumerate() {
        pixel[3] = [1.0, 0.5, 0.25, 0.125][i / 3 % 4];
    }
    let mut premultiplied = straight.clone();
    for pixel in premultiplied.chunks_exact_mut(4) {
        for c in 0..3 {
            pixel[c] *= pixel[3];
        }
    }
    let settings = [("output_space", "ACEScg")];
    let (a, _) = expand(&plan(&settings, Alpha::Straight), &straight, RECT);
    let (b, _) = expand(&plan(&settings, Alpha::Premultiplied), &premultiplied, RECT);
    for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
        assert_eq!([a[0] * a[3], a[1] * a[3], a[2] * a[3], a[3]], b);
    }
}

#[test]
fn a_proxy_looks_like_the_frame() {
    let big = Rect::new(0, 0, 1200, 674);
    let source = picture(big);
    // The proxy averages two by two.
    let small = Rect::new(0, 0, 600, 337);
    let proxy: Vec<f32> = (0..337usize)
        .flat_map(|y| (0..600usize).flat_map(move |x| (0..4usize).map(move |c| (x, y, c))))
        .map(|(x, y, c)| {
            let at = |dx: usize, dy: usize| source[((2 * y + dy) * 1200 + 2 * x + dx) * 4 + c];
            0.25 * (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1))
        })
        .collect();
    let plan = plan(&[("view", "difference")], Alpha::Opaque);
    let (a, _) = expand(&plan, &source, big);
    let (b, _) = expand(&plan, &proxy, small);
    let stops = |out: &[f32], w: usize, x: usize, y: usize| out[(y * w + x) * 4];
    let (whole, half) = (stops(&a, 1200, 360, 270), stops(&b, 600, 180, 135));
    assert!(whole > 0.1, "the middle of the disc is expanded: {whole}");
    assert!((whole - half).abs() < 0.05, "{whole} against {half} stops");
}

#[test]
fn a_mask_limits_and_its_inverse_limits_the_rest() {
    let source = picture(RECT);
    let n = source.len() / 4;
    let mask: Vec<f32> = (0..n).map(|i| if i % RECT.width() < 200 { 1.0 } else { 0.0 }).collect();
    let pool = Pool::new(2);
    let run = |settings: &[(&str, &str)]| {
        expand_masked(&plan(settings, Alpha::Opaque), &source, RECT, Some(&mask), &pool).0
    };
    let (full, pure) = (run(&[]), run(&[("amount", "0")]));
    let (left, right) =
        (run(&[("mask_enable", "1")]), run(&[("mask_enable", "1"), ("mask_invert", "1")]));
    for (i, &m) in mask.iter().enumerate() {
        let pixel = i * 4..i * 4 + 4;
        let (inside, outside) = if m > 0.0 { (&left, &right) } else { (&right, &left) };
        assert_eq!(inside[pixel.clone()], full[pixel.clone()]);
        assert_eq!(outside[pixel.clone()], pure[pixel]);
    }
    assert_ne!(full, pure);
}
