//! Telling how far the work is: to a person, to a program, to a farm.

use crate::console;
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

/// The form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A bar on a terminal, lines elsewhere.
    Auto,
    /// A bar on standard error.
    Bar,
    /// A line per frame on standard error.
    Lines,
    /// A JSON object per line on standard output.
    Json,
    /// Messages of Open Job Description on standard output.
    Openjd,
    /// Nothing.
    None,
}

/// What became of a frame.
#[derive(Debug)]
pub(crate) enum Status {
    /// It was written.
    Written {
        /// Share of its pixels with a clipped channel, where it was measured.
        clip_share: Option<f32>,
    },
    /// Its file was there already.
    Skipped,
    /// It failed.
    Failed(String),
}

/// How many frames went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) written: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: usize,
}

impl Tally {
    fn done(&self) -> usize {
        self.written + self.skipped + self.failed
    }
}

/// Progress over a known number of frames.
pub(crate) struct Progress {
    form: Form,
    total: usize,
    tally: Tally,
    started: Instant,
}

impl Progress {
    pub(crate) fn start(form: Form, total: usize) -> Self {
        let quiet = log::max_level() < log::LevelFilter::Warn;
        let form = match form {
            Form::Auto | Form::Bar | Form::Lines if quiet => Form::None,
            Form::Auto if std::io::stderr().is_terminal() => Form::Bar,
            Form::Auto => Form::Lines,
            form => form,
        };
        let progress = Self { form, total, tally: Tally::default(), started: Instant::now() };
        match form {
            Form::Json => emit(&json!({
                "event": "start",
                "version": crate::version::VERSION,
                "frames": total,
            })),
            Form::Openjd => progress.openjd("starting"),
            Form::Bar => progress.bar(""),
            _ => {}
        }
        progress
    }

    /// Counts a frame and tells of it.
    pub(crate) fn frame(&mut self, number: i64, input: &Path, output: &Path, status: &Status) {
        let (word, count) = match status {
            Status::Written { .. } => ("written", &mut self.tally.written),
            Status::Skipped => ("skipped", &mut self.tally.skipped),
            Status::Failed(_) => ("failed", &mut self.tally.failed),
        };
        *count += 1;
        let error = if let Status::Failed(error) = status { Some(error) } else { None };
        if let Some(error) = error
            && self.form != Form::Json
        {
            self.clear_bar();
            log::error!("frame {number}: {error}");
        }
        match self.form {
            Form::Json => emit(&self.event(number, input, output, word, status)),
            Form::Openjd => self.openjd(&format!("frame {number} {word}")),
            Form::Bar => self.bar(&format!("frame {number}")),
            Form::Lines if error.is_none() => {
                let (done, total) = (self.tally.done(), self.total);
                let kind = match status {
                    Status::Written { clip_share: Some(share) } => {
                        format!(" ({:.2} % clipped)", share * 100.0)
                    }
                    _ => String::new(),
                };
                console::note(&format!("[{done}/{total}] {word} {}{kind}", output.display()));
            }
            _ => {}
        }
    }

    /// Tells the end and returns the count.
    pub(crate) fn end(self, interrupted: bool) -> Tally {
        let Tally { written, skipped, failed } = self.tally;
        let seconds = self.started.elapsed().as_secs_f64();
        match self.form {
            Form::Json => emit(&json!({
                "event": "end",
                "written": written,
                "skipped": skipped,
                "failed": failed,
                "interrupted": interrupted,
                "seconds": rounded(seconds),
            })),
            Form::Openjd if failed > 0 => tell(&format!("openjd_fail: {failed} frames failed")),
            Form::Openjd if interrupted => tell("openjd_fail: interrupted"),
            Form::Openjd => tell(&format!("openjd_status: {written} written, {skipped} skipped")),
            Form::Bar | Form::Lines => {
                self.clear_bar();
                console::note(&format!(
                    "{written} written, {skipped} skipped, {failed} failed in {seconds:.1} s"
                ));
            }
            Form::Auto | Form::None => {}
        }
        self.tally
    }

    fn event(
        &self,
        number: i64,
        input: &Path,
        output: &Path,
        word: &str,
        status: &Status,
    ) -> Value {
        let mut event = json!({
            "event": "frame",
            "frame": number,
            "status": word,
            "input": input.to_string_lossy(),
            "output": output.to_string_lossy(),
            "done": self.tally.done(),
            "total": self.total,
            "seconds": rounded(self.started.elapsed().as_secs_f64()),
        });
        match status {
            Status::Written { clip_share: Some(share) } => {
                event["clip_share"] = f64::from(*share).into();
            }
            Status::Failed(error) => event["error"] = error.as_str().into(),
            _ => {}
        }
        event
    }

    fn openjd(&self, status: &str) {
        let (done, total) = (self.tally.done(), self.total.max(1));
        tell(&format!("openjd_progress: {:.1}", 100.0 * done as f64 / total as f64));
        tell(&format!("openjd_status: {status} ({done} of {total})"));
    }

    fn bar(&self, what: &str) {
        const WIDTH: usize = 30;
        let (done, total) = (self.tally.done(), self.total.max(1));
        let full = WIDTH * done / total;
        let left = match done {
            0 => String::new(),
            _ => {
                let seconds = self.started.elapsed().as_secs_f64() / done as f64;
                format!(", {:.0} s left", seconds * (total - done) as f64)
            }
        };
        let bar = format!("{}{}", "#".repeat(full), ".".repeat(WIDTH - full));
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "\r\x1b[K[{bar}] {done}/{total} {what}{left}");
        let _ = out.flush();
    }

    fn clear_bar(&self) {
        if self.form == Form::Bar {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[K");
            let _ = out.flush();
        }
    }
}

fn rounded(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

fn emit(event: &Value) {
    tell(&event.to_string());
}

/// A reader that went away does not stop the work.
fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
