//! Rules of the Radiance picture format that its writers seldom use. Values by hand.

use headroom_frame::{Frame, ReadOptions, read};

fn decode(header: &str, pixels: &[u8]) -> Frame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.hdr");
    let head = format!("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n{header}");
    std::fs::write(&path, [head.as_bytes(), pixels].concat()).unwrap();
    read(&path, &ReadOptions::default()).unwrap()
}

fn reds(frame: &Frame) -> Vec<f32> {
    frame.pixels.iter().step_by(4).copied().collect()
}

/// Pixels whose red is 1, 2, 3, …: mantissa 128 with exponent 129 is 1.
fn numbered(count: u8) -> Vec<u8> {
    (1..=count).flat_map(|number| [number, 0, 0, 136]).collect()
}

#[test]
fn mantissa_and_shared_exponent_give_the_value() {
    let frame = decode(
        "\n-Y 1 +X 4\n",
        &[[128, 64, 32, 129], [255, 0, 1, 128], [9, 9, 9, 0], [1, 2, 3, 140]].concat(),
    );
    let third = [0.0, 0.0, 0.0, 1.0];
    let expected = [
        &[1.0, 0.5, 0.25, 1.0][..],
        &[0.996_093_75, 0.0, 0.003_906_25, 1.0],
        &third,
        &[16.0, 32.0, 48.0, 1.0],
    ];
    assert_eq!(frame.pixels, expected.concat());
}

#[test]
fn all_eight_orientations_come_out_upright() {
    // Scan lines of a 3 x 2 picture in file order.
    let cases: [(&str, [f32; 6]); 8] = [
        ("-Y 2 +X 3", [1., 2., 3., 4., 5., 6.]),
        ("-Y 2 -X 3", [3., 2., 1., 6., 5., 4.]),
        ("+Y 2 +X 3", [4., 5., 6., 1., 2., 3.]),
        ("+Y 2 -X 3", [6., 5., 4., 3., 2., 1.]),
        ("+X 3 -Y 2", [1., 3., 5., 2., 4., 6.]),
        ("-X 3 -Y 2", [5., 3., 1., 6., 4., 2.]),
        ("+X 3 +Y 2", [2., 4., 6., 1., 3., 5.]),
        ("-X 3 +Y 2", [6., 4., 2., 5., 3., 1.]),
    ];
    for (size, expected) in cases {
        let frame = decode(&format!("\n{size}\n"), &numbered(6));
        assert_eq!((frame.data_window.width, frame.data_window.height), (3, 2), "{size}");
        assert_eq!(reds(&frame), expected, "{size}");
    }
}

#[test]
fn exposures_and_colour_corrections_multiply_and_are_undone() {
    let frame =
        decode("EXPOSURE=2\nEXPOSURE=4\nCOLORCORR=1 2 4\n\n-Y 1 +X 1\n", &[128, 128, 128, 132]);
    assert_eq!(frame.pixels, [1.0, 0.5, 0.25, 1.0]);
}

#[test]
fn pixel_aspect_is_width_over_height() {
    let frame = decode("PIXASPECT=0.5\n\n-Y 1 +X 1\n", &[128, 128, 128, 132]);
    assert_eq!(frame.pixel_aspect, 2.0);
}

#[test]
fn old_runs_repeat_the_pixel_before_with_growing_counts() {
    let mut pixels = vec![5, 0, 0, 136, 1, 1, 1, 2, 1, 1, 1, 1];
    pixels.extend([7, 0, 0, 136]);
    // 5 once, twice more, 256 more, then 7.
    let frame = decode("\n-Y 1 +X 260\n", &pixels);
    let reds = reds(&frame);
    assert!(reds[..259].iter().all(|&red| red == 5.0));
    assert_eq!(reds[259], 7.0);
}

#[test]
fn new_runs_and_dumps_mix() {
    let red = [128 + 5, 3, 3, 1, 2, 3];
    let rest = [128 + 8, 0];
    let exponent = [128 + 8, 136];
    let line = [&[2, 2, 0, 8][..], &red, &rest, &rest, &exponent].concat();
    assert_eq!(reds(&decode("\n-Y 1 +X 8\n", &line)), [3., 3., 3., 3., 3., 1., 2., 3.]);
}
