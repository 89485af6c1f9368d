//! Embeds presets, weights and the commit into the engine.
//!
//! A malformed preset ends the build with the file, the field, what was found and what was
//! expected; whether its values fit the settings table is for a test, which can see the table.

use serde::Deserialize;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{collections::BTreeMap, env, fs};

/// A file of `resources/presets`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Preset {
    /// Place in the menu, from 1; hosts store it, so it never changes and gaps are refused.
    order: usize,
    id: String,
    label: String,
    hint: String,
    values: BTreeMap<String, toml::Value>,
}

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    let folder = root.join("resources/presets");
    println!("cargo:rerun-if-changed={}", folder.display());
    let source = presets(&folder).unwrap_or_else(|error| panic!("{error}"));
    fs::write(out.join("presets.rs"), source).expect("OUT_DIR can be written");
    let folder = root.join("resources/weights");
    println!("cargo:rerun-if-changed={}", folder.display());
    fs::write(out.join("weights.rs"), weights(&folder)).expect("OUT_DIR can be written");
    println!("cargo:rustc-env=HEADROOM_COMMIT={}", commit(&root));
}

fn presets(folder: &Path) -> Result<String, String> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .map_err(|e| format!("{}: {e}", folder.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut all = Vec::new();
    for path in files {
        let name = path.display();
        let text = fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
        let preset: Preset = toml::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
        let stem = path.file_stem().and_then(|s| s.to_str()).unwrap_or_default();
        if preset.id != stem {
            return Err(format!("{name}: id: found \"{}\", expected \"{stem}\"", preset.id));
        }
        let mut values = String::new();
        for (id, value) in &preset.values {
            let text = match value {
                toml::Value::String(v) => v.clone(),
                toml::Value::Integer(v) => v.to_string(),
                toml::Value::Float(v) => v.to_string(),
                toml::Value::Boolean(v) => v.to_string(),
                other => {
                    let found = other.type_str();
                    return Err(format!(
                        "{name}: values.{id}: found {found}, expected text, number or boolean"
                    ));
                }
            };
            write!(values, "({id:?}, {text:?}), ").expect("text grows");
        }
        let Preset { order, id, label, hint, .. } = preset;
        let entry = format!(
            "    Preset {{ id: {id:?}, label: {label:?}, hint: {hint:?}, values: &[{values}] }},\n"
        );
        all.push((order, name.to_string(), entry));
    }
    all.sort();
    for (i, (order, name, _)) in all.iter().enumerate() {
        if *order != i + 1 {
            return Err(format!("{name}: order: found {order}, expected {}", i + 1));
        }
    }
    let entries: String = all.into_iter().map(|(.., entry)| entry).collect();
    Ok(format!("&[\n{entries}]\n"))
}

/// The table of embedded weights files, by their stems. There may be none, and no folder; whether they
/// are sound is for a test, which can read them.
fn weights(folder: &Path) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "safetensors"))
        .collect();
    files.sort();
    let entry = |path: &PathBuf| {
        println!("cargo:rerun-if-changed={}", path.display());
        let stem = path.file_stem().and_then(|s| s.to_str());
        let stem = stem.unwrap_or_else(|| panic!("{}: its name is not UTF-8", path.display()));
        let path = path.to_str().unwrap_or_else(|| panic!("{}: not UTF-8", path.display()));
        format!("    ({stem:?}, include_bytes!({path:?})),\n")
    };
    format!("&[\n{}]\n", files.iter().map(entry).collect::<String>())
}

/// The commit that is built, with a + where the tree differs from it; "unknown" outside git.
fn commit(root: &Path) -> String {
    let git = |arguments: &[&str]| {
        let out = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
        let text = String::from_utf8(out.stdout).ok()?;
        out.status.success().then(|| text.trim().to_owned())
    };
    // Built again when HEAD moves; in a worktree it lies outside the folder.
    for file in ["HEAD", "index"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]) {
            println!("cargo:rerun-if-changed={}", root.join(path).display());
        }
    }
    let Some(head) = git(&["rev-parse", "--short=12", "HEAD"]).filter(|h| !h.is_empty()) else {
        return "unknown".to_owned();
    };
    let dirty = git(&["status", "--porcelain", "--untracked-files=no"]);
    if dirty.is_none_or(|d| d.is_empty()) { head } else { format!("{head}+") }
}
