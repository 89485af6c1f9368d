//! Against scikit-image and colour-science: `tests/golden/metrics.py` makes the numbers.

use super::*;

const WIDTH: usize = 48;
const HEIGHT: usize = 32;

/// The pictures of `metrics.py`; every value is exact in f32.
fn pictures() -> [Vec<[f32; 3]>; 2] {
    let mut pictures = [Vec::new(), Vec::new()];
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let base = [0, 1, 2].map(|c| ((x * 7 + y * 13 + c * 5) % 64 + 1) as f32);
            let truth = base.map(|v| v * v / 1024.0);
            let factor = [0, 1, 2].map(|c| ((x * 3 + y * 5 + c) % 9 + 28) as f32 / 32.0);
            pictures[0].push([0, 1, 2].map(|c| truth[c] * factor[c]));
            pictures[1].push(truth);
        }
    }
    pictures
}

fn golden(part: &str, id: &str) -> f64 {
    let text = include_str!("../../tests/golden/metrics.json");
    let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
    json[part][id].as_f64().unwrap_or_else(|| panic!("no golden number for {part} {id}"))
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
    // Above the floor of the limited luminance everywhere: the error is exactly one stop.
    let lifted: Vec<[f32; 3]> = truth.iter().map(|rgb| rgb.map(|v| v + 0.01)).collect();
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
    assert_eq!(error.to_string(), "picture: found 1535 pixels, expected 1536");
    assert!(Pair::new(0, 0, &[], &[]).is_err());
}
