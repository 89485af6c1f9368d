//! Lookup tables agree with OpenColorIO (`golden/lut.py`).

use headroom_colour::lut::{Interpolation, Lut};
use serde_json::Value;
use std::path::Path;

fn triples(value: &Value) -> Vec<[f32; 3]> {
    let row = |row: &Value| [0, 1, 2].map(|i: usize| row[i].as_f64().unwrap() as f32);
    value.as_array().unwrap().iter().map(row).collect()
}

#[test]
fn every_kind_of_file_and_interpolation_agrees_with_opencolorio() {
    let golden: Value = serde_json::from_str(include_str!("golden/lut.json")).unwrap();
    let pixels = triples(&golden["pixels"]);
    let kinds = [
        ("tetrahedral", Interpolation::Tetrahedral),
        ("trilinear", Interpolation::Trilinear),
        ("nearest", Interpolation::Nearest),
    ];
    let mut bad = vec![];
    for (file, results) in golden["files"].as_object().unwrap() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/lut");
        let lut = Lut::read(&folder.join(file)).unwrap();
        for (name, interpolation) in kinds {
            for (pixel, expected) in pixels.iter().zip(triples(&results[name])) {
                let found = lut.apply(*pixel, interpolation);
                if found.iter().zip(&expected).any(|(f, e)| (f - e).abs() > 2e-6) {
                    bad.push(format!("{file} {name} {pixel:?}: {found:?} is not {expected:?}"));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{} of them\n{}", bad.len(), bad[..bad.len().min(30)].join("\n"));
}

/// What is wrong, the text, the line to be named, a word of the message.
const MALFORMED: &[(&str, &str, Option<usize>, &str)] = &[
    ("nothing", "", Some(1), "no size"),
    ("only comments", "# hello\n\n", Some(1), "no size"),
    ("rows without a size", "0 0 0\n1 1 1\n", Some(1), "LUT_1D_SIZE or LUT_3D_SIZE"),
    ("a size without rows", "LUT_3D_SIZE 2\n", None, "no rows"),
    ("too few rows", "LUT_1D_SIZE 3\n0 0 0\n1 1 1\n", Some(3), "3 rows"),
    ("too many rows", "LUT_1D_SIZE 2\n0 0 0\n1 1 1\n2 2 2\n", Some(4), "after 2 rows"),
    ("two numbers in a row", "LUT_1D_SIZE 2\n0 0 0\n1 1\n", Some(3), "2 numbers"),
    ("four numbers in a row", "LUT_1D_SIZE 2\n0 0 0\n1 1 1 1\n", Some(3), "4 numbers"),
    ("a word in a row", "LUT_1D_SIZE 2\n0 zero 0\n1 1 1\n", Some(2), "zero"),
    ("a decimal comma", "LUT_1D_SIZE 2\n0,0 0,0 0,0\n1 1 1\n", Some(2), "0,0"),
    ("NaN", "LUT_1D_SIZE 2\n0 0 0\nnan 1 1\n", Some(3), "finite"),
    ("infinity", "LUT_1D_SIZE 2\n0 0 0\n1 inf 1\n", Some(3), "finite"),
    ("overflow", "LUT_1D_SIZE 2\n0 0 0\n1 1e99 1\n", Some(3), "finite"),
    ("a negative size", "LUT_3D_SIZE -2\n", Some(1), "2 to 256"),
    ("size one", "LUT_3D_SIZE 1\n0 0 0\n", Some(1), "2 to 256"),
    ("a fractional size", "LUT_3D_SIZE 2.5\n", Some(1), "2.5"),
    ("a size too large", "LUT_3D_SIZE 257\n", Some(1), "257"),
    ("a size beyond integers", "LUT_3D_SIZE 99999999999999999999\n", Some(1), "2 to 256"),
    ("a large size and no data", "LUT_3D_SIZE 256\n0 0 0\n", Some(2), "16777216 rows"),
    ("a large 1D size and no data", "LUT_1D_SIZE 65536\n0 0 0\n1 1 1\n", Some(2), "65536 rows"),
    ("a missing size", "LUT_3D_SIZE\n", Some(1), "2 to 256"),
    ("a second size", "LUT_3D_SIZE 2\nLUT_3D_SIZE 2\n", Some(2), "second"),
    ("a second title", "TITLE \"a\"\nTITLE \"b\"\nLUT_1D_SIZE 2\n", Some(2), "second"),
    ("an unknown keyword", "LUT_4D_SIZE 2\n0 0 0\n", Some(1), "LUT_4D_SIZE"),
    ("another format", "<?xml version=\"1.0\"?>\n<LUT/>\n", Some(1), "no size"),
    ("a keyword among rows", "LUT_1D_SIZE 2\n0 0 0\nTITLE \"x\"\n1 1 1\n", Some(3), "TITLE"),
    ("an empty domain", "DOMAIN_MIN 1 1 1\nLUT_1D_SIZE 2\n0 0 0\n1 1 1\n", Some(1), "rises"),
    ("a falling range", "LUT_3D_SIZE 2\nLUT_3D_INPUT_RANGE 1 0\n", Some(2), "rises"),
    ("a domain of two", "DOMAIN_MAX 1 1\n", Some(1), "2 numbers"),
    (
        "domain and range",
        "LUT_1D_SIZE 2\nDOMAIN_MAX 1 1 1\nLUT_1D_INPUT_RANGE 0 1\n0 0 0\n1 1 1\n",
        Some(3),
        "one of the two",
    ),
    (
        "the range of a table that is not there",
        "LUT_1D_SIZE 2\nLUT_3D_INPUT_RANGE 0 1\n0 0 0\n1 1 1\n",
        Some(2),
        "LUT_3D_SIZE",
    ),
    ("zero bytes", "LUT_1D_SIZE 2\n0 0\0 0\n1 1 1\n", Some(2), "zero byte"),
];

#[test]
fn malformed_files_are_refused_with_the_line_and_what_was_expected() {
    for (what, text, line, word) in MALFORMED {
        let error = Lut::parse(text.as_bytes()).expect_err(what);
        assert_eq!(error.line(), *line, "{what}: {error}");
        let message = error.to_string();
        assert!(message.contains(word), "{what}: {message}");
        assert!(message.contains("found") && message.contains("expected"), "{what}: {message}");
    }
}

#[test]
fn every_beginning_of_a_good_file_is_refused_without_panic() {
    let good = include_bytes!("golden/lut/resolve_1d_3d.cube");
    assert!(Lut::parse(good).is_ok());
    let text_end = good.trim_ascii_end().len();
    // A number cut short is still a number, so the last row may lose digits.
    for end in (0..text_end - 8).step_by(7) {
        assert!(Lut::parse(&good[..end]).is_err(), "{end}");
    }
}

#[test]
fn titles_comments_and_foreign_bytes_are_read() {
    let mut text =
        b"\xef\xbb\xbf# caf\xe9\r\nTITLE \"Caf\xc3\xa9 1\"\r\nLUT_1D_SIZE 2\r\n".to_vec();
    text.extend_from_slice(b"  0 0 0 \r\n# between rows\r\n\t1e0 1 1\r\n\r\n");
    let lut = Lut::parse(&text).unwrap();
    assert_eq!(lut.title(), Some("Café 1"));
    assert_eq!((lut.size_1d(), lut.size_3d()), (Some(2), None));
    assert_eq!(lut.apply([0.25, 0.5, 2.0], Interpolation::Nearest), [0.25, 0.5, 1.0]);
}

#[test]
fn an_error_names_the_file() {
    let missing = Path::new("no/such/table.cube");
    let message = Lut::read(missing).unwrap_err().to_string();
    assert!(message.contains("table.cube"), "{message}");
}

#[test]
fn nan_and_infinity_give_numbers_of_the_table() {
    let lut = Lut::parse(include_bytes!("golden/lut/adobe_3d.cube")).unwrap();
    for interpolation in
        [Interpolation::Tetrahedral, Interpolation::Trilinear, Interpolation::Nearest]
    {
        let low = lut.apply([0.0; 3], interpolation);
        let high = lut.apply([1.0; 3], interpolation);
        assert_eq!(lut.apply([f32::NAN; 3], interpolation), low);
        assert_eq!(lut.apply([f32::NEG_INFINITY; 3], interpolation), low);
        assert_eq!(lut.apply([f32::INFINITY; 3], interpolation), high);
    }
}
