//! Where the pixels of a clip's frames were in the frame before, as `synth` writes it down.

use crate::Error;
use crate::csv::Manifest;
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
    let Some(path) = folder.parent().map(|near| near.join(Manifest::NAME)) else {
        return Ok(motions);
    };
    if !path.is_file() {
        return Ok(motions);
    }
    for [motion, name] in Manifest::read(&path)?.columns(["motion", "name"]) {
        if !(motion.is_empty() || name.is_empty()) {
            let motion = motion.parse().map_err(|problem: String| Error::file(&path, problem))?;
            let stem = name.rsplit('/').next().unwrap_or(name);
            motions.insert(stem.to_owned(), motion);
        }
    }
    Ok(motions)
}
