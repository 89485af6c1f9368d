//! Where the pixels of a clip's frames were in the frame before, as `synth` writes it down.

use crate::Error;
use crate::csv::cells;
use headroom::metrics::Motion;
use std::collections::BTreeMap;
use std::path::Path;

/// By name of the frame, from the columns `name` and `motion` of the `manifest.csv` that lies beside
/// the folder of pictures; nothing where there is none.
///
/// # Errors
/// When the file is there and cannot be read.
pub(super) fn of_clips(folder: &Path) -> Result<BTreeMap<String, Motion>, Error> {
    let mut motions = BTreeMap::new();
    let Some(path) = folder.parent().map(|near| near.join("manifest.csv")) else {
        return Ok(motions);
    };
    if !path.is_file() {
        return Ok(motions);
    }
    let text = std::fs::read_to_string(&path).map_err(|error| Error::file(&path, error))?;
    let mut rows = text.lines().map(cells);
    let head = rows.next().unwrap_or_default();
    let column = |name: &str| head.iter().position(|cell| cell == name);
    let (Some(name), Some(motion)) = (column("name"), column("motion")) else {
        return Ok(motions);
    };
    for row in rows {
        let (Some(name), Some(text)) = (row.get(name), row.get(motion)) else { continue };
        if !text.is_empty() {
            let motion = text.parse().map_err(|problem: String| Error::file(&path, problem))?;
            let stem = name.rsplit('/').next().unwrap_or(name);
            motions.insert(stem.to_owned(), motion);
        }
    }
    Ok(motions)
}
