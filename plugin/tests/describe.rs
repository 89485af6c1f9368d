//! What the node says of itself. Projects store ids and option indices, so the snapshot may only
//! ever grow. After adding something: `HEADROOM_UPDATE_SNAPSHOT=1 cargo test -p headroom-plugin`.

mod common;

use headroom_host::{Context, Description, HostConfig, PropertyValue};
use std::fmt::Write as _;
use std::path::Path;

/// Properties of parameters that projects or users depend on.
const KEPT: [&str; 11] = [
    "OfxParamPropAnimates",
    "OfxParamPropDefault",
    "OfxParamPropDisplayMax",
    "OfxParamPropDisplayMin",
    "OfxParamPropEvaluateOnChange",
    "OfxParamPropMax",
    "OfxParamPropMin",
    "OfxParamPropParent",
    "OfxParamPropScriptName",
    "OfxParamPropStringMode",
    "OfxPropLabel",
];
const OPTION: &std::ffi::CStr = c"OfxParamPropChoiceOption";

fn value(value: &PropertyValue) -> String {
    match value {
        PropertyValue::Int(v) => v.to_string(),
        PropertyValue::Double(v) => format!("{v:?}"),
        PropertyValue::Text(v) => format!("{v:?}"),
        PropertyValue::Pointer(v) => format!("pointer {v}"),
    }
}

fn snapshot(description: &Description) -> String {
    let mut text = format!("effect {}\n", description.identifier);
    for (name, values) in &description.properties {
        // Versions change with every release.
        if !name.contains("Version") {
            let values: Vec<_> = values.iter().map(value).collect();
            let _ = writeln!(text, "  {name} = {}", values.join(", "));
        }
    }
    for clip in &description.clips {
        let _ = writeln!(text, "clip {}", clip.name);
        for (name, values) in &clip.properties {
            let values: Vec<_> = values.iter().map(value).collect();
            let _ = writeln!(text, "  {name} = {}", values.join(", "));
        }
    }
    for param in &description.params {
        let _ = writeln!(text, "param {} {}", param.name, param.kind);
        for (name, values) in &param.properties {
            // The info text names the machine.
            let told = param.name == "info_text" && name == "OfxParamPropDefault";
            if KEPT.contains(&name.as_str()) && !told {
                let values: Vec<_> = values.iter().map(value).collect();
                let _ = writeln!(text, "  {name} = {}", values.join(", "));
            }
        }
        for option in param.texts(OPTION) {
            let _ = writeln!(text, "  option {option}");
        }
    }
    text
}

/// Parameters of a snapshot: id and type, options.
fn params(snapshot: &str) -> Vec<(&str, Vec<&str>)> {
    let mut params: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in snapshot.lines() {
        if let Some(param) = line.strip_prefix("param ") {
            params.push((param, Vec::new()));
        } else if let (Some(option), Some(last)) =
            (line.strip_prefix("  option "), params.last_mut())
        {
            last.1.push(option);
        }
    }
    params
}

fn description(context: Context) -> Description {
    common::open_in(HostConfig::default(), context).describe().clone()
}

#[test]
fn ids_and_options_never_go_and_never_move() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/describe.txt");
    let now = snapshot(&description(Context::Filter));
    let before = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let params_now = params(&now);
    for (param, options) in params(&before) {
        let found = params_now.iter().find(|(p, _)| *p == param);
        let (_, options_now) = found.unwrap_or_else(|| panic!("parameter {param} is gone"));
        assert!(
            options_now.starts_with(&options),
            "{param}: options moved or went\nbefore {options:?}\nnow    {options_now:?}"
        );
    }
    if std::env::var_os("HEADROOM_UPDATE_SNAPSHOT").is_some() {
        std::fs::write(&path, now).expect("the snapshot is writable");
    } else {
        assert_eq!(now, before, "run with HEADROOM_UPDATE_SNAPSHOT=1 if that is meant");
    }
}

#[test]
fn both_contexts_have_the_same_parameters_and_clips() {
    let (filter, general) = (description(Context::Filter), description(Context::General));
    assert_eq!(filter.params, general.params);
    let names = |d: &Description| d.clips.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&filter), ["Source", "Mask", "Output"]);
    assert_eq!(names(&filter), names(&general));
}

#[test]
fn the_table_of_settings_is_what_hosts_see() {
    let description = description(Context::Filter);
    for setting in headroom::settings::SETTINGS {
        let param = description.param(setting.id).expect(setting.id);
        assert_eq!(param.text(c"OfxPropLabel"), Some(setting.label));
        assert_eq!(param.text(c"OfxParamPropHint"), Some(setting.hint));
        assert_eq!(param.text(c"OfxParamPropParent"), Some(setting.group.id()));
        let options: Vec<_> = setting.options().iter().map(|o| o.label).collect();
        assert_eq!(param.texts(OPTION), options);
    }
    let page = description.param("Controls").cloned().expect("the page");
    assert_eq!(page.texts(c"OfxParamPropPageChild").len(), headroom::settings::SETTINGS.len());
}

#[test]
fn the_name_has_letters_only_and_the_version_is_the_crates() {
    let description = description(Context::Filter);
    let label = description.text(c"OfxPropLabel").expect("a label");
    assert!(label.chars().all(|c| c.is_ascii_alphabetic()), "{label}");
    let version = format!("{}.{}.", description.version[0], description.version[1]);
    assert!(env!("CARGO_PKG_VERSION").starts_with(&version));
    assert_eq!(description.plugins.len(), 1);
}

/// Hosts describe every plug-in at every start; a driver would be loaded for nothing, and may hang.
#[test]
#[cfg(target_os = "linux")]
fn no_driver_is_loaded_before_a_render_needs_it() {
    let effect = common::open("resolve");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux tells");
    for driver in ["libOpenCL", "libcuda", "libpocl"] {
        assert!(!maps.contains(driver), "{driver} is loaded");
    }
    effect.close().expect("closes");
}
