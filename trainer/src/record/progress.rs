//! How far a run is: a bar on a terminal, plain lines elsewhere.

use super::Position;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// A bar on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// A bar on standard error.
    Bar,
    /// A line every 10 seconds and per epoch.
    Plain,
    /// Nothing.
    None,
}

/// Tells a person on standard error how far a run is.
pub struct Progress {
    out: Out,
    epochs: usize,
    steps_per_epoch: u64,
    /// Steps of the whole run that are done.
    done: u64,
    /// Those that were done before this process.
    before: u64,
    pictures: u64,
    started: Instant,
    spoken: Instant,
    /// How long plain lines wait.
    patience: Duration,
    loss: Option<f64>,
}

enum Out {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>),
    Nothing,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("done", &self.done).finish_non_exhaustive()
    }
}

impl Progress {
    /// Progress over `epochs` epochs of `steps_per_epoch` steps, of which those up to `at` are done.
    #[must_use]
    pub fn new(style: Style, epochs: usize, steps_per_epoch: u64, at: Position) -> Self {
        let bar = match style {
            Style::Auto => std::io::stderr().is_terminal(),
            other => other == Style::Bar,
        };
        let out = match style {
            Style::None => Out::Nothing,
            _ if bar => {
                let total = epochs as u64 * steps_per_epoch;
                let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
                // The template is a constant; without it the bar has indicatif's own look.
                if let Ok(look) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}") {
                    bar.set_style(look.progress_chars("━╸─"));
                }
                bar.set_position(at.step);
                Out::Bar(bar)
            }
            _ => Out::Lines(Box::new(std::io::stderr())),
        };
        Self::to(out, epochs, steps_per_epoch, at, Duration::from_secs(10))
    }

    fn to(out: Out, epochs: usize, steps: u64, at: Position, patience: Duration) -> Self {
        let now = Instant::now();
        Self {
            out,
            epochs,
            steps_per_epoch: steps.max(1),
            done: at.step,
            before: at.step,
            pictures: 0,
            started: now,
            spoken: now,
            patience,
            loss: None,
        }
    }

    /// A step is done.
    pub fn step(&mut self, loss: f64, pictures: usize) {
        self.done += 1;
        self.pictures += pictures as u64;
        // Single batches jump about; a mean over some twenty is what an eye can follow.
        self.loss = Some(match self.loss {
            Some(mean) if loss.is_finite() => mean + (loss - mean) * 0.05,
            Some(mean) => mean,
            None => loss,
        });
        let line = self.line();
        match &mut self.out {
            Out::Bar(bar) => {
                bar.set_message(line);
                bar.set_position(self.done);
            }
            Out::Lines(out) if self.spoken.elapsed() >= self.patience => {
                say(out.as_mut(), &line);
                self.spoken = Instant::now();
            }
            _ => {}
        }
    }

    /// Says something that stays, such as an epoch's result.
    pub fn epoch_line(&mut self, text: &str) {
        match &mut self.out {
            Out::Bar(bar) => bar.suspend(|| say(&mut std::io::stderr(), text)),
            Out::Lines(out) => say(out.as_mut(), text),
            Out::Nothing => {}
        }
        self.spoken = Instant::now();
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Out::Bar(bar) = &self.out {
            bar.finish_and_clear();
        }
    }

    fn line(&self) -> String {
        let total = self.epochs as u64 * self.steps_per_epoch;
        let epoch =
            (self.done.saturating_sub(1) / self.steps_per_epoch + 1).min(self.epochs as u64);
        let seconds = self.started.elapsed().as_secs_f64().max(1e-9);
        let rate = self.pictures as f64 / seconds;
        let each = seconds / (self.done - self.before).max(1) as f64;
        let left = duration(each * total.saturating_sub(self.done) as f64);
        let loss = self.loss.unwrap_or(f64::NAN);
        format!(
            "epoch {epoch}/{}, step {}/{total}, loss {loss:.5}, {rate:.1} pictures/s, {left} left",
            self.epochs, self.done
        )
    }
}

/// Whoever reads may be gone; the run goes on.
fn say(out: &mut dyn Write, line: &str) {
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// A duration for people: `42 s`, `12 min`, `3 h 05 min`.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round().clamp(0.0, 1e15) as u64;
    match whole {
        0..=99 => format!("{whole} s"),
        100..=5999 => format!("{} min", (whole + 30) / 60),
        _ => {
            let minutes = (whole + 30) / 60;
            format!("{} h {:02} min", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn told(patience: Duration) -> Vec<String> {
        let page = Page::default();
        let at = Position { epoch: 1, step: 10 };
        let mut progress = Progress::to(Out::Lines(Box::new(page.clone())), 3, 10, at, patience);
        progress.step(0.5, 8);
        progress.step(f64::NAN, 8);
        progress.epoch_line("epoch 2: val 0.4");
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn plain_lines_say_epoch_step_loss_throughput_and_time_left() {
        let lines = told(Duration::ZERO);
        assert!(lines[0].starts_with("epoch 2/3, step 11/30, loss 0.50000, "), "{}", lines[0]);
        assert!(lines[0].contains(" pictures/s, ") && lines[0].ends_with(" left"), "{}", lines[0]);
        assert!(lines[1].contains("step 12/30, loss 0.50000"), "{}", lines[1]);
        assert_eq!(lines[2], "epoch 2: val 0.4");
    }

    #[test]
    fn plain_lines_are_few_but_epochs_are_always_told() {
        assert_eq!(told(Duration::from_secs(10)), ["epoch 2: val 0.4"]);
    }

    #[test]
    fn durations_read_well() {
        let shown = [0.4, 99.0, 100.0, 3600.0, 11_100.0].map(duration);
        assert_eq!(shown, ["0 s", "99 s", "2 min", "60 min", "3 h 05 min"]);
    }
}
