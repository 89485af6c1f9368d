//! The shape of the expansion: monotone, smooth, keeping hue, under the peak, placed by context.

use crate::bench_frame::picture;
use crate::harness::{expand, plan};
use headroom::expand::{Alpha, METHODS};
use headroom_kernel::Rect;

/// One row that runs from black over white, in front of a clipped half.
fn ramp(tint: [f32; 3], width: usize, rows: usize) -> (Vec<f32>, Rect) {
    let row: Vec<f32> = (0..width)
        .flat_map(|x| {
            let v = 1.6 * x as f32 / width as f32;
            [(v * tint[0]).min(1.0), (v * tint[1]).min(1.0), (v * tint[2]).min(1.0), 1.0]
        })
        .collect();
    (row.repeat(rows), Rect::new(0, 0, width as i32, rows as i32))
}

const LINEAR: (&str, &str) = ("output_space", "Linear Rec.709 (sRGB)");

#[test]
fn a_grey_ramp_and_coloured_ramps_stay_in_order_under_every_method() {
    for tint in [[1.0; 3], [1.0, 0.7, 0.3], [0.4, 0.6, 1.0], [1.0, 0.2, 0.2]] {
        for method in METHODS.iter().filter(|method| !method.network) {
            let (source, rect) = ramp(tint, 2048, 40);
            let settings = [("method", method.id), LINEAR];
            let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
            let row = &out[20 * 2048 * 4..21 * 2048 * 4];
            // What one pixel may fall short of the one before: the field may sink slowly inside.
            let tolerance = 0.9995;
            let mut last = f32::MIN;
            for pixel in row.chunks_exact(4) {
                let y = 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
                assert!(y >= last * tolerance - 1e-5, "{} {tint:?}: {y} after {last}", method.id);
                last = y.max(last);
            }
        }
    }
}

#[test]
fn more_amount_is_never_darker_and_never_jumps() {
    let (source, rect) = ramp([1.0, 0.8, 0.6], 1024, 32);
    let mut last: Option<Vec<f32>> = None;
    for step in 0..=20 {
        let amount = (f64::from(step) / 20.0).to_string();
        let (out, _) = expand(&plan(&[("amount", &amount), LINEAR], Alpha::Opaque), &source, rect);
        if let Some(last) = &last {
            for (now, before) in out.iter().zip(last) {
                assert!(*now >= *before * 0.999_999, "{now} < {before}");
                assert!(*now <= *before * 1.6 + 1e-6, "a jump from {before} to {now}");
            }
        }
        last = Some(out);
    }
}

#[test]
fn neutral_stays_neutral_and_hue_stays() {
    let (source, rect) = ramp([1.0; 3], 512, 32);
    let (out, _) = expand(&plan(&[LINEAR], Alpha::Opaque), &source, rect);
    for pixel in out.chunks_exact(4) {
        assert!((pixel[0] - pixel[2]).abs() <= 2e-6 * pixel[0].max(1e-3));
    }
    let (source, rect) = ramp([1.0, 0.6, 0.2], 512, 32);
    let (pure, _) = expand(&plan(&[LINEAR, ("amount", "0")], Alpha::Opaque), &source, rect);
    let (out, _) = expand(&plan(&[LINEAR], Alpha::Opaque), &source, rect);
    for (out, pure) in out.chunks_exact(4).zip(pure.chunks_exact(4)) {
        assert!(out[0] >= out[1] * 0.999 && out[1] >= out[2] * 0.999, "{out:?} of {pure:?}");
    }
}

#[test]
fn nothing_exceeds_the_peak_and_a_hard_peak_is_reached() {
    let rect = Rect::new(0, 0, 400, 300);
    let source = picture(rect);
    for (rolloff, peak) in [("0", "2"), ("0.5", "2"), ("1", "1.5")] {
        let settings = [("rolloff", rolloff), ("peak", peak), ("highlight_gain", "4"), LINEAR];
        let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
        let limit = 2f32.powf(peak.parse().expect("a number"));
        let top = out.chunks_exact(4).map(|p| p[0].max(p[1]).max(p[2])).fold(0.0, f32::max);
        assert!(top <= limit * 1.000_01, "rolloff {rolloff}: {top} over {limit}");
        assert!(top >= limit * 0.6, "rolloff {rolloff}: {top} far under {limit}");
        if rolloff == "0" {
            assert!(top >= limit * 0.999);
        }
    }
}

#[test]
fn pq_output_is_limited_in_nits() {
    let rect = Rect::new(0, 0, 400, 300);
    let source = picture(rect);
    let Some(space) = headroom_colour::output_spaces().find(|s| s.name.contains("PQ")) else {
        panic!("no PQ output")
    };
    let settings = [
        ("peak_nits", "600"),
        ("highlight_gain", "4"),
        ("rolloff", "0"),
        ("output_space", space.name),
    ];
    let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
    let top = out.chunks_exact(4).map(|p| p[0].max(p[1]).max(p[2])).fold(0.0, f32::max);
    // SMPTE ST 2084: 600 nits are code 0.6960 (rounded).
    assert!((top - 0.696).abs() < 0.02, "{top}");
}

#[test]
fn saturation_zero_adds_white_light_only() {
    let (source, rect) = ramp([1.0, 0.6, 0.2], 512, 32);
    let (pure, _) = expand(&plan(&[LINEAR, ("amount", "0")], Alpha::Opaque), &source, rect);
    let settings = [LINEAR, ("highlight_saturation", "0"), ("peak", "16"), ("rolloff", "0")];
    let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
    let mut most = 0.0f32;
    for (out, pure) in out.chunks_exact(4).zip(pure.chunks_exact(4)) {
        let added = [out[0] - pure[0], out[1] - pure[1], out[2] - pure[2]];
        most = most.max(added[0]);
        for v in added {
            assert!((v - added[0]).abs() < 1e-4 * (1.0 + added[0].abs()), "{added:?}");
        }
    }
    assert!(most > 0.02, "{most}");
}

/// Stops gained in the middle of the frame by a white shape on some background.
fn stops_of(shape: impl Fn(f32, f32) -> f32) -> f32 {
    let rect = Rect::new(0, 0, 640, 360);
    let source: Vec<f32> = (0..640 * 360)
        .flat_map(|i| {
            let (x, y) = ((i % 640) as f32 - 319.5, (i / 640) as f32 - 179.5);
            let v = (shape(x, y).clamp(0.0, 1.0) * 255.0).round() / 255.0;
            [v, v, v, 1.0]
        })
        .collect();
    let (out, _) = expand(&plan(&[("view", "difference")], Alpha::Opaque), &source, rect);
    out[(180 * 640 + 320) * 4]
}

#[test]
fn a_glowing_lamp_gains_more_than_thin_white_lettering() {
    let lamp = stops_of(|x, y| 6.0 / (1.0 + (x * x + y * y) / 900.0));
    let letters =
        stops_of(|x, y| if y.abs() < 40.0 && (x / 3.0).floor() % 3.0 == 0.0 { 1.0 } else { 0.1 });
    assert!(lamp > letters + 0.3, "{lamp} against {letters} stops");
}

#[test]
fn a_large_clipped_area_swells_towards_its_middle() {
    let rect = Rect::new(0, 0, 640, 360);
    let source: Vec<f32> = (0..640 * 360)
        .flat_map(|i| {
            let (x, y) = ((i % 640) as f32 - 319.5, (i / 640) as f32 - 179.5);
            let v = (1.9 - (x * x + y * y).sqrt() / 110.0).clamp(0.2, 1.0);
            [v, v, v, 1.0]
        })
        .collect();
    let (out, _) = expand(&plan(&[("view", "difference")], Alpha::Opaque), &source, rect);
    let stops: Vec<f32> = (320..410).map(|x| out[(180 * 640 + x) * 4]).collect();
    for pair in stops.windows(2) {
        assert!(pair[1] <= pair[0] + 1e-4, "falls to the rim: {pair:?}");
        assert!(pair[0] - pair[1] < 0.1, "without a step: {pair:?}");
    }
    assert!(stops[0] > stops[80] + 0.3, "{} in the middle, {} near the rim", stops[0], stops[80]);
}

#[test]
fn super_whites_that_clip_are_expanded_and_those_below_the_clip_stay() {
    let rect = Rect::new(0, 0, 640, 360);
    // Legal-range codes: white at 235, a disc that runs over it and clips at 255.
    let source: Vec<f32> = (0..640 * 360)
        .flat_map(|i| {
            let (x, y) = ((i % 640) as f32 - 319.5, (i / 640) as f32 - 179.5);
            let v = (340.0 - (x * x + y * y).sqrt()).clamp(40.0, 255.0).round() / 255.0;
            [v, v, v, 1.0]
        })
        .collect();
    let settings = [("input_range", "legal"), ("view", "difference")];
    let (stops, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
    assert!(stops[(180 * 640 + 320) * 4] > 0.4, "{}", stops[(180 * 640 + 320) * 4]);
    for (pixel, stops) in source.chunks_exact(4).zip(stops.chunks_exact(4)) {
        if pixel[0] < 242.0 / 255.0 {
            assert_eq!(stops[0], 0.0, "code {}", pixel[0] * 255.0);
        }
    }
}

#[test]
fn near_whites_that_do_not_clip_are_left_exactly_alone() {
    // A smooth picture that ends at code 250: nothing piles up, nothing is at full scale.
    let rect = Rect::new(0, 0, 640, 360);
    let source: Vec<f32> = (0..640 * 360)
        .flat_map(|i| {
            let v = ((i * 7919) % 251) as f32 / 255.0;
            [v, v, v, 1.0]
        })
        .collect();
    let (out, _) = expand(&plan(&[("view", "difference")], Alpha::Opaque), &source, rect);
    assert!(out.chunks_exact(4).all(|p| p[0] == 0.0));
}

const TARGETS: [&str; 3] = ["bt2446a", "bt2446c", "akyuz2007"];

#[test]
fn values_above_white_are_cut_and_expanded_anew_by_methods_that_go_by_light() {
    let rect = Rect::new(0, 0, 64, 64);
    let flat = |v: f32| -> Vec<f32> {
        (0..64 * 64)
            .flat_map(|i| if i < 2048 { [v, v, v, 1.0] } else { [0.1, 0.1, 0.1, 1.0] })
            .collect()
    };
    let linear = ("input_space", "Linear Rec.709 (sRGB)");
    for method in ["bt2446a", "bt2446c"] {
        for protect in ["true", "false"] {
            let settings = [
                ("method", method),
                linear,
                LINEAR,
                ("keep_above_white", "false"),
                ("clip_auto", "false"),
                ("protect_unclipped", protect),
            ];
            let plan = plan(&settings, Alpha::Opaque);
            let (white, _) = expand(&plan, &flat(1.0), rect);
            let (above, _) = expand(&plan, &flat(40.0), rect);
            assert!(
                (above[0] / white[0] - 1.0).abs() < 1e-4,
                "{method}: {} {}",
                above[0],
                white[0]
            );
        }
    }
}

#[test]
fn less_highlight_gain_never_makes_the_middle_darker_than_the_rim() {
    for method in TARGETS {
        for gain in ["-8", "-3", "-1"] {
            let (source, rect) = ramp([1.0, 0.8, 0.5], 1024, 32);
            let settings = [("method", method), LINEAR, ("highlight_gain", gain)];
            let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
            let mut last = f32::MIN;
            for pixel in out[16 * 1024 * 4..17 * 1024 * 4].chunks_exact(4) {
                let y = 0.2126 * pixel[0] + 0.7152 * pixel[1] + 0.0722 * pixel[2];
                assert!(y >= last * 0.9999 - 1e-5, "{method} {gain}: {y} after {last}");
                last = y.max(last);
            }
        }
    }
}

#[test]
fn a_target_darker_than_the_picture_is_raised_in_one_piece() {
    // At 1000 nits of diffuse white what BT.2446 puts for this is darker in some channels only.
    let rect = Rect::new(0, 0, 64, 64);
    let source = [1.0, 0.5, 0.05, 1.0].repeat(64 * 64);
    for method in ["bt2446a", "bt2446c"] {
        let colour = |protect: &str| {
            let settings = [
                ("method", method),
                ("input_space", "Linear Rec.709 (sRGB)"),
                LINEAR,
                ("clip_auto", "false"),
                ("diffuse_white", "1000"),
                ("protect_unclipped", protect),
            ];
            let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
            [out[0], out[1], out[2]]
        };
        let (own, raised) = (colour("false"), colour("true"));
        let factor = raised[0] / own[0];
        assert!(factor > 1.01, "{method}: {raised:?} is not above {own:?}");
        for c in 1..3 {
            assert!(
                (raised[c] / own[c] / factor - 1.0).abs() < 1e-3,
                "{method}: {own:?} {raised:?}"
            );
        }
    }
}

#[test]
fn the_lowest_clip_threshold_expands_what_lies_above_it_and_grey_counts_for_nothing() {
    // A white disc at code 0.8 on greys that do not clip.
    let middle = |grey: f32, threshold: &str| {
        let rect = Rect::new(0, 0, 640, 360);
        let source: Vec<f32> = (0..640 * 360)
            .flat_map(|i| {
                let (x, y) = ((i % 640) as f32 - 319.5, (i / 640) as f32 - 179.5);
                let v = if x * x + y * y < 3600.0 { 0.8 } else { grey };
                [v, v, v, 1.0]
            })
            .collect();
        let settings =
            [("view", "difference"), ("clip_auto", "false"), ("clip_threshold", threshold)];
        let (out, _) = expand(&plan(&settings, Alpha::Opaque), &source, rect);
        (out[(180 * 640 + 320) * 4], out[0])
    };
    let (dark, corner) = middle(0.05, "0.75");
    assert!((0.3..4.0).contains(&dark), "{dark} stops");
    assert_eq!(corner, 0.0);
    let (grey, _) = middle(0.5, "0.75");
    assert!((0.1..=dark).contains(&grey), "grey around: {grey}, dark around: {dark} stops");
    let above = middle(0.05, "0.8").0;
    assert!((above - dark).abs() < 0.5, "{above} against {dark}: the level hardly matters");
}
