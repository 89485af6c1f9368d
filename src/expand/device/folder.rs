//! Where what was built for devices is kept.

use std::ffi::OsString;
use std::path::PathBuf;

/// Names the folder in which Headroom keeps what it can make again.
const CACHE: &str = "HEADROOM_CACHE";

/// The folder of built kernels: below `$HEADROOM_CACHE`, else below the user's folder of caches. None
/// where neither is known; kernels are then built anew by every process.
#[must_use]
pub fn kernel_folder() -> Option<PathBuf> {
    cache(|name| std::env::var_os(name).filter(|value| !value.is_empty()))
        .map(|at| at.join("kernels"))
}

fn cache(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let named = |name: &str| variable(name).map(PathBuf::from);
    if let Some(own) = named(CACHE) {
        return Some(own);
    }
    let caches = if cfg!(windows) {
        named("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        named("HOME").map(|home| home.join("Library").join("Caches"))
    } else {
        // XDG Base Directory Specification.
        named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("headroom"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_folder_goes_before_the_users() {
        let of = |known: &'static [(&'static str, &'static str)]| {
            cache(|name| known.iter().find(|(n, _)| *n == name).map(|(_, value)| value.into()))
        };
        assert_eq!(of(&[(CACHE, "/c"), ("HOME", "/h")]), Some(PathBuf::from("/c")));
        assert_eq!(of(&[]), None);
        if cfg!(target_os = "linux") {
            assert_eq!(of(&[("HOME", "/h")]), Some(PathBuf::from("/h/.cache/headroom")));
            let xdg = of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]);
            assert_eq!(xdg, Some(PathBuf::from("/x/headroom")));
        }
    }
}
