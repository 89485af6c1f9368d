//! `headroom completions`: what a shell needs to complete the command line.

use crate::console;
use crate::error::{Error, Outcome};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: headroom completions bash > ~/.local/share/bash-completion/completions/headroom"
)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut command = crate::arguments::Arguments::command();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "headroom", &mut script);
    console::result(&String::from_utf8(script).map_err(|e| Error::failed(e.to_string()))?)
}
