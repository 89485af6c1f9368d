//! The subcommands, one file each.

mod compare;
mod completions;
mod doctor;
mod host;
mod man;
mod models;
mod prep;
mod presets;
mod render;
mod sample;
mod settings;
mod spaces;

pub(crate) use presets::find as find_preset;

use crate::error::Outcome;
use clap::Subcommand;

/// A subcommand and its arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Render(render::Arguments),
    Prep(prep::Arguments),
    Compare(compare::Arguments),
    Spaces(spaces::Arguments),
    Presets(presets::Arguments),
    Models(models::Arguments),
    Settings(settings::Arguments),
    Host(host::Arguments),
    Doctor(doctor::Arguments),
    Sample(sample::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Runs it.
pub(crate) fn run(command: Command) -> Outcome {
    match command {
        Command::Render(arguments) => render::run(&arguments),
        Command::Prep(arguments) => prep::run(&arguments),
        Command::Compare(arguments) => compare::run(&arguments),
        Command::Spaces(arguments) => spaces::run(&arguments),
        Command::Presets(arguments) => presets::run(&arguments),
        Command::Models(arguments) => models::run(&arguments),
        Command::Settings(arguments) => settings::run(&arguments),
        Command::Host(arguments) => host::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Sample(arguments) => sample::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
