//! Expanders, measures and summaries on made pictures.

use super::*;
use crate::Error;
use headroom_kernel::Pool;

const SIZE: [usize; 2] = [40, 56];

/// Codes of a bright field in a gradient, and the light behind them.
fn made() -> (Vec<f32>, Vec<f32>) {
    let [height, width] = SIZE;
    let mut truth = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let lamp = if (10..20).contains(&x) && (8..30).contains(&y) { 4.0 } else { 0.0 };
            let base = (x + y + 1) as f32 / (width + height) as f32;
            truth.extend([0.9, 1.0, 0.8].map(|c| c * (0.9 * base * base + lamp)));
        }
    }
    let camera = headroom::camera::find("srgb").expect("a camera");
    let codes = truth.as_chunks::<3>().0.iter().flat_map(|p| camera.codes(*p, 1.0));
    let codes = codes.map(|c| f32::from(c) / 255.0).collect();
    (codes, truth)
}

fn measures(names: &[&str]) -> Vec<Measure> {
    names.iter().map(|n| Measure::find("metrics", n, Align::None).expect("a measure")).collect()
}

#[test]
fn the_exact_inverse_is_the_srgb_curve_to_the_last_bits_and_keeps_the_rows_in_order() {
    let (codes, _) = made();
    let pool = Pool::new(2);
    let light = Expander::method("inverse", false).expect("there").expand(SIZE, &codes, &pool);
    for (light, code) in light.expect("expands").iter().zip(&codes) {
        let exact = headroom_colour::transfer::eotf_srgb(f64::from(*code));
        assert!((f64::from(*light) - exact).abs() < 1e-6, "{light} for {code}");
    }
}

#[test]
fn perfect_predictions_are_perfect_under_every_measure() {
    let (code, truth) = made();
    let pool = Pool::new(2);
    let names: Vec<String> =
        metrics().flat_map(|(id, _)| ["", "_clipped"].map(|r| format!("{id}{r}"))).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let judged = Judged { size: SIZE, prediction: &truth, truth: &truth, code: &code };
    for (id, value) in score(&measures(&names), &judged, &pool).expect("scores") {
        let perfect = value == f64::INFINITY || value == 0.0 || (value - 1.0).abs() < 1e-12;
        assert!(perfect, "{id}: {value}");
    }
}

/// The picture of tests/golden/metrics.py: a prediction and the truth.
fn golden_pictures([height, width]: [usize; 2]) -> [Vec<f32>; 2] {
    let mut pictures = [Vec::new(), Vec::new()];
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let lamp = (30..33).contains(&x) && (20..23).contains(&y);
        for c in 0..3 {
            let base = ((x * 7 + y * 13 + c * 5) % 64 + 1) as f32;
            let truth = base * base / if lamp { 64.0 } else { 1024.0 };
            pictures[0].push(truth * ((x * 3 + y * 5 + c) % 9 + 28) as f32 / 32.0);
            pictures[1].push(truth);
        }
    }
    pictures
}

#[test]
fn editability_is_that_of_edits_made_and_measured_in_numpy() {
    let golden: std::collections::BTreeMap<String, f64> =
        serde_json::from_str(include_str!("../../tests/golden/erm.json")).expect("JSON");
    let size = [64, 160];
    let [prediction, truth] = golden_pictures(size);
    let code = vec![0.5; truth.len()];
    let judged = Judged { size, prediction: &prediction, truth: &truth, code: &code };
    let names: Vec<&str> = golden.keys().map(String::as_str).collect();
    let scores = score(&measures(&names), &judged, &Pool::new(2)).expect("scores");
    assert_eq!(scores.len(), 2);
    for (id, value) in scores {
        assert!((value / golden[&id] - 1.0).abs() < 1e-4, "{id}: {value}, NumPy {}", golden[&id]);
    }
}

#[test]
fn alignment_takes_a_factor_and_a_curve_away_and_says_so_in_the_name() {
    let (code, truth) = made();
    let pool = Pool::new(1);
    let all = measures(&["psnr_pu21", "psnr_pu21_s", "psnr_pu21_p"]);
    let of = |prediction: &[f32]| {
        let judged = Judged { size: SIZE, prediction, truth: &truth, code: &code };
        score(&all, &judged, &pool).expect("scores")
    };
    let doubled: Vec<f32> = truth.iter().map(|v| v * 2.0).collect();
    let [plain, scaled, curved] = &of(&doubled)[..] else { panic!("three numbers") };
    assert_eq!([&*plain.0, &*scaled.0, &*curved.0], ["psnr_pu21", "psnr_pu21_s", "psnr_pu21_p"]);
    assert!(plain.1 < 25.0 && scaled.1 > 100.0 && curved.1 > 80.0, "{plain:?} {scaled:?}");
    let bent: Vec<f32> = truth.iter().map(|v| if *v > 1.0 { *v } else { v.powf(0.8) }).collect();
    let [plain, scaled, curved] = &of(&bent)[..] else { panic!("three numbers") };
    assert!(curved.1 > scaled.1 + 10.0, "{plain:?} {scaled:?} {curved:?}");
}

#[test]
fn names_that_are_no_measure_are_refused_with_the_field() {
    let error = Measure::find("eval.metrics", "psnr_pu22_s", Align::None).expect_err("no metric");
    assert!(matches!(&error, Error::Usage(text) if text.starts_with("eval.metrics: found psnr")));
    let settings = Settings { align: "q".to_owned(), ..Settings::default() };
    let error = settings.check().expect_err("no alignment").to_string();
    assert_eq!(error, "eval.align: found q, expected none, s or p");
    Settings::default().check().expect("the default is sound");
}

#[test]
fn summaries_hold_mean_median_and_deviation_and_leave_out_what_is_no_number() {
    let mut summary = Summary::new(measures(&["bias_stops"]));
    for (i, value) in [1.0, -4.0, f64::NAN, 3.0, 2.0].into_iter().enumerate() {
        summary.add(format!("p{i}"), vec![value]);
    }
    let s = summary.get("bias_stops").expect("measured");
    assert_eq!((s.count, s.mean, s.median, s.median_size), (4, 0.5, 1.5, 2.5));
    assert!((s.deviation - (29.0f64 / 3.0).sqrt()).abs() < 1e-12, "{}", s.deviation);
    assert_eq!(summary.to_json()["metrics"]["bias_stops"]["median"], 1.5);
    assert_eq!(summary.to_json()["scores"][2]["scores"]["bias_stops"], serde_json::Value::Null);
}
