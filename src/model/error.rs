//! What is wrong with a model file.

use crate::model::ConfigError;
use std::fmt;

/// Why a model was not loaded. Names the file, the field (a tensor or a part of the header), what was
/// found there and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError {
    kind: ModelErrorKind,
    file: String,
    field: String,
    found: String,
    expected: String,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelErrorKind {
    /// There is no such file.
    Absent,
    /// The system does not let it be read.
    Unreadable,
    /// Its contents are refused.
    Refused,
}

impl ModelError {
    pub(crate) fn new(
        kind: ModelErrorKind,
        field: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        let (field, found) =
            (plain(&field.into(), MOST_LETTERS), plain(&found.into(), MOST_LETTERS));
        let expected = plain(&expected.into(), usize::MAX);
        Self { kind, file: String::new(), field, found, expected }
    }

    /// About contents, before the file's name is known.
    pub(crate) fn refused(
        field: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self::new(ModelErrorKind::Refused, field, found, expected)
    }

    /// About a configuration, whose errors are sentences of their own.
    pub(crate) fn config(architecture: &str, error: &ConfigError) -> Self {
        let (field, rest) = match error {
            ConfigError::Graph(error) => (format!("config: {}", error.node), &*error.problem),
            // "field: found this, expected that", where it is one field.
            ConfigError::Field(text) => match text.split_once(": found ") {
                Some((field, rest)) => (format!("config: {field}"), rest),
                None => ("config".to_owned(), text.strip_prefix("found ").unwrap_or(text)),
            },
        };
        let usual = || format!("a configuration of \"{architecture}\"");
        let (found, expected) = match rest.split_once(", expected ") {
            Some((found, expected)) => (found, expected.to_owned()),
            None => (rest, usual()),
        };
        Self::refused(field, found, expected)
    }

    pub(crate) fn in_file(self, file: &str) -> Self {
        Self { file: file.to_owned(), ..self }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ModelErrorKind {
        self.kind
    }

    /// The file, as it was called by whoever asked for it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The tensor, or the part of the file, that is wrong.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What stood there.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What would have been accepted.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, field, found, expected, .. } = self;
        if !file.is_empty() {
            write!(f, "{file}: ")?;
        }
        write!(f, "{field}: found {found}, expected {expected}")
    }
}

impl std::error::Error for ModelError {}

/// Letters of a part of a message that may come from a file.
const MOST_LETTERS: usize = 300;

/// Text without control characters, which a terminal would obey, and not too long.
fn plain(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for letter in text.chars().take(most) {
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    if text.chars().nth(most).is_some() {
        shown.push_str("...");
    }
    shown
}

/// Text of a file as messages show it: in quotes, without control characters, not too long.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 64;
    let shown = plain(text, MOST).replace('"', "\\\"");
    format!("\"{shown}\"")
}
