//! What can go wrong with a picture file, said so that the user can act on it.
//!
//! Every error names the file, the field that is wrong, what was found there and what would have
//! been accepted.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a picture file could not be read or written.
#[derive(Debug)]
pub enum FrameError {
    /// The operating system refused.
    Io {
        /// The file or folder concerned.
        path: PathBuf,
        /// What was being done: "file", "folder", "temporary file", "rename".
        field: &'static str,
        /// What the caller needs for it to work.
        expected: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The file's contents, or what was asked of it, cannot be honoured.
    Invalid {
        /// The file concerned.
        path: PathBuf,
        /// The part of the file or the option that is wrong, by its name in the format.
        field: String,
        /// What stood there.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
}

impl FrameError {
    /// The file the error is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io { path, .. } | Self::Invalid { path, .. } => path,
        }
    }

    /// The part of the file, or the option, that is wrong.
    pub fn field(&self) -> &str {
        match self {
            Self::Io { field, .. } => field,
            Self::Invalid { field, .. } => field,
        }
    }

    /// What was found in that place.
    pub fn found(&self) -> String {
        match self {
            Self::Io { source, .. } => source.to_string(),
            Self::Invalid { found, .. } => found.clone(),
        }
    }

    /// What would have been accepted.
    pub fn expected(&self) -> &str {
        match self {
            Self::Io { expected, .. } => expected,
            Self::Invalid { expected, .. } => expected,
        }
    }

    pub(crate) fn io(
        path: &Path,
        field: &'static str,
        expected: &'static str,
        source: io::Error,
    ) -> Self {
        Self::Io { path: path.to_owned(), field, expected, source }
    }

    pub(crate) fn refused(path: &Path, refusal: Refusal) -> Self {
        let Refusal { field, found, expected } = refusal;
        Self::Invalid { path: path.to_owned(), field, found, expected }
    }
}

impl fmt::Display for FrameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {}: found {}, expected {}",
            self.path().display(),
            self.field(),
            self.found(),
            self.expected()
        )
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::Invalid { .. } => None,
        }
    }
}

/// A [`FrameError::Invalid`] before the file's name is known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) field: String,
    pub(crate) found: String,
    pub(crate) expected: String,
}

impl Refusal {
    pub(crate) fn new(
        field: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), found: found.into(), expected: expected.into() }
    }
}

/// The result of a step that does not know the file's name.
pub(crate) type Step<T> = Result<T, Refusal>;
