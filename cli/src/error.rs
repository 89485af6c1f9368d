//! What can go wrong, and the exit code of each.

use headroom::settings::SettingError;
use headroom_frame::FrameError;

/// Text of `--help` about exit codes; scripts and farms rely on them.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0    everything that was asked for is done
  1    something failed; for a sequence: some frames, and the others are done
  2    the command line or a setting is wrong, if only for the first picture; nothing was written
  3    the input is missing or has none of the frames
  130  interrupted; every file that is there is whole";

/// An error that ends the command.
#[derive(Debug)]
pub(crate) enum Error {
    /// Work failed.
    Failed(String),
    /// The user asked for something that cannot be.
    Usage(String),
    /// There is nothing to work on.
    Missing(String),
    /// Ctrl-C, or a farm's cancellation.
    Interrupted,
}

impl Error {
    pub(crate) fn failed(text: impl Into<String>) -> Self {
        Self::Failed(text.into())
    }

    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub(crate) fn missing(text: impl Into<String>) -> Self {
        Self::Missing(text.into())
    }

    /// The process's exit code; see [`EXIT_CODES`].
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Missing(_) => 3,
            Self::Interrupted => 130,
        }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) | Self::Missing(text) => f.write_str(text),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl From<FrameError> for Error {
    fn from(error: FrameError) -> Self {
        let absent = matches!(&error, FrameError::Io { source, .. }
            if source.kind() == std::io::ErrorKind::NotFound);
        if absent { Self::Missing(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// The result of a subcommand or a part of it.
pub(crate) type Outcome<T = ()> = Result<T, Error>;
