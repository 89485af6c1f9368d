//! `headroom-train runs`.

use crate::Error;
use crate::record::{Chart, Course, History, RunFolder, Series, chart_page, known, number};
use crate::record::{duration, settled};
use clap::builder::NonEmptyStringValueParser;
use headroom_frame::write_whole;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Lists and compares run folders.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder of run folders.
    #[arg(default_value = "runs", value_name = "DIR")]
    root: PathBuf,
    /// Runs to compare: folders, or names in DIR. Nothing: all.
    #[arg(long, num_args = 1.., value_name = "RUN")]
    compare: Vec<PathBuf>,
    /// Draws validation loss and metric of the runs.
    #[arg(long, value_name = "FILE.png")]
    plot: Option<PathBuf>,
    /// Which metric is listed and drawn. Nothing: each run's first.
    #[arg(long, value_name = "METRIC", value_parser = NonEmptyStringValueParser::new())]
    metric: Option<String>,
    /// Prints JSON.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints CSV.
    #[arg(long)]
    csv: bool,
}

/// A run as the table shows it.
struct Run {
    name: String,
    history: History,
    row: Value,
}

const COLUMNS: [(&str, &str); 10] = [
    ("run", "Run"),
    ("tag", "Tag"),
    ("architecture", "Network"),
    ("state", "State"),
    ("epochs", "Epochs"),
    ("loss", "Best loss"),
    ("metric", "Metric"),
    ("best", "Best"),
    ("best_epoch", "At epoch"),
    ("age_seconds", "Age"),
];

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let runs = self.runs()?;
        if let Some(path) = &self.plot {
            write_whole(path, &[plot(&runs, self.metric.as_deref())?])?;
        }
        let rows: Vec<_> = runs.iter().map(|run| &run.row).collect();
        if self.json {
            println!("{:#}", json!(rows));
        } else if self.csv {
            print!("{}", csv(&rows));
        } else {
            print!("{}", table(&rows));
        }
        Ok(())
    }

    fn runs(&self) -> Result<Vec<Run>, Error> {
        let paths = if self.compare.is_empty() { folders(&self.root)? } else { self.named() };
        if paths.is_empty() {
            let root = self.root.display();
            return Err(Error::missing(format!("{root}: found no run folder")));
        }
        paths.iter().map(|path| read(path, self.metric.as_deref())).collect()
    }

    fn named(&self) -> Vec<PathBuf> {
        let place = |path: &PathBuf| {
            if path.is_dir() { path.clone() } else { self.root.join(path) }
        };
        self.compare.iter().map(place).collect()
    }
}

/// Run folders in a folder, in the order of their names, which is that of time.
fn folders(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let entries = std::fs::read_dir(root)
        .map_err(|error| Error::missing(format!("{}: {error}", root.display())))?;
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("logs").is_dir())
        .collect();
    paths.sort();
    Ok(paths)
}

fn read(path: &Path, metric: Option<&str>) -> Result<Run, Error> {
    let folder = RunFolder::find(path)?;
    let history = History::read(&folder)?;
    let document = |name: &str| -> Value {
        let bytes = std::fs::read(path.join(name)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    };
    let config = document("config.json");
    let course = match metric {
        Some(metric) => history.metrics.iter().find(|course| course.metric == metric),
        None => history.metrics.first(),
    };
    let best = course.and_then(Course::best);
    let age = folder.age();
    let losses = history.losses("val").into_iter().map(|point| point[1]);
    let name = folder.name();
    let row = json!({
        "run": name,
        "tag": config["tag"],
        "architecture": config["experiment"]["model"]["architecture"],
        "state": settled(&document("eval/summary.json"), age, &history),
        "epochs": history.epochs_done(),
        "loss": losses.filter(|loss| loss.is_finite()).reduce(f64::min),
        "metric": course.map(|course| course.metric.as_str()).or(metric),
        "best": best.map(|best| best.mean),
        "best_epoch": best.map(|best| best.epoch),
        "age_seconds": age.map(|age| age.as_secs()),
    });
    Ok(Run { name, history, row })
}

/// A cell of the table for people, or of CSV.
fn cell(row: &Value, id: &str, people: bool) -> String {
    match (&row[id], id) {
        (Value::Null, _) if people => "-".to_owned(),
        (Value::Null, _) => String::new(),
        (Value::Number(seconds), "age_seconds") if people => {
            let seconds = seconds.as_f64().unwrap_or(0.0);
            if seconds < 172_800.0 {
                duration(seconds)
            } else {
                format!("{:.0} days", seconds / 86_400.0)
            }
        }
        (Value::Number(value), "loss" | "best") if people => {
            number(value.as_f64().unwrap_or(f64::NAN))
        }
        (Value::String(text), _) if !people && text.contains([',', '"', '\n']) => {
            format!("\"{}\"", text.replace('"', "\"\""))
        }
        (Value::String(text), _) if people && text.is_empty() => "-".to_owned(),
        (Value::String(text), _) => text.clone(),
        (other, _) => other.to_string(),
    }
}

fn csv(rows: &[&Value]) -> String {
    let head = COLUMNS.map(|(id, _)| id).join(",");
    let line = |row: &&Value| COLUMNS.map(|(id, _)| cell(row, id, false)).join(",");
    std::iter::once(head).chain(rows.iter().map(line)).map(|line| line + "\n").collect()
}

fn table(rows: &[&Value]) -> String {
    let head = COLUMNS.map(|(_, label)| label.to_owned());
    let lines: Vec<_> = std::iter::once(head)
        .chain(rows.iter().map(|row| COLUMNS.map(|(id, _)| cell(row, id, true))))
        .collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..COLUMNS.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in &lines {
        let mut shown = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            shown.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(shown.trim_end());
        text.push('\n');
    }
    text
}

/// Validation loss and the metric of each run over epochs.
fn plot(runs: &[Run], metric: Option<&str>) -> Result<Vec<u8>, Error> {
    let first = runs.iter().find_map(|run| run.history.metrics.first());
    let metric = metric.or(first.map(|course| course.metric.as_str())).unwrap_or_default();
    let losses = runs.iter().enumerate().map(|(colour, run)| {
        let validation = run.history.losses("val");
        let training = || run.history.losses("train");
        let points = if validation.is_empty() { training() } else { validation };
        Series::new(&run.name, &points, colour)
    });
    let courses = runs.iter().enumerate().filter_map(|(colour, run)| {
        let course = run.history.metrics.iter().find(|course| course.metric == metric)?;
        let points: Vec<_> =
            course.values.iter().map(|value| [value.epoch as f64, value.mean]).collect();
        Some(Series::new(&run.name, &points, colour))
    });
    let (label, unit, _) = known(metric);
    let title = if unit.is_empty() { label } else { format!("{label}, {unit}") };
    let mut charts = vec![
        Chart::over_epochs("Validation loss".to_owned(), true, losses.collect()),
        Chart::over_epochs(title, false, courses.collect()),
    ];
    charts.retain(|chart| chart.series.iter().any(|series| !series.points.is_empty()));
    if charts.is_empty() {
        return Err(Error::missing("plot: found no epoch in any run"));
    }
    chart_page(&charts, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{EpochRecord, Figure, Phase, Recorder, Settings};

    fn made(root: &Path, tag: &str, outcome: &str) {
        let settings =
            Settings { run_root: root.into(), tag: tag.to_owned(), ..Default::default() };
        let folder = RunFolder::create(&settings).unwrap();
        let mut recorder = Recorder::new(folder, &settings, None).unwrap();
        let experiment = json!({ "model": { "architecture": "grid" } });
        recorder.describe("", &experiment, "cpu", 0).unwrap();
        for epoch in 1..=3 {
            let phase = Phase::Validation;
            let loss = 1.0 / epoch as f64;
            let terms = Vec::new();
            let step = epoch as u64;
            let record = EpochRecord { epoch, step, phase, loss, terms, seconds: 1.0, rate: 1e-3 };
            recorder.epoch(&record).unwrap();
            let mean = 20.0 + (epoch % 3) as f64;
            let figure = Figure { metric: "psnr_pu21".to_owned(), mean, deviation: 1.0 };
            recorder.metrics(epoch, step, &[figure]).unwrap();
        }
        recorder.finish(outcome).unwrap();
    }

    fn arguments(root: &Path) -> Arguments {
        Arguments {
            root: root.into(),
            compare: Vec::new(),
            plot: None,
            metric: None,
            json: false,
            csv: false,
        }
    }

    #[test]
    fn runs_are_listed_with_state_and_best_epoch() {
        let root = tempfile::tempdir().unwrap();
        made(root.path(), "a", "finished");
        made(root.path(), "b", "running");
        let runs = arguments(root.path()).runs().unwrap();
        let rows: Vec<_> = runs.iter().map(|run| &run.row).collect();
        let cells: Vec<_> = csv(&rows)
            .lines()
            .skip(1)
            .map(|line| line.split_once(',').unwrap().1.to_owned())
            .collect();
        assert!(cells[0].starts_with("a,grid,finished,3,0.3333333333333333,psnr_pu21,22.0,2,"));
        assert!(cells[1].starts_with("b,grid,running,3,"));
        let table = table(&rows);
        assert!(table.starts_with("Run ") && table.contains("22.00"), "{table}");
    }

    #[test]
    fn chosen_runs_are_compared_and_plotted() {
        let root = tempfile::tempdir().unwrap();
        made(root.path(), "a", "finished");
        made(root.path(), "b", "finished");
        let all = folders(root.path()).unwrap();
        let plot = root.path().join("compare.png");
        let chosen = Arguments {
            compare: vec![all[1].clone(), all[0].file_name().unwrap().into()],
            plot: Some(plot.clone()),
            ..arguments(root.path())
        };
        chosen.run().unwrap();
        let names: Vec<_> = chosen.runs().unwrap().into_iter().map(|run| run.name).collect();
        assert!(names[0].ends_with("_b") && names[1].ends_with("_a"));
        assert!(std::fs::read(plot).unwrap().starts_with(b"\x89PNG"));
    }

    #[test]
    fn a_folder_without_runs_is_said_to_be_one() {
        let root = tempfile::tempdir().unwrap();
        let error = arguments(root.path()).run().unwrap_err();
        assert_eq!(error.code(), 3);
        let absent = Arguments { compare: vec!["x".into()], ..arguments(root.path()) };
        assert!(absent.run().unwrap_err().to_string().contains("expected a run folder"));
    }
}
