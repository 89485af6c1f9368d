//! What reaches the terminal besides results: errors, warnings, notes. All on standard error.

use crate::error::Error;
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::io::Write;

struct Console;

static CONSOLE: Console = Console;

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            let word = match record.level() {
                Level::Error => "error: ",
                Level::Warn => "warning: ",
                Level::Info => "",
                Level::Debug | Level::Trace => "debug: ",
            };
            line(&format!("{word}{}", record.args()));
        }
    }

    fn flush(&self) {}
}

/// Sets how much is told: errors always; warnings and notes unless quiet; more when verbose.
pub(crate) fn start(quiet: bool, verbose: u8) {
    let level = match (quiet, verbose) {
        (true, _) => LevelFilter::Error,
        (false, 0) => LevelFilter::Warn,
        (false, 1) => LevelFilter::Info,
        (false, _) => LevelFilter::Debug,
    };
    // Only fails when a logger is set already, which nobody else does.
    if log::set_logger(&CONSOLE).is_ok() {
        log::set_max_level(level);
    }
}

/// Prints one line; a closed standard error is nobody's error.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints the error that ends the command.
pub(crate) fn error(error: &Error) {
    line(&format!("error: {error}"));
}

/// Tells what was done, unless quiet.
pub(crate) fn note(text: &str) {
    if log::max_level() >= LevelFilter::Warn {
        line(text);
    }
}

/// Prints a result to standard output.
///
/// # Errors
/// When it cannot be written; a reader that has gone away (`| head`) is no error.
pub(crate) fn result(text: &str) -> crate::error::Outcome {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints JSON to standard output.
pub(crate) fn json(value: &serde_json::Value) -> crate::error::Outcome {
    result(&format!("{value:#}\n"))
}
