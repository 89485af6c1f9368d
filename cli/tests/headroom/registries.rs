//! Lists of what there is.

use crate::support::*;
use headroom::settings::SETTINGS;
use serde_json::Value;

#[test]
fn every_space_of_the_golden_file_is_listed() {
    let folder = folder();
    let listed: Value = serde_json::from_str(&succeed(&folder, "spaces --json").out).expect("JSON");
    let names: Vec<&str> =
        listed.as_array().expect("a list").iter().filter_map(|s| s["name"].as_str()).collect();
    let text = include_str!("../../../crates/colour/tests/golden/colour.json");
    let golden: Value = serde_json::from_str(text).expect("JSON");
    for name in golden["spaces"].as_object().expect("spaces").keys() {
        let found = headroom_colour::find(name).unwrap_or_else(|| panic!("no space {name}"));
        assert!(names.contains(&found.name), "{name} is not listed");
    }
    let table = succeed(&folder, "spaces acescct").out;
    assert!(table.contains("ACEScct") && !table.contains("S-Log3"), "{table}");
}

#[test]
fn every_setting_with_a_value_is_listed_in_every_form() {
    let folder = folder();
    let json: Value = serde_json::from_str(&succeed(&folder, "settings --json").out).expect("JSON");
    let table = succeed(&folder, "settings").out;
    let markdown = succeed(&folder, "settings --markdown").out;
    for setting in SETTINGS.iter().filter(|s| s.default().is_some()) {
        assert!(json.as_array().expect("a list").iter().any(|s| s["id"] == setting.id));
        assert!(table.contains(setting.id) && markdown.contains(setting.hint), "{}", setting.id);
    }
}

#[test]
fn presets_are_listed_shown_and_usable() {
    let folder = still("16x9");
    let listed: Value =
        serde_json::from_str(&succeed(&folder, "presets --json").out).expect("JSON");
    for preset in listed.as_array().expect("a list") {
        let id = preset["id"].as_str().expect("an id");
        assert!(succeed(&folder, &format!("presets {id}")).out.starts_with("Setting"));
        succeed(&folder, &format!("render {{}}/sample_srgb.png {{}}/{id}.exr --preset {id}"));
    }
    assert_eq!(call(&folder, "presets nonsense").code, Some(2));
}

#[test]
fn the_version_names_the_commit() {
    let folder = folder();
    let version = succeed(&folder, "--version").out;
    assert!(
        version.starts_with(concat!("headroom ", env!("CARGO_PKG_VERSION"), " (")),
        "{version}"
    );
}

#[test]
fn the_doctor_finds_the_engine_well() {
    let folder = folder();
    let found: Value = serde_json::from_str(&succeed(&folder, "doctor --json").out).expect("JSON");
    let verdict = |what: &str| {
        let check = found.as_array().expect("a list").iter().find(|c| c["check"] == what);
        check.unwrap_or_else(|| panic!("no check {what}"))["verdict"].clone()
    };
    assert_eq!(verdict("engine"), "ok");
    assert_eq!(verdict("GPU"), "note", "whatever there is, it is not used yet");
    let called = call(&folder, "doctor --bundle {}");
    assert_eq!(called.code, Some(1), "an empty folder is no bundle\n{}", called.out);
}
