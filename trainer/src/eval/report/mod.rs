//! Results as table, CSV, JSON and a page to look at.

pub mod csv;
pub mod gallery;
pub mod html;
pub mod json;
pub mod table;

use super::evaluate::Results;
use crate::Error;
use std::path::Path;

/// Writes `table.txt`, `scores.csv`, `scores.json` and `report.html` into a folder, each whole or not
/// at all.
///
/// # Errors
/// When the folder cannot be made or a file cannot be written.
pub fn write(folder: &Path, results: &Results) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    let mut json = serde_json::to_string_pretty(&json::json(results))
        .map_err(|error| Error::file(&folder.join("scores.json"), error))?;
    json.push('\n');
    let files = [
        ("table.txt", table::table(results)),
        ("scores.csv", csv::csv(results)),
        ("scores.json", json),
        ("report.html", html::page(results)),
    ];
    for (name, text) in files {
        headroom_frame::write_whole(&folder.join(name), &[text.into_bytes()])?;
    }
    Ok(())
}
