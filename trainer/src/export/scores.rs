//! What an evaluation says of weights, for their file: the medians of `scores.json`.

use super::run::json;
use crate::Error;
use headroom::model::Figure;
use serde_json::{Map, Value};
use std::path::Path;

/// The medians that the protocol wants (of the size, for energy) over the pictures, of every measure
/// under every condition, of what a `scores.json` calls `method`.
///
/// # Errors
/// When the file cannot be read, is no `scores.json`, or says nothing of it.
pub fn figures(file: &Path, method: &str) -> Result<Vec<Figure>, Error> {
    let missing = || Error::missing(format!("{}: found no such file", file.display()));
    let value = json(file)?.ok_or_else(missing)?;
    let results = value.get("results").and_then(Value::as_array);
    let results =
        results.ok_or_else(|| Error::file(file, "results: found none, expected a list"))?;
    let called = |result: &Value| result["method"].as_str().unwrap_or_default().to_owned();
    let mut figures = Vec::new();
    for result in results.iter().filter(|result| called(result) == method) {
        let metrics = result["metrics"].as_object();
        figures.extend(metrics.into_iter().flat_map(|metrics| of_condition(result, metrics)));
    }
    if figures.is_empty() {
        let mut found: Vec<String> = results.iter().map(called).collect();
        found.sort();
        found.dedup();
        let found = found.join(", ");
        let text = format!("found no figures of \"{method}\", only of {found}");
        return Err(Error::file(file, text));
    }
    Ok(figures)
}

/// Measures that say something of no picture have no median.
fn of_condition(result: &Value, metrics: &Map<String, Value>) -> Vec<Figure> {
    let condition = result["condition"].as_str().unwrap_or_default();
    let estimated = if result["estimated"] == true { ", curve estimated" } else { "" };
    let figure = |(metric, numbers): (&String, &Value)| {
        let data = format!("{condition}{estimated}: median of {}", numbers["count"]);
        Some(Figure { metric: metric.clone(), data, value: numbers["middle"].as_f64()? })
    };
    metrics.iter().filter_map(figure).collect()
}

#[cfg(test)]
mod tests {
    use super::figures;
    use headroom::model::Figure;
    use serde_json::{Value, json};

    #[test]
    fn medians_of_one_method_become_figures() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("scores.json");
        let result = |method: &str, estimated: bool, median: Value| {
            let numbers = json!({"count": 3, "middle": median, "mean": 9.0});
            json!({"condition": "srgb_c5", "method": method, "estimated": estimated,
                   "metrics": {"psnr_pu21_s": numbers}})
        };
        let results = [
            result("a", false, json!(30.5)),
            result("b", false, json!(1.0)),
            result("a", true, Value::Null),
        ];
        std::fs::write(&file, json!({"results": results}).to_string()).expect("written");
        let data = "srgb_c5: median of 3".to_owned();
        let expected = [Figure { metric: "psnr_pu21_s".to_owned(), data, value: 30.5 }];
        assert_eq!(figures(&file, "a").expect("sound"), expected);
        let error = figures(&file, "c").expect_err("not there").to_string();
        assert!(error.contains("scores.json") && error.ends_with("only of a, b"), "{error}");
        std::fs::write(&file, "{}").expect("written");
        let error = figures(&file, "a").expect_err("no scores").to_string();
        assert!(error.contains("results: found none"), "{error}");
        assert!(figures(&folder.path().join("none.json"), "a").is_err());
    }
}
