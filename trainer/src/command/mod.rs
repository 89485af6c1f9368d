//! The subcommands, one file each.

mod eval;
mod export;
mod infer;
mod judged;
mod merge;
mod runs;
mod sheet;
mod synth;
mod train;

use crate::{EXIT_CODES, Error};
use clap::{Parser, Subcommand};

/// Trains and evaluates Headroom's networks on your own pictures.
#[derive(Debug, Parser)]
#[command(name = "headroom-train", version, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Train(Box<train::Arguments>),
    Eval(eval::Arguments),
    Infer(infer::Arguments),
    Export(export::Arguments),
    Merge(merge::Arguments),
    Synth(synth::Arguments),
    Runs(runs::Arguments),
    Sheet(sheet::Arguments),
}

impl Arguments {
    /// Does what was asked for.
    ///
    /// # Errors
    /// With the first thing that cannot be.
    pub fn run(self) -> Result<(), Error> {
        match self.command {
            Command::Train(arguments) => arguments.run(),
            Command::Eval(arguments) => arguments.run(),
            Command::Infer(arguments) => arguments.run(),
            Command::Export(arguments) => arguments.run(),
            Command::Merge(arguments) => arguments.run(),
            Command::Synth(arguments) => arguments.run(),
            Command::Runs(arguments) => arguments.run(),
            Command::Sheet(arguments) => arguments.run(),
        }
    }
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

    /// Section 1 of the design names them.
    #[test]
    fn every_knob_of_the_ancestor_is_a_flag() {
        let command = Arguments::command();
        let train = command.find_subcommand("train").expect("there");
        let flags: Vec<_> = train.get_arguments().filter_map(|a| a.get_long()).collect();
        let knobs = "ldr hdr epochs batch-size val-batch-size amp workers tile overlap run-root tag \
                     notes tb metrics-batches resume start-epoch patience accum grad-clip lr \
                     infer-only infer-out fmt exposure";
        for knob in knobs.split_whitespace() {
            assert!(flags.contains(&knob), "--{knob}");
        }
        let ungrouped = train.get_arguments().filter(|a| a.get_help_heading().is_none());
        let ungrouped: Vec<_> = ungrouped.map(|a| a.get_id().as_str()).collect();
        assert_eq!(ungrouped, ["config", "set"], "everything else is in a group");
    }
}
