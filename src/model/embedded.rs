//! Model files inside the binary: those of `resources/weights`, by the stems of their names.

/// Name and bytes, sorted by name; `build.rs` writes it.
pub(super) static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/weights.rs"));
