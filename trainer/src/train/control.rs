//! What ends a run before its time: a file in the run folder, Ctrl-C, SIGTERM.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// A file of that name in the run folder ends the run; it is removed then.
pub const STOP_FILE: &str = "STOP_TRAINING";

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first signal asks the work to stop; the second ends the process at once (files
/// are whole or absent all the same).
pub fn watch_signals() {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::warn!(
            "signals are not watched, so an interruption stops without a checkpoint: {error}"
        );
    }
}

/// Whether a signal asked to stop.
#[must_use]
pub fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All that was asked for is done.
    Finished,
    /// Nothing got better for as long as the experiment allows.
    OutOfPatience,
    /// It ran for as long as it was given.
    Time,
    /// The file [`STOP_FILE`].
    StopFile,
    /// Ctrl-C or SIGTERM.
    Signal,
}

impl Ending {
    /// For the record.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::OutOfPatience => "stopped early: out of patience",
            Self::Time => "stopped at its time limit",
            Self::StopFile => "stopped by STOP_TRAINING",
            Self::Signal => "interrupted by a signal",
        }
    }
}

/// Asked after every step.
#[derive(Debug)]
pub(super) struct Control {
    file: PathBuf,
}

impl Control {
    pub(super) fn new(run: &Path) -> Self {
        Self { file: run.join(STOP_FILE) }
    }

    pub(super) fn ending(&self) -> Option<Ending> {
        if asked() {
            return Some(Ending::Signal);
        }
        if self.file.exists() {
            if let Err(error) = std::fs::remove_file(&self.file) {
                log::warn!("{}: {error}", self.file.display());
            }
            return Some(Ending::StopFile);
        }
        None
    }
}
