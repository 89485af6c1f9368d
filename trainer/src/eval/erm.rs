//! Editability: how near an edited prediction is to the edited truth.
//!
//! Whoever asks for HDR means to work on it. A prediction that looks right can fall apart under a
//! change of exposure or a composite; ERM is the mean difference over such edits, drawn at random with
//! fixed seeds, so that every picture and every method is edited alike.

use crate::loss::edit::EDITS;
use headroom::metrics::{METRICS, Pair};

/// Edits of each kind.
const EACH: u64 = 2;

/// An editability metric.
#[derive(Debug)]
pub struct ErmInfo {
    /// Stable identifier.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it tells.
    pub hint: &'static str,
    /// The metric of the edited pictures.
    metric: &'static str,
}

/// Every editability metric.
pub static ERMS: &[ErmInfo] = &[
    ErmInfo {
        id: "erm_pu21",
        label: "ERM PU21",
        hint: "Mean absolute PU21 error after random edits (exposure, white balance, contrast, \
               saturation, composite), the same for both pictures.",
        metric: "mae_pu21",
    },
    ErmInfo {
        id: "erm_acescct",
        label: "ERM ACEScct",
        hint: "Mean absolute ACEScct error after random edits (exposure, white balance, contrast, \
               saturation, composite), the same for both pictures.",
        metric: "mae_acescct",
    },
];

impl ErmInfo {
    pub(super) fn measure(&self, pair: &Pair<'_>, region: Option<&[bool]>) -> f64 {
        let Some(metric) = METRICS.iter().find(|metric| metric.id == self.metric) else {
            return f64::NAN;
        };
        let size = [pair.height(), pair.width()];
        let [test, truth] = pair.light().map(<[_]>::as_flattened);
        let (mut sum, mut count) = (0.0, 0u32);
        for info in &EDITS {
            for seed in 0..EACH {
                let edit = info.draw(seed);
                let [test, truth] = [test, truth].map(|light| edit.apply(size, light));
                let (test, truth) = (test.as_chunks().0, truth.as_chunks().0);
                if let Ok(edited) = Pair::new(pair.width(), pair.height(), test, truth) {
                    sum += metric.measure(&edited, region);
                    count += 1;
                }
            }
        }
        sum / f64::from(count)
    }
}
