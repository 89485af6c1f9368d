//! Which build this is.

/// Version and commit, as `--version` and file headers give them.
pub(crate) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (", env!("HEADROOM_COMMIT"), ")");

/// The same in one word.
pub(crate) const SHORT: &str = concat!(env!("CARGO_PKG_VERSION"), "+", env!("HEADROOM_COMMIT"));
