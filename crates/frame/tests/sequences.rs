//! Patterns, ranges and what is found on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use headroom_frame::sequence::{FrameRange, Pattern, in_folder};

fn pattern(text: &str) -> Pattern {
    Pattern::parse(Path::new(text)).unwrap()
}

#[test]
fn hashes_and_percent_stand_for_the_frame() {
    let cases = [
        ("shot.####.exr", 7, "shot.0007.exr"),
        ("shot.####.exr", 12345, "shot.12345.exr"),
        ("shot.####.exr", -3, "shot.-003.exr"),
        ("shot.#.exr", 7, "shot.7.exr"),
        ("shot.%04d.png", 7, "shot.0007.png"),
        ("shot.%d.png", 1001, "shot.1001.png"),
        ("v##/shot_####_beauty.tif", 12, "v##/shot_0012_beauty.tif"),
        ("a#b.####.exr", 1, "a#b.0001.exr"),
        ("plain.jpg", 99, "plain.jpg"),
        ("100%.png", 5, "100%.png"),
        ("50%5d.png", 5, "50%5d.png"),
    ];
    for (text, frame, path) in cases {
        assert_eq!(pattern(text).path(frame), PathBuf::from(path), "{text}");
    }
    assert!(pattern("a.%03d.exr").is_sequence());
    assert!(!pattern("a.exr").is_sequence());
    assert_eq!(pattern("a.%03d.exr").to_string(), "a.###.exr");
}

#[test]
fn a_name_gives_its_frame_only_if_the_pattern_would_give_the_name() {
    let four = pattern("shot.####.exr");
    assert_eq!(four.frame_of("shot.0007.exr"), Some(7));
    assert_eq!(four.frame_of("shot.12345.exr"), Some(12345));
    assert_eq!(four.frame_of("shot.-003.exr"), Some(-3));
    for other in ["shot.007.exr", "shot.00007.exr", "shot.+007.exr", "shot..exr", "shot.0007.png"] {
        assert_eq!(four.frame_of(other), None, "{other}");
    }
}

#[test]
fn names_with_two_places_for_the_number_or_none_at_all_are_refused() {
    for text in ["shot.####.%04d.exr", "..", "/"] {
        let error = Pattern::parse(Path::new(text)).unwrap_err();
        assert_eq!(error.field(), "file name", "{error}");
        assert!(error.to_string().starts_with(text), "{error}");
    }
    let wide = format!("a.{}.exr", "#".repeat(33));
    assert!(Pattern::parse(Path::new(&wide)).is_err());
}

#[test]
fn ranges_expand_in_the_order_asked_for() {
    let cases: [(&str, &[i64]); 9] = [
        ("7", &[7]),
        ("1001-1004", &[1001, 1002, 1003, 1004]),
        ("1001-1006x2", &[1001, 1003, 1005]),
        ("1,5,9-12", &[1, 5, 9, 10, 11, 12]),
        (" 3 , 1-2 ", &[3, 1, 2]),
        ("5-1x2", &[5, 3, 1]),
        ("-2-1", &[-2, -1, 0, 1]),
        ("-5--3", &[-5, -4, -3]),
        ("1-4,2-6", &[1, 2, 3, 4, 5, 6]),
    ];
    for (text, frames) in cases {
        assert_eq!(FrameRange::parse(text).unwrap().frames(), frames, "{text}");
    }
}

#[test]
fn ranges_that_make_no_sense_are_refused_with_the_part_that_is_wrong() {
    let wrong = ["", "a", "1-", "1-2-3", "1-5x0", "1-5x-1", "1..5", "1,,2", "1-99999999", "x2"];
    for text in wrong {
        let error = FrameRange::parse(text).unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")) && error.contains("found"), "{error}");
    }
    let error = FrameRange::parse("1-5,seven").unwrap_err().to_string();
    assert!(error.contains("found \"seven\""), "{error}");
    assert!(FrameRange::parse("-9223372036854775808-9223372036854775807").is_err());
}

#[test]
fn ranges_print_so_that_they_read_back_the_same() {
    let cases = [
        ("1001,1002,1003", "1001-1003"),
        ("1-9x2", "1-9x2"),
        ("9-1x2", "9-1x2"),
        ("1,5", "1,5"),
        ("1,2,5,7,9,20", "1-2,5-9x2,20"),
        ("-3--1", "-3--1"),
    ];
    for (text, printed) in cases {
        let range = FrameRange::parse(text).unwrap();
        assert_eq!(range.to_string(), printed);
        assert_eq!(FrameRange::parse(printed).unwrap(), range);
    }
}

fn folder_with(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::write(folder.path().join(name), "").unwrap();
    }
    folder
}

#[test]
fn existing_frames_are_listed_in_order() {
    let folder = folder_with(&[
        "a.0010.exr",
        "a.0009.exr",
        "a.10000.exr",
        "a.11.exr",
        "b.0001.exr",
        "a.exr",
    ]);
    let frames =
        |name: &str| Pattern::parse(&folder.path().join(name)).unwrap().existing().unwrap();
    assert_eq!(frames("a.####.exr"), [9, 10, 10000]);
    assert_eq!(frames("a.#.exr"), [11, 10000]);
    assert!(frames("a.exr").is_empty());
    let missing = Pattern::parse(Path::new("/nowhere/at/all/a.##.exr")).unwrap();
    assert_eq!(missing.existing().unwrap_err().field(), "folder");
}

#[test]
fn a_folder_is_taken_apart_into_sequences_and_single_files() {
    let folder = folder_with(&[
        "a.0999.exr",
        "a.1000.exr",
        "a.1001.exr",
        "b1.png",
        "b2.png",
        "b10.png",
        "c_1001.jpg",
        "c_1002.jpg",
        "still.tif",
        "take2.hdr",
        "notes.txt",
        ".hidden.0001.exr",
    ]);
    let found: Vec<(String, Vec<i64>)> = in_folder(folder.path())
        .unwrap()
        .into_iter()
        .map(|found| {
            let path = PathBuf::from(found.pattern.to_string());
            (path.file_name().unwrap().to_string_lossy().into_owned(), found.frames)
        })
        .collect();
    let expected: [(&str, &[i64]); 5] = [
        ("a.####.exr", &[999, 1000, 1001]),
        ("b#.png", &[1, 2, 10]),
        ("c_####.jpg", &[1001, 1002]),
        ("still.tif", &[]),
        ("take2.hdr", &[]),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(name, frames)| ((*name).to_owned(), frames.to_vec())).collect();
    assert_eq!(found, expected);
}
