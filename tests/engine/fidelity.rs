//! Where nothing is clipped, nothing moves.

use crate::bench_frame::{Noise, picture};
use crate::harness::{clip_mask, expand, expand_masked, plan, pure};
use headroom::expand::{Alpha, METHODS};
use headroom_colour::{Conversion, Viewing};
use headroom_kernel::{Pool, Rect};

const RECT: Rect = Rect::new(-20, 30, 641, 300);
const SPACES: [(&str, &str); 6] = [
    ("srgb", "ACEScg"),
    ("srgb", "ACEScct"),
    ("ACEScg", "ACEScg"),
    ("Gamma 2.2 Encoded Rec.709", "ACEScg"),
    ("Linear Rec.709 (sRGB)", "ACES2065-1"),
    ("srgb", "Rec.2100-PQ - Display"),
];

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

#[test]
fn every_method_keeps_unclipped_pixels_to_the_bit() {
    let mut source = picture(RECT);
    // Negative values and alpha of every kind belong to what must survive.
    let mut noise = Noise::new(3);
    for pixel in source.chunks_exact_mut(4).step_by(7) {
        pixel[1] = -0.3 * noise.next();
        pixel[3] = noise.next();
    }
    for method in METHODS {
        for (input, output) in SPACES {
            if headroom_colour::find(output).is_none() {
                continue;
            }
            let settings =
                [("method", method.id), ("input_space", input), ("output_space", output)];
            let mask = clip_mask(&settings, &source, RECT);
            let open = mask.iter().filter(|&&m| m == 0.0).count();
            assert!(open > mask.len() / 3, "the test has something to look at: {open}");
            assert!(mask.iter().any(|&m| m > 0.5), "{input}: something clips");
            let plan = plan(&settings, Alpha::Straight);
            let (found, _) = expand(&plan, &source, RECT);
            let expected = pure(&plan, &source);
            let mut moved = 0;
            for ((found, expected), mask) in
                found.chunks_exact(4).zip(expected.chunks_exact(4)).zip(&mask)
            {
                assert_eq!(found[3].to_bits(), expected[3].to_bits(), "alpha");
                if *mask == 0.0 {
                    assert!(
                        same_bits(found, expected),
                        "{} {input} -> {output}: {found:?} is not {expected:?}",
                        method.id
                    );
                } else if !same_bits(found, expected) {
                    moved += 1;
                }
            }
            let expands = method.id != "inverse";
            assert_eq!(moved > 1000, expands, "{} {input} -> {output} moved {moved}", method.id);
        }
    }
}

#[test]
fn the_pure_transform_agrees_with_the_exact_one_to_1e_6() {
    let source = picture(RECT);
    let plan = plan(&[("amount", "0"), ("output_space", "ACEScg")], Alpha::Opaque);
    let (found, _) = expand(&plan, &source, RECT);
    let conversion = Conversion::new(plan.input_space(), plan.output_space(), Viewing::default());
    for (found, source) in found.chunks_exact(4).zip(source.chunks_exact(4)) {
        let exact = conversion.convert([source[0], source[1], source[2]].map(f64::from));
        let largest = exact.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for (found, exact) in found.iter().zip(exact) {
            assert!(
                (f64::from(*found) - exact).abs() <= 1e-6 * largest.max(1e-3),
                "{found} {exact}"
            );
        }
    }
}

#[test]
fn amount_zero_and_mix_zero_and_a_black_mask_are_the_pure_transform() {
    let source = picture(RECT);
    let black = vec![0.0; source.len() / 4];
    let pool = Pool::new(2);
    for settings in [&[("amount", "0")][..], &[("mix", "0")], &[("mask_enable", "true")]] {
        let plan = plan(settings, Alpha::Opaque);
        let (found, _) = expand_masked(&plan, &source, RECT, Some(&black), &pool);
        assert!(same_bits(&found, &pure(&plan, &source)), "{settings:?}");
    }
}

#[test]
fn light_measured_above_white_stays_exactly() {
    let mut source = picture(RECT);
    for (i, pixel) in source.chunks_exact_mut(4).enumerate().filter(|(i, _)| i % 11 == 0) {
        pixel[0] = 1.01 + i as f32 * 1e-4;
    }
    let settings =
        [("output_space", "ACEScct"), ("clip_auto", "false"), ("clip_threshold", "0.99")];
    let plan = plan(&settings, Alpha::Opaque);
    let (found, _) = expand(&plan, &source, RECT);
    let expected = pure(&plan, &source);
    for i in (0..source.len() / 4).step_by(11) {
        let pixel = i * 4..i * 4 + 4;
        assert!(same_bits(&found[pixel.clone()], &expected[pixel]), "pixel {i}");
    }
}

#[test]
fn a_frame_without_clipped_pixels_has_an_empty_mask() {
    let white_at = |white: f32| {
        let mut source = picture(RECT);
        for v in source.chunks_exact_mut(4).flat_map(|p| &mut p[..3]) {
            // Compresses instead of cutting, so that nothing piles up.
            *v = white * *v / (1.0 + 0.15 * *v) / (1.0 / 1.15);
            *v *= 0.8 / white.max(0.8) * white.min(0.8) / 0.8;
        }
        source
    };
    let source = white_at(0.8);
    assert!(clip_mask(&[], &source, RECT).iter().all(|&m| m == 0.0));
    // A ramp that only just does not reach white: no pile, nothing clips.
    let ramp: Vec<f32> = (0..RECT.width() * RECT.height())
        .flat_map(|i| {
            let v = 0.97 * (i % RECT.width()) as f32 / RECT.width() as f32;
            [v, v, v, 1.0]
        })
        .collect();
    assert!(clip_mask(&[], &ramp, RECT).iter().all(|&m| m == 0.0));
}

#[test]
fn identity_is_claimed_only_where_it_is_true() {
    let same = [("input_space", "ACEScg"), ("output_space", "ACEScg")];
    let with = |more: &[(&'static str, &'static str)]| {
        let all: Vec<_> = same.iter().chain(more).copied().collect();
        plan(&all, Alpha::Opaque).is_identity()
    };
    assert!(with(&[("amount", "0")]));
    assert!(with(&[("mix", "0")]));
    assert!(with(&[("method", "inverse")]));
    assert!(!with(&[]));
    assert!(!with(&[("amount", "0"), ("input_exposure", "1")]));
    assert!(!with(&[("amount", "0"), ("view", "clip-mask")]));
    assert!(!with(&[("amount", "0"), ("shadow_recovery", "0.5")]));
    assert!(!with(&[("amount", "0"), ("dequantise", "1")]));
    assert!(!with(&[("amount", "0"), ("input_range", "legal")]));
    assert!(!plan(&[("amount", "0")], Alpha::Opaque).is_identity(), "sRGB is not ACEScg");
}
