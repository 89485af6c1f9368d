//! Picture files of codes, and folders of files, for evaluation.

use crate::Error;
use headroom_frame::{Frame, ReadOptions, SourceKind, read};
use std::path::{Path, PathBuf};

/// Extensions of files that hold light, in the order in which they are looked for.
pub(crate) const LIGHT: &[&str] = &["exr", "hdr", "tif", "tiff"];
/// Extensions of files that hold codes.
pub(crate) const CODES: &[&str] = &["png", "jpg", "jpeg", "tif", "tiff"];

/// A picture of three channels, rows from the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    /// Height and width.
    pub(crate) size: [usize; 2],
    /// Three numbers for each pixel.
    pub(crate) rgb: Vec<f32>,
}

/// The three channels of a file's display window as they are in the file.
fn channels(frame: &Frame) -> Picture {
    let window = frame.display_window;
    let pixels = frame.display_pixels();
    let rgb = pixels.as_chunks::<4>().0.iter().flat_map(|p| [p[0], p[1], p[2]]);
    Picture { size: [window.height as usize, window.width as usize], rgb: rgb.collect() }
}

/// A file as sRGB codes, 1 being full scale.
///
/// # Errors
/// When the file cannot be read, or holds floats.
pub(crate) fn read_codes(path: &Path) -> Result<Picture, Error> {
    let frame = read(path, &ReadOptions::default())?;
    match frame.source {
        SourceKind::Integer { .. } => Ok(channels(&frame)),
        SourceKind::Half | SourceKind::Float => {
            Err(Error::file(path, "samples: found floats, expected codes of 8 to 16 bits"))
        }
    }
}

/// The file `<folder>/<name>.<extension>` with the first extension for which there is one.
pub(crate) fn named(folder: &Path, name: &str, extensions: &[&str]) -> Option<PathBuf> {
    let path = |extension: &&str| folder.join(format!("{name}.{extension}"));
    extensions.iter().map(path).find(|path| path.is_file())
}

/// Files of a folder with one of the extensions, in order of name.
///
/// # Errors
/// When the folder cannot be listed.
pub(crate) fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, Error> {
    let mut files = entries(folder)?;
    files.retain(|path| {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        path.is_file() && extensions.contains(&extension.as_str())
    });
    Ok(files)
}

/// Folders of a folder, in order of name.
///
/// # Errors
/// When the folder cannot be listed.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut folders = entries(folder)?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
}

/// What a folder holds, in order of name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::missing(format!("{}: {error}", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(failed)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}
