//! Published methods against numbers computed apart from this code.
//!
//! `golden/methods.json` is written by `golden/methods.py` (Python, f64) from the formulas of the
//! documents.

use crate::harness::{expand, plan};
use headroom::expand::Alpha;
use headroom_kernel::Rect;
use serde_json::Value;

#[test]
fn the_published_formulas_are_followed() {
    let golden: Value =
        serde_json::from_str(include_str!("golden/methods.json")).expect("a JSON file");
    let triples = |v: &Value| -> Vec<[f32; 3]> {
        let row = |t: &Value| [0, 1, 2].map(|i| t[i].as_f64().expect("a number") as f32);
        v.as_array().expect("a list").iter().map(row).collect()
    };
    let input = triples(&golden["input"]);
    let rect = Rect::new(0, 0, input.len() as i32, 1);
    let source: Vec<f32> = input.iter().flat_map(|c| [c[0], c[1], c[2], 1.0]).collect();
    for method in ["bt2446a", "bt2446c", "akyuz2007"] {
        let settings = [
            ("method", method),
            ("input_space", "Linear Rec.709 (sRGB)"),
            ("output_space", "Linear Rec.709 (sRGB)"),
            ("protect_unclipped", "false"),
            ("peak", "16"),
            ("rolloff", "0"),
        ];
        let settings = if method == "akyuz2007" {
            let mut s = settings;
            s[4].1 = "5";
            s
        } else {
            settings
        };
        let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
        for ((found, expected), input) in
            out.chunks_exact(4).zip(triples(&golden[method])).zip(&input)
        {
            let largest = expected.iter().fold(0.0f32, |m, v| m.max(v.abs()));
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= 3e-5 * largest.max(0.01),
                    "{method} of {input:?}: {found} instead of {expected}"
                );
            }
        }
    }
}

#[test]
fn the_stretch_puts_the_darkest_at_black_and_what_lies_below_nothing_jumps_nowhere() {
    // Greys from below black to white, and a saturated blue that is darker than its channel.
    let greys = (-5..=100).map(|i| i as f32 / 100.0);
    let render = |from: f32, blue: f32| {
        let colours: Vec<[f32; 4]> = greys
            .clone()
            .filter(|v| *v >= from)
            .map(|v| [v, v, v, 1.0])
            .chain([[0.0, 0.0, blue, 1.0]])
            .collect();
        let rect = Rect::new(0, 0, colours.len() as i32, 1);
        let settings = [
            ("method", "akyuz2007"),
            ("input_space", "Linear Rec.709 (sRGB)"),
            ("output_space", "Linear Rec.709 (sRGB)"),
            ("protect_unclipped", "false"),
            ("peak", "3"),
            ("rolloff", "0"),
        ];
        expand(&plan(&settings, Alpha::Opaque), &colours.concat(), rect).0
    };
    let lifted = render(0.2, 10.0);
    assert!(lifted[0].abs() < 1e-6, "the darkest grey is black: {}", lifted[0]);
    let white = lifted[80 * 4];
    assert!((white - 8.0).abs() < 1e-4, "white is the brightest luminance: {white}");
    let negative = render(-1.0, 1.0);
    for pair in negative[..106 * 4].chunks_exact(4).map(|p| p[0]).collect::<Vec<_>>().windows(2) {
        assert!(pair[1] >= pair[0] && pair[1] - pair[0] < 0.081, "{pair:?}");
    }
}
