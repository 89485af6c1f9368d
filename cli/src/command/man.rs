//! `headroom man`: manual pages.

use crate::console;
use crate::error::{Error, Outcome};
use clap::{Args, CommandFactory};
use std::path::PathBuf;

/// Write manual pages, one per subcommand.
#[derive(Debug, Args)]
#[command(after_help = "Example: headroom man ~/.local/share/man/man1")]
pub(crate) struct Arguments {
    /// Folder for the pages; made where it is missing.
    folder: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let folder = &arguments.folder;
    let failed = |error: std::io::Error| {
        Error::failed(format!("{}: manual pages: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(crate::arguments::Arguments::command(), folder).map_err(failed)?;
    console::note(&format!("manual pages are in {}", folder.display()));
    Ok(())
}
