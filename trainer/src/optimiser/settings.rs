//! The table `[optimiser]`.

use super::schedule::Schedule;
use crate::Error;
use serde::{Deserialize, Serialize};

/// How the rate moves over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Half a cosine from `rate` to `rate * final_fraction`.
    Cosine,
    /// `rate` throughout.
    Constant,
    /// Times `step_factor` every `step_size` steps.
    Step,
}

/// In which precision the network's inner results are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Amp {
    /// f32.
    Off,
    /// bfloat16; needs no loss scaling.
    Bf16,
    /// float16, with dynamic loss scaling.
    F16,
}

/// The table `[optimiser]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Learning rate after warm-up, above 0.
    pub rate: f64,
    /// Decoupled weight decay, 0 or more; not of biases and norms.
    pub weight_decay: f64,
    /// Decay of the first and second moment, 0 to 1, 1 excluded.
    pub betas: [f64; 2],
    /// Added to the root of the second moment, above 0.
    pub epsilon: f64,
    /// How the rate moves.
    pub schedule: Shape,
    /// Steps over which the rate first rises from 0 in a line.
    pub warmup: u64,
    /// Rate at the end of a cosine as a share of `rate`, 0 to 1.
    pub final_fraction: f64,
    /// Steps between changes of schedule `step`, 1 or more.
    pub step_size: u64,
    /// What schedule `step` multiplies the rate by, above 0, up to 1.
    pub step_factor: f64,
    /// Decay of the weights' moving average per step, 0 (none is kept) to 1, 1 excluded. Early steps
    /// decay faster, so that the average does not remember the first weights.
    pub ema: f64,
    /// Greatest global norm of the gradient; 0 does not limit it.
    pub clip: f64,
    /// Batches whose gradients make one step, 1 or more.
    pub accumulate: usize,
    /// Mixed precision.
    pub amp: Amp,
    /// Loss scale that `f16` begins with, 1 or more.
    pub loss_scale: f64,
    /// Good steps in a row after which `f16` doubles the loss scale, 1 or more.
    pub loss_scale_interval: u32,
    /// Steps in a row whose loss or gradient is not finite, and which are left out, before the rate is
    /// reduced; 1 or more. Each further such number of them reduces it again.
    pub nan_skips_before_backoff: u32,
    /// What the rate is multiplied by then, above 0, up to 1.
    pub nan_backoff: f64,
    /// Such steps in a row that end the run, 1 or more.
    pub nan_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 2e-3,
            weight_decay: 1e-4,
            betas: [0.9, 0.999],
            epsilon: 1e-8,
            schedule: Shape::Cosine,
            warmup: 0,
            final_fraction: 0.0,
            step_size: 1000,
            step_factor: 0.5,
            ema: 0.998,
            clip: 1.0,
            accumulate: 1,
            amp: Amp::Off,
            loss_scale: 65536.0,
            loss_scale_interval: 2000,
            nan_skips_before_backoff: 3,
            nan_backoff: 0.5,
            nan_limit: 20,
        }
    }
}

impl Settings {
    /// Says whether they can be followed.
    ///
    /// # Errors
    /// With the first field that is out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let within = |field: &str, value: f64, is: bool, expected: &str| {
            if is && value.is_finite() {
                Ok(())
            } else {
                Err(Error::setting(&format!("optimiser.{field}"), value, expected))
            }
        };
        let decay = |value: f64| (0.0..1.0).contains(&value);
        within("rate", self.rate, self.rate > 0.0, "above 0")?;
        within("weight_decay", self.weight_decay, self.weight_decay >= 0.0, "0 or more")?;
        for beta in self.betas {
            within("betas", beta, decay(beta), "0 to 1, 1 excluded")?;
        }
        within("epsilon", self.epsilon, self.epsilon > 0.0, "above 0")?;
        let fraction = self.final_fraction;
        within("final_fraction", fraction, (0.0..=1.0).contains(&fraction), "0 to 1")?;
        within("step_size", self.step_size as f64, self.step_size > 0, "1 or more")?;
        let factor = self.step_factor;
        within("step_factor", factor, factor > 0.0 && factor <= 1.0, "above 0, up to 1")?;
        within("ema", self.ema, decay(self.ema), "0 to 1, 1 excluded")?;
        within("clip", self.clip, self.clip >= 0.0, "0 or more")?;
        within("accumulate", self.accumulate as f64, self.accumulate > 0, "1 or more")?;
        within("loss_scale", self.loss_scale, self.loss_scale >= 1.0, "1 or more")?;
        for (field, count) in [
            ("loss_scale_interval", self.loss_scale_interval),
            ("nan_skips_before_backoff", self.nan_skips_before_backoff),
            ("nan_limit", self.nan_limit),
        ] {
            within(field, f64::from(count), count > 0, "1 or more")?;
        }
        let factor = self.nan_backoff;
        within("nan_backoff", factor, factor > 0.0 && factor <= 1.0, "above 0, up to 1")
    }

    /// The rate's course.
    #[must_use]
    pub const fn schedule(&self) -> Schedule {
        Schedule {
            shape: self.schedule,
            rate: self.rate,
            warmup: self.warmup,
            final_fraction: self.final_fraction,
            step_size: self.step_size,
            step_factor: self.step_factor,
        }
    }
}
