//! The picture files below a folder, and which of them are frames of a sequence.

use crate::Error;
use headroom_frame::sequence::in_folder;
use std::path::{Path, PathBuf};

/// A picture file.
pub(super) struct Listed {
    /// Path below the folder, without the extension; `/` between folders.
    pub(super) name: String,
    /// The name without the frame number.
    pub(super) video: String,
    /// 0 for a still.
    pub(super) frame: i64,
    pub(super) path: PathBuf,
}

/// A number of at least four digits after a name is that of a frame, as usual in film; fewer digits
/// count stills.
const FRAME_DIGITS: usize = 4;

/// The pictures below a folder by name.
pub(super) fn list(folder: &Path) -> Result<Vec<Listed>, Error> {
    if !folder.is_dir() {
        return Err(Error::missing(format!("{}: no such folder", folder.display())));
    }
    let mut listed = Vec::new();
    descend(folder, "", &mut listed)?;
    listed.sort_by(|a, b| (&a.video, a.frame, &a.name).cmp(&(&b.video, b.frame, &b.name)));
    Ok(listed)
}

fn descend(folder: &Path, prefix: &str, listed: &mut Vec<Listed>) -> Result<(), Error> {
    for found in in_folder(folder)? {
        let stem = |path: &Path| {
            format!("{prefix}{}", path.file_stem().unwrap_or_default().to_string_lossy())
        };
        if found.frames.is_empty() {
            let path = found.pattern.path(0);
            let name = stem(&path);
            listed.push(Listed { video: name.clone(), name, frame: 0, path });
        }
        for frame in found.frames {
            let path = found.pattern.path(frame);
            let name = stem(&path);
            let digits = name.bytes().rev().take_while(u8::is_ascii_digit).count();
            let video = if digits >= FRAME_DIGITS {
                name[..name.len() - digits].trim_end_matches(['.', '_', '-']).to_owned()
            } else {
                name.clone()
            };
            let frame = if digits >= FRAME_DIGITS { frame } else { 0 };
            listed.push(Listed { name, video, frame, path });
        }
    }
    let entries = std::fs::read_dir(folder).map_err(|error| Error::file(folder, error))?;
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for inner in folders {
        let name = inner.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            descend(&inner, &format!("{prefix}{name}/"), listed)?;
        }
    }
    Ok(())
}
