use super::*;

#[test]
fn the_axis_of_a_view_points_where_it_looks() {
    let gaze = Gaze { yaw: 0.7, pitch: -0.3, roll: 0.2, focal: 100.0 };
    // An odd size has a pixel in the middle.
    let direction = Rays::new(&gaze, 33, 21).at(16, 10);
    let (column, row) = place(direction, 1024, 512);
    let expected = (0.7 / std::f64::consts::TAU + 0.5) * 1024.0 - 0.5;
    assert!((f64::from(column) - expected).abs() < 1e-3, "{column}");
    let expected = (0.5 + 0.3 / std::f64::consts::PI) * 512.0 - 0.5;
    assert!((f64::from(row) - expected).abs() < 1e-3, "{row}");
}

#[test]
fn a_sun_of_one_pixel_neither_rings_nor_gains_light() {
    let mut light = Raster::filled(512, 256, 0.25);
    let at = (128 * 512 + 256) * 3;
    light.pixels[at..at + 3].fill(4096.0);
    let gaze = Gaze { yaw: 0.0, pitch: 0.0, roll: 0.1, focal: 110.0 };
    let view = Panorama::new(light).view(&gaze, 96, 64);
    assert!(view.pixels.iter().all(|&v| (0.2499..4097.0).contains(&v)));
    assert!(view.pixels.iter().any(|&v| v > 100.0), "the sun is there");
}

#[test]
fn a_view_of_low_resolution_sees_means_of_light() {
    // Columns of light 0 and 2 in turn: their mean is 1.
    let mut light = Raster::filled(1024, 512, 0.0);
    for (i, pixel) in light.pixels.as_chunks_mut::<3>().0.iter_mut().enumerate() {
        *pixel = [if i % 2 == 0 { 2.0 } else { 0.0 }; 3];
    }
    let gaze = Gaze { yaw: 1.0, pitch: 0.2, roll: 0.0, focal: 60.0 };
    let view = Panorama::new(light).view(&gaze, 64, 48);
    assert!(view.pixels.iter().all(|&v| (v - 1.0).abs() < 1e-5));
}

#[derive(serde::Deserialize)]
struct Golden {
    width: usize,
    height: usize,
    view: [usize; 2],
    rays: Vec<[f64; 8]>,
}

#[test]
fn rays_lie_where_rotations_of_another_program_put_them() {
    let text = include_str!("../../tests/golden/panorama.json");
    let golden: Golden = serde_json::from_str(text).expect("the golden file");
    for [yaw, pitch, roll, focal, x, y, column, row] in golden.rays {
        let gaze = Gaze { yaw, pitch, roll, focal };
        let ray = Rays::new(&gaze, golden.view[0], golden.view[1]).at(x as usize, y as usize);
        let (found_column, found_row) = place(ray, golden.width, golden.height);
        let whole = golden.width as f64;
        let difference = (f64::from(found_column) - column).rem_euclid(whole);
        let difference = difference.min(whole - difference);
        // Near the poles a small turn is many columns.
        let near_pole = libm::cos((row + 0.5 - 256.0) / 512.0 * std::f64::consts::PI);
        assert!(difference * near_pole < 2e-3, "{gaze:?}: {found_column} {column}");
        assert!((f64::from(found_row) - row).abs() < 2e-3, "{gaze:?}: {found_row} {row}");
    }
}
