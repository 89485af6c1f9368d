//! Everything a developer or a build machine runs: `cargo xtask <command>`.
//!
//! No dependencies, so that a fresh clone has it in seconds. Each command is one file in
//! `commands`, listed once in [`COMMANDS`].

mod args;
mod bundle_layout;
mod commands;
mod cuda;
mod elf;
mod libclang;
mod pe;
mod python;
mod report;
mod run;
mod workspace;

use args::Args;
use run::Outcome;
use std::process::ExitCode;

/// One command: name, options, what it is for, and what runs it.
struct Command {
    name: &'static str,
    options: &'static str,
    hint: &'static str,
    run: fn(Args) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "setup",
        options: "",
        hint: "finds libclang, or installs it under the target folder",
        run: commands::setup::run,
    },
    Command {
        name: "bundle",
        options: "[--debug]",
        hint: "builds the plug-in and lays out Headroom.ofx.bundle",
        run: commands::bundle::run,
    },
    Command {
        name: "demo",
        options: "",
        hint: "renders sample frames through the plug-in and makes pictures to look at",
        run: commands::demo::run,
    },
    Command {
        name: "test",
        options: "[--valgrind] [-- ARGUMENTS OF cargo test]",
        hint: "runs every test, the host matrix on the built bundle among them",
        run: commands::test::run,
    },
    Command {
        name: "bench",
        options: "[--only effect|networks|training] [--keep-document] | [--device NAME]",
        hint: "times the effect against copying, networks and training beside their peers",
        run: commands::bench::run,
    },
    Command {
        name: "soak",
        options: "[--frames N] [--size WxH] [--method NETWORK]",
        hint: "renders a long sequence: flat memory, killed and resumed, same files",
        run: commands::soak::run,
    },
    Command {
        name: "fuzz",
        options: "[--seconds N] [--seed N] [--libfuzzer]",
        hint: "feeds spoilt model files, configurations and tables to their parsers",
        run: commands::fuzz::run,
    },
    Command {
        name: "cuda",
        options: "[--debug] [--layout-only]",
        hint: "builds the trainer for NVIDIA cards; the toolkit comes from PyPI where there is none",
        run: commands::cuda::run,
    },
    Command {
        name: "kernels",
        options: "",
        hint: "builds the GPU's kernels for CUDA anew; the compiler comes from PyPI where there is none",
        run: commands::kernels::run,
    },
    Command {
        name: "dist",
        options: "[--windows]",
        hint: "builds the bundle that ships, checks it and archives it",
        run: commands::dist::run,
    },
    Command {
        name: "lint",
        options: "",
        hint: "formatting, clippy and, where installed, cargo-deny",
        run: commands::lint::run,
    },
];

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return usage(&name);
    };
    match (command.run)(Args::new(words)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask {name}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn usage(name: &str) -> ExitCode {
    let asked = matches!(name, "" | "help" | "-h" | "--help");
    if !asked {
        eprintln!("xtask: no command \"{name}\"");
    }
    println!("cargo xtask <command>\n");
    for Command { name, options, hint, .. } in COMMANDS {
        println!("  {:<50} {hint}", format!("{name} {options}"));
    }
    if asked { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
