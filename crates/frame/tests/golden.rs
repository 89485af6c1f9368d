//! Files of other programs read as those programs read them. See `golden/make.py`.

use std::path::{Path, PathBuf};

use headroom_frame::{AlphaKind, AttributeValue, ReadOptions, SourceKind, Window, read};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn expected() -> serde_json::Map<String, Value> {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    match serde_json::from_str(&text).unwrap() {
        Value::Object(files) => files,
        other => panic!("an object of files, not {other}"),
    }
}

fn options(facts: &Value) -> ReadOptions {
    ReadOptions { layer: facts["layer"].as_str().map(str::to_owned), ..Default::default() }
}

fn alpha(name: &Value) -> AlphaKind {
    match name.as_str().unwrap() {
        "opaque" => AlphaKind::Opaque,
        "straight" => AlphaKind::Straight,
        "premultiplied" => AlphaKind::Premultiplied,
        other => panic!("alpha {other}"),
    }
}

fn source(name: &Value) -> SourceKind {
    match name.as_str().unwrap() {
        "half" => SourceKind::Half,
        "float" => SourceKind::Float,
        bits => SourceKind::Integer { bits: bits.trim_start_matches('u').parse().unwrap() },
    }
}

#[test]
fn every_file_reads_as_its_own_program_reads_it() {
    let files = expected();
    assert!(files.len() >= 75);
    let mut failures = Vec::new();
    for (name, facts) in &files {
        let frame = match read(&folder().join(name), &options(facts)) {
            Ok(frame) => frame,
            Err(error) => {
                failures.push(error.to_string());
                continue;
            }
        };
        let scale = facts["scale"].as_f64().unwrap() as f32;
        let tolerance = facts["tolerance"].as_f64().unwrap() as f32;
        let numbers = facts["pixels"].as_array().unwrap();
        let pixels: Vec<f32> =
            numbers.iter().map(|number| number.as_f64().unwrap() as f32 / scale).collect();
        let size = (frame.data_window.width, frame.data_window.height);
        let expected_size = (facts["width"].as_u64().unwrap(), facts["height"].as_u64().unwrap());
        assert_eq!((u64::from(size.0), u64::from(size.1)), expected_size, "{name}");
        let wrong =
            frame.pixels.iter().zip(&pixels).position(|(found, wanted)| {
                (found - wanted).abs() > tolerance * wanted.abs().max(1.0)
            });
        if let Some(at) = wrong {
            let (found, wanted) = (frame.pixels[at], pixels[at]);
            failures.push(format!("{name}: sample {at}: {found}, not {wanted}"));
        }
        if frame.alpha != alpha(&facts["alpha"]) || frame.source != source(&facts["source"]) {
            failures.push(format!("{name}: {:?}, {:?}", frame.alpha, frame.source));
        }
        assert_eq!(frame.has_alpha, frame.alpha != AlphaKind::Opaque);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn windows_and_pixel_aspect_are_those_of_the_file() {
    let frame = read(&folder().join("windows.exr"), &ReadOptions::default()).unwrap();
    assert_eq!(frame.data_window, Window { x: -3, y: 7, width: 5, height: 4 });
    assert_eq!(frame.display_window, Window { x: 0, y: 0, width: 10, height: 20 });
    assert_eq!(frame.pixel_aspect, 2.0);
}

#[test]
fn attributes_of_exr_keep_names_and_values() {
    let frame = read(&folder().join("attributes.exr"), &ReadOptions::default()).unwrap();
    let metadata = &frame.metadata;
    assert_eq!(metadata.chromaticities, Some(headroom_colour::AP0));
    assert_eq!(metadata.white_luminance, Some(100.0));
    let value = |name: &str| metadata.attribute(name).unwrap().value();
    assert_eq!(value("owner"), AttributeValue::Text("Müller".into()));
    assert_eq!(value("comments"), AttributeValue::Text("two words".into()));
    assert_eq!(value("isoSpeed"), AttributeValue::Float(800.0));
    assert_eq!(metadata.text("exr:compression"), Some("zip"));
}

#[test]
fn a_layer_that_is_not_there_is_refused_with_the_names_of_those_that_are() {
    let ask = |name: &str, layer: Option<&str>| {
        let options = ReadOptions { layer: layer.map(str::to_owned), ..Default::default() };
        read(&folder().join(name), &options).map(|frame| frame.has_alpha)
    };
    let message = |name, layer| ask(name, layer).unwrap_err().to_string();
    let wrong = message("layers.exr", Some("diffuse"));
    assert!(wrong.contains("layers.exr: layers: found \"beauty\", \"spec\""), "{wrong}");
    assert!(wrong.ends_with("expected a layer \"diffuse\""), "{wrong}");
    let unasked = message("layers.exr", None);
    assert!(unasked.contains("\"beauty\", \"spec\""), "{unasked}");
    assert!(ask("layers.exr", Some("beauty")).unwrap());
    assert!(!ask("layers.exr", Some("spec")).unwrap());
    assert!(!ask("parts.exr", Some("left")).unwrap());
    let parts = message("parts.exr", Some("right"));
    assert!(parts.contains("\"beauty\", \"left\""), "{parts}");
}
