//! `headroom-train`: the command line of the trainer.

use clap::Parser;
use headroom_train::command::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Candle's own threads gain nothing beside ours and cost a lot of waiting.
    headroom_kernel::keep_freed_memory();
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.code())
        }
    }
}
