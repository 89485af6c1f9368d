//! What is wrong with a lookup table.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a lookup table was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LutError {
    path: Option<PathBuf>,
    line: Option<usize>,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Io(String),
    Content { found: String, expected: String },
}

impl LutError {
    pub(super) fn io(message: String) -> Self {
        Self { path: None, line: None, what: What::Io(message) }
    }

    /// About the file as a whole.
    pub(super) fn whole(found: impl Into<String>, expected: impl Into<String>) -> Self {
        let what = What::Content { found: found.into(), expected: expected.into() };
        Self { path: None, line: None, what }
    }

    /// About a line, counted from 1.
    pub(super) fn at(line: usize, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::whole(found, expected) }
    }

    pub(super) fn in_file(self, path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }

    /// The line at fault, counted from 1, where it is one line.
    #[must_use]
    pub const fn line(&self) -> Option<usize> {
        self.line
    }
}

impl fmt::Display for LutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match &self.what {
            What::Io(message) => f.write_str(message),
            What::Content { found, expected } => write!(f, "found {found}, expected {expected}"),
        }
    }
}

impl std::error::Error for LutError {}
