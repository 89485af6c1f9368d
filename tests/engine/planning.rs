//! What a plan says about itself before any pixel is read.

use crate::bench_frame::picture;
use crate::harness::plan;
use headroom::expand::{Alpha, Statistics, analyse, measure};
use headroom_kernel::{Components, ImageRef, Pool, Rect};

#[test]
fn frames_to_average_lie_around_the_frame_and_a_frozen_one_stands_alone() {
    let times = |settings: &[(&str, &str)]| plan(settings, Alpha::Opaque).analysis_times(10.5);
    assert_eq!(times(&[]), [10.5]);
    assert_eq!(times(&[("temporal_radius", "2")]), [8.5, 9.5, 10.5, 11.5, 12.5]);
    let frozen = [("temporal_radius", "2"), ("freeze_analysis", "true"), ("freeze_frame", "3")];
    assert_eq!(times(&frozen), [3.0]);
}

#[test]
fn the_whole_frame_is_asked_for_only_where_it_decides() {
    let needs = |settings: &[(&str, &str)]| plan(settings, Alpha::Opaque).needs_whole_frame();
    let manual = ("clip_auto", "false");
    assert!(needs(&[]));
    assert!(needs(&[manual]), "the field needs it");
    assert!(!needs(&[("amount", "0")]));
    assert!(!needs(&[("method", "inverse")]));
    assert!(needs(&[("method", "inverse"), ("view", "clip-mask")]));
    assert!(!needs(&[("method", "inverse"), ("view", "clip-mask"), manual]));
    assert!(needs(&[("method", "bt2446a")]), "the clip mask needs it");
    assert!(!needs(&[("method", "bt2446a"), ("protect_unclipped", "false")]));
    assert!(!needs(&[("method", "bt2446c"), manual]));
}

#[test]
fn the_key_changes_with_what_changes_the_analysis_and_with_nothing_else() {
    let key = |settings: &[(&str, &str)]| plan(settings, Alpha::Opaque).analysis_key();
    for same in
        [("amount", "0.5"), ("peak", "3"), ("highlight_hue", "10"), ("output_space", "ACEScct")]
    {
        assert_eq!(key(&[]), key(&[same]), "{same:?}");
    }
    for other in [
        ("input_space", "Linear Rec.709 (sRGB)"),
        ("input_range", "legal"),
        ("clip_auto", "false"),
        ("input_exposure", "1"),
    ] {
        assert_ne!(key(&[]), key(&[other]), "{other:?}");
    }
    let (a, c) = (("method", "bt2446a"), ("method", "bt2446c"));
    assert_eq!(key(&[a]), key(&[c]), "both look for the clip level alone");
    assert_eq!(key(&[]), key(&[a]), "and so does inverse-highlights");
    assert_ne!(key(&[a]), key(&[("method", "akyuz2007")]), "it needs the range of luminance");
    assert_ne!(key(&[]), plan(&[], Alpha::Premultiplied).analysis_key());
}

#[test]
fn measured_figures_are_those_of_the_picture() {
    let rect = Rect::new(0, 0, 640, 480);
    // A quarter of the frame is clipped, the rest is black.
    let source: Vec<f32> = (0..640 * 480)
        .flat_map(|i| {
            let v = if i % 640 < 320 && i / 640 < 240 { 1.0 } else { 0.0 };
            [v, v, v, 1.0]
        })
        .collect();
    let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    let inverse = plan(&[("method", "inverse")], Alpha::Opaque);
    let blind = analyse(&inverse, &image, rect, &pool, &|| false).expect("runs");
    assert_eq!(*blind.statistics(), Statistics::default(), "nothing is looked at");
    let seen = measure(&inverse, &image, rect, &pool, &|| false).expect("runs");
    let found = seen.statistics();
    assert!((found.clip_share - 0.25).abs() < 0.005, "{found:?}");
    assert!((found.clip_level - 254.5 / 255.0).abs() < 1e-3, "{found:?}");
    assert_eq!((found.clip_strength, found.darkest, found.brightest), (1.0, 0.0, 1.0));
    assert!(seen.bytes() < 4_000_000, "{}", seen.bytes());
}

#[test]
fn averaging_alike_frames_changes_nothing_and_unsure_frames_count_less() {
    let clipping = Statistics { clip_level: 0.95, clip_strength: 1.0, ..Statistics::default() };
    assert_eq!(Statistics::mean(&[clipping; 3]), clipping);
    let without = Statistics { clip_level: 0.99, clip_strength: 0.0, ..Statistics::default() };
    let mean = Statistics::mean(&[clipping, without]);
    assert_eq!((mean.clip_level, mean.clip_strength), (0.95, 0.5));
    let rect = Rect::new(0, 0, 300, 200);
    let source = picture(rect);
    let image = ImageRef::from_floats(&source, rect, Components::Rgba).expect("fits");
    let pool = Pool::new(1);
    let plan = plan(&[], Alpha::Opaque);
    let analysis = analyse(&plan, &image, rect, &pool, &|| false).expect("runs");
    assert_eq!(*analysis.with_statistics(mean).statistics(), mean);
}
