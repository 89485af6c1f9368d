//! Ctrl-C, and the signals by which farms cancel.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the first signal asks the work to stop; the second ends the process at once (files
/// are still whole or absent, but a temporary one may stay).
pub(crate) fn watch() {
    let handler = || {
        if ASKED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::warn!("signals are not watched, so an interruption stops without a word: {error}");
    }
}

/// Whether the work should stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
