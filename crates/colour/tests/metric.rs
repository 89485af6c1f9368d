//! Metric spaces agree with colour-science (`golden/metric.py`) and with what PU21's authors print.

use headroom_colour::metric::{
    PU21_RANGE_NITS, Pu21, delta_e_itp, ictcp_from_rgb, lab_from_xyz, pu21_encoding,
    rgb_from_ictcp, rgb_from_xyz, xyz_from_lab, xyz_from_rgb,
};
use headroom_colour::primaries::{D50, D65};
use headroom_colour::transfer::{inverse_eotf_st2084, oetf_hlg};
use headroom_colour::{AP1, REC709, REC2020};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/metric.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn triples(value: &Value) -> Vec<[f64; 3]> {
    value.as_array().unwrap().iter().map(|v| numbers(v).try_into().unwrap()).collect()
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64, what: &str) {
    for (f, e) in found.iter().zip(expected) {
        let error = (f - e).abs();
        assert!(error <= tolerance * (1.0 + e.abs()), "{what}: {found:?} is not {expected:?}");
    }
}

#[test]
fn ictcp_agrees_with_colour_science_and_comes_back() {
    let golden = golden();
    for (rgb, expected) in triples(&golden["rgb"]).into_iter().zip(triples(&golden["ictcp"])) {
        let found = ictcp_from_rgb(rgb);
        assert_near(&found, &expected, 1e-7, "ICtCp");
        assert_near(&rgb_from_ictcp(found), &rgb, 1e-7, "RGB");
    }
}

#[test]
fn delta_e_itp_agrees_with_colour_science() {
    let golden = golden();
    let rgb = triples(&golden["rgb"]);
    let pairs = golden["pairs"].as_array().unwrap();
    for (pair, expected) in pairs.iter().zip(numbers(&golden["delta_e_itp"])) {
        let at = |i: usize| rgb[pair[i].as_u64().unwrap() as usize];
        assert_near(&[delta_e_itp(at(0), at(1))], &[expected], 1e-7, "delta E ITP");
    }
}

#[test]
fn lab_agrees_with_colour_science_under_both_whites_and_comes_back() {
    let golden = golden();
    for (name, white) in [("lab_d65", D65), ("lab_d50", D50)] {
        for (xyz, expected) in triples(&golden["xyz"]).into_iter().zip(triples(&golden[name])) {
            let lab = lab_from_xyz(xyz, white, 1.0);
            assert_near(&lab, &expected, 1e-9, name);
            assert_near(&xyz_from_lab(lab, white, 1.0), &xyz, 1e-12, "XYZ");
            let nits = lab_from_xyz(xyz.map(|v| v * 100.0), white, 100.0);
            assert_near(&nits, &expected, 1e-9, "absolute");
        }
    }
}

#[test]
fn pq_and_hlg_agree_with_colour_science() {
    let golden = golden();
    let pq: Vec<f64> = numbers(&golden["nits"]).into_iter().map(inverse_eotf_st2084).collect();
    assert_near(&pq, &numbers(&golden["pq"]), 1e-12, "PQ");
    let hlg: Vec<f64> = numbers(&golden["hlg"]).into_iter().map(oetf_hlg).collect();
    assert_near(&hlg, &numbers(&golden["hlg_signal"]), 1e-7, "HLG");
}

#[test]
fn pu21_has_the_ends_that_are_published_and_100_nits_at_256() {
    // Ends as FFmpeg's siti filter and SITI-tools print them from the authors' code.
    let ends = [
        (Pu21::Banding, -1.5580e-7, 520.4673),
        (Pu21::BandingGlare, 5.4705e-10, 595.3939),
        (Pu21::Peaks, 1.3674e-7, 380.9853),
        (Pu21::PeaksGlare, -9.7360e-8, 407.5066),
    ];
    for (variant, low, high) in ends {
        assert!((variant.encode(PU21_RANGE_NITS[0]) - f64::max(low, 0.0)).abs() < 1e-6);
        assert!((variant.encode(PU21_RANGE_NITS[1]) - high).abs() < 1e-4, "{variant:?}");
    }
    // "256 corresponds to 100 nits" (the paper, of the recommended variant).
    assert!((pu21_encoding(100.0) - 256.0).abs() < 0.5);
    assert_eq!(pu21_encoding(20_000.0), pu21_encoding(10_000.0));
}

#[test]
fn pu21_comes_back_and_rises() {
    for variant in Pu21::ALL {
        let mut last = -1.0;
        for step in 0..=200 {
            let nits = 0.005 * 2e6_f64.powf(f64::from(step) / 200.0);
            let pu = variant.encode(nits);
            assert!(pu > last, "{} at {nits}", variant.name());
            last = pu;
            assert_near(&[variant.decode(pu)], &[nits], 1e-6, variant.name());
        }
    }
}

#[test]
fn white_is_the_white_point_in_xyz() {
    for primaries in [REC709, REC2020, AP1] {
        let white = xyz_from_rgb([1.0; 3], &primaries);
        let sum: f64 = white.iter().sum();
        assert_near(&[white[0] / sum, white[1] / sum], &primaries.white, 1e-12, "white");
        assert_near(&rgb_from_xyz(white, &primaries), &[1.0; 3], 1e-12, "RGB");
    }
}
