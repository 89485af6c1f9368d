//! `eval/summary.json`: how a run ended, and how well.

use super::history::{History, Measured};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Mean and standard deviation of each metric, of the last epoch and the best, and the losses.
pub(super) fn summarise(run: &str, outcome: &str, history: &History) -> Value {
    let figure = |value: Measured| json!({ "epoch": value.epoch, "mean": value.mean, "deviation": value.deviation });
    let metrics: Map<_, _> = history
        .metrics
        .iter()
        .filter_map(|course| {
            let last = course.last()?;
            let value = json!({
                "mean": last.mean,
                "deviation": last.deviation,
                "epoch": last.epoch,
                "best": course.best().map(figure),
            });
            Some((course.metric.clone(), value))
        })
        .collect();
    let last = |phase: &str| history.losses(phase).last().map(|point| point[1]);
    let losses = history.losses("val");
    let sound = losses.iter().filter(|point| point[1].is_finite());
    let best = sound.min_by(|a, b| a[1].total_cmp(&b[1]));
    let steps = history.steps.iter().map(|s| s.step).chain(history.epochs.iter().map(|e| e.step));
    json!({
        "run": run,
        "outcome": outcome,
        "epochs": history.epochs_done(),
        "steps": steps.max().unwrap_or(0),
        "seconds": history.seconds(),
        "loss": {
            "train": last("train"),
            "validation": last("val"),
            "best": best.map(|point| point[1]),
            "best_epoch": best.map(|point| point[0] as u64),
        },
        "metrics": metrics,
    })
}

/// In which state a run is. A process that was killed says nothing of its end: a run that calls itself
/// running, and has been silent for ten minutes and three of its epochs, was interrupted.
pub(crate) fn settled(summary: &Value, age: Option<Duration>, history: &History) -> String {
    let outcome = summary["outcome"].as_str().unwrap_or("running");
    let longest = history.epochs.iter().map(|epoch| epoch.seconds).fold(0.0, f64::max);
    let patience = (3.0 * longest).max(600.0);
    if outcome == "running" && age.is_none_or(|age| age.as_secs_f64() > patience) {
        return "interrupted".to_owned();
    }
    outcome.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_went_silent_was_interrupted() {
        let state = |outcome: &str, seconds| {
            let age = Some(Duration::from_secs(seconds));
            settled(&json!({ "outcome": outcome }), age, &History::default())
        };
        assert_eq!(state("running", 60), "running");
        assert_eq!(state("running", 601), "interrupted");
        assert_eq!(state("finished", 601), "finished");
        assert_eq!(settled(&Value::Null, None, &History::default()), "interrupted");
    }
}
