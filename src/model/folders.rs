//! Where a user keeps models, by system. The only file about models that knows systems.

use std::ffi::OsString;
use std::path::PathBuf;

/// The user's own folder of models, where the system has such a place:
///
/// | system | folder |
/// |---|---|
/// | Windows | `%LOCALAPPDATA%\Headroom\models` |
/// | macOS | `~/Library/Application Support/Headroom/models` |
/// | others | `$XDG_DATA_HOME/headroom/models`, or `~/.local/share/headroom/models` |
///
/// `variable` reads the environment. Variables that are no absolute paths count as not set, as the
/// XDG base directory specification asks.
pub(super) fn user_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        return Some(folder("LOCALAPPDATA")?.join("Headroom").join("models"));
    }
    if cfg!(target_os = "macos") {
        let support = folder("HOME")?.join("Library").join("Application Support");
        return Some(support.join("Headroom").join("models"));
    }
    let data =
        folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local").join("share")))?;
    Some(data.join("headroom").join("models"))
}

#[cfg(all(test, not(windows), not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn the_user_folder_follows_xdg() {
        let set = |pairs: &'static [(&str, &str)]| {
            user_folder(|name| {
                pairs.iter().find(|pair| pair.0 == name).map(|pair| OsString::from(pair.1))
            })
        };
        let home = PathBuf::from("/home/a/.local/share/headroom/models");
        assert_eq!(set(&[("HOME", "/home/a")]), Some(home.clone()));
        assert_eq!(set(&[("HOME", "/home/a"), ("XDG_DATA_HOME", "relative")]), Some(home));
        let data = set(&[("HOME", "/home/a"), ("XDG_DATA_HOME", "/data")]);
        assert_eq!(data, Some(PathBuf::from("/data/headroom/models")));
        assert_eq!(set(&[]), None);
    }
}
