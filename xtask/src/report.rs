//! Counts what `cargo test` and the host matrix report, for one last line.

use crate::run::{self, Outcome};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Sums over everything that ran.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally {
    passed: usize,
    failed: usize,
    ignored: usize,
    /// What went wrong, in the order it did.
    failures: Vec<String>,
}

impl Tally {
    /// Runs a program, shows what it prints, and adds up its `test result:` lines. A failure is
    /// noted, not returned, so that everything runs once.
    pub(crate) fn run(&mut self, command: &mut Command) {
        let line = run::line(command);
        eprintln!("> {line}");
        let child = command.stdout(Stdio::piped()).spawn();
        let status = child.and_then(|mut child| {
            if let Some(out) = child.stdout.take() {
                for text in BufReader::new(out).split(b'\n').map_while(Result::ok) {
                    let text = String::from_utf8_lossy(&text);
                    // A closed terminal is no reason to stop testing.
                    let _ = writeln!(std::io::stdout(), "{text}");
                    self.read(&text);
                }
            }
            child.wait()
        });
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => self.failures.push(format!("`{line}`: {status}")),
            Err(error) => self.failures.push(format!("`{line}` did not start: {error}")),
        }
    }

    /// Counts one check that is no `cargo test`.
    pub(crate) fn check(&mut self, outcome: Outcome) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                eprintln!("{error}");
                self.failed += 1;
                self.failures.push(error);
            }
        }
    }

    fn read(&mut self, line: &str) {
        let Some(rest) = line.trim().strip_prefix("test result: ") else { return };
        let words: Vec<_> = rest.split_whitespace().collect();
        for pair in words.windows(2) {
            let Ok(number) = pair[0].parse::<usize>() else { continue };
            match pair[1].trim_end_matches(';') {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }

    /// Prints the last line; an error if anything failed.
    pub(crate) fn finish(mut self) -> Outcome {
        // A program that died without a result line is a failure all the same.
        self.failed = self.failed.max(self.failures.len());
        println!("\n{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored);
        if self.failed == 0 { Ok(()) } else { Err(self.failures.join("\n")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_add_up() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out");
        tally.read("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured;");
        tally.read("test result_lines ... ok");
        assert_eq!((tally.passed, tally.failed, tally.ignored), (15, 2, 1));
        assert!(tally.finish().is_err());
    }

    #[test]
    fn a_program_that_does_not_start_is_a_failure() {
        let mut tally = Tally::default();
        tally.run(&mut run::program("no-such-program-anywhere"));
        assert!(tally.finish().unwrap_err().contains("no-such-program-anywhere"));
    }
}
