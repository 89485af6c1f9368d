//! What can go wrong, and the exit code of each.

use std::fmt::Display;
use std::path::Path;

/// Text of `--help` about exit codes; scripts rely on them.
pub const EXIT_CODES: &str = "Exit codes:
  0    everything that was asked for is done
  1    something failed; what was done before it is whole
  2    the command line or the experiment is wrong; nothing was written
  3    the input is missing or holds nothing that can be used
  130  interrupted; a checkpoint was written and every file that is there is whole";

/// An error that ends the command. Its text names the file and the field, what was found and what
/// was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Work failed.
    Failed(String),
    /// The user asked for something that cannot be.
    Usage(String),
    /// There is nothing to work on.
    Missing(String),
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

impl Error {
    /// Work failed.
    pub fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    /// Something about a file failed.
    pub fn file(path: &Path, problem: impl Display) -> Self {
        Self::Failed(format!("{}: {problem}", path.display()))
    }

    /// A setting of the experiment cannot be followed; `field` is its path in TOML.
    pub fn setting(field: &str, found: impl Display, expected: impl Display) -> Self {
        Self::Usage(format!("{field}: found {found}, expected {expected}"))
    }

    /// There is nothing to work on.
    pub fn missing(text: impl Into<String>) -> Self {
        Self::Missing(text.into())
    }

    /// The process's exit code; see [`EXIT_CODES`].
    #[must_use]
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Missing(_) => 3,
            Self::Interrupted => 130,
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) | Self::Missing(text) => f.write_str(text),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {}

impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        // Its Display goes on with a backtrace where one was taken.
        let text = error.to_string();
        Self::Failed(text.lines().next().unwrap_or("Candle failed").to_owned())
    }
}

impl From<headroom_candle::Error> for Error {
    fn from(error: headroom_candle::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<headroom_frame::FrameError> for Error {
    fn from(error: headroom_frame::FrameError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<headroom::model::ModelError> for Error {
    fn from(error: headroom::model::ModelError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<headroom::expand::LoadError> for Error {
    fn from(error: headroom::expand::LoadError) -> Self {
        Self::Failed(error.to_string())
    }
}
