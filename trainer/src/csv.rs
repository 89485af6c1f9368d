//! Tables as text: manifests of pictures.

use crate::Error;
use std::path::Path;

/// The `manifest.csv` of a folder of pictures: its rows by the names of its columns.
#[derive(Debug)]
pub(crate) struct Manifest {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Manifest {
    pub(crate) const NAME: &str = "manifest.csv";

    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
        let mut rows = text.lines().map(cells);
        Ok(Self { head: rows.next().unwrap_or_default(), rows: rows.collect() })
    }

    /// What the rows hold in columns of these names, nothing where a row is too short; none at all
    /// where there is no column of the first name. A column that is not there is empty.
    pub(crate) fn columns<const N: usize>(&self, names: [&str; N]) -> Vec<[&str; N]> {
        let places = names.map(|name| self.head.iter().position(|cell| cell == name));
        if places.first().is_none_or(Option::is_none) {
            return Vec::new();
        }
        let rows = self.rows.iter();
        rows.map(|row| {
            places.map(|place| place.and_then(|place| row.get(place)).map_or("", String::as_str))
        })
        .collect()
    }
}

/// Cells of a line of CSV (RFC 4180, no line breaks within cells).
pub(crate) fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = cells.len() - 1;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cells[cell].push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells[cell].push(other),
        }
    }
    cells
}

/// A cell as text that [`cells`] reads back.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
