//! The plug-in and the engine give the same files.
//!
//! The plug-in is a library of its own: `HEADROOM_BUNDLE` says where `cargo xtask test` laid its
//! bundle out. Without it these tests say so and check nothing.

use crate::support::*;
use headroom_frame::{AlphaKind, Sample};
use tempfile::TempDir;

pub(crate) fn bundle() -> Option<String> {
    let bundle = std::env::var("HEADROOM_BUNDLE").ok().filter(|path| !path.is_empty());
    if bundle.is_none() {
        println!("SKIPPED: HEADROOM_BUNDLE is not set; run `cargo xtask test`");
    }
    bundle
}

/// Renders both ways and compares every byte.
#[track_caller]
fn same(folder: &TempDir, bundle: &str, input: &str, output: &str, options: &str) {
    let arguments = |way: &str| format!("render {{}}/{input} {{}}/{way}/{output} {options}");
    succeed(folder, &arguments("engine"));
    // The bundle's path may hold blanks, so it is no word of the text.
    let place = folder.path().to_string_lossy().into_owned();
    let words = arguments("plugin");
    let result = program()
        .args(words.split_whitespace().map(|word| word.replace("{}", &place)))
        .args(["--bundle", bundle])
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&result.stderr);
    assert!(result.status.success(), "{input} {options}\n{text}");
    assert!(!text.contains("broke a rule"), "{text}");
    let (a, b) = (files(&folder.path().join("engine")), files(&folder.path().join("plugin")));
    assert!(!a.is_empty());
    assert_eq!(a.len(), b.len());
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{input} {options}: {name} differs");
    }
}

#[test]
fn png_jpeg_tiff_and_exr_come_out_alike() {
    let Some(bundle) = bundle() else { return };
    let folder = still("240x135");
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/in.jpg --camera filmic --clip 0.1");
    succeed(&folder, "prep {}/sample_srgb_truth.exr {}/in.tif --bits 16");
    for (input, options) in [
        ("sample_srgb.png", ""),
        ("sample_srgb.png", "--space-out ACEScct --float --set highlight_gain=1.5"),
        ("sample_srgb.png", "--set method=bt2446a --set protect_unclipped=false"),
        ("sample_srgb.png", "--set dequantise=1 --set shadow_recovery=0.5"),
        ("in.jpg", "--compression piz"),
        ("in.tif", "--float"),
        ("sample_srgb_truth.exr", "--float --space-out ACES2065-1"),
        // Nothing is left to do: a host does not even ask the plug-in for pixels.
        ("sample_srgb_truth.exr", "--set amount=0"),
    ] {
        same(&folder, &bundle, input, "out.exr", options);
    }
}

/// A configuration of a network that takes no time; none for other methods.
pub(crate) fn small_network(id: &str) -> Option<&'static str> {
    Some(match id {
        "grid" => r#"{"widths":[4,6,8,8]}"#,
        "residual" => r#"{"width":4,"dilations":[1,2]}"#,
        "unet" | "unet-linear" | "unet-attention" => r#"{"base":4,"levels":2}"#,
        "diff-hdrtv" => {
            r#"{"prior":"bypass","reference_enter":4,"reference_width":4,"reference_blocks":1,"branch_width":4,"branch_blocks":1}"#
        }
        _ => return None,
    })
}

#[test]
fn every_method_and_view_comes_out_alike() {
    let Some(bundle) = bundle() else { return };
    let folder = still("96x54");
    for setting in ["method", "view"] {
        let listed = succeed(&folder, "settings --json");
        let table: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
        let row = table.as_array().expect("a list").iter().find(|row| row["id"] == setting);
        for option in row.expect("a setting")["options"].as_array().expect("options") {
            let id = option["id"].as_str().expect("an id");
            let mut options = format!("--set {setting}={id}");
            if let Some(config) = small_network(id) {
                let file = format!("{{}}/{id}.safetensors");
                succeed(&folder, &format!("models new {id} {file} --config {config}"));
                options.push_str(&format!(" --set weights={file}"));
            }
            same(&folder, &bundle, "sample_srgb.png", "out.exr", &options);
        }
    }
}

#[test]
fn alpha_masks_and_windows_come_out_alike() {
    let Some(bundle) = bundle() else { return };
    let folder = folder();
    let mut frame = pattern(61, 37);
    save(&folder.path().join("straight.png"), &frame, Sample::U8);
    save(&folder.path().join("mask.png"), &pattern(61, 37), Sample::U8);
    frame.alpha = AlphaKind::Premultiplied;
    frame.data_window.x = -7;
    frame.data_window.y = 11;
    frame.pixel_aspect = 1.5;
    save(&folder.path().join("windows.exr"), &frame, Sample::Half);
    same(&folder, &bundle, "straight.png", "out.exr", "--float");
    same(&folder, &bundle, "straight.png", "out.exr", "--float --mask {}/mask.png");
    same(&folder, &bundle, "windows.exr", "out.exr", "--float");
    same(&folder, &bundle, "windows.exr", "out.exr", "--space-in srgb_tx --space-out ACEScg");
}

#[test]
fn sequences_with_neighbours_come_out_alike() {
    let Some(bundle) = bundle() else { return };
    let folder = sequence(4, "96x54");
    for options in [
        "",
        "--set temporal_radius=1",
        "--set temporal_radius=3",
        "--set freeze_analysis=true --set freeze_frame=1003 --frames 1001-1002",
    ] {
        same(&folder, &bundle, "sample_srgb.####.png", "out.####.exr", options);
    }
}

#[test]
fn shots_of_a_folder_come_out_alike() {
    let Some(bundle) = bundle() else { return };
    let folder = two_shots();
    for options in ["--set temporal_radius=1", "--set freeze_analysis=true --set freeze_frame=1002"]
    {
        same(&folder, &bundle, "shots", "", options);
    }
}

#[test]
fn a_missing_frozen_frame_comes_out_alike_and_is_told_the_same() {
    let Some(bundle) = bundle() else { return };
    let folder = sequence(2, "64x36");
    let options = "--set freeze_analysis=true --set freeze_frame=1007";
    same(&folder, &bundle, "sample_srgb.####.png", "out.####.exr", options);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_are_told_to_the_plug_in() {
    use std::io::{BufRead, BufReader, Read};
    let Some(bundle) = bundle() else { return };
    // Many frames, so that the process is still there when it is looked at.
    let folder = still("160x90");
    let still = folder.path().join("sample_srgb.png");
    for frame in 1..=100 {
        std::fs::copy(&still, folder.path().join(format!("shot.{frame:04}.png"))).expect("a copy");
    }
    let mut child = program()
        .arg("render")
        .arg(folder.path().join("shot.####.png"))
        .arg(folder.path().join("out.####.exr"))
        .args(["--threads", "3", "--progress", "json", "--bundle", &bundle])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut out = BufReader::new(child.stdout.take().expect("its output"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    let environment = std::fs::read(format!("/proc/{}/environ", child.id())).expect("readable");
    out.read_to_string(&mut line).expect("its output");
    assert!(child.wait().expect("ended").success());
    let told = environment.split(|byte| *byte == 0).any(|entry| entry == b"HEADROOM_THREADS=3");
    assert!(told, "{}", String::from_utf8_lossy(&environment));
    assert_eq!(line.matches("\"written\",").count(), 100, "{line}");
}

#[test]
fn host_and_doctor_find_nothing_wrong_with_the_plug_in() {
    let Some(bundle) = bundle() else { return };
    for arguments in [&["host", &bundle][..], &["host", &bundle, "--profile", "resolve"]] {
        let result = program().args(arguments).output().expect("the program starts");
        let (out, err) =
            (String::from_utf8_lossy(&result.stdout), String::from_utf8_lossy(&result.stderr));
        assert!(result.status.success(), "{arguments:?}\n{out}{err}");
        assert!(out.contains("Source") && out.contains("status 0"), "{out}");
    }
    let result = program().args(["host", &bundle, "--describe"]).output().expect("it starts");
    let described: serde_json::Value = serde_json::from_slice(&result.stdout).expect("JSON");
    let params = described["params"].as_array().expect("parameters");
    for setting in headroom::settings::SETTINGS {
        assert!(params.iter().any(|param| param["name"] == setting.id), "{}", setting.id);
    }
    let result = program().args(["doctor", "--bundle", &bundle]).output().expect("it starts");
    assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stdout));
}
