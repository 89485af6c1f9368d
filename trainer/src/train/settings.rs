//! The table `[train]`.

use super::stage::Stage;
use crate::Error;
use serde::{Deserialize, Serialize};

/// For how long, on what, and when it ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Epochs; 1 or more.
    pub epochs: usize,
    /// Steps after which training ends whatever epoch it is in; 0: no limit. Schedules end there.
    pub steps: u64,
    /// Seed of the weights and of everything drawn in the loop; the data has its own.
    pub seed: u64,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Threads of the network; 0: one per core.
    pub threads: usize,
    /// Epochs without a better main metric after which training ends; 0: never.
    pub patience: usize,
    /// Minutes between checkpoints within an epoch (every epoch ends with one); 0: none within.
    pub checkpoint_minutes: f64,
    /// Minutes after which a run ends with a checkpoint as if it had been stopped; 0: no limit.
    pub minutes: f64,
    /// What is trained one after another; none given: all of the network at once, and networks with a
    /// diffusion in the three stages of their paper.
    pub stages: Vec<Stage>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            epochs: 50,
            steps: 0,
            seed: 1,
            device: "auto".to_owned(),
            threads: 0,
            patience: 0,
            checkpoint_minutes: 10.0,
            minutes: 0.0,
            stages: Vec::new(),
        }
    }
}

impl Settings {
    /// # Errors
    /// With the first field that holds what it cannot.
    pub fn check(&self) -> Result<(), Error> {
        if self.epochs == 0 {
            return Err(Error::setting("train.epochs", 0, "1 or more"));
        }
        let minutes = [("checkpoint_minutes", self.checkpoint_minutes), ("minutes", self.minutes)];
        for (name, value) in minutes {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::setting(&format!("train.{name}"), value, "0 or more"));
            }
        }
        for (index, stage) in self.stages.iter().enumerate() {
            if !(stage.rate >= 0.0 && stage.rate.is_finite()) {
                let field = format!("train.stages[{index}].rate");
                return Err(Error::setting(&field, stage.rate, "0 or more"));
            }
            if !(0.0..1.0).contains(&stage.dropout) {
                let field = format!("train.stages[{index}].dropout");
                return Err(Error::setting(&field, stage.dropout, "0 to 1, 1 not included"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_leaves_nothing_is_refused_with_its_stage() {
        let refused = |dropout| {
            let stages = vec![Stage::default(), Stage { dropout, ..Stage::default() }];
            Settings { stages, ..Settings::default() }.check().map_err(|error| error.to_string())
        };
        assert_eq!(refused(0.9), Ok(()));
        for share in [1.0, -0.1, f64::NAN] {
            let error = refused(share).expect_err("refused");
            assert!(error.contains("train.stages[1].dropout"), "{error}");
        }
    }
}
