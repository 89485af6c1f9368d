use super::*;

#[test]
fn pixels_do_not_depend_on_the_way_they_are_asked_for() {
    let scene = Scene::at(32, 18, 0.4);
    let whole = scene.render();
    for (y, x) in [(0, 0), (9, 16), (17, 31), (12, 5)] {
        let at = (y * 32 + x) * 4;
        assert_eq!(whole[at..at + 3], scene.pixel(x, y));
        assert_eq!(whole[at + 3], 1.0);
    }
}

#[test]
fn light_is_finite_positive_and_spans_what_a_camera_cannot_hold() {
    let rgba = Scene::new(160, 90).render();
    let colours = || rgba.chunks_exact(4).flat_map(|p| &p[..3]);
    assert!(colours().all(|v| v.is_finite() && *v >= 0.0));
    let brightest = colours().fold(0.0f32, |a, v| a.max(*v));
    let darkest = colours().fold(f32::MAX, |a, v| a.min(*v));
    assert!((1000.0..65504.0).contains(&brightest), "the sun: {brightest}");
    assert!(darkest < 0.03, "the deepest shadow: {darkest}");
    let share = |from: f32| {
        let over = rgba.chunks_exact(4).filter(|p| p[..3].iter().any(|v| *v >= from)).count();
        over as f64 / (160.0 * 90.0)
    };
    assert!((0.03..0.30).contains(&share(1.0)), "above white: {}", share(1.0));
    assert!(share(4.0) > 0.01, "two stops above white: {}", share(4.0));
}

#[test]
fn there_are_highlights_with_one_channel_alone_above_white() {
    let rgba = Scene::new(320, 180).render();
    let red = rgba.chunks_exact(4).filter(|p| p[0] > 4.0 && p[2] < 1.0).count();
    let blue = rgba.chunks_exact(4).filter(|p| p[2] > 4.0 && p[0] < 1.0).count();
    assert!(red > 20 && blue > 20, "{red} red and {blue} blue pixels");
}

#[test]
fn the_pan_moves_the_picture_a_little() {
    let (a, b) = (Scene::at(64, 36, 0.0).render(), Scene::at(64, 36, 1.0 / 24.0).render());
    let changed = a.iter().zip(&b).filter(|(a, b)| a != b).count();
    let mean = |v: &[f32]| v.iter().map(|v| f64::from(v.min(1.0))).sum::<f64>() / v.len() as f64;
    assert!(changed > a.len() / 4);
    assert!((mean(&a) - mean(&b)).abs() < 0.02);
}

#[test]
fn every_letter_that_stands_in_the_scene_has_ink() {
    for c in "HEADROOMSCENE1248162+HDRP".chars() {
        let text = c.to_string();
        let dots = (0..7).flat_map(|y| (0..5).map(move |x| (f64::from(x), f64::from(y))));
        assert!(dots.filter(|(x, y)| font::ink(&text, *x, *y)).count() > 6, "{c}");
    }
    assert!(!font::ink("H", 5.0, 0.0) && !font::ink("H", -1.0, 0.0) && !font::ink("H", 0.0, 7.0));
}
