//! The folders and the files beside the binary of an OpenFX bundle.

use crate::run::Outcome;
use crate::workspace::{self, VERSION, copy, make_folder, read, root, write};
use std::path::{Path, PathBuf};

/// Name of the bundle's folder; the binary inside must have the same base name, since some hosts
/// derive one from the other.
pub(crate) const BUNDLE: &str = "Headroom.ofx.bundle";

/// Name of the binary in the bundle.
pub(crate) const BINARY: &str = "Headroom.ofx";

/// Name of cargo's build of the plug-in on a system.
pub(crate) fn library_name(system: &str) -> &'static str {
    match system {
        "windows" => "headroom_plugin.dll",
        "macos" => "libheadroom_plugin.dylib",
        _ => "libheadroom_plugin.so",
    }
}

/// Folder below `Contents` for a system and architecture, as OpenFX names it.
pub(crate) fn folder_name(system: &str, architecture: &str) -> &'static str {
    match (system, architecture) {
        ("windows", "aarch64") => "Win-arm64ec",
        ("windows", _) => "Win64",
        ("macos", _) => "MacOS",
        (_, "aarch64") => "Linux-aarch64",
        _ => "Linux-x86-64",
    }
}

/// Folder below `Contents` for the machine we run on.
pub(crate) fn native_folder_name() -> &'static str {
    folder_name(std::env::consts::OS, std::env::consts::ARCH)
}

/// Lays the bundle out anew in `parent` around `library`; returns its path.
pub(crate) fn lay_out(parent: &Path, library: &Path, folder: &str) -> Result<PathBuf, String> {
    let bundle = parent.join(BUNDLE);
    workspace::remove_folder(&bundle)?;
    let contents = bundle.join("Contents");
    make_folder(&contents.join(folder))?;
    copy(library, &contents.join(folder).join(BINARY))?;
    let template = read(&root().join("ofx-bundle").join("Info.plist"))?;
    write(&contents.join("Info.plist"), template.replace("{VERSION}", VERSION))?;
    resources(&contents.join("Resources"))?;
    Ok(bundle)
}

fn resources(folder: &Path) -> Outcome {
    make_folder(&folder.join("presets"))?;
    for icon in workspace::list(&root().join("ofx-bundle")) {
        if icon.extension().is_some_and(|e| e == "png" || e == "svg") {
            copy(&icon, &folder.join(icon.file_name().unwrap_or_default()))?;
        }
    }
    for preset in workspace::list(&root().join("resources").join("presets")) {
        if preset.extension().is_some_and(|e| e == "toml") {
            copy(&preset, &folder.join("presets").join(preset.file_name().unwrap_or_default()))?;
        }
    }
    let weights = workspace::list(&root().join("resources").join("weights"));
    for file in weights {
        // Model cards go with their weights.
        if file.extension().is_some_and(|e| e == "safetensors" || e == "md") {
            make_folder(&folder.join("weights"))?;
            copy(&file, &folder.join("weights").join(file.file_name().unwrap_or_default()))?;
        }
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&root().join(licence), &folder.join(licence))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_their_cards_lie_where_the_plug_in_looks() {
        let parent = std::env::temp_dir().join(format!("headroom-layout-{}", std::process::id()));
        let library = root().join("Cargo.toml");
        let bundle = lay_out(&parent, &library, native_folder_name()).expect("laid out");
        let shipped = workspace::list(&bundle.join("Contents/Resources/weights")).len();
        let ours = workspace::list(&root().join("resources/weights"));
        let known =
            |path: &&PathBuf| path.extension().is_some_and(|e| e == "safetensors" || e == "md");
        assert_eq!(shipped, ours.iter().filter(known).count());
        assert!(bundle.join("Contents").join(native_folder_name()).join(BINARY).exists());
        workspace::remove_folder(&parent).expect("removed");
    }

    #[test]
    fn every_system_has_the_folder_that_openfx_names() {
        assert_eq!(folder_name("linux", "x86_64"), "Linux-x86-64");
        assert_eq!(folder_name("linux", "aarch64"), "Linux-aarch64");
        assert_eq!(folder_name("windows", "x86_64"), "Win64");
        assert_eq!(folder_name("macos", "aarch64"), "MacOS");
    }
}
