//! A run's logs, read back for curves, summary and report.

use super::{RunFolder, file, log};
use crate::Error;
use headroom::metrics::{Better, METRICS};
use serde_json::Value;

/// A step that was logged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) step: u64,
    pub(crate) loss: f64,
    pub(crate) rate: f64,
    pub(crate) gradient_norm: f64,
    pub(crate) speed: f64,
}

/// The end of an epoch's phase.
#[derive(Clone, Debug)]
pub(crate) struct Epoch {
    pub(crate) epoch: usize,
    pub(crate) step: u64,
    pub(crate) phase: String,
    pub(crate) loss: f64,
    pub(crate) seconds: f64,
}

/// What a metric measured at the end of an epoch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) epoch: usize,
    pub(crate) mean: f64,
    pub(crate) deviation: f64,
}

/// A metric's values, in order of epochs.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) metric: String,
    pub(crate) values: Vec<Measured>,
}

/// Something that happened: when, and what.
pub(crate) type Happening = (String, String);

/// Everything a run logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) steps: Vec<Step>,
    pub(crate) epochs: Vec<Epoch>,
    pub(crate) metrics: Vec<Course>,
    pub(crate) events: Vec<Happening>,
}

impl History {
    /// Reads a folder's logs; what is missing is empty.
    pub(crate) fn read(folder: &RunFolder) -> Result<Self, Error> {
        let mut history = Self::default();
        for line in log::lines(folder, "train_log.jsonl")? {
            let number = |field: &str| line[field].as_f64().unwrap_or(f64::NAN);
            let whole = |field: &str| line[field].as_u64().unwrap_or(0);
            let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
            match line["kind"].as_str() {
                Some("step") => history.steps.push(Step {
                    step: whole("step"),
                    loss: number("loss"),
                    rate: number("rate"),
                    gradient_norm: number("gradient_norm"),
                    speed: number("pictures_per_second"),
                }),
                Some("epoch") => history.epochs.push(Epoch {
                    epoch: whole("epoch") as usize,
                    step: whole("step"),
                    phase: text("phase"),
                    loss: number("loss"),
                    seconds: number("seconds"),
                }),
                _ => {}
            }
        }
        for line in log::lines(folder, "metrics.jsonl")? {
            history.measured(&line);
        }
        // Not from the lines, which are cut: what a resumed run went through before is told too.
        let happened = file::read(&folder.log("events.log"))?;
        history.events = String::from_utf8_lossy(&happened)
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(when, what)| (when.to_owned(), what.to_owned()))
            .collect();
        Ok(history)
    }

    fn measured(&mut self, line: &Value) {
        let epoch = line["epoch"].as_u64().unwrap_or(0) as usize;
        for (metric, value) in line["metrics"].as_object().into_iter().flatten() {
            let number = |field: &str| value[field].as_f64().unwrap_or(f64::NAN);
            let measured = Measured { epoch, mean: number("mean"), deviation: number("deviation") };
            match self.metrics.iter_mut().find(|course| course.metric == *metric) {
                Some(course) => course.values.push(measured),
                None => {
                    let metric = metric.clone();
                    self.metrics.push(Course { metric, values: vec![measured] });
                }
            }
        }
    }

    /// How many epochs were trained.
    pub(crate) fn epochs_done(&self) -> usize {
        self.epochs.iter().map(|epoch| epoch.epoch).max().unwrap_or(0)
    }

    /// How long all epochs took, in seconds.
    pub(crate) fn seconds(&self) -> f64 {
        self.epochs.iter().map(|epoch| epoch.seconds).filter(|s| s.is_finite()).sum()
    }

    /// Loss of a phase by epoch.
    pub(crate) fn losses(&self, phase: &str) -> Vec<[f64; 2]> {
        let of = |epoch: &&Epoch| epoch.phase == phase;
        self.epochs.iter().filter(of).map(|e| [e.epoch as f64, e.loss]).collect()
    }

    /// A step's place among epochs: 2.5 is the midst of the third. Nothing before an epoch has ended.
    pub(crate) fn place(&self, step: u64) -> Option<f64> {
        let (mut before, mut slope) = ([0.0, 0.0], None);
        for epoch in &self.epochs {
            let end = [epoch.step as f64, epoch.epoch as f64];
            if end[0] > before[0] {
                slope = Some((end[1] - before[1]) / (end[0] - before[0]));
                if step as f64 <= end[0] {
                    break;
                }
                before = end;
            }
        }
        slope.map(|slope| before[1] + (step as f64 - before[0]) * slope)
    }
}

/// How a metric is shown, and which way is better. Names may go on behind the engine's identifier:
/// `psnr_pu21_clipped`.
pub(crate) fn known(metric: &str) -> (String, &'static str, Option<Better>) {
    let starts = METRICS.iter().filter(|known| metric.starts_with(known.id));
    match starts.max_by_key(|known| known.id.len()) {
        Some(found) => {
            let rest = metric[found.id.len()..].replace('_', " ");
            (format!("{}{rest}", found.label), found.unit, Some(found.better))
        }
        None => (metric.to_owned(), "", None),
    }
}

impl Course {
    /// The best value; the last where it is not known which way is better.
    pub(crate) fn best(&self) -> Option<Measured> {
        let better = known(&self.metric).2;
        let worth = |value: f64| match better {
            Some(Better::Higher) => value,
            Some(Better::Lower) => -value,
            Some(Better::Zero) => -value.abs(),
            None => 0.0,
        };
        let mut best: Option<Measured> = None;
        for value in self.values.iter().filter(|value| !value.mean.is_nan()) {
            let later = better.is_none();
            if best.is_none_or(|best| later || worth(value.mean) > worth(best.mean)) {
                best = Some(*value);
            }
        }
        best
    }

    /// The last value.
    pub(crate) fn last(&self) -> Option<Measured> {
        self.values.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(metric: &str, means: &[f64]) -> Course {
        let value = |(i, &mean)| Measured { epoch: i + 1, mean, deviation: 0.0 };
        let values = means.iter().enumerate().map(value).collect();
        Course { metric: metric.to_owned(), values }
    }

    #[test]
    fn the_best_epoch_follows_the_metrics_direction() {
        let best = |metric: &str, means: &[f64]| course(metric, means).best().unwrap().epoch;
        assert_eq!(best("psnr_pu21_clipped", &[20.0, f64::NAN, 25.0, 24.0]), 3);
        assert_eq!(best("rmse_stops", &[1.0, 0.4, 0.6]), 2);
        assert_eq!(best("bias_stops", &[-0.1, 0.05, -0.5]), 2);
        assert_eq!(best("unheard_of", &[1.0, 3.0, 2.0]), 3);
        assert!(course("psnr_pu21", &[f64::NAN]).best().is_none());
    }

    #[test]
    fn steps_find_their_place_among_epochs() {
        let epoch =
            |epoch, step| Epoch { epoch, step, phase: "train".to_owned(), loss: 1.0, seconds: 1.0 };
        let history = History { epochs: vec![epoch(1, 10), epoch(2, 20)], ..Default::default() };
        assert_eq!([5, 10, 15, 25].map(|step| history.place(step).unwrap()), [0.5, 1.0, 1.5, 2.5]);
        assert_eq!(History::default().place(5), None);
    }
}
