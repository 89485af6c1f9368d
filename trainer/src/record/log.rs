//! Logs: one JSON document per line, and the CSV made of them.
//!
//! The JSON lines are the record; the CSV files repeat what belongs to epochs, in the columns people
//! and scripts expect. A resumed run cuts the lines after its checkpoint and makes the CSV anew from
//! those that are left, so both always tell the same.

use super::file::{Growing, read};
use super::{Position, RunFolder};
use crate::Error;
use headroom_frame::write_whole;
use serde_json::Value;

/// A log and its CSV.
#[derive(Debug)]
pub(super) struct Log {
    lines: Growing,
    csv: Growing,
    row: RowOf,
}

/// How a line becomes a row of the CSV, if it does.
pub(super) type RowOf = fn(&Value) -> Option<String>;

/// Reads a log's lines; one that a crash cut off, or that is no JSON, is left out.
pub(super) fn lines(folder: &RunFolder, name: &str) -> Result<Vec<Value>, Error> {
    let bytes = read(&folder.log(name))?;
    Ok(bytes.split(|&b| b == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

impl Log {
    /// Opens `logs/<name>.jsonl` and `logs/<name>.csv`, cut at a position.
    pub(super) fn open(
        folder: &RunFolder,
        name: &str,
        header: &str,
        row: RowOf,
        cut: Option<Position>,
    ) -> Result<Self, Error> {
        let path = folder.log(&format!("{name}.jsonl"));
        let bytes = read(&path)?;
        let whole = |line: &&[u8]| line.ends_with(b"\n");
        let mut kept = Vec::new();
        let mut table = format!("{header}\n");
        for line in bytes.split_inclusive(|&b| b == b'\n').filter(whole) {
            let Ok(value) = serde_json::from_slice::<Value>(line) else { continue };
            if cut.is_none_or(|position| stays(&value, position)) {
                kept.extend(line);
                table.extend(row(&value).map(|row| row + "\n"));
            }
        }
        if kept != bytes {
            write_whole(&path, &[kept])?;
        }
        let csv = folder.log(&format!("{name}.csv"));
        if read(&csv)? != table.as_bytes() {
            write_whole(&csv, &[table])?;
        }
        Ok(Self { lines: Growing::open(path)?, csv: Growing::open(csv)?, row })
    }

    /// Adds a line.
    pub(super) fn add(&mut self, value: &Value) -> Result<(), Error> {
        let mut line = value.to_string();
        line.push('\n');
        self.lines.add(line.as_bytes())?;
        match (self.row)(value) {
            Some(row) => self.csv.add((row + "\n").as_bytes()),
            None => Ok(()),
        }
    }
}

/// Whether a line belongs to what was done up to a position.
fn stays(line: &Value, position: Position) -> bool {
    let number = |field: &str| line.get(field).and_then(Value::as_u64);
    let by_step = line["kind"] == "step" || line["kind"] == "event";
    number("step").is_none_or(|step| step <= position.step)
        && (by_step || number("epoch").is_none_or(|epoch| epoch <= position.epoch as u64))
}

/// Header of `train_log.csv`.
pub(super) const TRAIN_HEADER: &str = "epoch,phase,loss,time,lr,timestamp";

/// A row of `train_log.csv`: the end of an epoch's phase.
pub(super) fn train_row(line: &Value) -> Option<String> {
    (line["kind"] == "epoch").then(|| {
        let fields = ["epoch", "phase", "loss", "seconds", "rate", "timestamp"];
        fields.map(|field| cell(&line[field])).join(",")
    })
}

/// Header of `metrics.csv`.
pub(super) const METRICS_HEADER: &str = "epoch,psnr,ssim,timestamp";

/// A row of `metrics.csv`; the line says which of its metrics the columns hold.
pub(super) fn metrics_row(line: &Value) -> Option<String> {
    let mean = |column: &str| {
        let metric = line["columns"][column].as_str().unwrap_or_default();
        cell(&line["metrics"][metric]["mean"])
    };
    let [epoch, timestamp] = ["epoch", "timestamp"].map(|field| cell(&line[field]));
    Some([epoch, mean("psnr"), mean("ssim"), timestamp].join(","))
}

/// As CSV readers take it: `nan` for what is no number, or not there.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nan".to_owned(),
        // Nine digits: as many as are the same after the line was read back.
        Value::Number(number) if number.is_f64() => {
            let rounded = format!("{:.8e}", number.as_f64().unwrap_or(f64::NAN));
            rounded.parse::<f64>().map_or(rounded, |value| value.to_string())
        }
        other => other.to_string(),
    }
}
