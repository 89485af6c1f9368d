//! The matrix as a table.

use super::{Fault, MatrixReport};
use std::fmt;

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All as it must be.
    Passed,
    /// Not so.
    Failed,
    /// The plug-in does not offer what the case needs.
    Skipped,
}

/// One case.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was tried.
    pub name: String,
    /// How it ended.
    pub verdict: Verdict,
    /// Why, unless it passed.
    pub detail: String,
}

impl Row {
    pub(crate) fn new(name: &str, result: Result<(), Fault>) -> Self {
        let (verdict, detail) = match result {
            Ok(()) => (Verdict::Passed, String::new()),
            Err(Fault::Skip(why)) => (Verdict::Skipped, why),
            Err(Fault::Host(error)) => (Verdict::Failed, error.to_string()),
            Err(Fault::Pixels(what)) => (Verdict::Failed, what),
            Err(Fault::Rules(violations)) => {
                let lines: Vec<String> = violations.iter().map(ToString::to_string).collect();
                (Verdict::Failed, lines.join("; "))
            }
        };
        Self { name: name.to_owned(), verdict, detail }
    }
}

impl fmt::Display for MatrixReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
        for row in &self.rows {
            let verdict = match row.verdict {
                Verdict::Passed => "ok",
                Verdict::Failed => "FAILED",
                Verdict::Skipped => "skipped",
            };
            write!(f, "{:width$}  {verdict:7}", row.name)?;
            if row.detail.is_empty() { writeln!(f)? } else { writeln!(f, "  {}", row.detail)? }
        }
        let count = |verdict| self.rows.iter().filter(|row| row.verdict == verdict).count();
        writeln!(
            f,
            "{} passed, {} failed, {} skipped",
            count(Verdict::Passed),
            count(Verdict::Failed),
            count(Verdict::Skipped)
        )
    }
}
