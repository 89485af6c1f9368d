//! Files that appear complete or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::error::{FrameError, Refusal};

/// Writes `pieces` to a temporary file in the folder of `path`, synchronises it and gives it its
/// name. On any error the temporary file is removed and `path` left as it was.
///
/// # Errors
/// When the folder cannot be written to or has no room, or the name cannot be had.
pub fn write(path: &Path, pieces: &[impl AsRef<[u8]>]) -> Result<(), FrameError> {
    if path.is_dir() {
        let refusal = Refusal::new("file", "a folder of this name", "a name that is free");
        return Err(FrameError::refused(path, refusal));
    }
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |field, expected| move |error| FrameError::io(path, field, expected, error);
    let mut prefix = std::ffi::OsString::from(".");
    prefix.push(path.file_name().unwrap_or_default());
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    readable_by_others(&mut builder);
    let mut file = builder
        .tempfile_in(folder)
        .map_err(failed("folder", "an existing folder that can be written to"))?;
    let filled = (|| -> io::Result<()> {
        for piece in pieces {
            file.write_all(piece.as_ref())?;
        }
        file.flush()?;
        file.as_file().sync_all()
    })();
    filled.map_err(failed("temporary file", "room for the whole file"))?;
    file.persist(path)
        .map_err(|error| failed("rename", "a name that can be replaced")(error.error))?;
    synchronise_folder(folder);
    Ok(())
}

/// Temporary files are private by default; pictures follow the user's mask like any new file.
#[cfg(unix)]
fn readable_by_others(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable_by_others(_: &mut tempfile::Builder<'_, '_>) {}

/// Makes the new name survive a power cut. Not every file system can; the file itself is safe.
#[cfg(unix)]
fn synchronise_folder(folder: &Path) {
    let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
}

#[cfg(not(unix))]
fn synchronise_folder(_: &Path) {}
