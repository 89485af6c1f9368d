//! What hosts hand over on a bad day.

use crate::bench_frame::picture;
use crate::harness::{expand, expand_masked, plan};
use headroom::expand::{Alpha, Interrupted, METHODS, VIEWS, analyse, render};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};

#[test]
fn not_a_number_reads_as_black_and_infinity_as_the_largest_half_and_both_are_counted() {
    let rect = Rect::new(0, 0, 640, 40);
    let mut source = picture(rect);
    (source[0], source[5], source[4002]) = (f32::NAN, f32::NAN, f32::INFINITY);
    source[8001] = f32::NEG_INFINITY;
    for method in METHODS {
        for output in ["ACEScg", "ACEScct", "Rec.2100-PQ - Display"] {
            let plan = plan(&[("method", method.id), ("output_space", output)], Alpha::Opaque);
            let (out, report) = expand(&plan, &source, rect);
            assert!(out.iter().all(|v| v.is_finite()), "{} to {output}", method.id);
            assert_eq!((report.nan, report.infinite), (2, 2));
        }
    }
}

#[test]
fn half_safe_keeps_every_value_within_half_floats() {
    let rect = Rect::new(0, 0, 64, 4);
    let mut source = picture(rect);
    source[0] = 3.0e6;
    source[5] = -3.0e6;
    let linear = [("input_space", "ACEScg"), ("output_space", "ACEScg")];
    let (safe, _) = expand(&plan(&linear, Alpha::Opaque), &source, rect);
    assert_eq!((safe[0], safe[5]), (65504.0, -65504.0));
    let wild = [linear[0], linear[1], ("half_safe", "false")];
    let (wild, _) = expand(&plan(&wild, Alpha::Opaque), &source, rect);
    assert_eq!((wild[0], wild[5]), (3.0e6, -3.0e6));
}

#[test]
fn any_size_works_with_any_method_and_view() {
    for rect in [
        Rect::new(0, 0, 1, 1),
        Rect::new(-9, -9, 8, -6),
        Rect::new(3, 3, 4, 300),
        Rect::new(5, 5, 5, 9),
        Rect::new(0, 0, 513, 2),
    ] {
        let source = picture(rect);
        let ones = vec![1.0; source.len() / 4];
        for method in METHODS {
            for view in VIEWS {
                let settings = [("method", method.id), ("view", view.id), ("mask_enable", "1")];
                let plan = plan(&settings, Alpha::Premultiplied);
                let (out, _) = expand_masked(&plan, &source, rect, Some(&ones), &Pool::new(2));
                assert!(out.iter().all(|v| v.is_finite()), "{rect:?} {} {}", method.id, view.id);
            }
        }
    }
}

#[test]
fn a_source_smaller_than_the_window_is_black_around() {
    let (small, window) = (Rect::new(10, 10, 50, 40), Rect::new(0, 0, 100, 60));
    let source = picture(small);
    let image = ImageRef::from_floats(&source, small, Components::Rgba).expect("fits");
    let plan = plan(&[("output_space", "ACEScg")], Alpha::Premultiplied);
    let pool = Pool::new(2);
    let analysis = analyse(&plan, &image, window, &pool, &|| false).expect("runs");
    let mut out = vec![9.0f32; 6000 * 4];
    let target = ImageMut::from_floats(&mut out, window, Components::Rgba).expect("fits");
    render(&plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
    assert_eq!(out[..4], [0.0; 4]);
    assert_eq!(out[(59 * 100 + 99) * 4..], [0.0; 4]);
    assert!(out[(20 * 100 + 20) * 4 + 3] == 1.0 && out[(20 * 100 + 20) * 4] > 0.0);
}

#[test]
fn an_abort_is_told() {
    let rect = Rect::new(0, 0, 64, 64);
    let source = picture(rect);
    let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
    let plan = plan(&[], Alpha::Opaque);
    let pool = Pool::new(2);
    assert_eq!(analyse(&plan, &image, rect, &pool, &|| true).err(), Some(Interrupted));
    let analysis = analyse(&plan, &image, rect, &pool, &|| false).expect("runs");
    let mut out = vec![0.0f32; 64 * 64 * 4];
    let target = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
    let result = render(&plan, &analysis, &image, None, target, &pool, &|| true);
    assert_eq!(result, Err(Interrupted));
}

#[test]
fn light_without_cover_neither_sparks_nor_vanishes() {
    let alphas =
        [1.0e-45, 1.0e-20, 1.0e-7, 1.0e-5, 1.6e-5, 1.0e-3, 0.0, -1.0, f32::INFINITY, f32::NAN];
    let rect = Rect::new(0, 0, alphas.len() as i32, 1);
    let source: Vec<f32> = alphas.iter().flat_map(|&a| [0.5, 0.25, 1.0, a]).collect();
    for method in METHODS {
        for output in ["ACEScg", "Linear Rec.709 (sRGB)", "ACEScct"] {
            let plan =
                plan(&[("method", method.id), ("output_space", output)], Alpha::Premultiplied);
            let (out, _) = expand(&plan, &source, rect);
            for (out, alpha) in out.chunks_exact(4).zip(alphas) {
                assert_eq!(out[3].to_bits(), alpha.to_bits(), "alpha is handed on");
                let most = out[..3].iter().fold(0.0f32, |m, v| m.max(v.abs()));
                assert!(most.is_finite() && most < 64.0, "{} {output} {alpha}: {out:?}", method.id);
            }
        }
    }
    // Where nothing is to be done, the colour comes out as it came.
    let linear = [("input_space", "ACEScg"), ("output_space", "ACEScg")];
    let same = [linear[0], linear[1], ("amount", "0")];
    let (out, _) = expand(&plan(&same, Alpha::Premultiplied), &source, rect);
    for (out, alpha) in out.chunks_exact(4).zip(alphas) {
        assert!((out[0] - 0.5).abs() < 1e-6, "{alpha}: {out:?}");
    }
}
