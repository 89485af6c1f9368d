//! `headroom compare` and `headroom prep`.

use crate::support::*;
use headroom_frame::{AlphaKind, Frame, Sample};
use serde_json::Value;

fn json(folder: &tempfile::TempDir, arguments: &str) -> Value {
    let called = succeed(folder, &format!("compare {arguments} --json"));
    serde_json::from_str(&called.out).expect("JSON")
}

/// The pictures of `tests/golden/metrics.py`.
fn golden_pictures(folder: &tempfile::TempDir) {
    let (mut test, mut truth) = (Vec::new(), Vec::new());
    for y in 0..64 {
        for x in 0..160 {
            for c in 0..3 {
                let base = ((x * 7 + y * 13 + c * 5) % 64 + 1) as f32;
                let lamp = (30..33).contains(&x) && (20..23).contains(&y);
                let value = base * base / if lamp { 64.0 } else { 1024.0 };
                truth.push(value);
                test.push(value * ((x * 3 + y * 5 + c) % 9 + 28) as f32 / 32.0);
            }
            truth.push(1.0);
            test.push(1.0);
        }
    }
    for (name, pixels) in [("test.exr", test), ("truth.exr", truth)] {
        let frame = Frame::new(160, 64, pixels, AlphaKind::Opaque);
        save(&folder.path().join(name), &frame, Sample::Float);
    }
}

#[test]
fn numbers_are_those_of_other_peoples_packages() {
    let folder = folder();
    golden_pictures(&folder);
    let found = json(&folder, "{}/test.exr {}/truth.exr");
    let text = include_str!("../../../tests/golden/metrics.json");
    let golden: Value = serde_json::from_str(text).expect("JSON");
    for (id, expected) in golden["whole"].as_object().expect("numbers") {
        let (found, expected) =
            (found["mean"]["whole"][id].as_f64(), expected.as_f64().expect("a number"));
        let found = found.unwrap_or_else(|| panic!("no {id}"));
        let tolerance = 1e-5 * expected.abs().max(0.01);
        assert!((found - expected).abs() <= tolerance, "{id}: {found}, expected {expected}");
    }
}

#[test]
fn alignment_takes_a_stop_away() {
    let folder = still("64x36");
    let mut frame = open(&folder.path().join("sample_srgb_truth.exr"));
    frame.pixels.chunks_exact_mut(4).for_each(|p| p[..3].iter_mut().for_each(|v| *v *= 2.0));
    save(&folder.path().join("bright.exr"), &frame, Sample::Float);
    let files = "{}/bright.exr {}/sample_srgb_truth.exr --clip-from {}/sample_srgb.png";
    let plain = json(&folder, files);
    let energy = plain["mean"]["clipped"]["energy"].as_f64().expect("a number");
    assert!((energy - 1.0).abs() < 1e-4, "{energy}");
    let share = plain["frames"][0]["clip_share"].as_f64().expect("a share");
    assert!((share - 0.05).abs() < 0.01, "{share}");
    let aligned = json(&folder, &format!("{files} --align"));
    let scale = aligned["frames"][0]["scale"].as_f64().expect("a number");
    assert!((scale - 0.5).abs() < 1e-4, "{scale}");
    let error = aligned["mean"]["whole"]["rmse_stops"].as_f64().expect("a number");
    assert!(error < 1e-3, "{error}");
}

#[test]
fn equal_pictures_are_infinitely_good_in_every_form() {
    let folder = still("32x18");
    let same = "{}/sample_srgb_truth.exr {}/sample_srgb_truth.exr";
    assert_eq!(json(&folder, same)["mean"]["whole"]["psnr_pu21"], "inf");
    let table = succeed(&folder, &format!("compare {same}")).out;
    assert!(table.contains("PSNR PU21") && table.contains("inf"), "{table}");
    let csv = succeed(&folder, &format!("compare {same} --csv")).out;
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].len(), lines[1].len());
    assert!(lines[0].contains(&"psnr_pu21") && lines[1].contains(&"inf"));
}

#[test]
fn the_difference_picture_is_red_where_a_is_brighter_and_grey_where_equal() {
    let folder = folder();
    let mut frame = Frame::new(4, 1, vec![0.5; 16], AlphaKind::Opaque);
    frame.pixels.chunks_exact_mut(4).for_each(|p| p[3] = 1.0);
    save(&folder.path().join("b.exr"), &frame, Sample::Float);
    frame.pixels[..3].fill(4.0);
    frame.pixels[4..7].fill(0.1);
    save(&folder.path().join("a.exr"), &frame, Sample::Float);
    succeed(&folder, "compare {}/a.exr {}/b.exr --diff {}/diff.png");
    let p = open(&folder.path().join("diff.png")).pixels;
    assert!(p[0] > p[2] + 0.3, "red where brighter: {:?}", &p[..3]);
    assert!(p[6] > p[4] + 0.2, "blue where darker: {:?}", &p[4..7]);
    assert!(p[8] == p[9] && p[9] == p[10], "grey where equal: {:?}", &p[8..11]);
}

#[test]
fn prep_gives_back_the_codes_of_the_camera() {
    let folder = still("64x36");
    // The truth carries the exposure, so the plain camera sees the same picture again; half floats
    // may move a code by one.
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/again.png --camera srgb");
    let a = open(&folder.path().join("sample_srgb.png")).pixels;
    let b = open(&folder.path().join("again.png")).pixels;
    let worst = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 1.5 / 255.0, "{worst}");
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/down.png --exposure -4 --half-size");
    let down = open(&folder.path().join("down.png"));
    assert_eq!((down.display_window.width, down.display_window.height), (32, 18));
    let clipped = down.pixels.chunks_exact(4).filter(|p| p[0] >= 1.0).count();
    assert!(clipped < 10, "{clipped} pixels still clip four stops down");
}

#[test]
fn prep_looks_at_the_colour_under_alpha() {
    let folder = folder();
    let pixels = [0.25, 0.25, 0.25, 0.5].repeat(4);
    let frame = Frame::new(2, 2, pixels, AlphaKind::Premultiplied);
    save(&folder.path().join("half.exr"), &frame, Sample::Float);
    succeed(&folder, "prep {}/half.exr {}/half.png");
    let p = open(&folder.path().join("half.png")).pixels;
    // 0.25 over an alpha of one half is light of 0.5, which sRGB encodes to code 188.
    assert_eq!([p[0] * 255.0, p[3] * 255.0].map(f32::round), [188.0, 128.0]);
}

#[test]
fn pq_of_our_own_is_as_bright_as_the_linear_picture() {
    let folder = still("64x36");
    let plain = "--set method=inverse --float";
    for (name, space, set) in [
        ("linear", "lin_rec709", ""),
        ("pq", "Rec.2100-PQ", ""),
        ("pq_bright", "Rec.2100-PQ", "--set diffuse_white=400"),
    ] {
        let out = format!("{{}}/{name}.exr --space-out {space} {set}");
        succeed(&folder, &format!("render {{}}/sample_srgb.png {out} {plain}"));
    }
    let energy = |options: &str| {
        let pair = "{}/linear.exr --space-a Rec.2100-PQ";
        let found = json(&folder, &format!("{{}}/{options} {pair}"));
        found["mean"]["whole"]["energy"].as_f64().expect("a number")
    };
    // Whatever white it was rendered with, the header tells it.
    for name in ["pq.exr", "pq_bright.exr"] {
        let found = energy(name);
        assert!(found.abs() < 1e-3, "{name}: {found} stops");
    }
    // 203 nits of white, taken for 101.5, are a stop brighter.
    let found = energy("pq.exr --diffuse-white 101.5");
    assert!((found - 1.0).abs() < 1e-3, "{found} stops");
}

#[test]
fn extensions_count_in_upper_case_too() {
    let folder = still("32x18");
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/a.PNG --bits 16");
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/b.png --bits 16");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    assert!(bytes("a.PNG") == bytes("b.png"));
}
