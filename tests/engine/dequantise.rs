//! Dequantise smooths steps, keeps edges, and never moves a value by more than half a code.

use crate::bench_frame::picture;
use crate::harness::{expand, plan};
use headroom::expand::Alpha;
use headroom_kernel::Rect;

const RECT: Rect = Rect::new(0, 0, 700, 60);

/// The repaired codes of sRGB floats: what comes out as linear light, encoded again in f64.
fn repair(source: &[f32]) -> Vec<f32> {
    let settings =
        [("dequantise", "1"), ("amount", "0"), ("output_space", "Linear Rec.709 (sRGB)")];
    let (out, _) = expand(&plan(&settings, Alpha::Opaque), source, RECT);
    out.iter().map(|&v| headroom_colour::transfer::inverse_eotf_srgb(f64::from(v)) as f32).collect()
}

fn grey(code: impl Fn(usize, usize) -> f32) -> Vec<f32> {
    (0..60)
        .flat_map(|y| (0..700).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            let v = code(x, y);
            [v, v, v, 1.0]
        })
        .collect()
}

fn quantised(v: f32) -> f32 {
    (v * 255.0).round() / 255.0
}

#[test]
fn no_value_moves_by_more_than_half_a_code() {
    let source = picture(RECT);
    let out = repair(&source);
    let mut moved = 0;
    for (a, b) in source.iter().zip(&out).enumerate().filter(|(i, _)| i % 4 != 3).map(|(_, p)| p) {
        assert!((a - b).abs() <= 0.5001 / 255.0, "{a} became {b}");
        moved += usize::from((a - b).abs() > 0.1 / 255.0);
    }
    assert!(moved > 1000, "{moved}");
}

#[test]
fn steps_of_a_gradient_become_a_slope() {
    let truth = |x: usize, _: usize| 0.4 + 0.08 * x as f32 / 700.0;
    let source = grey(|x, y| quantised(truth(x, y)));
    let out = repair(&source);
    let error = |v: &[f32]| {
        let row = &v[30 * 2800..31 * 2800];
        let sum: f32 = (40..660).map(|x| (row[x * 4] - truth(x, 0)).powi(2)).sum();
        (sum / 620.0).sqrt() * 255.0
    };
    let (before, after) = (error(&source), error(&out));
    assert!(after < 0.6 * before, "{before} codes became {after}");
}

#[test]
fn edges_and_flat_areas_stay() {
    let source = grey(|x, _| if x < 350 { quantised(0.3) } else { quantised(0.5) });
    let out = repair(&source);
    for (a, b) in source.iter().zip(&out) {
        assert!((a - b).abs() < 2e-6, "{a} became {b}");
    }
}

#[test]
fn floats_that_were_never_stored_in_8_bits_stay() {
    let source = grey(|x, y| 0.2 + (x as f32 * 0.37 + y as f32 * 0.11).sin() * 0.1);
    let out = repair(&source);
    let touched = source.iter().zip(&out).filter(|(a, b)| (*a - *b).abs() > 0.02 / 255.0).count();
    assert!(touched * 25 < source.len(), "{touched} of {}", source.len());
}
