//! Model files on the command line.

use crate::support::*;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// A folder with a small untrained network, `sound.safetensors`, and its card.
fn prepared() -> tempfile::TempDir {
    let folder = folder();
    let called = succeed(&folder, "models new unet {}/sound.safetensors --seed 5");
    assert!(called.err.contains("UNTRAINED (seed 5)"), "{}", called.err);
    std::fs::write(folder.path().join("sound.md"), "Licence: MIT OR Apache-2.0").expect("written");
    folder
}

fn sound(folder: &tempfile::TempDir) -> Vec<u8> {
    std::fs::read(folder.path().join("sound.safetensors")).expect("a file")
}

/// Calls the program with the folder as the only one of the search path.
fn searching(folder: &Path, arguments: &[&str]) -> Called {
    let mut command = program();
    command.args(arguments).env("HEADROOM_MODELS", folder).env("XDG_DATA_HOME", folder.join("no"));
    let output = command.env("HOME", folder.join("no")).output().expect("the program starts");
    Called {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn a_new_file_is_sound_repeats_and_replaces_nothing() {
    let folder = prepared();
    let called = succeed(&folder, "models verify {}/sound.safetensors");
    assert!(called.out.contains("sound.safetensors: ok: sound, unet, "), "{}", called.out);
    assert_eq!(called.err, "", "the card names the licence");
    succeed(&folder, "models new unet {}/again.safetensors --seed 5");
    succeed(&folder, "models new unet {}/other.safetensors --seed 6");
    let bytes = |name: &str| std::fs::read(folder.path().join(name)).expect("a file");
    let weights = |name: &str| bytes(name)[bytes(name).len() - 1000..].to_vec();
    assert_eq!(weights("sound.safetensors"), weights("again.safetensors"));
    assert_ne!(weights("sound.safetensors"), weights("other.safetensors"));
    let before = sound(&folder);
    let called = call(&folder, "models new unet {}/sound.safetensors --seed 7");
    assert_eq!(called.code, Some(2));
    assert!(called.err.contains("found a file of this name, expected"), "{}", called.err);
    assert_eq!(sound(&folder), before);
}

#[test]
fn wrong_architectures_and_configurations_are_usage_errors() {
    let folder = folder();
    for (arguments, says) in [
        ("models new gan {}/x.safetensors", "architecture: found \"gan\", expected one of: "),
        ("models new unet {}/x.pt", "expected .safetensors"),
        ("models new unet {}/x.safetensors --config [1]", "--config: found [1], expected a JSON"),
        ("models new unet {}/x.safetensors --config {", "--config: found EOF"),
        ("models new unet {}/x.safetensors --config {\"gain\":1}", "gain"),
        (
            "models new unet {}/x.safetensors --config {\"base\":\"x\"}",
            "config: base: found invalid type: string \"x\", expected usize",
        ),
        (
            "models new unet {}/x.safetensors --config {\"base\":999999}",
            "config: base: found 999999, expected 1 to 256",
        ),
        ("models new unet {}/..x.safetensors", "name"),
    ] {
        let called = call(&folder, arguments);
        assert!(called.err.contains(says), "{arguments}: {}", called.err);
        assert_eq!(called.code, Some(2), "{arguments}");
    }
    assert!(names(folder.path()).is_empty());
}

#[test]
fn models_are_listed_and_found_by_name() {
    let folder = prepared();
    std::fs::write(folder.path().join("broken.safetensors"), b"broken").expect("written");
    let called = searching(folder.path(), &["models", "list", "--json"]);
    assert_eq!(called.code, Some(1), "one is broken");
    assert!(called.err.contains("broken.safetensors: header length: found a file of 6 bytes"));
    let listed: Value = serde_json::from_str(&called.out).expect("JSON");
    let names: Vec<_> = listed.as_array().expect("a list").iter().map(|m| &m["name"]).collect();
    assert!(names.contains(&&Value::from("sound")), "{names:?}");
    std::fs::remove_file(folder.path().join("broken.safetensors")).expect("removed");
    let called = searching(folder.path(), &["models", "list"]);
    assert_eq!(called.code, Some(0));
    assert!(called.out.contains("sound") && called.out.contains("unet"), "{}", called.out);
    let called = searching(folder.path(), &["models", "inspect", "sound", "--size", "65x33"]);
    assert_eq!(called.code, Some(0), "{}", called.err);
    for text in
        ["Untrained: drawn from seed 5", "stage ", "parameters", "GMAC", "sides are multiples"]
    {
        assert!(called.out.contains(text), "{text} is not in {}", called.out);
    }
    let called = searching(folder.path(), &["models", "inspect", "sound", "--json"]);
    let told: Value = serde_json::from_str(&called.out).expect("JSON");
    assert_eq!(told["header"]["architecture"], "unet");
    assert!(told["multiply_adds"].as_u64() > told["parameters"].as_u64());
    let called = searching(folder.path(), &["models", "inspect", "grid"]);
    let line = called.out.lines().find(|line| line.contains("srgb_c5: median of 14"));
    let line = line.unwrap_or_else(|| panic!("no figures in {}", called.out));
    assert!(line.starts_with("evaluation ") && line.contains("psnr_pu21_s "), "{line}");
    for (name, says) in [("none", "expected it in one of"), ("../sound", "path: found \"..\"")] {
        let called = searching(&folder.path().join("deep"), &["models", "inspect", name]);
        assert!(called.err.contains(says), "{}", called.err);
    }
}

#[test]
fn the_hash_is_what_other_programs_print() {
    let folder = prepared();
    let Ok(output) =
        Command::new("sha256sum").arg(folder.path().join("sound.safetensors")).output()
    else {
        return;
    };
    let told = String::from_utf8_lossy(&output.stdout);
    let hash = told.split_whitespace().next().expect("a hash");
    assert!(succeed(&folder, "models verify {}/sound.safetensors").out.contains(hash));
}

#[test]
fn every_architecture_makes_sound_files_in_every_dtype() {
    let folder = folder();
    for info in headroom::model::MODELS {
        let id = info.id;
        for dtype in ["f32", "f16", "bf16"] {
            succeed(
                &folder,
                &format!("models new {id} {{}}/{id}.{dtype}.safetensors --dtype {dtype}"),
            );
            succeed(&folder, &format!("models verify {{}}/{id}.{dtype}.safetensors"));
        }
    }
}

/// The file with text of its header replaced by text of the same length.
fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let place = bytes.windows(from.len()).position(|window| window == from.as_bytes());
    let mut bytes = bytes.to_vec();
    let place = place.unwrap_or_else(|| panic!("no {from}"));
    bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
    bytes
}

#[test]
fn hostile_files_are_refused_each_with_its_reason() {
    let folder = prepared();
    let good = sound(&folder);
    let mut not_finite = good.clone();
    let end = good.len();
    not_finite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    let mut long = good.clone();
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let cases = [
        ("empty", vec![], "found a file of 0 bytes, expected at least 8"),
        ("cut", good[..end / 2].to_vec(), "data_offsets: found the end at"),
        ("long", long, "header length: found 18446744073709551615"),
        ("more", [&good[..], b"x"].concat(), "file length: found"),
        ("nan", not_finite, "found NaN at index"),
        (
            "version",
            replaced(&good, "version\\\":1", "version\\\":9"),
            "version: found 9, expected 1",
        ),
        ("unknown", replaced(&good, ":\\\"unet", ":\\\"vnet"), "architecture: found \"vnet\""),
        ("double", replaced(&good, "\"F32\"", "\"F64\""), "dtype: found \"F64\""),
        ("negative", replaced(&good, "\"shape\":[1", "\"shape\":[-"), "shape: found"),
        (
            "domain",
            replaced(&good, "\\\"acescct\\\"", "\\\"linear\\\" "),
            "domain: found \"linear\"",
        ),
    ];
    let mut arguments = "models verify {}/sound.safetensors".to_owned();
    for (name, bytes, _) in &cases {
        std::fs::write(folder.path().join(format!("{name}.safetensors")), bytes).expect("written");
        arguments.push_str(&format!(" {{}}/{name}.safetensors"));
    }
    let called = call(&folder, &arguments);
    assert_eq!(called.code, Some(1));
    assert!(called.err.contains("10 of 11 model files refused"), "{}", called.err);
    assert_eq!(called.out.lines().count(), 1, "{}", called.out);
    for (name, _, says) in &cases {
        let line = called.err.lines().find(|line| line.contains(&format!("/{name}.safetensors: ")));
        let line = line.unwrap_or_else(|| panic!("{name} is not told in {}", called.err));
        assert!(line.contains(says) && line.contains(", expected "), "{name}: {line}");
    }
    assert!(!called.err.contains("panicked"), "{}", called.err);
    for path in ["{}", "/dev/zero", "{}/absent.safetensors"] {
        let called = call(&folder, &format!("models verify {path}"));
        assert_eq!(called.code, Some(1), "{path}");
        assert!(called.err.contains("file: found"), "{path}: {}", called.err);
    }
}

/// What a file claims is not allocated: the program has 400 MB of address space, the file claims 4 TB.
#[cfg(target_os = "linux")]
#[test]
fn claims_are_not_believed() {
    let folder = folder();
    let header =
        |header: &str| [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    let claims = [
        r#"{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#,
        r#"{"__metadata__":{"headroom":"{}"},"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}"#,
    ];
    let mut files = vec![(1u64 << 42).to_le_bytes().to_vec()];
    files.extend(claims.map(header));
    for bytes in files {
        let path = folder.path().join("claim.safetensors");
        std::fs::write(&path, bytes).expect("written");
        let output = Command::new("sh")
            .args(["-c", "ulimit -v 400000; exec \"$0\" models verify \"$1\""])
            .arg(env!("CARGO_BIN_EXE_headroom"))
            .arg(&path)
            .output()
            .expect("a shell starts");
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{err}");
        assert!(err.contains("expected") && err.contains("1 of 1 model files refused"), "{err}");
    }
}
