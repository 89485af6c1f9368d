//! Running other programs: printed before they run, their failure an error that names them.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a command of xtask returns; the text is for the user.
pub(crate) type Outcome = Result<(), String>;

/// A `Command` started in the root of the workspace.
pub(crate) fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(crate::workspace::root());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The line a user would type.
pub(crate) fn line(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut text = name.to_string_lossy().into_owned();
    for word in command.get_args() {
        let word = word.to_string_lossy();
        let quote = if word.contains(' ') { "\"" } else { "" };
        text.push_str(&format!(" {quote}{word}{quote}"));
    }
    text
}

/// Runs it, output to the terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = line(command);
    eprintln!("> {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` failed: {status}")),
        Err(error) => Err(format!("`{line}` did not start: {error}")),
    }
}

/// Runs it and returns what it printed; errors carry what it said.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let line = line(command);
    let out = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("`{line}` did not start: {error}"))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&out.stderr);
        Err(format!("`{line}` failed: {}\n{}", out.status, said.trim_end()))
    }
}

/// Whether the program starts and succeeds when asked for its version.
pub(crate) fn exists(name: &str) -> bool {
    output(program(name).arg("--version")).is_ok()
}

/// Whether a cargo command (`clippy`, `fmt`, `deny`) is installed.
pub(crate) fn cargo_has(subcommand: &str) -> bool {
    output(cargo().args([subcommand, "--version"])).is_ok()
}
