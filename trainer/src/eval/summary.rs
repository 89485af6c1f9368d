//! The numbers of many pictures.

use super::Measure;
use super::measure::Middle;
use serde_json::{Map, Value, json};

/// The numbers of one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// Which picture.
    pub picture: String,
    /// One for each measure; not a number where the measure says nothing.
    pub values: Vec<f64>,
}

/// What many numbers come to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Pictures for which there is a number.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their median; the mean of the two middle ones where their count is even.
    pub median: f64,
    /// Their standard deviation, of the sample (n - 1); 0 for one picture.
    pub deviation: f64,
    /// The median of their size without sign, which is what counts for a measure that is best at 0.
    pub median_size: f64,
}

impl Statistics {
    /// Of every number that is one; all not a number for none.
    #[must_use]
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.filter(|v| !v.is_nan()).collect();
        let n = values.len() as f64;
        let mean = if values.is_empty() { f64::NAN } else { values.iter().sum::<f64>() / n };
        let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
        let deviation = match values.len() {
            0 => f64::NAN,
            1 => 0.0,
            _ => (squares / (n - 1.0)).sqrt(),
        };
        Self {
            count: values.len(),
            mean,
            deviation,
            median_size: median(values.iter().map(|v| v.abs()).collect()),
            median: median(values),
        }
    }

    /// The median that the protocol wants.
    #[must_use]
    pub fn middle(&self, which: Middle) -> f64 {
        match which {
            Middle::Signed => self.median,
            Middle::Size => self.median_size,
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[middle],
        _ if values[middle - 1] == values[middle] => values[middle],
        _ => 0.5 * (values[middle - 1] + values[middle]),
    }
}

/// The numbers of a data set.
#[derive(Clone, Debug)]
pub struct Summary {
    measures: Vec<Measure>,
    scores: Vec<Scores>,
}

impl Summary {
    /// Of no picture yet.
    #[must_use]
    pub fn new(measures: Vec<Measure>) -> Self {
        Self { measures, scores: Vec::new() }
    }

    /// Adds a picture's numbers, one for each measure.
    pub fn add(&mut self, picture: String, values: Vec<f64>) {
        self.scores.push(Scores { picture, values });
    }

    /// What is measured.
    #[must_use]
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// Every picture's numbers, in order.
    #[must_use]
    pub fn scores(&self) -> &[Scores] {
        &self.scores
    }

    /// What the numbers of one measure come to; none where it was not measured.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<Statistics> {
        self.measures.iter().position(|measure| measure.id() == id).map(|i| self.at(i))
    }

    /// What the numbers of one measure come to, by its place in [`Self::measures`].
    #[must_use]
    pub fn at(&self, index: usize) -> Statistics {
        let of = |scores: &Scores| scores.values.get(index).copied().unwrap_or(f64::NAN);
        Statistics::of(self.scores.iter().map(of))
    }

    /// Names and means, for logs.
    #[must_use]
    pub fn means(&self) -> Vec<(String, f64)> {
        let ids = self.measures.iter().map(Measure::id);
        ids.enumerate().map(|(i, id)| (id, self.at(i).mean)).collect()
    }

    /// Mean, median and standard deviation of every measure, and every picture's numbers. Null where
    /// there is no number, `inf` where pictures are equal, which JSON cannot say.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut metrics = Map::new();
        for (index, measure) in self.measures.iter().enumerate() {
            let s = self.at(index);
            let entry = json!({
                "label": measure.label(),
                "unit": measure.what.unit(),
                "alignment": measure.align.info().id,
                "count": s.count,
                "mean": number(s.mean),
                "median": number(s.median),
                "median_size": number(s.median_size),
                "middle": number(s.middle(measure.middle())),
                "deviation": number(s.deviation),
            });
            metrics.insert(measure.id(), entry);
        }
        let pictures: Vec<Value> = self
            .scores
            .iter()
            .map(|scores| {
                let values = self.measures.iter().zip(&scores.values);
                let values: Map<_, _> = values.map(|(m, v)| (m.id(), number(*v))).collect();
                json!({"picture": scores.picture, "scores": values})
            })
            .collect();
        json!({"pictures": self.scores.len(), "metrics": metrics, "scores": pictures})
    }
}

/// A number that JSON can hold.
pub(crate) fn number(value: f64) -> Value {
    if value.is_infinite() {
        if value > 0.0 { "inf".into() } else { "-inf".into() }
    } else {
        json!(value)
    }
}
