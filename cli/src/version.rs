//! Which build this is.

/// The commit it was built from, or `unknown`.
pub(crate) const COMMIT: &str = env!("HEADROOM_COMMIT");

/// Version and commit, as `--version` and file headers give them.
pub(crate) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("HEADROOM_COMMIT"), ")");
