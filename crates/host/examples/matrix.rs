//! Runs the host matrix on a bundle:
//! `cargo run -p headroom-host --example matrix -- [--small] [--only WORDS] BUNDLE [id=value ...]`

use headroom_host::matrix::{MatrixOptions, run_matrix};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut options = MatrixOptions::default();
    let mut bundle = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--small" {
            options.small = true;
        } else if argument == "--only" {
            options.only = arguments.next();
        } else if let Some((id, value)) = argument.split_once('=') {
            options.settings.push((id.to_owned(), value.to_owned()));
        } else {
            bundle = Some(argument);
        }
    }
    let Some(bundle) = bundle else {
        eprintln!("matrix [--small] [--only WORDS] BUNDLE [id=value ...]");
        return ExitCode::from(2);
    };
    let report = run_matrix(bundle.as_ref(), &options);
    print!("{report}");
    if report.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
