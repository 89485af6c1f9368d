//! Where a model file that is named without its folder is looked for.
//!
//! In this order: the bundle's `Contents/Resources/weights` and `Contents/Resources`, each folder of the
//! environment variable [`VARIABLE`], the user's own folder. The first file wins, so a
//! studio's folder cannot change what ships under the name it ships under.

use super::error::{ModelError, ModelErrorKind, quoted};
use super::folders::user_folder;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// Folders of models, separated as `PATH` is on the system. Relative ones are ignored: what a host's
/// working folder is nobody knows.
pub const VARIABLE: &str = "HEADROOM_MODELS";

/// Ending of model files.
pub const EXTENSION: &str = "safetensors";

/// The folders to look in, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchPath(Vec<PathBuf>);

impl SearchPath {
    /// For this process. `resources` is the bundle's `Contents/Resources`, where there is a bundle.
    #[must_use]
    pub fn new(resources: Option<&Path>) -> Self {
        Self::with(resources, |name| std::env::var_os(name))
    }

    fn with(resources: Option<&Path>, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut folders = Vec::new();
        if let Some(resources) = resources {
            folders.push(resources.join("weights"));
            folders.push(resources.to_owned());
        }
        let listed = variable(VARIABLE).unwrap_or_default();
        folders.extend(std::env::split_paths(&listed).filter(|path| path.is_absolute()));
        folders.extend(user_folder(variable));
        Self(folders)
    }

    /// The folders, whether they are there or not.
    #[must_use]
    pub fn folders(&self) -> &[PathBuf] {
        &self.0
    }

    /// The file of that name. An absolute path stands for itself; a relative one is looked for in
    /// each folder, and where it has no extension also with [`EXTENSION`].
    ///
    /// # Errors
    /// When it is empty, leads out of the folders, or is in none of them.
    pub fn find(&self, path: &Path) -> Result<PathBuf, ModelError> {
        let refuse = |kind, found: &str, expected: String| {
            let file = path.to_string_lossy();
            Err(ModelError::new(kind, "path", found, expected).in_file(&file))
        };
        if path.as_os_str().is_empty() {
            return refuse(ModelErrorKind::Refused, "nothing", "the path of a model file".into());
        }
        if path.is_absolute() {
            return Ok(path.to_owned());
        }
        // On Windows `C:x` and `\x` are neither absolute nor below a folder.
        if let Some(part) =
            path.components().find(|part| !matches!(part, Component::Normal(_) | Component::CurDir))
        {
            let found = quoted(&part.as_os_str().to_string_lossy());
            let expected = "an absolute path, or a relative one that stays inside the search path";
            return refuse(ModelErrorKind::Refused, &found, expected.into());
        }
        let mut names = vec![path.as_os_str().to_owned()];
        if path.extension() != Some(OsStr::new(EXTENSION)) {
            let mut name = path.as_os_str().to_owned();
            name.push(".");
            name.push(EXTENSION);
            names.push(name);
        }
        let files = self.0.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        if let Some(file) = files.into_iter().find(|file| file.is_file()) {
            return Ok(file);
        }
        let looked: Vec<String> = self.0.iter().map(|f| f.display().to_string()).collect();
        let expected = match looked.is_empty() {
            true => format!("an absolute path, or {VARIABLE} to name folders"),
            false => format!("it in one of: {}", looked.join(", ")),
        };
        refuse(ModelErrorKind::Absent, "no such file", expected)
    }

    /// Every model file in the folders themselves, not below them, in search order and sorted by name
    /// within a folder; files that an earlier folder's file of the same name hides are left out.
    #[must_use]
    pub fn list(&self) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = Vec::new();
        for folder in &self.0 {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            let mut own: Vec<PathBuf> = entries
                .map(|entry| entry.path())
                .filter(|path| path.extension() == Some(OsStr::new(EXTENSION)) && path.is_file())
                .filter(|path| files.iter().all(|file| file.file_name() != path.file_name()))
                .collect();
            own.sort();
            files.extend(own);
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared() -> (tempfile::TempDir, SearchPath) {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for file in
            ["bundle/weights/a", "bundle/b", "studio/a", "studio/deep/c", "user/headroom/models/d"]
        {
            let path = at(&format!("{file}.safetensors"));
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, file).expect("written");
        }
        let listed =
            std::env::join_paths([at("studio"), PathBuf::from("relative")]).expect("joins");
        let user = at("user").into_os_string();
        let search = SearchPath::with(Some(&at("bundle")), |name| match name {
            VARIABLE => Some(listed.clone()),
            "XDG_DATA_HOME" => Some(user.clone()),
            _ => None,
        });
        (folder, search)
    }

    #[test]
    #[cfg(all(unix, not(target_os = "macos")))]
    fn the_first_folder_that_has_the_file_wins() {
        let (folder, search) = prepared();
        let at = |name: &str| folder.path().join(format!("{name}.safetensors"));
        let find = |name: &str| search.find(Path::new(name)).expect("found");
        assert_eq!(find("a.safetensors"), at("bundle/weights/a"));
        assert_eq!(find("a"), at("bundle/weights/a"));
        assert_eq!(find("weights/a.safetensors"), at("bundle/weights/a"));
        assert_eq!(find("b.safetensors"), at("bundle/b"));
        assert_eq!(find("./deep/c"), at("studio/./deep/c"));
        assert_eq!(find("d"), at("user/headroom/models/d"));
        let names = ["bundle/weights/a", "bundle/b", "user/headroom/models/d"].map(at);
        assert_eq!(search.list(), names);
        let absolute = at("nowhere");
        assert_eq!(search.find(&absolute), Ok(absolute));
    }

    #[test]
    fn paths_that_leave_the_folders_are_refused_even_to_files_that_exist() {
        let (_folder, search) = prepared();
        for path in ["../studio/a.safetensors", "deep/../../bundle/b.safetensors", ".."] {
            let error = search.find(Path::new(path)).expect_err("refused");
            assert_eq!(error.kind(), ModelErrorKind::Refused);
            let text = error.to_string();
            assert!(text.starts_with(path) && text.contains("path: found \"..\""), "{text}");
        }
        assert_eq!(search.find(Path::new("")).expect_err("refused").found(), "nothing");
    }

    #[test]
    fn the_error_lists_where_it_looked() {
        let (folder, search) = prepared();
        let error = search.find(Path::new("none.safetensors")).expect_err("absent");
        assert_eq!(error.kind(), ModelErrorKind::Absent);
        for part in ["bundle", "studio"] {
            let place = folder.path().join(part).display().to_string();
            assert!(error.to_string().contains(&place), "{error}");
        }
        assert!(!error.to_string().contains("relative"), "{error}");
    }
}
