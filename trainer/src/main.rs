//! `headroom-train`: the command line of the trainer.

use clap::Parser;
use headroom_train::command::Arguments;
use std::process::ExitCode;

fn main() -> ExitCode {
    headroom_kernel::keep_freed_memory();
    // Candle's own threads gain nothing beside ours and cost a lot of waiting. Only the first call
    // can fail, by coming second.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(1).build_global();
    match Arguments::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.code())
        }
    }
}
