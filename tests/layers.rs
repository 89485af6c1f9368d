//! Holds the order of the layers, and what each may do.
//!
//! `colour < {frame, scene} < kernel < gpu < fake-cuda < headroom < candle, ofx-sys < {ofx, host} < {plugin, cli,
//! trainer}`: a crate sees only crates to its left, in every kind of dependency; and Candle, which
//! keeps statics, is seen by the trainer alone.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const LAYERS: &[&[&str]] = &[
    &["headroom-colour"],
    &["headroom-frame", "headroom-scene"],
    &["headroom-kernel"],
    &["headroom-gpu"],
    &["headroom-fake-cuda"],
    &["headroom"],
    &["headroom-candle", "headroom-ofx-sys"],
    &["headroom-ofx", "headroom-host"],
    &["headroom-plugin", "headroom-cli", "headroom-train"],
];

/// Builds without any of them.
const STANDALONE: &str = "xtask";

/// Where `unsafe` may be: addresses of hosts' pictures, SIMD, and the border to C.
const UNSAFE_FOLDERS: [&str; 7] = [
    "crates/gpu",
    "crates/fake-cuda",
    "crates/kernel",
    "crates/ofx-sys",
    "crates/ofx",
    "crates/host",
    "plugin",
];

/// Where every machine of a farm must get the same bits. The platform's mathematics library differs
/// between systems in the last place, and whether a fused multiply-add is one instruction or a
/// library call depends on the processor.
const PIXEL_FOLDERS: [&str; 3] = ["crates/colour/src", "crates/kernel/src", "src"];
const UNREPEATABLE: [&str; 14] = [
    ".mul_add(",
    ".powf(",
    ".exp(",
    ".exp2(",
    ".exp_m1(",
    ".ln(",
    ".ln_1p(",
    ".log2(",
    ".log10(",
    ".log(",
    ".sin(",
    ".cos(",
    ".tan(",
    ".cbrt(",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Name of every crate of the workspace, with the names of all it depends on directly.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let out = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("cargo writes JSON");
    let text = |value: &Value| value.as_str().expect("a name").to_owned();
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            let list = package["dependencies"].as_array().expect("dependencies");
            (text(&package["name"]), list.iter().map(|d| text(&d["name"])).collect())
        })
        .collect()
}

fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&name))
}

/// Every Rust file below a folder, `target` left out.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if path.is_dir() && !name.starts_with("target") && !name.starts_with('.') {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_crate_has_its_layer_and_sees_only_what_is_left_of_it() {
    for (name, dependencies) in dependencies() {
        if name == STANDALONE {
            assert!(dependencies.is_empty(), "{name} must build in seconds: {dependencies:?}");
            continue;
        }
        let Some(own) = layer(&name) else {
            panic!("{name} has no layer; give it one in LAYERS");
        };
        for dependency in dependencies {
            if let Some(other) = layer(&dependency) {
                assert!(other < own, "{name} must not see {dependency}");
            }
        }
    }
}

#[test]
fn the_trainer_sees_no_openfx_so_that_it_builds_without_libclang() {
    let all = dependencies();
    let mut seen = BTreeSet::new();
    let mut open = vec!["headroom-train".to_owned()];
    while let Some(name) = open.pop() {
        assert!(!name.contains("ofx") && !name.contains("openfx"), "the trainer sees {name}");
        assert_ne!(name, "headroom-host", "the trainer sees the host");
        if seen.insert(name.clone()) {
            open.extend(all.get(&name).into_iter().flatten().cloned());
        }
    }
    assert!(seen.contains("headroom-train"));
}

#[test]
fn candle_is_seen_by_the_trainer_alone() {
    for (name, dependencies) in dependencies() {
        let sees = dependencies.iter().any(|other| other.contains("candle"));
        let may = ["headroom-candle", "headroom-train"].contains(&name.as_str());
        assert!(may || !sees, "{name} must not see Candle; see docs/decisions/0005");
    }
}

#[test]
fn unsafe_code_is_allowed_only_at_the_border() {
    for path in sources(root()) {
        let text = fs::read_to_string(&path).expect("a source is text");
        let place = path.strip_prefix(root()).expect("below the root");
        let allowed = UNSAFE_FOLDERS.iter().any(|folder| place.starts_with(folder));
        // Written in two parts, so that this file does not find itself.
        let switched = ["allow", "expect", "warn"]
            .iter()
            .any(|level| text.contains(&format!("{level}({}", "unsafe_code")));
        assert!(allowed || !switched, "{} must not allow unsafe code", place.display());
    }
}

#[test]
fn every_crate_keeps_the_lints_of_the_workspace() {
    let mut folders = vec![root().join("plugin"), root().join("cli"), root().join("trainer")];
    folders.extend([root().join("xtask"), root().to_owned()]);
    let crates = fs::read_dir(root().join("crates")).expect("crates").flatten();
    folders.extend(crates.map(|entry| entry.path()));
    for folder in folders {
        let manifest = folder.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).expect("a crate has a manifest");
        let squeezed: String = text.split_whitespace().collect();
        assert!(
            squeezed.contains("[lints]workspace=true"),
            "{} does not inherit the lints",
            manifest.display()
        );
    }
}

#[test]
fn pixel_code_calls_nothing_that_differs_between_machines() {
    for folder in PIXEL_FOLDERS {
        for path in sources(&root().join(folder)) {
            // Files of tests ship nothing, and use the platform's mathematics as a referee.
            if path.iter().any(|part| part == "tests" || part == "tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source is text");
            let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
            let shipped = shipped.split("#[cfg(all(test,").next().unwrap_or_default();
            for (index, line) in shipped.lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for call in UNREPEATABLE {
                    assert!(
                        !code.contains(call),
                        "{}:{}: {call} differs between machines; see docs/decisions/0001",
                        path.display(),
                        index + 1
                    );
                }
            }
        }
    }
}
