//! The pictures of a step that went wrong, for someone to look at.

use crate::Error;
use crate::optimiser::GuardState;
use crate::shot::{Batch, opaque};
use headroom_frame::{WriteOptions, write};
use std::path::Path;

/// Where they are put in a run folder.
pub(super) const FOLDER: &str = "suspect_batch";

/// What is said of a step that was left out.
pub(super) fn text(step: u64, loss: f64, guard: GuardState) -> String {
    let (row, all, factor) = (guard.in_a_row, guard.skipped, guard.factor);
    format!(
        "step {step}: found a loss of {loss} or a gradient that is no number, expected numbers; left \
         out, {row} in a row, {all} in all, rate times {factor}"
    )
}

/// Writes codes, base and truth of every shot as EXR, and what is known of them as text.
pub(super) fn write_batches(folder: &Path, batches: &[Batch]) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    let mut names = String::new();
    for (i, shot) in batches.iter().flat_map(Batch::shots).enumerate() {
        names += &format!("{i:02}  {}  {}\n", shot.name, shot.camera);
        for (what, pixels) in [("code", &shot.code), ("base", &shot.base), ("truth", &shot.truth)] {
            let path = folder.join(format!("{i:02}_{what}.exr"));
            write(&path, &opaque(shot.size, pixels), &WriteOptions::default())?;
        }
    }
    let path = folder.join("pictures.txt");
    std::fs::write(&path, names).map_err(|error| Error::file(&path, error))
}
