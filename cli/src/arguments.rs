//! The command line as clap sees it.

use crate::command::Command;
use crate::error::EXIT_CODES;
use crate::version::VERSION;
use clap::Parser;
use clap::builder::{OsStringValueParser, TypedValueParser};
use std::path::PathBuf;

/// Expands SDR pictures to scene-linear or log HDR: the same pixels as the OpenFX node.
#[derive(Debug, Parser)]
#[command(name = "headroom", version = VERSION, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Tell errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell more; twice for everything.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// A path that may be empty, which clap would refuse: templates of farms cannot leave an option
/// out, so an empty value counts as none.
pub(crate) fn path_or_nothing() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// The path, unless it is empty.
pub(crate) fn given(path: &Option<PathBuf>) -> Option<&std::path::Path> {
    path.as_deref().filter(|path| !path.as_os_str().is_empty())
}
