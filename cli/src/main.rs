//! The `headroom` command line: the engine and the plug-in without a compositing host.
//!
//! One file per subcommand under [`command`]. What several of them share stands beside it.

mod again;
mod arguments;
mod clip;
mod command;
mod console;
mod error;
mod interrupt;
mod light;
mod pattern;
mod progress;
mod provenance;
mod render;
mod settings;
mod space;
mod table;
mod tone;
mod version;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Memory is flat over any number of frames only so; where it cannot be asked for, it creeps a little.
    headroom_kernel::share_one_heap();
    // Clap ends the process with code 2 for arguments it cannot read, 0 for --help.
    let arguments = arguments::Arguments::parse();
    console::start(arguments.quiet, arguments.verbose);
    // A panic prints where it happened by itself; here it only becomes an exit code.
    let outcome = std::panic::catch_unwind(|| command::run(arguments.command))
        .unwrap_or_else(|_| Err(error::Error::failed("a bug in headroom; please report it")));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::error(&error);
            ExitCode::from(error.code())
        }
    }
}
