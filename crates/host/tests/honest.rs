//! An honest plug-in gives the right pixels in whatever way the host asks.
#![allow(missing_docs)]

mod common;

use common::{INVERT, open, open_with, ramp};
use headroom_host::{
    ColourStyle, Context, Depth, Field, HostConfig, HostImage, ImageCrop, Instances, OutputBounds,
    PROFILES, Premult, RenderRequest, Rendered, RowLayout, Window, Windows,
};

fn source(clip: &str, _time: f64) -> Option<HostImage> {
    (clip == "Source").then(|| ramp(16, 9))
}

fn assert_inverted(rendered: &Rendered, image: &HostImage, tolerance: f32, what: &str) {
    assert!(rendered.report.is_clean(), "{what}: {}", rendered.report);
    for y in rendered.bounds.y1..rendered.bounds.y2 {
        for x in rendered.bounds.x1..rendered.bounds.x2 {
            let [r, g, b, a] = image.at(x, y);
            let expected = [1.0 - r, 1.0 - g, 1.0 - b, a];
            let found = rendered.at(x, y);
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() <= tolerance,
                    "{what} at {x},{y}: {found} {expected}"
                );
            }
        }
    }
}

#[test]
fn every_way_of_asking_gives_the_same_pixels() {
    let plain = RenderRequest::default();
    let ways = [
        ("plain", plain.clone()),
        ("tiles", RenderRequest { windows: Windows::Tiles(5, 4), ..plain.clone() }),
        ("bands", RenderRequest { windows: Windows::Bands(2), ..plain.clone() }),
        (
            "top first",
            RenderRequest { rows: RowLayout { top_first: true, padding: 20 }, ..plain.clone() },
        ),
        (
            "output of the window",
            RenderRequest {
                windows: Windows::Tiles(3, 3),
                output: OutputBounds::Window,
                ..plain.clone()
            },
        ),
        (
            "cropped",
            RenderRequest {
                windows: Windows::Tiles(3, 3),
                crop: ImageCrop::Region,
                ..plain.clone()
            },
        ),
        ("threads", RenderRequest { windows: Windows::Bands(1), threads: 4, ..plain.clone() }),
        (
            "instances",
            RenderRequest {
                windows: Windows::Bands(1),
                threads: 3,
                instances: Instances::PerThread,
                ..plain.clone()
            },
        ),
        ("an instance per frame", RenderRequest { instances: Instances::PerFrame, ..plain }),
    ];
    let mut effect = open();
    for (name, request) in ways {
        let rendered = effect.render(&request, &source).unwrap();
        assert_eq!(rendered.bounds, Window::new(0, 0, 16, 9), "{name}");
        assert_inverted(&rendered, &ramp(16, 9), 0.0, name);
    }
}

#[test]
fn every_profile_renders_in_both_contexts() {
    for profile in PROFILES {
        for context in [Context::Filter, Context::General] {
            let config = HostConfig::profile(profile).unwrap();
            let mut effect = open_with(INVERT, config, context);
            let tolerance = if effect.depth() == Depth::Half { 1e-3 } else { 0.0 };
            let rendered = effect.render(&RenderRequest::default(), &source).unwrap();
            assert_inverted(&rendered, &ramp(16, 9), tolerance, profile);
        }
    }
}

#[test]
fn half_float_images_come_through() {
    let config = HostConfig { depths: vec![Depth::Half], ..HostConfig::default() };
    let mut effect = open_with(INVERT, config, Context::Filter);
    let rows = RowLayout { top_first: true, padding: 6 };
    let request = RenderRequest { rows, ..RenderRequest::default() };
    let rendered = effect.render(&request, &source).unwrap();
    assert_inverted(&rendered, &ramp(16, 9), 1e-3, "half");
}

#[test]
fn bounds_below_zero_and_pixel_aspect_lead_to_the_same_window() {
    let mut image = ramp(16, 9).shifted(-7, -4);
    image.pixel_aspect = 2.0;
    let sources = |clip: &str, _: f64| (clip == "Source").then(|| image.clone());
    let request = RenderRequest { scale: [0.5, 0.5], ..RenderRequest::default() };
    let rendered = open().render(&request, &sources).unwrap();
    assert_eq!(rendered.bounds, Window::new(-7, -4, 9, 5));
    assert_eq!(rendered.definition, [-28.0, -8.0, 36.0, 10.0]);
    assert_inverted(&rendered, &image, 0.0, "offset");
}

#[test]
fn fields_together_make_the_frame() {
    let mut effect = open();
    let mut rows = 0;
    for field in [Field::Lower, Field::Upper] {
        let request = RenderRequest { field, ..RenderRequest::default() };
        let rendered = effect.render(&request, &source).unwrap();
        assert!(rendered.report.is_clean(), "{}", rendered.report);
        for y in 0..9 {
            let written = !rendered.at(3, y)[0].is_nan();
            assert_eq!(written, field.has_row(y), "{field:?} row {y}");
            rows += usize::from(written);
        }
    }
    assert_eq!(rows, 9);
}

#[test]
fn a_missing_source_is_black_and_an_unconnected_one_too() {
    let nothing = |_: &str, _: f64| None;
    let mut effect = open();
    let rendered = effect
        .render(
            &RenderRequest { area: Some(Window::new(0, 0, 4, 4)), ..RenderRequest::default() },
            &nothing,
        )
        .unwrap();
    assert!(rendered.report.is_clean(), "{}", rendered.report);
    assert_eq!(rendered.at(1, 1), [1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn an_aborted_render_is_no_error_and_says_so() {
    let mut effect = open();
    let request = RenderRequest { abort_after: Some(3), ..RenderRequest::default() };
    let rendered = effect.render(&request, &source).unwrap();
    assert!(rendered.aborted && rendered.report.is_clean(), "{}", rendered.report);
    assert_eq!(rendered.abort_polls, 4);
}

#[test]
fn identity_takes_the_source_and_is_not_asked_when_it_is_not_honoured() {
    let mut effect = open();
    effect.set("mode", "Copy").unwrap();
    let rendered = effect.render(&RenderRequest::default(), &source).unwrap();
    assert_eq!(rendered.identity, Some(("Source".into(), 1.0)));
    assert_eq!(rendered.calls, 0);
    let forced = RenderRequest { honour_identity: false, ..RenderRequest::default() };
    let forced = effect.render(&forced, &source).unwrap();
    assert_eq!((forced.identity, forced.calls), (None, 1));
    assert_eq!(forced.pixels, rendered.pixels);
}

#[test]
fn the_output_is_premultiplied_as_the_source_is() {
    let mut effect = open();
    for premult in [Premult::Premultiplied, Premult::Unpremultiplied, Premult::Opaque] {
        let sources =
            |clip: &str, _: f64| (clip == "Source").then(|| ramp(4, 4).with_premult(premult));
        let rendered = effect.render(&RenderRequest::default(), &sources).unwrap();
        assert_eq!(rendered.premult, premult);
    }
}

#[test]
fn a_colour_style_is_agreed_on_and_the_output_names_its_space() {
    let mut image = ramp(4, 4);
    image.colourspace = Some("ACEScg".into());
    let sources = |clip: &str, _: f64| (clip == "Source").then(|| image.clone());
    for (style, expected) in [
        (ColourStyle::None, None),
        (ColourStyle::Basic, Some("ACEScg".to_owned())),
        (ColourStyle::Full, Some("ACEScg".to_owned())),
    ] {
        let config = HostConfig { colour_style: style, ..HostConfig::default() };
        let mut effect = open_with(INVERT, config, Context::Filter);
        let rendered = effect.render(&RenderRequest::default(), &sources).unwrap();
        assert_eq!(rendered.colourspace, expected, "{style:?}");
    }
}

#[test]
fn parameters_are_set_and_read_as_text() {
    let mut effect = open();
    assert_eq!(effect.get("amount").unwrap(), "1");
    effect.set("amount", "0.5").unwrap();
    assert_eq!(effect.get("amount").unwrap(), "0.5");
    effect.set("mode", "1").unwrap();
    assert_eq!(effect.get("mode").unwrap(), "Copy");
    effect.set("flag", "true").unwrap();
    assert_eq!(effect.get("flag").unwrap(), "true");
    assert_eq!(effect.get("info").unwrap(), "flag was set");
    effect.set("tint", "0.25,0.5,1").unwrap();
    assert_eq!(effect.get("info").unwrap(), "0.25 0.5 1");
    effect.press("button").unwrap();
    assert_eq!(effect.get("amount").unwrap(), "0.25");
    assert!(effect.press("amount").is_err());
}

#[test]
fn keyframes_are_interpolated_at_the_time_of_the_render() {
    let mut effect = open();
    effect.set_key("amount", 0.0, "0").unwrap();
    effect.set_key("amount", 10.0, "1").unwrap();
    let rendered = effect.render(&RenderRequest::at(2.5), &source).unwrap();
    assert_eq!(rendered.at(0, 8)[0], 0.25);
}

#[test]
fn loading_again_keeps_the_values() {
    let mut effect = open();
    effect.set("amount", "0.5").unwrap();
    for _ in 0..3 {
        effect.reload().unwrap();
        assert_eq!(effect.get("amount").unwrap(), "0.5");
        let rendered = effect.render(&RenderRequest::default(), &source).unwrap();
        assert_eq!(rendered.at(0, 8)[0], 0.5);
    }
}

#[test]
fn the_description_is_printed_in_a_stable_order() {
    let first = open().describe().to_json();
    assert_eq!(first, open().describe().to_json());
    assert!(first.contains("\"name\": \"amount\""));
    assert!(first.contains("\"OfxParamPropChoiceOption\": [\"Invert\", \"Copy\"]"));
}

#[test]
fn alpha_clips_get_the_alpha_of_the_picture() {
    // The mask clip of the test plug-in takes alpha alone; a render with one must stay clean.
    let mut mask = ramp(16, 9);
    mask.pixels = mask.pixels.iter().enumerate().map(|(at, _)| at as f32).collect();
    let sources = |clip: &str, _: f64| match clip {
        "Source" => Some(ramp(16, 9)),
        "Mask" => Some(mask.clone()),
        _ => None,
    };
    let rendered = open().render(&RenderRequest::default(), &sources).unwrap();
    assert_inverted(&rendered, &ramp(16, 9), 0.0, "with a mask");
}

#[test]
fn a_cheap_render_gives_the_same_pixels() {
    let config = HostConfig { checks: headroom_host::Checks::Cheap, ..HostConfig::default() };
    let mut effect = open_with(INVERT, config, Context::Filter);
    let rendered = effect.render(&RenderRequest::default(), &source).unwrap();
    assert_inverted(&rendered, &ramp(16, 9), 0.0, "cheap");
}
