//! What the node does besides rendering, and what it does when hosts misbehave.

mod common;

use common::{bits, close, library, open, open_in, picture, render, source};
use headroom_host::{
    ColourStyle, Context, Effect, HostConfig, HostImage, PROFILES, RenderRequest, Windows,
};
use std::time::Instant;

fn plain() -> RenderRequest {
    RenderRequest::default()
}

#[test]
fn every_host_profile_is_served() {
    let image = picture(32, 24);
    for profile in PROFILES {
        let mut effect = open(profile);
        let found = render(&mut effect, &plain(), &source(&image));
        assert!(found.pixels.iter().all(|v| v.is_finite()), "{profile}");
        effect.begin_edit().expect("edit");
        effect.call_unknown_action();
        effect.end_edit().expect("edit");
        effect.sync().expect("sync");
        close(effect);
    }
}

#[test]
fn nothing_to_do_is_identity() {
    let image = picture(16, 16);
    let mut effect = open("plain");
    let request = RenderRequest { honour_identity: true, ..plain() };
    assert_eq!(render(&mut effect, &request, &source(&image)).identity, None);
    for (id, value) in [("amount", "0"), ("input_space", "ACEScg"), ("output_space", "ACEScg")] {
        effect.set(id, value).expect("a setting");
    }
    let found = render(&mut effect, &request, &source(&image));
    assert_eq!(found.identity, Some(("Source".to_owned(), 1.0)));
    close(effect);
}

#[test]
fn a_picture_that_cannot_be_used_is_named() {
    let image = picture(16, 16);
    for lacking in ["OfxImageEffectPropPixelDepth", "OfxImagePropData"] {
        let config = HostConfig {
            missing_image_properties: vec![lacking.to_owned()],
            ..HostConfig::default()
        };
        let mut effect = open_in(config, Context::Filter);
        let result = effect.render(&plain(), &source(&image));
        let shown = effect.persistent_message().expect("a message stands on the node");
        assert!(shown.text.contains("image"), "{}", shown.text);
        assert!(shown.text.contains("found"), "{}", shown.text);
        assert!(shown.text.contains("expected"), "{}", shown.text);
        match result {
            Ok(rendered) => assert_eq!(rendered.status, 1000),
            Err(error) => assert!(error.to_string().contains("ImageFormat"), "{error}"),
        }
    }
}

#[test]
fn stopping_is_asked_for_and_obeyed() {
    let image = picture(200, 200);
    let mut effect = open("plain");
    let request = RenderRequest { abort_after: Some(0), ..plain() };
    let found = effect.render(&request, &source(&image)).expect("an aborted render is no error");
    assert!(found.aborted && found.abort_polls > 0);
    let after = render(&mut effect, &plain(), &source(&image));
    assert!(!after.aborted);
    close(effect);
}

#[test]
fn an_image_refused_because_the_render_stops_is_no_error() {
    let image = picture(64, 64);
    let config = HostConfig { aborted_images_fail: true, ..HostConfig::default() };
    let mut effect = open_in(config, Context::Filter);
    // The output is refused first; a small picture may be done before a later question.
    for abort_after in [1, 2, 3] {
        let request = RenderRequest { abort_after: Some(abort_after), ..plain() };
        let found = effect.render(&request, &source(&image)).expect("no error");
        assert!(found.aborted || abort_after > 1, "after {abort_after}");
        assert!(effect.persistent_message().is_none(), "after {abort_after}");
    }
    close(effect);
}

#[test]
fn an_error_goes_when_nothing_is_left_to_render() {
    let image = picture(16, 16);
    let config = HostConfig {
        missing_image_properties: vec!["OfxImagePropData".to_owned()],
        ..HostConfig::default()
    };
    let mut effect = open_in(config, Context::Filter);
    let _ = effect.render(&plain(), &source(&image));
    assert!(effect.persistent_message().is_some());
    for (id, value) in [("amount", "0"), ("input_space", "ACEScg"), ("output_space", "ACEScg")] {
        effect.set(id, value).expect("a setting");
    }
    let request = RenderRequest { honour_identity: true, ..plain() };
    let found = effect.render(&request, &source(&image)).expect("nothing to render");
    assert!(found.identity.is_some());
    assert!(effect.persistent_message().is_none());
}

#[test]
fn loading_again_changes_nothing() {
    let image = picture(32, 32);
    let mut effect = open("plain");
    let before = bits(&render(&mut effect, &plain(), &source(&image)).pixels);
    for _ in 0..3 {
        effect.reload().expect("reloads");
        assert_eq!(bits(&render(&mut effect, &plain(), &source(&image)).pixels), before);
    }
    close(effect);
    // Another host in the same process.
    let mut nuke = open("nuke");
    nuke.set("input_space", "sRGB Encoded Rec.709 (sRGB)").expect("a setting");
    let found = render(&mut nuke, &plain(), &source(&image));
    assert!(found.pixels.iter().all(|v| v.is_finite()));
    close(nuke);
}

#[test]
fn a_thread_may_end_after_the_plug_in_was_closed() {
    for _ in 0..3 {
        let thread = std::thread::spawn(|| {
            let mut effect = open("plain");
            let image = picture(16, 16);
            let _ = render(&mut effect, &plain(), &source(&image));
            close(effect);
        });
        thread.join().expect("it ends");
    }
}

#[test]
fn instances_are_nearly_free() {
    let mut effect = open("plain");
    let start = Instant::now();
    for _ in 0..200 {
        effect.create_and_destroy().expect("an instance");
    }
    let each = start.elapsed() / 200;
    // The host's own bookkeeping, with its checks, is the larger part.
    assert!(each.as_millis() < 20, "{each:?} per instance");
    close(effect);
}

#[test]
fn presets_set_their_values_and_changing_one_leaves_the_preset() {
    let mut effect = open("plain");
    for (index, preset) in headroom::presets::all().iter().enumerate() {
        effect.set("preset", &(index + 1).to_string()).expect("a preset");
        let mut wanted = headroom::settings::Values::default();
        for (id, text) in preset.values {
            wanted.set_text(id, text).expect("a preset's value");
            let key = headroom::settings::Values::find(id).expect("a setting").key;
            let found = effect.get(id).expect("a parameter");
            let same = match wanted.get(key).expect("a value") {
                headroom::settings::Value::Number(v) => found.parse() == Ok(v),
                headroom::settings::Value::Integer(v) => found.parse() == Ok(v),
                headroom::settings::Value::Text(v) => found == *v,
                headroom::settings::Value::Toggle(v) => {
                    found == v.to_string() || found == i32::from(v).to_string()
                }
                headroom::settings::Value::Choice(v) => {
                    let option = &headroom::settings::SETTINGS[key as usize].options()[v];
                    found == v.to_string() || found == option.label
                }
            };
            assert!(same, "{}: {id} is {found}, expected {text}", preset.id);
        }
        // Something the preset does not set leaves it chosen, something it sets does not.
        let chosen = effect.get("preset").expect("a parameter");
        effect.set("measure_is_no_value", "1").expect_err("no such parameter");
        let (id, _) = preset.values[0];
        let other = if effect.get(id).expect("a parameter") == "0" { "1" } else { "0" };
        if effect.set(id, other).is_ok() && effect.get(id).expect("a parameter") == other {
            assert_ne!(effect.get("preset").expect("a parameter"), chosen, "{}", preset.id);
        }
    }
    close(effect);
}

#[test]
fn what_has_no_effect_is_greyed_out() {
    let mut effect = open("plain");
    let on = |effect: &Effect, id| effect.is_enabled(id).expect("a parameter");
    assert!(!on(&effect, "clip_threshold") && !on(&effect, "mask_invert"));
    assert!(on(&effect, "peak") && !on(&effect, "peak_nits"));
    for (id, value) in
        [("clip_auto", "0"), ("mask_enable", "1"), ("output_space", "Rec.2100-PQ - Display")]
    {
        effect.set(id, value).unwrap_or_else(|e| panic!("{id}: {e}"));
    }
    assert!(on(&effect, "clip_threshold") && on(&effect, "mask_invert"));
    assert!(!on(&effect, "peak") && on(&effect, "peak_nits"));
    close(effect);
}

#[test]
fn measuring_tells_the_clip_share_of_the_frame() {
    let image = picture(64, 64);
    let mut effect = open("plain");
    assert!(effect.get("info_text").expect("a text").contains("Headroom"));
    // The host connects clips when it renders.
    let _ = render(&mut effect, &plain(), &source(&image));
    effect.press("measure").expect("a button");
    let text = effect.get("info_text").expect("a text");
    assert!(text.contains("Method:") && text.contains("Frame 1"), "{text}");
    close(effect);
}

#[test]
fn neighbours_are_averaged_the_same_whatever_the_order() {
    let frames = |clip: &str, time: f64| -> Option<HostImage> {
        let mut image = picture(48, 48);
        let gain = 1.0 - 0.01 * (time - 1.0) as f32;
        image.pixels = image.pixels.iter().map(|v| v * gain).collect();
        image.id = format!("frame {time}");
        (clip == "Source").then_some(image)
    };
    let mut effect = open("plain");
    effect.set("temporal_radius", "2").expect("a setting");
    let forwards: Vec<_> = [1.0, 2.0, 3.0]
        .map(|t| bits(&render(&mut effect, &RenderRequest::at(t), &frames).pixels))
        .into();
    effect.purge().expect("purges");
    let tiles = |t| RenderRequest { windows: Windows::Tiles(17, 17), ..RenderRequest::at(t) };
    let backwards: Vec<_> =
        [3.0, 2.0, 1.0].map(|t| bits(&render(&mut effect, &tiles(t), &frames).pixels)).into();
    assert!(forwards.iter().eq(backwards.iter().rev()));
    // A frozen analysis is the same for every frame.
    effect.set("freeze_analysis", "1").expect("a setting");
    effect.set("freeze_frame", "7").expect("a setting");
    let _ = render(&mut effect, &RenderRequest::at(2.0), &frames);
    close(effect);
}

#[test]
fn colour_spaces_are_agreed_on_with_hosts_of_1_5() {
    let mut image = picture(16, 16);
    image.colourspace = Some("srgb_tx".to_owned());
    for (wanted, found) in [
        (vec!["ACEScct"], "ACEScct"),
        (vec!["srgb_display", "lin_rec2020"], "lin_rec2020"),
        (vec![], "ACEScg"),
    ] {
        let config = HostConfig {
            api_version: Some([1, 5]),
            colour_style: ColourStyle::Core,
            output_colourspaces: wanted.iter().map(|s| (*s).to_owned()).collect(),
            ..HostConfig::default()
        };
        let mut effect = open_in(config, Context::Filter);
        let rendered = render(&mut effect, &plain(), &source(&image));
        assert_eq!(rendered.colourspace.as_deref(), Some(found), "host wants {wanted:?}");
        close(effect);
    }
}

#[test]
fn missing_optional_suites_and_arguments_are_survived() {
    let image = picture(16, 16);
    let config = HostConfig {
        missing_suites: [
            "OfxMessageSuite",
            "OfxProgressSuite",
            "OfxTimeLineSuite",
            "OfxMemorySuite",
        ]
        .map(str::to_owned)
        .into(),
        missing_arguments: ["OfxImageEffectPropFieldToRender", "OfxImageEffectPropRenderScale"]
            .map(str::to_owned)
            .into(),
        missing_image_properties: [
            "OfxImagePropUniqueIdentifier",
            "OfxImagePropField",
            "OfxImageEffectPropRenderScale",
            "OfxImagePropPixelAspectRatio",
        ]
        .map(str::to_owned)
        .into(),
        ..HostConfig::default()
    };
    let mut effect = open_in(config, Context::General);
    let mut other = open("plain");
    let request = RenderRequest { windows: Windows::Tiles(5, 5), ..plain() };
    let found = bits(&render(&mut effect, &request, &source(&image)).pixels);
    assert_eq!(found, bits(&render(&mut other, &plain(), &source(&image)).pixels));
    close(other);
    close(effect);
    for mandatory in ["OfxParameterSuite", "OfxPropertySuite", "OfxImageEffectSuite"] {
        let config =
            HostConfig { missing_suites: vec![mandatory.to_owned()], ..HostConfig::default() };
        assert!(Effect::open(&library(), None, config, Context::Filter).is_err());
    }
}

#[test]
fn errors_reach_the_log_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("logs").join("headroom.log");
    // The plug-in reads the variable when it is loaded, so another process is needed.
    let status = std::process::Command::new(std::env::current_exe().expect("a path"))
        .args(["--exact", "a_picture_that_cannot_be_used_is_named"])
        .env("HEADROOM_LOG", &log)
        .env("HEADROOM_PLUGIN", library())
        .output()
        .expect("it runs")
        .status;
    assert!(status.success());
    let text = std::fs::read_to_string(&log).expect("the log file");
    assert!(text.contains("INFO  Headroom ") && text.contains("fx.headroom.Host"), "{text}");
    assert!(text.contains("Output image: pixel depth: found none, expected"), "{text}");
}
