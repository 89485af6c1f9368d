//! Every space agrees with OpenColorIO's built-in studio config (`golden/colour.json`).

use headroom_colour::{Conversion, Viewing, find, space};
use serde_json::Value;

const GOLDEN: &str = include_str!("golden/colour.json");
/// Made by `golden/more.py`.
const MORE: &str = include_str!("golden/more.json");

fn triple(value: &Value) -> [f64; 3] {
    let at = |i: usize| value[i].as_f64().unwrap();
    [at(0), at(1), at(2)]
}

fn check(conversion: &Conversion, rows: &Value, what: &str, failures: &mut Vec<String>) {
    for row in rows.as_array().unwrap() {
        let (input, expected) = (triple(&row[0]), triple(&row[1]));
        let exact = conversion.convert(input);
        let mut planes = input.map(|v| [v as f32; 19]);
        let [r, g, b] = &mut planes;
        conversion.convert_planar(r, g, b);
        for way in 0..2 {
            for i in 0..3 {
                let found = if way == 0 { exact[i] } else { f64::from(planes[i][0]) };
                let error = (found - expected[i]).abs();
                if !(error <= 1e-6 || error <= 1e-5 * expected[i].abs()) {
                    let way = ["exact", "fast"][way];
                    failures.push(format!(
                        "{what} {way} {input:?}[{i}]: {found} is not {} ({:.2e})",
                        expected[i],
                        error / expected[i].abs()
                    ));
                }
            }
        }
        for plane in &planes {
            assert!(plane.iter().all(|v| v.to_bits() == plane[0].to_bits()), "{what}: the tail");
        }
    }
}

#[test]
fn every_space_agrees_with_opencolorio_both_ways() {
    check_all(GOLDEN);
}

#[test]
fn agreement_holds_near_breaks_below_zero_and_back_from_displays() {
    check_all(MORE);
}

fn check_all(golden: &str) {
    let golden: Value = serde_json::from_str(golden).unwrap();
    let mut failures = vec![];
    for (name, entry) in golden["spaces"].as_object().unwrap() {
        let space = find(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(space.name, name);
        let (into, out_of) = (
            Conversion::new(space, space::aces2065_1(), Viewing::default()),
            Conversion::new(space::aces2065_1(), space, Viewing::default()),
        );
        if let Some(rows) = entry.get("to_ap0") {
            check(&into, rows, &format!("{name} to AP0"), &mut failures);
        }
        check(&out_of, &entry["from_ap0"], &format!("AP0 to {name}"), &mut failures);
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_name_and_alias_of_the_referee_finds_its_space() {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let mut count = 0;
    for (name, entry) in golden["spaces"].as_object().unwrap() {
        for alias in entry.get("aliases").and_then(Value::as_array).into_iter().flatten() {
            let alias = alias.as_str().unwrap();
            assert_eq!(find(alias).map(|space| space.name), Some(name.as_str()), "{alias}");
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}
