//! The table `[eval]`.

use super::{Align, Measure};
use crate::Error;
use serde::{Deserialize, Serialize};

/// What is measured on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Epochs between two validations; 1 or more.
    pub every: usize,
    /// Validation frames that are measured, the first ones; 0 means all.
    pub metrics_batches: usize,
    /// What is measured: `<metric>[_clipped][_s|_p]`.
    pub metrics: Vec<String>,
    /// The measure that decides which checkpoint is best; measured even where `metrics` leaves it
    /// out. Its direction is the metric's own: more decibels, less error, nearer to no bias.
    pub main: String,
    /// Alignment of measures that do not name one: `none`, `s` (scale) or `p` (tone curve).
    pub align: String,
}

impl Default for Settings {
    fn default() -> Self {
        let metrics = [
            "psnr_norm",
            "ssim_norm",
            "psnr_pu21",
            "ssim_pu21",
            "psnr_acescct",
            "psnr_pu21_clipped",
            "rmse_stops_clipped",
            "bias_stops_clipped",
            "energy_clipped",
        ];
        Self {
            every: 1,
            metrics_batches: 8,
            metrics: metrics.map(str::to_owned).to_vec(),
            main: "psnr_pu21".to_owned(),
            align: "none".to_owned(),
        }
    }
}

impl Settings {
    /// Checks every field.
    ///
    /// # Errors
    /// With the first field that holds what it cannot.
    pub fn check(&self) -> Result<(), Error> {
        if self.every == 0 {
            return Err(Error::setting("eval.every", 0, "1 or more epochs"));
        }
        self.measures().map(drop)
    }

    /// Everything that is measured, the main one first, each once.
    ///
    /// # Errors
    /// When there is no such metric or alignment.
    pub fn measures(&self) -> Result<Vec<Measure>, Error> {
        let mut measures = vec![self.main()?];
        for name in &self.metrics {
            let measure = Measure::find("eval.metrics", name, self.align()?)?;
            if measures.iter().all(|other| other.id() != measure.id()) {
                measures.push(measure);
            }
        }
        Ok(measures)
    }

    /// The measure that decides which checkpoint is best.
    ///
    /// # Errors
    /// When there is no such metric or alignment.
    pub fn main(&self) -> Result<Measure, Error> {
        Measure::find("eval.main", &self.main, self.align()?)
    }

    fn align(&self) -> Result<Align, Error> {
        Align::find(&self.align)
            .ok_or_else(|| Error::setting("eval.align", &self.align, "none, s or p"))
    }
}
