//! Wrong input: what is said, with which exit code, and that nothing is left behind.

use crate::support::*;
use headroom_frame::Sample;

/// Calls the program, which must fail with a code and a message that holds every text.
#[track_caller]
fn refuse(folder: &tempfile::TempDir, arguments: &str, code: i32, texts: &[&str]) {
    let called = call(folder, arguments);
    assert_eq!(called.code, Some(code), "{arguments}\n{}{}", called.out, called.err);
    for text in texts {
        assert!(called.err.contains(text), "{arguments}: no \"{text}\" in\n{}", called.err);
    }
    assert!(!called.err.contains("panicked"), "{}", called.err);
}

fn prepared() -> tempfile::TempDir {
    let folder = folder();
    save(&folder.path().join("in.png"), &pattern(16, 9), Sample::U8);
    std::fs::write(folder.path().join("broken.png"), b"\x89PNG\r\n\x1a\nnothing").expect("written");
    std::fs::write(folder.path().join("text.txt"), b"hello").expect("written");
    folder
}

#[test]
fn wrong_command_lines_are_usage_errors_and_write_nothing() {
    let folder = prepared();
    let before = names(folder.path());
    let render = "render {}/in.png {}/out.exr";
    for (arguments, texts) in [
        (format!("{render} --set amount=2"), &["setting amount", "\"2\"", "from 0 to 1"][..]),
        (format!("{render} --set nothing=2"), &["setting nothing", "no such setting"]),
        (format!("{render} --space-in mars"), &["input_space", "mars", "headroom spaces"]),
        (format!("{render} --frames 1-x"), &["1-x"]),
        (format!("{render} --preset none"), &["preset", "none"]),
        (format!("{render} --settings {{}}/absent.toml"), &["absent.toml"]),
        (format!("{render} --settings {{}}/text.txt"), &["text.txt", "TOML"]),
        (format!("{render} --half --float"), &["--half", "--float"]),
        ("render {}/in.png {}/out.webp".into(), &["out.webp", "extension"]),
        ("render {}/in.png {}/out.png".into(), &["out.png", "ACEScg", "--space-out"]),
        ("render {}/in.png {}/in.png --space-out ACEScct".into(), &["in.png", "input"]),
        ("prep {}/in.png {}/out.exr".into(), &["out.exr"]),
        ("prep {}/in.png {}/out.EXR".into(), &["out.EXR"]),
        ("prep {}/in.png {}/out.png --diffuse-white 0".into(), &["--diffuse-white", "0", "nits"]),
        ("compare {}/in.png {}/in.png --diff {}/d.exr".into(), &["d.exr", "--diff", "png"]),
        ("prep {}/in.png {}/out.png --camera leica".into(), &["camera", "leica", "srgb, filmic"]),
        ("render".into(), &["Usage"]),
        ("sample {}/s --size 0x9".into(), &["WIDTHxHEIGHT"]),
    ] {
        refuse(&folder, &arguments, 2, texts);
    }
    assert_eq!(names(folder.path()), before);
}

#[test]
fn missing_input_has_a_code_of_its_own() {
    let folder = prepared();
    let before = names(folder.path());
    refuse(&folder, "render {}/absent.png {}/out.exr", 3, &["absent.png"]);
    refuse(&folder, "render {}/shot.####.png {}/out.####.exr", 3, &["shot.####.png"]);
    refuse(&folder, "render {}/in.png {}/out.exr --bundle {}/No.ofx.bundle", 3, &["No.ofx.bundle"]);
    refuse(&folder, "compare {}/in.png {}/absent.png", 3, &["absent.png"]);
    refuse(&folder, "host {}/No.ofx.bundle", 3, &["No.ofx.bundle"]);
    assert_eq!(names(folder.path()), before);
}

#[test]
fn a_broken_file_fails_with_its_name_and_leaves_no_output() {
    let folder = prepared();
    let before = names(folder.path());
    refuse(&folder, "render {}/broken.png {}/out.exr", 1, &["broken.png", "found", "expected"]);
    refuse(&folder, "render {}/text.txt {}/out.exr", 1, &["text.txt", "signature"]);
    refuse(&folder, "render {}/in.png {}/out.exr --mask {}/broken.png", 1, &["broken.png"]);
    refuse(&folder, "prep {}/broken.png {}/out.png", 1, &["broken.png"]);
    refuse(&folder, "host {}/text.txt", 1, &["text.txt"]);
    assert_eq!(names(folder.path()), before);
}

#[test]
fn one_broken_frame_does_not_stop_the_others() {
    let folder = sequence(3, "32x18");
    std::fs::write(folder.path().join("sample_srgb.1002.png"), b"\x89PNG").expect("written");
    let arguments = "render {}/sample_srgb.####.png {}/out/a.####.exr --frames 1001-1004";
    refuse(&folder, arguments, 1, &["frame 1002", "frame 1004", "2 of 4 frames failed"]);
    assert_eq!(names(&folder.path().join("out")), ["a.1001.exr", "a.1003.exr"]);
}

#[test]
fn a_mask_of_another_size_is_refused() {
    let folder = prepared();
    save(&folder.path().join("mask.png"), &pattern(8, 9), Sample::U8);
    let arguments = "render {}/in.png {}/out.exr --mask {}/mask.png";
    refuse(&folder, arguments, 1, &["mask.png", "found 8 x 9 pixels", "expected 16 x 9"]);
}
