//! Where things are: the root, the target folder, the version.

use crate::run;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Version of the workspace.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the workspace")
}

/// Cargo's target folder, wherever the user's configuration puts it.
pub(crate) fn target() -> &'static Path {
    static TARGET: LazyLock<PathBuf> = LazyLock::new(|| {
        let metadata =
            run::output(run::cargo().args(["metadata", "--no-deps", "--format-version", "1"]));
        let told = metadata.ok().and_then(|json| json_string(&json, "target_directory"));
        told.map_or_else(|| root().join("target"), PathBuf::from)
    });
    &TARGET
}

/// Tools that xtask installs for itself.
pub(crate) fn tools() -> PathBuf {
    target().join("tools")
}

/// A program built by cargo in the release profile.
pub(crate) fn release_program(name: &str) -> PathBuf {
    target().join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Value of the first string field of this name. Enough for cargo's own output, which is machine
/// made and flat where we look.
fn json_string(json: &str, field: &str) -> Option<String> {
    let start = json.find(&format!("\"{field}\":\""))? + field.len() + 4;
    let mut text = String::new();
    let mut letters = json[start..].chars();
    loop {
        match letters.next()? {
            '"' => return Some(text),
            '\\' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

/// Makes a folder and its parents.
pub(crate) fn make_folder(path: &Path) -> run::Outcome {
    std::fs::create_dir_all(path).map_err(|e| format!("cannot make {}: {e}", path.display()))
}

/// Removes a folder if it is there.
pub(crate) fn remove_folder(path: &Path) -> run::Outcome {
    match std::fs::remove_dir_all(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {e}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Copies a file.
pub(crate) fn copy(from: &Path, to: &Path) -> run::Outcome {
    std::fs::copy(from, to)
        .map(drop)
        .map_err(|e| format!("cannot copy {} to {}: {e}", from.display(), to.display()))
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// Writes a file.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> run::Outcome {
    std::fs::write(path, contents).map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// Files and folders in a folder, sorted by name; empty if there is no such folder.
pub(crate) fn list(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_windows_path_comes_out_of_json_as_it_went_in() {
        let json = r#"{"version":1,"target_directory":"C:\\work\\\"x\" target","more":[]}"#;
        assert_eq!(
            json_string(json, "target_directory").as_deref(),
            Some("C:\\work\\\"x\" target")
        );
        assert_eq!(json_string(json, "workspace_root"), None);
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(read(&root().join("Cargo.toml")).unwrap().contains("[workspace]"));
    }
}
