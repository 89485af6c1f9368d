use super::*;

fn scene() -> Raster {
    let (width, height) = (96, 64);
    let mut draw = Draw::new(&[11]);
    let pixels = (0..width * height * 3)
        .map(|i| {
            let stops = (i / 3 % width) as f64 / 10.0 - 6.0 + 3.0 * draw.unit();
            libm::exp2(stops) as f32
        })
        .collect();
    Raster { width, height, pixels }
}

fn exposed(camera: &Camera, scene: &Raster) -> Raster {
    let exposure = camera.exposure(&scene.pixels);
    Raster { pixels: scene.pixels.iter().map(|v| v * exposure).collect(), ..scene.clone() }
}

#[test]
fn the_share_that_clips_is_what_was_asked_for() {
    let scene = scene();
    for family in CURVES {
        for share in [0.01, 0.1, 0.25] {
            let settings = Settings { white_balance: 0.5, ..Settings::plain(family.id, share) };
            let camera = Camera::draw(&settings, &mut Draw::new(&[5]));
            let codes = camera.codes(&exposed(&camera, &scene), 0).expect("codes");
            let pixels = codes.as_chunks::<3>().0;
            let clipped =
                pixels.iter().filter(|codes| codes.iter().any(|&code| code >= 250)).count();
            let found = clipped as f64 / pixels.len() as f64;
            assert!((found - share).abs() < 0.001, "{}: {found} for {share}", family.id);
        }
        let camera = Camera::draw(&Settings::plain(family.id, 0.0), &mut Draw::new(&[5]));
        let codes = camera.codes(&exposed(&camera, &scene), 0).expect("codes");
        assert!(codes.iter().all(|&code| code < 250), "{}", family.id);
    }
}

#[test]
fn base_is_the_truth_within_a_code_where_nothing_clipped() {
    let scene = scene();
    for family in CURVES {
        let settings = Settings { white_balance: 0.5, ..Settings::plain(family.id, 0.1) };
        let camera = Camera::draw(&settings, &mut Draw::new(&[9]));
        let exposed = exposed(&camera, &scene);
        let codes = camera.codes(&exposed, 0).expect("codes");
        // Taken once more, the inverse has to give the same codes.
        let base = Raster { pixels: camera.base(&codes), ..exposed.clone() };
        let again = camera.codes(&base, 0).expect("codes");
        let mut compared = 0;
        for (pixel, codes) in codes.as_chunks::<3>().0.iter().enumerate() {
            // Black holds all light below the toe, and a channel that is mixed from clipped ones
            // cannot be had back.
            if codes.iter().any(|&code| code == 255 || code == 0) {
                continue;
            }
            for (channel, code) in codes.iter().enumerate() {
                let again = i32::from(again[pixel * 3 + channel]) - i32::from(*code);
                assert!(again.abs() <= 1, "{}: {again} codes", family.id);
                compared += 1;
            }
            let mixed = |raster: &Raster| camera.sensor(&raster.pixels.as_chunks::<3>().0[pixel]);
            let (found, truth) = (mixed(&base), mixed(&exposed));
            for channel in 0..3 {
                let code = codes[channel];
                let step = camera.tables.light(code + 1) - camera.tables.light(code - 1);
                let difference = (found[channel] - truth[channel]).abs();
                assert!(difference <= step, "{}: {difference} of {step}", family.id);
            }
        }
        assert!(compared > 1000, "{}: {compared}", family.id);
    }
}

/// Factors of black bodies beside one of 6500 K, green being 1, by Planck's law and the CIE 1931 functions (Wyman et al.
/// 2013) in linear Rec.709: worked out with NumPy.
#[test]
fn light_of_another_temperature_is_warmer_or_colder_and_never_green() {
    let settings = Settings { temperature: 2.7, ..Settings::plain("srgb", 0.1) };
    let drawn = |key| {
        let balance = Camera::draw(&settings, &mut Draw::new(&[key])).balance();
        balance.map(|factor| libm::log2(f64::from(factor)))
    };
    let drawn: Vec<_> = (0..200).map(drawn).collect();
    for &[red, green, blue] in &drawn {
        assert!(green == 0.0 && (red - blue).abs() <= 2.7, "{red} {green} {blue}");
    }
    let warmest = drawn.iter().map(|[red, _, blue]| red - blue).fold(0.0, f64::max);
    let coldest = drawn.iter().map(|[red, _, blue]| red - blue).fold(0.0, f64::min);
    assert!(warmest > 2.5 && coldest < -2.5, "{warmest} {coldest}");
    for (kelvin, [red, blue]) in [
        (3000, [0.96, -1.72]),
        (4000, [0.52, -0.87]),
        (8000, [-0.15, 0.25]),
        (10000, [-0.27, 0.45]),
    ] {
        let by = |shifts: &[f64; 3]| (shifts[0] - shifts[2] - (red - blue)).abs();
        let nearest = drawn.iter().min_by(|a, b| by(a).total_cmp(&by(b))).expect("drawn");
        let off = (nearest[0] - red).abs().max((nearest[2] - blue).abs());
        assert!(off < 0.08, "{kelvin} K: {nearest:?}");
    }
}

#[test]
fn graphics_have_no_light_above_the_white_that_they_are_painted_with() {
    for family in CURVES {
        let mut painted = 0;
        for key in 0..20 {
            let settings = Settings {
                white_balance: 0.5,
                graphics_probability: 1.0,
                ..Settings::plain(family.id, 0.0)
            };
            let camera = Camera::draw(&settings, &mut Draw::new(&[key]));
            let plain = Raster::filled(90, 60, 0.01);
            let mut light = plain.clone();
            camera.lay_graphics(&mut light);
            let codes = camera.codes(&light, 0).expect("codes");
            let base = camera.base(&codes);
            for (pixel, codes) in codes.as_chunks::<3>().0.iter().enumerate() {
                let all = pixel * 3..pixel * 3 + 3;
                if light.pixels[all.clone()] != plain.pixels[all.clone()] && *codes == [255; 3] {
                    let mut exact = true;
                    for (truth, base) in light.pixels[all.clone()].iter().zip(&base[all]) {
                        // Less on an edge that is partly covered, more nowhere.
                        assert!(*truth <= base * 1.0001, "{}: {truth} {base}", family.id);
                        exact &= *truth >= base * 0.9999;
                    }
                    painted += usize::from(exact);
                }
            }
        }
        assert!(painted > 1000, "{}: {painted}", family.id);
    }
}

#[test]
fn noise_and_jpeg_are_the_same_for_the_same_key_only() {
    let settings = Settings {
        noise_probability: 1.0,
        jpeg_probability: 1.0,
        jpeg_max: 80,
        ..Settings::default()
    };
    let scene = scene();
    let camera = Camera::draw(&settings, &mut Draw::new(&[1]));
    let exposed = exposed(&camera, &scene);
    let take = |key| {
        let codes = camera.codes(&exposed, key).expect("codes");
        camera.store(codes, scene.width, scene.height).expect("codes")
    };
    assert_eq!(take(1), take(1));
    assert_ne!(take(1), take(2));
    assert!(camera.describe(1.0).contains("JPEG"), "{}", camera.describe(1.0));
}
