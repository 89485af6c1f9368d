//! Against scikit-image and colour-science: `tests/golden/metrics.py` makes the numbers.

use super::*;
use headroom_colour::{AP0, Matrix3, REC709};

const WIDTH: usize = 160;
const HEIGHT: usize = 64;

/// The pictures of `metrics.py`; every value is exact in f32.
fn pictures() -> [Vec<[f32; 3]>; 2] {
    let mut pictures = [Vec::new(), Vec::new()];
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let base = [0, 1, 2].map(|c| ((x * 7 + y * 13 + c * 5) % 64 + 1) as f32);
            let lamp = (30..33).contains(&x) && (20..23).contains(&y);
            let truth = base.map(|v| v * v / if lamp { 64.0 } else { 1024.0 });
            let factor = [0, 1, 2].map(|c| ((x * 3 + y * 5 + c) % 9 + 28) as f32 / 32.0);
            pictures[0].push([0, 1, 2].map(|c| truth[c] * factor[c]));
            pictures[1].push(truth);
        }
    }
    pictures
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn golden(part: &str, id: &str) -> f64 {
    json(include_str!("../../tests/golden/metrics.json"))[part][id]
        .as_f64()
        .unwrap_or_else(|| panic!("no golden number for {part} {id}"))
}

fn metric(id: &str) -> &'static Metric {
    METRICS.iter().find(|m| m.id == id).expect("a metric")
}

#[test]
fn every_metric_agrees_with_other_peoples_packages() {
    let [test, truth] = pictures();
    let pair = Pair::new(WIDTH, HEIGHT, &test, &truth).expect("sizes fit");
    let clipped: Vec<bool> = truth.iter().map(|rgb| rgb.iter().any(|v| *v >= 1.0)).collect();
    for metric in METRICS {
        for (part, region) in [("whole", None), ("clipped", Some(&clipped[..]))] {
            let (found, expected) = (metric.measure(&pair, region), golden(part, metric.id));
            let tolerance = 1e-5 * expected.abs().max(0.01);
            assert!(
                (found - expected).abs() <= tolerance,
                "{} {part}: found {found}, expected {expected}",
                metric.id
            );
        }
    }
}

#[test]
fn the_curve_that_aligns_is_numpys_cubic_and_a_factor_beyond_it() {
    let [test, truth] = pictures();
    let pair = Pair::new(WIDTH, HEIGHT, &test, &truth).expect("sizes fit");
    let trusted: Vec<bool> = truth.iter().map(|rgb| rgb.iter().all(|v| *v < 1.0)).collect();
    let curve = ToneCurve::to_align(&pair, Some(&trusted));
    let golden = json(include_str!("../../tests/golden/metrics.json"));
    let numbers = |id: &str| -> Vec<f64> {
        let list = golden["curve"][id].as_array().expect("a list");
        list.iter().filter_map(serde_json::Value::as_f64).collect()
    };
    for (light, expected) in numbers("light").into_iter().zip(numbers("aligned")) {
        let found = f64::from(curve.apply(light as f32));
        assert!((found - expected).abs() <= 1e-5 * expected, "{light}: {found}, not {expected}");
    }
    assert_eq!(ToneCurve::to_align(&pair, Some(&vec![false; test.len()])), ToneCurve::NONE);
    assert_eq!(ToneCurve::NONE.apply(0.3), 0.3);
}

#[test]
fn a_grey_of_one_level_fits_a_factor_and_nothing_wild() {
    let (test, truth) = ([[0.2f32; 3]; 4], [[0.4f32; 3]; 4]);
    let curve = ToneCurve::to_align(&Pair::new(2, 2, &test, &truth).expect("sizes fit"), None);
    for light in [0.001f32, 0.2, 50.0] {
        assert!((curve.apply(light) / light - 2.0).abs() < 1e-6);
    }
}

#[test]
fn flicker_counts_change_in_what_clips_and_stills_have_none() {
    let [test, truth] = pictures();
    let clipped: Vec<bool> = truth.iter().map(|rgb| rgb.iter().any(|v| *v >= 1.0)).collect();
    let turned = |light: &[[f32; 3]], gain: f32| -> Vec<[f32; 3]> {
        light.chunks(WIDTH).rev().flatten().map(|rgb| rgb.map(|v| v * gain)).collect()
    };
    let (test2, truth2) = (turned(&test, 1.5), turned(&truth, 1.25));
    let region2: Vec<bool> = clipped.chunks(WIDTH).rev().flatten().copied().collect();
    let motion = Motion::new([[0.99, -0.01, 1.25], [0.02, 1.01, -0.75], [1e-4, -2e-4, 1.0]]);
    let frame = |test, truth, region, motion| FramePair {
        test,
        truth,
        region,
        width: WIDTH,
        motion: Some(motion),
    };
    let first = frame(&test, &truth, &clipped, Motion::STILL);
    let second = frame(&test2, &truth2, &region2, motion);
    let measured = |frames: &[FramePair<'_>]| {
        let mut flicker = Flicker::default();
        frames.iter().for_each(|frame| flicker.add(frame));
        flicker.measure()
    };
    let moved = measured(&[first, second]);
    for (metric, found) in CLIP_METRICS.iter().zip(moved) {
        let expected = golden("clip", metric.id);
        assert!((found - expected).abs() < 1e-6, "{}: {found}, not {expected}", metric.id);
    }
    assert!(measured(&[first, first]).iter().all(|v| *v == 0.0));
    assert!(measured(&[first]).iter().all(|v| v.is_nan()));
}

#[test]
fn what_moves_flickers_and_what_changes_its_level_breathes() {
    let lamps = |gain: f32, shift: usize| -> Vec<[f32; 3]> {
        (0..64).map(|i| [[2.0, 8.0][(i + shift) % 2] * gain; 3]).collect()
    };
    let (still, moved, brighter) = (lamps(1.0, 0), lamps(1.0, 1), lamps(2.0, 0));
    let region = [true; 64];
    let mut flicker = Flicker::default();
    for (test, truth) in [(&still, &still), (&brighter, &moved)] {
        flicker.add(&FramePair { test, truth, region: &region, width: 8, motion: None });
    }
    // Every lamp of the truth changes by two stops and its level by none; the picture's by one stop.
    let measured = flicker.measure();
    for (found, expected) in measured.iter().zip([-1.0, 1.0, 1.0, 1.0]) {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    }
    assert!(measured[4..].iter().all(|v| v.is_nan()), "of no known motion: {measured:?}");
}

#[test]
fn what_moves_as_it_should_has_no_warping_error() {
    let [light, _] = pictures();
    // Everything moves three pixels to the left and one up.
    let moved: Vec<_> = (0..WIDTH * HEIGHT)
        .map(|i| light[(i / WIDTH + 1).min(HEIGHT - 1) * WIDTH + (i % WIDTH + 3).min(WIDTH - 1)])
        .collect();
    let region = vec![true; light.len()];
    let mut flicker = Flicker::default();
    for (light, motion) in [(&light, Motion::STILL), (&moved, Motion::shift([3.0, 1.0]))] {
        let motion = Some(motion);
        flicker.add(&FramePair {
            test: light,
            truth: light,
            region: &region,
            width: WIDTH,
            motion,
        });
    }
    for (metric, found) in CLIP_METRICS.iter().zip(flicker.measure()) {
        match metric.id {
            "warping_absolute" | "warping_picture" => assert!(found < 1e-12, "{found}"),
            "flicker_absolute" => assert!(found > 0.1, "{found}"),
            _ => {}
        }
    }
}

#[test]
fn motions_are_read_as_they_are_written() {
    let motion = Motion::new([[0.98, -0.01, 4.5], [0.1, 1.0, 1.0 / 3.0], [1e-5, -2e-5, 1.01]]);
    assert_eq!(motion.to_string().parse(), Ok(motion));
    for wrong in ["", "1 0 0 0 1 0 0 0", "1 0 0 0 1 0 0 0 1 0", "1 0 0 0 1 0 0 0 inf"] {
        let error = wrong.parse::<Motion>().expect_err(wrong);
        assert!(error.contains("nine finite numbers"), "{error}");
    }
    let behind = Motion::new([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 2.0]]);
    assert_eq!(behind.before(1.0, 4.0), Some([1.0, 4.0]));
    assert_eq!(behind.before(3.0, 4.0), None);
}

#[test]
fn a_motion_between_parts_is_that_of_the_frames_pixels_they_hold() {
    let motion = Motion::new([[0.98, -0.01, 4.5], [0.1, 1.0, 1.0 / 3.0], [1e-5, -2e-5, 1.01]]);
    let (scale, [left, top]) = (3.0, [31.0, 4.0]);
    let part = motion.of_part(scale, [left, top]);
    for (x, y) in [(0.0, 0.0), (17.0, 5.0), (2.5, 40.0)] {
        let [u, v] = part.before(x, y).expect("in front");
        let expected = motion.before(scale * x + left, scale * y + top).expect("in front");
        let found = [scale * u + left, scale * v + top];
        assert!(
            found.iter().zip(expected).all(|(f, e)| (f - e).abs() < 1e-9),
            "{found:?} {expected:?}"
        );
    }
}

#[test]
fn acescct_errors_of_opencolorios_golden_light_are_those_of_its_golden_codes() {
    let golden = json(include_str!("../../crates/colour/tests/golden/colour.json"));
    let entries = golden["spaces"]["ACEScct"]["from_ap0"].as_array().expect("a list");
    let triple = |v: &serde_json::Value| [0, 1, 2].map(|c| v[c].as_f64().expect("a number"));
    let back = Matrix3::between(&AP0, &REC709);
    let light = |v| back.apply(triple(v)).map(|v| v as f32);
    // Errors against a value that the list starts with.
    for entry in entries {
        let pair = [[light(&entry[0])], [light(&entries[6][0])]];
        let pair = Pair::new(1, 1, &pair[0], &pair[1]).expect("sizes fit");
        let (a, b) = (triple(&entry[1]), triple(&entries[6][1]));
        let expected = (0..3).map(|c| (a[c] - b[c]).abs()).sum::<f64>() / 3.0;
        let found = metric("mae_acescct").measure(&pair, None);
        assert!((found - expected).abs() <= 1e-4, "{entry}: found {found}, expected {expected}");
    }
}

#[test]
fn pu21_of_the_ends_and_of_white_are_what_its_authors_publish() {
    // pu21_encoder.m states the range of banding_glare as 0 to 595.39; 100 nits are about 256 by design.
    for (light, expected, tolerance) in
        [(0.0f32, 0.0, 0.01), (1.0, 256.0, 0.5), (100.0, 595.39, 0.01)]
    {
        let pair = [[[light; 3]], [[0.0; 3]]];
        let pair = Pair::new(1, 1, &pair[0], &pair[1]).expect("sizes fit");
        let found = metric("mae_pu21").measure(&pair, None);
        assert!((found - expected).abs() <= tolerance, "{light}: {found}");
    }
}

#[test]
fn every_metric_says_what_it_tells_and_ids_are_unique() {
    let ids: std::collections::BTreeSet<_> =
        METRICS.iter().map(|m| m.id).chain(CLIP_METRICS.iter().map(|m| m.id)).collect();
    assert_eq!(ids.len(), METRICS.len() + CLIP_METRICS.len());
    assert!(METRICS.iter().all(|m| m.hint.ends_with('.')), "hints are sentences");
}

#[test]
fn equal_pictures_are_perfect_and_empty_regions_say_nothing() {
    let [_, truth] = pictures();
    let pair = Pair::new(WIDTH, HEIGHT, &truth, &truth).expect("sizes fit");
    let nowhere = vec![false; truth.len()];
    for metric in METRICS {
        let value = metric.measure(&pair, None);
        let perfect = match metric.better {
            Better::Lower | Better::Zero => 0.0,
            Better::Higher if metric.unit == "dB" => f64::INFINITY,
            Better::Higher => 1.0,
        };
        assert!(value == perfect || (value - perfect).abs() < 1e-12, "{}: {value}", metric.id);
        assert!(metric.measure(&pair, Some(&nowhere)).is_nan(), "{}", metric.id);
    }
}

#[test]
fn one_stop_more_light_reads_as_one_stop_and_alignment_takes_it_away() {
    let [_, truth] = pictures();
    // Within the limits of the luminance everywhere: the error is exactly one stop.
    let lifted: Vec<[f32; 3]> = truth.iter().map(|rgb| rgb.map(|v| v.min(4.0) + 0.01)).collect();
    let brighter: Vec<[f32; 3]> = lifted.iter().map(|rgb| rgb.map(|v| v * 2.0)).collect();
    let pair = Pair::new(WIDTH, HEIGHT, &brighter, &lifted).expect("sizes fit");
    for id in ["rmse_stops", "bias_stops", "energy"] {
        let value = metric(id).measure(&pair, None);
        assert!((value - 1.0).abs() < 1e-6, "{id}: {value}");
    }
    assert!((scale_to_align(&pair, None) - 0.5).abs() < 1e-6);
    assert_eq!(scale_to_align(&pair, Some(&vec![false; lifted.len()])), 1.0);
}

#[test]
fn pictures_of_the_wrong_size_are_refused_with_numbers() {
    let [test, truth] = pictures();
    let error = Pair::new(WIDTH, HEIGHT, &test[1..], &truth).expect_err("one pixel short");
    assert_eq!(error.to_string(), "picture: found 10239 pixels, expected 10240");
    assert!(Pair::new(0, 0, &[], &[]).is_err());
}
