//! Which charts a run has.

use super::chart::{Chart, Series, positive};
use super::history::{Course, History, Step, known};

/// Loss, learning rate, gradient and throughput.
pub(crate) fn losses(history: &History) -> Vec<Chart> {
    // Before an epoch has ended there are only steps to count.
    let by_epoch = !history.epochs.is_empty();
    let across = if by_epoch { "epoch" } else { "step" };
    let course = |value: fn(&Step) -> f64| {
        let place = |step: &Step| history.place(step.step).unwrap_or(step.step as f64);
        history.steps.iter().map(|step| [place(step), value(step)]).collect::<Vec<_>>()
    };
    let series = vec![
        Series::new("each step", course(|step| step.loss), 0).pale(),
        Series::new("training", history.losses("train"), 0),
        Series::new("validation", history.losses("val"), 1),
    ];
    let mut charts = vec![Chart {
        title: "Loss".to_owned(),
        across,
        log: positive(&series),
        series: series.into_iter().filter(|series| !series.points.is_empty()).collect(),
        mark: None,
    }];
    let singles: [(&str, usize, bool, fn(&Step) -> f64); 3] = [
        ("Learning rate", 4, false, |step| step.rate),
        ("Gradient norm, before clipping", 2, true, |step| step.gradient_norm),
        ("Throughput, pictures per second", 6, false, |step| step.speed),
    ];
    for (title, colour, log, value) in singles {
        let series = vec![Series::new(title, course(value), colour)];
        let log = log && positive(&series);
        charts.push(Chart { title: title.to_owned(), across, log, series, mark: None });
    }
    charts.retain(|chart| chart.series.iter().any(|series| !series.points.is_empty()));
    charts
}

/// One chart per metric, with its best epoch marked.
pub(crate) fn metrics(history: &History) -> Vec<Chart> {
    let chart = |course: &Course| {
        let (label, unit, _) = known(&course.metric);
        let title = if unit.is_empty() { label } else { format!("{label}, {unit}") };
        let points = course.values.iter().map(|v| [v.epoch as f64, v.mean]).collect();
        let mark = course.best().map(|best| {
            let text = format!("best {} at epoch {}", number(best.mean), best.epoch);
            ([best.epoch as f64, best.mean], text)
        });
        let series = vec![Series::new(&course.metric, points, 0)];
        Chart { title, across: "epoch", log: false, series, mark }
    };
    history.metrics.iter().map(chart).filter(|chart| !chart.series[0].points.is_empty()).collect()
}

/// A number with as many digits as tell something.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        "\u{2013}".to_owned()
    } else if value == 0.0 {
        "0".to_owned()
    } else if !(1e-3..1e6).contains(&size) {
        format!("{value:.3e}")
    } else if size >= 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}")
    }
}
