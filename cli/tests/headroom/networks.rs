//! Rendering with networks: weights, errors, provenance.

use crate::bundle::small_network;
use crate::support::*;
use headroom_frame::{Attribute, AttributeValue, read};

fn prepared() -> tempfile::TempDir {
    let folder = still("96x54");
    for id in ["grid", "residual"] {
        let config = small_network(id).expect("a network");
        succeed(&folder, &format!("models new {id} {{}}/{id}.safetensors --config {config}"));
    }
    folder
}

#[test]
fn the_header_names_the_weights_and_their_hash() {
    let folder = prepared();
    let options = "--set method=grid --set weights={}/grid.safetensors";
    succeed(&folder, &format!("render {{}}/sample_srgb.png {{}}/out.exr {options}"));
    let listed = succeed(&folder, "models verify {}/grid.safetensors").out;
    let hash = listed.trim().rsplit(' ').next().expect("a hash").to_owned();
    assert_eq!(hash.len(), 64);
    let frame = read(&folder.path().join("out.exr"), &Default::default()).expect("reads");
    let model = match frame.metadata.attribute("headroomModel").map(Attribute::value) {
        Some(AttributeValue::Text(text)) => text,
        other => panic!("headroomModel: {other:?}"),
    };
    assert!(model.contains(&hash) && model.starts_with("grid (grid, sha256"), "{model}");
    // Rendering again by the header's settings finds the weights again.
    succeed(&folder, "render {}/sample_srgb.png {}/again.exr --settings {}/out.exr");
}

#[test]
fn weights_that_cannot_be_end_with_a_message_and_a_code() {
    let folder = prepared();
    std::fs::write(folder.path().join("broken.safetensors"), [0xff; 64]).expect("written");
    for (settings, code, told) in [
        ("--set method=residual", 2, "residual has no weights: choose a file in Weights"),
        ("--set method=residual --set weights={}/grid.safetensors", 2, "expected residual"),
        ("--set method=grid --set weights={}/broken.safetensors", 2, "broken.safetensors: "),
        ("--set method=grid --set weights={}/nowhere.safetensors", 3, "no such file"),
    ] {
        let called = call(&folder, &format!("render {{}}/sample_srgb.png {{}}/x.exr {settings}"));
        assert_eq!(called.code, Some(code), "{settings}: {}", called.err);
        assert!(called.err.contains(told), "{settings}: {}", called.err);
        assert!(!folder.path().join("x.exr").exists());
    }
}

#[test]
fn the_curve_can_be_estimated() {
    let folder = prepared();
    // By the grid that ships, for any method.
    succeed(&folder, "render {}/sample_srgb.png {}/ships.exr --set input_space=estimate");
    let options = "--set input_space=estimate --set method=grid --set weights={}/grid.safetensors";
    succeed(&folder, &format!("render {{}}/sample_srgb.png {{}}/out.exr {options}"));
}
