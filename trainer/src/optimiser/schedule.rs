//! The learning rate's course.

use super::settings::Shape;
use std::f64::consts::PI;

/// The learning rate's course; made by [`super::Settings::schedule`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    pub(super) shape: Shape,
    pub(super) rate: f64,
    pub(super) warmup: u64,
    pub(super) final_fraction: f64,
    pub(super) step_size: u64,
    pub(super) step_factor: f64,
}

impl Schedule {
    /// The rate of a step, counted from 0, of `total` steps. Warm-up counts as part of the run: step 0
    /// has `rate / warmup`, and the course begins at step `warmup`.
    #[must_use]
    pub fn rate(&self, step: u64, total: u64) -> f64 {
        if step < self.warmup {
            return self.rate * (step + 1) as f64 / self.warmup as f64;
        }
        let (done, all) = (step - self.warmup, total.saturating_sub(self.warmup));
        match self.shape {
            Shape::Constant => self.rate,
            Shape::Cosine => {
                let share = if all == 0 { 1.0 } else { (done as f64 / all as f64).min(1.0) };
                let swing = 0.5 * (1.0 + libm::cos(PI * share));
                self.rate * (self.final_fraction + (1.0 - self.final_fraction) * swing)
            }
            Shape::Step => {
                let times = done / self.step_size.max(1);
                self.rate * libm::pow(self.step_factor, times as f64)
            }
        }
    }
}
