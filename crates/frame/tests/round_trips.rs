//! What is written is what is read back, for every format, depth and compression.

use std::path::Path;

use half::f16;
use headroom_frame::{
    AlphaKind, Attribute, Chromaticities, ExrCompression, Frame, Provenance, ReadOptions, Sample,
    SourceKind, Window, WriteOptions, WriteReport, read, write,
};

const COMPRESSIONS: [ExrCompression; 4] =
    [ExrCompression::None, ExrCompression::Zip, ExrCompression::Zips, ExrCompression::Piz];

/// Reproducible noise: Marsaglia's xorshift.
fn noise(count: usize, mut sample: impl FnMut(u32) -> f32) -> Vec<f32> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    };
    (0..count).map(|_| sample(next())).collect()
}

fn frame(width: u32, height: u32, alpha: AlphaKind, sample: impl FnMut(u32) -> f32) -> Frame {
    let mut pixels = noise((width * height * 4) as usize, sample);
    if alpha == AlphaKind::Opaque {
        pixels.chunks_exact_mut(4).for_each(|pixel| pixel[3] = 1.0);
    }
    Frame::new(width, height, pixels, alpha)
}

fn there_and_back(
    folder: &Path,
    name: &str,
    frame: &Frame,
    options: &WriteOptions,
) -> (Frame, WriteReport) {
    let path = folder.join(name);
    let report = write(&path, frame, options).unwrap();
    assert_eq!(report.bytes, path.metadata().unwrap().len());
    (read(&path, &ReadOptions::default()).unwrap(), report)
}

fn bits(pixels: &[f32]) -> Vec<u32> {
    pixels.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn float_exr_keeps_every_bit() {
    let folder = tempfile::tempdir().unwrap();
    // Any bits at all: subnormals, infinities, NaN.
    for alpha in [AlphaKind::Opaque, AlphaKind::Premultiplied] {
        for (width, height) in [(1, 1), (37, 19), (5, 70)] {
            let frame = frame(width, height, alpha, f32::from_bits);
            for compression in COMPRESSIONS {
                let options =
                    WriteOptions { compression, sample: Sample::Float, ..Default::default() };
                let (back, _) = there_and_back(folder.path(), "a.exr", &frame, &options);
                assert_eq!(bits(&back.pixels), bits(&frame.pixels), "{compression:?}");
                assert_eq!(back.source, SourceKind::Float);
                assert_eq!(back.alpha, alpha);
            }
        }
    }
}

#[test]
fn half_exr_keeps_every_finite_half() {
    let folder = tempfile::tempdir().unwrap();
    let mut code = 0_u16;
    let all = frame(128, 128, AlphaKind::Premultiplied, |_| {
        code = code.wrapping_add(1);
        let value = f16::from_bits(code);
        if value.is_finite() { value.to_f32() } else { 0.5 }
    });
    for compression in COMPRESSIONS {
        let options = WriteOptions { compression, ..Default::default() };
        let (back, report) = there_and_back(folder.path(), "a.exr", &all, &options);
        assert_eq!(bits(&back.pixels), bits(&all.pixels), "{compression:?}");
        assert_eq!(back.source, SourceKind::Half);
        assert_eq!((report.clamped_to_half, report.nan), (0, 0));
    }
}

#[test]
fn half_exr_clamps_and_counts_what_half_cannot_hold() {
    let folder = tempfile::tempdir().unwrap();
    let values = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1.0, 65504.0, 65505.0, -1e30, 2.0];
    let frame = Frame::new(2, 1, values.to_vec(), AlphaKind::Premultiplied);
    let (back, report) = there_and_back(folder.path(), "a.exr", &frame, &WriteOptions::default());
    let expected = [65504.0, -65504.0, 0.0, 1.0, 65504.0, 65504.0, -65504.0, 2.0];
    assert_eq!(back.pixels, expected);
    assert_eq!((report.clamped_to_half, report.nan), (4, 1));
}

#[test]
fn integer_formats_keep_every_code() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("a.png", Sample::U8, 8),
        ("a.png", Sample::U16, 16),
        ("a.tif", Sample::U8, 8),
        ("a.tiff", Sample::U16, 16),
    ];
    for (name, sample, depth) in cases {
        let maximum = ((1_u32 << depth) - 1) as f32;
        for alpha in [AlphaKind::Opaque, AlphaKind::Straight] {
            for compression in [ExrCompression::None, ExrCompression::Zip] {
                let mut code = 0_u32;
                let frame = frame(256, 256, alpha, |_| {
                    code += 1;
                    (code % (1 << depth)) as f32 / maximum
                });
                let options = WriteOptions { sample, compression, ..Default::default() };
                let (back, report) = there_and_back(folder.path(), name, &frame, &options);
                assert_eq!(back.pixels, frame.pixels, "{name} {sample:?} {compression:?}");
                assert_eq!(back.source, SourceKind::Integer { bits: depth });
                assert_eq!(back.alpha, alpha);
                assert_eq!(report.clamped_to_range, 0);
            }
        }
    }
}

#[test]
fn integers_are_rounded_to_nearest_clamped_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let values = [-0.5, 2.0, f32::NAN, 1.0, 100.4 / 255.0, 100.6 / 255.0, 255.4 / 255.0, 1.0];
    let frame = Frame::new(2, 1, values.to_vec(), AlphaKind::Opaque);
    let (back, report) = there_and_back(folder.path(), "a.png", &frame, &WriteOptions::default());
    let codes: Vec<f32> = back.pixels.iter().map(|value| value * 255.0).collect();
    assert_eq!(codes, [0.0, 255.0, 0.0, 255.0, 100.0, 101.0, 255.0, 255.0]);
    assert_eq!((report.clamped_to_range, report.nan), (2, 1));
}

#[test]
fn float_tiff_keeps_every_bit() {
    let folder = tempfile::tempdir().unwrap();
    for alpha in [AlphaKind::Opaque, AlphaKind::Premultiplied, AlphaKind::Straight] {
        for compression in [ExrCompression::None, ExrCompression::Zip] {
            let frame = frame(41, 23, alpha, f32::from_bits);
            let options = WriteOptions { sample: Sample::Float, compression, ..Default::default() };
            let (back, _) = there_and_back(folder.path(), "a.tif", &frame, &options);
            assert_eq!(bits(&back.pixels), bits(&frame.pixels));
            assert_eq!(back.alpha, alpha);
        }
    }
}

#[test]
fn jpeg_comes_back_close() {
    let folder = tempfile::tempdir().unwrap();
    let pixels = (0..64 * 64)
        .flat_map(|at| {
            let (x, y) = ((at % 64) as f32 / 63.0, (at / 64) as f32 / 63.0);
            [x, y, (x + y) * 0.5, 1.0]
        })
        .collect();
    let frame = Frame::new(64, 64, pixels, AlphaKind::Opaque);
    let options = WriteOptions { jpeg_quality: 100, ..Default::default() };
    let (back, _) = there_and_back(folder.path(), "a.jpg", &frame, &options);
    let error = back.pixels.iter().zip(&frame.pixels).map(|(a, b)| (a - b).abs());
    assert!(error.fold(0.0, f32::max) < 0.02);
    assert_eq!(back.source, SourceKind::Integer { bits: 8 });
}

#[test]
fn windows_aspect_attributes_and_provenance_survive_exr() {
    let folder = tempfile::tempdir().unwrap();
    let mut original = frame(12, 7, AlphaKind::Premultiplied, |bits| bits as f32 / 4e9);
    original.data_window = Window { x: -5, y: 3, width: 12, height: 7 };
    original.display_window = Window { x: 0, y: 0, width: 20, height: 10 };
    original.pixel_aspect = 2.0;
    original.metadata.white_luminance = Some(203.0);
    let ap0 = headroom_colour::AP0;
    original.metadata.chromaticities = Some(ap0);
    original.metadata.attributes = vec![
        Attribute::text("zebra", "stripes"),
        Attribute::int("aardvark", -7),
        Attribute { name: "own".into(), kind: "nobodyKnows".into(), bytes: vec![1, 2, 3] },
        Attribute::floats("screenWindowCenter", "v2f", &[0.25, -0.5]),
        Attribute::float("screenWindowWidth", 2.0),
        Attribute::text("a name of more than thirty-one bytes", "long"),
    ];
    let options = WriteOptions {
        provenance: Some(Provenance {
            version: "0.1.0".into(),
            model: "inverse".into(),
            settings: "{\"amount\":1}".into(),
        }),
        ..Default::default()
    };
    let (back, _) = there_and_back(folder.path(), "a.exr", &original, &options);
    assert_eq!(back.data_window, original.data_window);
    assert_eq!(back.display_window, original.display_window);
    assert_eq!(back.pixel_aspect, 2.0);
    assert_eq!(back.metadata.white_luminance, Some(203.0));
    assert_eq!(back.metadata.chromaticities, Some(ap0));
    let names: Vec<_> = back.metadata.attributes.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "headroomVersion",
            "headroomModel",
            "headroomSettings",
            "zebra",
            "aardvark",
            "own",
            "screenWindowCenter",
            "screenWindowWidth",
            "a name of more than thirty-one bytes",
        ]
    );
    for attribute in &original.metadata.attributes {
        assert_eq!(back.metadata.attribute(&attribute.name), Some(attribute));
    }
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut frame = frame(300, 200, AlphaKind::Premultiplied, |bits| (bits >> 20) as f32 / 99.0);
    frame.metadata.attributes = (0..9).map(|at| Attribute::int(format!("n{at}"), at)).collect();
    for (name, sample) in
        [("a.exr", Sample::Half), ("a.exr", Sample::Float), ("a.tif", Sample::U16)]
    {
        for compression in COMPRESSIONS {
            let bytes = |threads| {
                let options = WriteOptions { compression, sample, threads, ..Default::default() };
                write(&folder.path().join(name), &frame, &options).unwrap();
                std::fs::read(folder.path().join(name)).unwrap()
            };
            let one = bytes(1);
            assert!([2, 3, 8].into_iter().all(|threads| bytes(threads) == one), "{compression:?}");
            let pixels = |threads| {
                let options = ReadOptions { threads, ..Default::default() };
                bits(&read(&folder.path().join(name), &options).unwrap().pixels)
            };
            assert_eq!(pixels(1), pixels(7));
        }
    }
}

#[test]
fn the_aces_flag_is_written_only_where_lawful() {
    let folder = tempfile::tempdir().unwrap();
    let frame = frame(4, 4, AlphaKind::Opaque, |bits| bits as f32 / 4e9);
    let lawful = WriteOptions {
        compression: ExrCompression::None,
        sample: Sample::Half,
        chromaticities: Some(headroom_colour::AP0),
        aces_container: true,
        ..Default::default()
    };
    let flagged = |options: &WriteOptions| {
        let (back, report) = there_and_back(folder.path(), "a.exr", &frame, options);
        let flag = back.metadata.attribute("acesImageContainerFlag").is_some();
        assert_eq!(flag, report.aces_container);
        assert_eq!(report.aces_refused.is_some(), options.aces_container && !flag);
        flag
    };
    let with = |change: fn(&mut WriteOptions)| {
        let mut options = lawful.clone();
        change(&mut options);
        options
    };
    assert!(flagged(&lawful));
    assert!(!flagged(&with(|options| options.aces_container = false)));
    assert!(!flagged(&with(|options| options.compression = ExrCompression::Zip)));
    assert!(!flagged(&with(|options| options.sample = Sample::Float)));
    assert!(!flagged(&with(|options| options.chromaticities = None)));
    let ap1: Option<Chromaticities> = Some(headroom_colour::AP1);
    let mut options = lawful.clone();
    options.chromaticities = ap1;
    assert!(!flagged(&options));

    // A flag that came with the source does not outlive an unlawful rewrite.
    let (mut source, _) = there_and_back(folder.path(), "a.exr", &frame, &lawful);
    source.metadata.chromaticities = ap1;
    let (back, _) = there_and_back(folder.path(), "b.exr", &source, &WriteOptions::default());
    assert!(back.metadata.attribute("acesImageContainerFlag").is_none());
}

#[test]
fn alpha_follows_the_rule_of_the_format() {
    let folder = tempfile::tempdir().unwrap();
    let straight = Frame::new(1, 1, vec![1.0, 0.5, 0.25, 0.5], AlphaKind::Straight);
    let (exr, _) = there_and_back(folder.path(), "a.exr", &straight, &WriteOptions::default());
    assert_eq!(
        (exr.pixels.as_slice(), exr.alpha),
        (&[0.5, 0.25, 0.125, 0.5][..], AlphaKind::Premultiplied)
    );
    let (tiff, _) = there_and_back(
        folder.path(),
        "a.tif",
        &exr,
        &WriteOptions { sample: Sample::Float, ..Default::default() },
    );
    assert_eq!((tiff.pixels, tiff.alpha), (exr.pixels.clone(), AlphaKind::Premultiplied));
    let options = WriteOptions { sample: Sample::U16, ..Default::default() };
    let (png, _) = there_and_back(folder.path(), "a.png", &exr, &options);
    assert_eq!(png.alpha, AlphaKind::Straight);
    assert!((png.pixels[0] - 1.0).abs() < 1e-4 && (png.pixels[3] - 0.5).abs() < 1e-4);
    let (jpeg, report) = there_and_back(folder.path(), "a.jpg", &exr, &WriteOptions::default());
    assert!(report.alpha_dropped && !jpeg.has_alpha);
}

#[test]
fn formats_without_a_data_window_get_the_display_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut small = Frame::new(2, 1, vec![1.0; 8], AlphaKind::Opaque);
    small.data_window = Window { x: 1, y: -1, width: 2, height: 1 };
    small.display_window = Window { x: 0, y: -1, width: 2, height: 2 };
    let (back, _) = there_and_back(folder.path(), "a.png", &small, &WriteOptions::default());
    let red: Vec<f32> = back.pixels.iter().step_by(4).copied().collect();
    assert_eq!(red, [0.0, 1.0, 0.0, 0.0]);
}

#[test]
fn without_alpha_colour_is_not_multiplied_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut frame = Frame::new(1, 1, vec![1.0, 0.5, 0.25, 0.5], AlphaKind::Straight);
    frame.has_alpha = false;
    let (back, _) = there_and_back(folder.path(), "a.exr", &frame, &WriteOptions::default());
    assert_eq!(back.pixels, [1.0, 0.5, 0.25, 1.0]);
}

#[test]
fn provenance_and_pixel_aspect_survive_png_and_tiff() {
    let folder = tempfile::tempdir().unwrap();
    let mut original = frame(3, 2, AlphaKind::Opaque, |bits| bits as f32 / 4.3e9);
    original.pixel_aspect = 2.0;
    let options = WriteOptions {
        provenance: Some(Provenance {
            version: "0.1.0".into(),
            model: "inverse".into(),
            settings: "{\"name\":\"Jürgen\"}".into(),
        }),
        ..Default::default()
    };
    let (png, _) = there_and_back(folder.path(), "a.png", &original, &options);
    assert_eq!(png.metadata.text("headroomVersion"), Some("0.1.0"));
    assert_eq!(png.metadata.text("headroomModel"), Some("inverse"));
    assert_eq!(png.metadata.text("headroomSettings"), Some("{\"name\":\"Jürgen\"}"));
    let (tiff, _) = there_and_back(folder.path(), "a.tif", &original, &options);
    assert_eq!(tiff.metadata.text("Software"), Some("Headroom 0.1.0 inverse"));
    assert_eq!(tiff.metadata.text("ImageDescription"), Some("{\"name\":\"Jürgen\"}"));
    assert_eq!((png.pixel_aspect, tiff.pixel_aspect), (2.0, 2.0));
}
