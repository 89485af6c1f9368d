//! Views show what they say.

use crate::bench_frame::picture;
use crate::harness::{clip_mask, expand, plan};
use headroom::expand::{Alpha, FALSE_COLOUR_STOPS};
use headroom_kernel::Rect;

const RECT: Rect = Rect::new(0, 0, 320, 200);
const LINEAR: (&str, &str) = ("output_space", "Linear Rec.709 (sRGB)");

fn view(id: &str, output: &str) -> Vec<f32> {
    expand(&plan(&[("view", id), ("output_space", output)], Alpha::Opaque), &picture(RECT), RECT).0
}

#[test]
fn data_views_are_the_same_in_every_output_space() {
    for id in ["clip-mask", "confidence", "difference", "false-colour"] {
        assert_eq!(view(id, "ACEScg"), view(id, "ACEScct"), "{id}");
    }
}

#[test]
fn difference_and_expansion_only_add_up_to_the_result() {
    let source = picture(RECT);
    let run = |more: &[(&str, &str)]| {
        let settings: Vec<_> = [LINEAR].iter().chain(more).copied().collect();
        expand(&plan(&settings, Alpha::Opaque), &source, RECT).0
    };
    let (result, pure) = (run(&[]), run(&[("amount", "0")]));
    let (stops, added) = (run(&[("view", "difference")]), run(&[("view", "expansion-only")]));
    let mut expanded = 0;
    for i in 0..result.len() / 4 {
        let at = |v: &[f32], c: usize| v[i * 4 + c];
        for c in 0..3 {
            let sum = at(&pure, c) + at(&added, c);
            assert!((sum - at(&result, c)).abs() <= 1e-5 * at(&result, c).abs().max(0.01));
        }
        let y = |v: &[f32]| 0.2126 * at(v, 0) + 0.7152 * at(v, 1) + 0.0722 * at(v, 2);
        let exact = (y(&result) / y(&pure)).log2();
        assert!((at(&stops, 0) - exact).abs() < 1e-3, "{} {exact}", at(&stops, 0));
        expanded += usize::from(exact > 0.5);
    }
    assert!(expanded > 500, "{expanded}");
}

#[test]
fn confidence_is_whole_outside_the_mask_and_less_inside() {
    let mask = clip_mask(&[], &picture(RECT), RECT);
    let confidence = view("confidence", "ACEScg");
    for (mask, pixel) in mask.iter().zip(confidence.chunks_exact(4)) {
        match *mask {
            0.0 => assert_eq!(pixel[0].to_bits(), 1.0f32.to_bits()),
            m => assert!(pixel[0] < 1.0 && pixel[0] <= 1.0 - 0.49 * m && pixel[0] > 0.0),
        }
    }
}

#[test]
fn exposure_preview_is_the_result_in_less_light() {
    let source = picture(RECT);
    let run = |more: &[(&str, &str)]| {
        let settings: Vec<_> = [LINEAR].iter().chain(more).copied().collect();
        expand(&plan(&settings, Alpha::Opaque), &source, RECT).0
    };
    let (result, preview) =
        (run(&[]), run(&[("view", "exposure-preview"), ("preview_exposure", "-3")]));
    for (a, b) in result.chunks_exact(4).zip(preview.chunks_exact(4)) {
        for c in 0..3 {
            assert!((a[c] * 0.125 - b[c]).abs() <= 1e-6 * a[c].abs().max(1e-3));
        }
    }
}

#[test]
fn false_colour_counts_stops_from_18_percent_grey() {
    // Linear greys half a stop above whole stops, from -8 to +2 around 18 %.
    let rect = Rect::new(0, 0, 11, 1);
    let source: Vec<f32> = (-8..3)
        .flat_map(|s| {
            let v = 0.18 * 2f32.powf(s as f32 + 0.5);
            [v, v, v, 1.0]
        })
        .collect();
    let settings =
        [("view", "false-colour"), ("input_space", "Linear Rec.709 (sRGB)"), ("amount", "0")];
    let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
    for (pixel, stops) in out.chunks_exact(4).zip(-8..3) {
        let entry = FALSE_COLOUR_STOPS.iter().find(|l| l.stops == stops).expect("in the legend");
        assert_eq!(pixel[..3], entry.rgb, "{stops} stops");
    }
    assert!(FALSE_COLOUR_STOPS.windows(2).all(|w| w[0].stops + 1 == w[1].stops));
}
