//! Starting the program anew with a variable in its environment.
//!
//! A plug-in reads its environment when it is loaded, and a process that may have threads cannot
//! change its own safely.

use crate::error::{Error, Outcome};
use std::process::Command;

/// Goes on where the variable has this value already. Otherwise the same command line starts with
/// it, and this call does not come back.
///
/// # Errors
/// When the program cannot be started.
pub(crate) fn with_variable(name: &str, value: &str) -> Outcome {
    if std::env::var_os(name).is_some_and(|found| found == value) {
        return Ok(());
    }
    let failed = |error| Error::failed(format!("{name}={value}: starting headroom anew: {error}"));
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(std::env::args_os().skip(1)).env(name, value);
    Err(failed(replace(command)))
}

/// The same process goes on as the other program, so signals reach it.
#[cfg(unix)]
fn replace(mut command: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    command.exec()
}

/// Waits for the other program. The console sends Ctrl-C to both, and the other one decides what
/// becomes of it.
#[cfg(not(unix))]
fn replace(mut command: Command) -> std::io::Error {
    crate::interrupt::watch();
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
