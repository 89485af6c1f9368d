//! `headroom render` through the engine.

use crate::support::*;
use headroom_frame::{AlphaKind, Attribute, AttributeValue, Frame, Sample};

/// Codes below are far from any clip level and its softness.
const SAFE_CODE: f32 = 200.0 / 255.0;

fn near(found: f32, expected: f64) -> bool {
    (f64::from(found) - expected).abs() <= 1e-5 * expected.abs().max(0.01)
}

#[test]
fn unclipped_pixels_are_the_exact_conversion_and_clipped_ones_go_above_white() {
    let folder = still("160x90");
    succeed(&folder, "render {}/sample_srgb.png {}/out.exr --float");
    let source = open(&folder.path().join("sample_srgb.png"));
    let result = open(&folder.path().join("out.exr"));
    let mut checked = 0;
    let mut brightest = 0.0f32;
    for (s, r) in source.pixels.chunks_exact(4).zip(result.pixels.chunks_exact(4)) {
        brightest = brightest.max(r[0]);
        if s[..3].iter().all(|v| *v < SAFE_CODE) {
            let expected = converted("srgb_tx", "ACEScg", s);
            assert!((0..3).all(|c| near(r[c], expected[c])), "{s:?}: {r:?}, not {expected:?}");
            checked += 1;
        }
    }
    assert!(checked > 160 * 90 / 2, "{checked} unclipped pixels");
    assert!(brightest > 1.5, "nothing was expanded: {brightest}");
}

#[test]
fn inverse_is_the_exact_conversion_everywhere() {
    let folder = still("96x54");
    for out in ["ACEScct", "acescg", "Rec.2100-PQ"] {
        let set = "--set method=inverse --set amount=0 --float";
        succeed(
            &folder,
            &format!("render {{}}/sample_srgb.png {{}}/out.exr {set} --space-out {out}"),
        );
        let source = open(&folder.path().join("sample_srgb.png"));
        let result = open(&folder.path().join("out.exr"));
        // PQ depends on diffuse white, whose default is a setting: only its order is looked at.
        if out != "Rec.2100-PQ" {
            for (s, r) in source.pixels.chunks_exact(4).zip(result.pixels.chunks_exact(4)) {
                let expected = converted("srgb_tx", out, s);
                assert!((0..3).all(|c| near(r[c], expected[c])), "{s:?}: {r:?}, not {expected:?}");
            }
        }
    }
}

#[test]
fn alpha_is_untouched_and_colour_is_multiplied_by_it_in_exr() {
    let folder = folder();
    let source = pattern(24, 16);
    save(&folder.path().join("in.png"), &source, Sample::U8);
    succeed(&folder, "render {}/in.png {}/out.exr --float --set method=inverse --set amount=0");
    let result = open(&folder.path().join("out.exr"));
    assert_eq!(result.alpha, AlphaKind::Premultiplied);
    for (s, r) in source.pixels.chunks_exact(4).zip(result.pixels.chunks_exact(4)) {
        assert_eq!(s[3], r[3]);
        let expected = converted("srgb_tx", "ACEScg", s).map(|v| v * f64::from(s[3]));
        assert!((0..3).all(|c| near(r[c], expected[c])), "{s:?}: {r:?}, not {expected:?}");
    }
}

#[test]
fn the_header_tells_space_and_provenance() {
    let folder = still("32x18");
    succeed(&folder, "render {}/sample_srgb.png {}/out.exr --space-out ACEScg --set peak=5");
    let metadata = open(&folder.path().join("out.exr")).metadata;
    let found = metadata.chromaticities.expect("chromaticities");
    assert!((found.red[0] - 0.713).abs() < 1e-6 && (found.white[1] - 0.33767).abs() < 1e-6);
    assert_eq!(metadata.white_luminance, None);
    let text = |name: &str| match metadata.attribute(name).map(Attribute::value) {
        Some(AttributeValue::Text(text)) => text,
        other => panic!("{name}: {other:?}"),
    };
    assert!(text("headroomVersion").starts_with(env!("CARGO_PKG_VERSION")));
    let (model, version) = (text("headroomModel"), env!("CARGO_PKG_VERSION"));
    assert!(model.starts_with("grid (grid, sha256 "), "{model}");
    assert!(model.contains(&format!(", headroom {version}+")), "{model}");
    let settings: serde_json::Value =
        serde_json::from_str(&text("headroomSettings")).expect("JSON");
    assert_eq!(settings["peak"], 5.0);
    assert_eq!(settings["input_space"], space("srgb_tx").name);
    assert_eq!(settings["output_space"], "ACEScg");
    succeed(&folder, "render {}/sample_srgb.png {}/plain.exr --set method=inverse");
    let metadata = open(&folder.path().join("plain.exr")).metadata;
    let model = metadata.attribute("headroomModel").map(Attribute::value);
    let wanted = format!("inverse (analytic, headroom {version}+");
    assert!(
        matches!(&model, Some(AttributeValue::Text(model)) if model.starts_with(&wanted)),
        "{model:?}"
    );
}

#[test]
fn the_settings_of_a_header_render_the_same_again() {
    let folder = still("32x18");
    succeed(&folder, "render {}/sample_srgb.png {}/a.exr --set highlight_gain=1.25 --set mix=0.5");
    succeed(&folder, "render {}/sample_srgb.png {}/b.exr --settings {}/a.exr");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    assert!(bytes("a.exr") == bytes("b.exr"));
}

#[test]
fn pq_names_the_luminance_of_its_white() {
    let folder = still("32x18");
    succeed(&folder, "render {}/sample_srgb.png {}/out.exr --space-out Rec.2100-PQ");
    let white = open(&folder.path().join("out.exr")).metadata.white_luminance.expect("luminance");
    assert!((white - 10_000.0).abs() < 1.0, "{white}");
    succeed(&folder, "render {}/sample_srgb.png {}/out.png --space-out Rec.2100-PQ --bits 16");
    assert_eq!(open(&folder.path().join("out.png")).display_window.width, 32);
}

#[test]
fn the_input_space_is_taken_from_the_file() {
    let folder = still("48x27");
    succeed(&folder, "render {}/sample_srgb.png {}/cg.exr --space-out ACEScg --float");
    // What is above white already stays; the output of a linear input is its own space.
    succeed(&folder, "render {}/cg.exr {}/again.exr --float --set method=inverse");
    let (a, b) = (open(&folder.path().join("cg.exr")), open(&folder.path().join("again.exr")));
    assert_eq!(a.metadata.chromaticities, b.metadata.chromaticities);
    for (a, b) in a.pixels.iter().zip(&b.pixels) {
        assert!(near(*b, f64::from(*a)), "{a} became {b}");
    }
}

#[test]
fn a_black_mask_keeps_the_pure_transform_and_a_white_one_the_result() {
    let folder = still("64x36");
    let flat = |v: f32| Frame::new(64, 36, vec![v; 64 * 36 * 4], AlphaKind::Opaque);
    save(&folder.path().join("black.png"), &flat(0.0), Sample::U8);
    save(&folder.path().join("white.png"), &flat(1.0), Sample::U8);
    let input = "render {}/sample_srgb.png";
    succeed(&folder, &format!("{input} {{}}/plain.exr --float"));
    succeed(&folder, &format!("{input} {{}}/pure.exr --float --set amount=0"));
    succeed(&folder, &format!("{input} {{}}/black.exr --float --mask {{}}/black.png"));
    succeed(&folder, &format!("{input} {{}}/white.exr --float --mask {{}}/white.png"));
    let pixels = |name: &str| open(&folder.path().join(name)).pixels;
    assert!(pixels("black.exr") == pixels("pure.exr"));
    assert!(pixels("white.exr") == pixels("plain.exr"));
    assert!(pixels("plain.exr") != pixels("pure.exr"));
}

#[test]
fn pixels_do_not_depend_on_threads() {
    let folder = still("200x113");
    succeed(&folder, "render {}/sample_srgb.png {}/one.exr --threads 1");
    succeed(&folder, "render {}/sample_srgb.png {}/three.exr --threads 3");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    assert!(bytes("one.exr") == bytes("three.exr"));
}

#[test]
fn frozen_measurements_and_stabilising_do_not_depend_on_the_chunk() {
    let folder = sequence(4, "64x36");
    let input = "render {}/sample_srgb.####.png";
    for (name, set) in [
        ("radius", "--set temporal_radius=1"),
        ("frozen", "--set freeze_analysis=true --set freeze_frame=1002"),
    ] {
        succeed(&folder, &format!("{input} {{}}/{name}/a.####.exr {set}"));
        succeed(&folder, &format!("{input} {{}}/{name}2/a.####.exr {set} --frames 1003-1004"));
        succeed(&folder, &format!("{input} {{}}/{name}2/a.####.exr {set} --frames 1002-1001"));
        let place = |name: String| files(&folder.path().join(name));
        assert!(place(name.to_owned()) == place(format!("{name}2")), "{name}");
    }
}

#[test]
fn shots_of_a_folder_do_not_share_measurements_of_the_same_numbers() {
    let folder = two_shots();
    for (name, set) in [
        ("radius", "--set temporal_radius=1"),
        ("frozen", "--set freeze_analysis=true --set freeze_frame=1002"),
    ] {
        succeed(&folder, &format!("render {{}}/shots {{}}/{name} {set}"));
        for shot in ["a", "b"] {
            let input = format!("render {{}}/shots/{shot}.####.png");
            succeed(&folder, &format!("{input} {{}}/{name}-alone/{shot}.####.exr {set}"));
        }
        let place = |name: String| files(&folder.path().join(name));
        let (together, alone) = (place(name.to_owned()), place(format!("{name}-alone")));
        assert_eq!(together.len(), 6);
        for ((file, a), (_, b)) in together.iter().zip(&alone) {
            assert!(a == b, "{name}: {file} differs from its shot alone");
        }
    }
}

#[test]
fn what_was_not_measured_is_not_told() {
    let folder = still("32x18");
    let input = "render {}/sample_srgb.png {}/out.exr --progress json";
    let measured = succeed(&folder, input).out;
    assert!(measured.contains("\"clip_share\""), "{measured}");
    let unmeasured = succeed(&folder, &format!("{input} --set amount=0")).out;
    assert!(!unmeasured.contains("\"clip_share\""), "{unmeasured}");
}

#[test]
fn infinite_values_are_told() {
    let folder = folder();
    let mut frame = Frame::new(4, 1, vec![0.5; 16], AlphaKind::Opaque);
    frame.pixels.chunks_exact_mut(4).for_each(|p| p[3] = 1.0);
    frame.pixels[0] = f32::INFINITY;
    save(&folder.path().join("in.exr"), &frame, Sample::Float);
    let told = succeed(&folder, "render {}/in.exr {}/out.exr --space-out ACEScct").err;
    assert!(told.contains("1 values are infinite"), "{told}");
}

#[test]
fn a_missing_frozen_frame_is_told_with_its_name() {
    let folder = sequence(2, "32x18");
    let input = "render {}/sample_srgb.####.png {}/out.####.exr --set freeze_analysis=true";
    let told = succeed(&folder, &format!("{input} --set freeze_frame=1007")).err;
    assert!(told.contains("sample_srgb.1007.png") && told.contains("freeze_frame"), "{told}");
    let told = succeed(&folder, &format!("{input} --set freeze_frame=1002")).err;
    assert!(!told.contains("freeze_frame"), "{told}");
}

#[test]
fn windows_and_pixel_aspect_of_exr_are_kept() {
    let folder = folder();
    let mut frame = pattern(20, 10);
    frame.alpha = AlphaKind::Opaque;
    frame.has_alpha = false;
    frame.pixels.chunks_exact_mut(4).for_each(|p| p[3] = 1.0);
    frame.data_window.x = -3;
    frame.data_window.y = 5;
    frame.display_window.width = 32;
    frame.display_window.height = 18;
    frame.pixel_aspect = 2.0;
    save(&folder.path().join("in.exr"), &frame, Sample::Float);
    succeed(&folder, "render {}/in.exr {}/out.exr");
    let result = open(&folder.path().join("out.exr"));
    assert_eq!(result.data_window, frame.data_window);
    assert_eq!(result.display_window, frame.display_window);
    assert_eq!(result.pixel_aspect, 2.0);
}

#[test]
fn views_that_are_data_claim_no_colours_and_fit_whole_numbers() {
    let folder = still("64x36");
    succeed(&folder, "render {}/sample_srgb.png {}/mask.exr --set view=clip-mask");
    assert_eq!(open(&folder.path().join("mask.exr")).metadata.chromaticities, None);
    succeed(&folder, "render {}/sample_srgb.png {}/mask.png --set view=clip-mask");
    let mask = open(&folder.path().join("mask.png")).pixels;
    let white = mask.chunks_exact(4).filter(|p| p[0] == 1.0).count();
    let black = mask.chunks_exact(4).filter(|p| p[0] == 0.0).count();
    // The camera clips one pixel in twenty.
    assert!(white > 64 * 36 / 50 && black > 64 * 36 / 2, "{white} white, {black} black");
}

#[test]
fn empty_options_of_a_template_count_as_none() {
    let folder = still("32x18");
    succeed(&folder, "render {}/sample_srgb.png {}/plain.exr");
    let empty = "--preset= --settings= --mask= --layer= --bundle=";
    succeed(&folder, &format!("render {{}}/sample_srgb.png {{}}/empty.exr {empty}"));
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    assert!(bytes("plain.exr") == bytes("empty.exr"));
}
