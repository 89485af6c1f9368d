//! Networks in the node: weights, messages, orientation.

mod common;
mod models;

use common::{library, picture};
use headroom::expand::{Alpha, Plan, Surroundings, analyse, render};
use headroom::model::search::SearchPath;
use headroom::settings::Values;
use headroom_host::{Context, Depth, Effect, HostConfig, RenderRequest, Rendered};
use headroom_kernel::{Components, ImageMut, ImageRef, Pool, Rect};

const SPACES: [(&str, &str); 2] =
    [("input_space", "sRGB Encoded Rec.709 (sRGB)"), ("output_space", "ACEScg")];

fn open() -> Effect {
    let config = HostConfig { depths: vec![Depth::Float], ..HostConfig::default() };
    Effect::open(&library(), Some("fx.headroom.Headroom"), config, Context::Filter).expect("opens")
}

fn set(effect: &mut Effect, settings: &[(&str, &str)]) {
    for (id, value) in settings {
        effect.set(id, value).expect("a parameter");
    }
}

fn node(effect: &mut Effect) -> Rendered {
    let source = picture(64, 48);
    let sources = move |clip: &str, _: f64| (clip == "Source").then(|| source.clone());
    effect.render(&RenderRequest::at(1.0), &sources).expect("renders")
}

/// The same picture through the engine, top row first.
fn engine(settings: &[(&str, &str)]) -> Vec<f32> {
    let mut values = Values::default();
    for (id, value) in settings {
        values.set_text(id, value).expect("a setting");
    }
    let mut plan = Plan::new(
        &values,
        &Surroundings { alpha: Alpha::Premultiplied, ..Surroundings::default() },
    );
    plan.load(&SearchPath::new(None)).expect("sound weights");
    let source = picture(64, 48);
    let rect = Rect::new(0, 0, 64, 48);
    let image = ImageRef::from_floats(&source.pixels, rect, Components::Rgba).expect("fits");
    let pool = Pool::new(2);
    let analysis = analyse(&plan, &image, rect, &pool, &|| false).expect("runs");
    let mut out = vec![0.0f32; 64 * 48 * 4];
    let target = ImageMut::from_floats(&mut out, rect, Components::Rgba).expect("fits");
    render(&plan, &analysis, &image, None, target, &pool, &|| false).expect("runs");
    out
}

#[test]
fn the_node_and_the_engine_show_networks_the_same_way_up() {
    for (method, id) in [("Grid (real time)", "grid"), ("Residual network", "residual")] {
        let file = models::file(id);
        let mut effect = open();
        set(&mut effect, &SPACES);
        set(&mut effect, &[("method", method), ("weights", &file)]);
        let found = node(&mut effect);
        let expected = engine(&[&SPACES[..], &[("method", id), ("weights", &file)]].concat());
        assert_eq!(found.pixels, expected, "{id}");
        let exact = engine(&[&SPACES[..], &[("method", "inverse")]].concat());
        assert_ne!(found.pixels, exact, "{id} does something");
    }
}

#[test]
fn weights_that_cannot_be_leave_the_exact_transform_and_a_message_that_goes_again() {
    let mut effect = open();
    set(&mut effect, &SPACES);
    let exact = engine(&[&SPACES[..], &[("method", "inverse")]].concat());
    let folder = tempfile::tempdir().expect("a folder");
    let broken = folder.path().join("broken.safetensors");
    std::fs::write(&broken, vec![0xff; 64]).expect("written");
    let residual = models::file("residual");
    set(&mut effect, &[("method", "Residual network")]);
    for (weights, told) in [
        ("", "residual has no weights: choose a file in Weights"),
        (broken.to_str().expect("plain"), "broken.safetensors"),
        ("/nowhere/at/all", "no such file"),
        (models::file("grid").as_str(), "found weights of grid, expected residual"),
    ] {
        set(&mut effect, &[("weights", weights)]);
        let found = node(&mut effect);
        assert_eq!(found.pixels, exact, "{weights}");
        let shown = effect.persistent_message().map(|message| message.text).unwrap_or_default();
        assert!(shown.contains(told), "{shown}");
    }
    set(&mut effect, &[("weights", &residual)]);
    assert_ne!(node(&mut effect).pixels, exact);
    assert!(effect.persistent_message().is_none());
}
