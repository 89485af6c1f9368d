use super::*;

fn camera(id: &str) -> &'static Camera {
    find(id).expect("a camera")
}

/// A ramp of 20 stops, one pixel per step, with a colour cast that turns with it.
fn ramp() -> Vec<f32> {
    (0..2000)
        .flat_map(|i| {
            let v = libm::exp2(f64::from(i) / 100.0 - 12.0) as f32;
            [v, v * 0.9, v * 0.3 + 0.001 * (i % 7) as f32, 1.0]
        })
        .collect()
}

#[test]
fn filmic_meets_toe_mid_grey_and_white() {
    let grey = |stops: f64| camera("filmic").signal([0.18 * libm::exp2(stops); 3])[0];
    assert!((grey(0.0) - 0.5).abs() < 1e-9, "mid-grey at {}", grey(0.0));
    assert!(grey(-8.0).abs() < 1e-9 && grey(-8.1) == 0.0);
    assert!((grey(4.2) - 1.0).abs() < 1e-9 && (grey(6.0) - 1.0).abs() < 1e-9);
    assert!(grey(4.0) < 1.0 && grey(-7.9) > 0.0);
}

#[test]
fn filmic_lets_bright_colours_go_to_white_and_srgb_does_not() {
    let red = [40.0, 0.0, 0.0];
    assert_eq!(camera("srgb").codes(red, 1.0), [255, 0, 0]);
    let [r, g, b] = camera("filmic").codes(red, 1.0);
    assert!(r == 255 && g == b && g > 230, "{r} {g} {b}");
}

#[test]
fn cross_talk_leaves_grey_alone() {
    for camera in CAMERAS {
        let [r, g, b] = camera.sensor([0.3; 3]);
        assert!([r, g, b].iter().all(|v| (v - 0.3).abs() < 1e-15), "{}", camera.id);
    }
}

#[test]
fn srgb_codes_are_those_of_the_standard() {
    // IEC 61966-2-1: 0.5 encodes to 0.735357, 0.18 to 0.461356, 0.001 to 0.01292.
    let codes = camera("srgb").codes([0.5, 0.18, 0.001], 1.0);
    assert_eq!(codes, [188, 118, 3]);
    assert_eq!(camera("srgb").codes([f32::NAN, -1.0, 2.0], 1.0), [0, 0, 255]);
}

#[test]
fn the_wanted_share_clips() {
    let pixels = ramp();
    for camera in CAMERAS {
        for share in [0.0, 0.01, 0.05, 0.15, 1.0] {
            let exposure = exposure_for(camera, &pixels, share);
            let clipped = pixels
                .chunks_exact(4)
                .filter(|p| {
                    camera.codes([p[0], p[1], p[2]], exposure).iter().any(|c| *c >= CLIPPED_CODE)
                })
                .count();
            let found = clipped as f64 / 2000.0;
            assert!((found - share).abs() < 1e-9, "{} {share}: {found}", camera.id);
        }
    }
}

#[test]
fn a_picture_without_light_has_exposure_one() {
    assert_eq!(exposure_for(camera("srgb"), &[], 0.05), 1.0);
    assert_eq!(exposure_for(camera("filmic"), &[0.0; 16], 0.05), 1.0);
}
