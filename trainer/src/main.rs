//! `headroom-train`: the command line of the trainer.
//!
//! Its subcommands are fixed here so that scripts and documents can name them; what they do comes
//! with issue 3 of the project. Until then each ends with exit code 2 and says so.

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Trains and evaluates Headroom's networks (not built yet: training arrives with issue 3).
#[derive(Debug, Parser)]
#[command(name = "headroom-train", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a network as a configuration says.
    Train {
        /// Experiment, TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Measure a network on pictures whose truth is known.
    Eval {
        /// Weights.
        #[arg(long, value_name = "FILE")]
        weights: PathBuf,
        /// Folder of HDR pictures.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
    },
    /// Write a trained network as weights that the engine reads.
    Export {
        /// Folder of the training run.
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// Weights to be written.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make pairs of SDR and HDR pictures by simulated cameras.
    Synth {
        /// Folder of HDR pictures.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Folder for the pairs.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

impl Command {
    fn name(&self) -> &'static str {
        match self {
            Self::Train { .. } => "train",
            Self::Eval { .. } => "eval",
            Self::Export { .. } => "export",
            Self::Synth { .. } => "synth",
        }
    }
}

fn main() -> ExitCode {
    let name = Arguments::parse().command.name();
    eprintln!(
        "error: headroom-train {name}: training arrives with issue 3; this build has no networks. \
         `headroom render` works without them."
    );
    ExitCode::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound_and_every_subcommand_says_what_it_is_for() {
        let command = Arguments::command();
        command.clone().debug_assert();
        assert!(command.get_subcommands().all(|c| c.get_about().is_some()));
    }
}
