//! What becomes of a run whose loss or gradient is no longer a number.

use super::Settings;
use serde::{Deserialize, Serialize};

/// What to do with a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Take it.
    Go,
    /// Leave it out.
    Skip,
    /// Leave it out and from now on multiply the schedule's rate by this; it is
    /// [`NanGuard::factor`].
    BackOff(f64),
    /// End the run.
    Stop,
}

/// Counts what is not finite.
#[derive(Clone, Debug, PartialEq)]
pub struct NanGuard {
    skips_before_backoff: u32,
    backoff: f64,
    limit: u32,
    state: GuardState,
}

/// What a checkpoint keeps of a [`NanGuard`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardState {
    /// Steps left out since the last good one.
    pub in_a_row: u32,
    /// Steps left out in the whole run.
    pub skipped: u64,
    /// What the schedule's rate is multiplied by.
    pub factor: f64,
}

impl NanGuard {
    /// Before the first step.
    #[must_use]
    pub const fn new(settings: &Settings) -> Self {
        Self {
            skips_before_backoff: settings.nan_skips_before_backoff,
            backoff: settings.nan_backoff,
            limit: settings.nan_limit,
            state: GuardState { in_a_row: 0, skipped: 0, factor: 1.0 },
        }
    }

    /// What to do with a step whose loss and gradient are finite or not. With float16 only after
    /// [`super::LossScaler::explains`] said no: an overflow that the loss scale made is no fault.
    pub fn judge(&mut self, loss_finite: bool, gradient_finite: bool) -> Verdict {
        let state = &mut self.state;
        if loss_finite && gradient_finite {
            state.in_a_row = 0;
            return Verdict::Go;
        }
        state.in_a_row = state.in_a_row.saturating_add(1);
        state.skipped += 1;
        if state.in_a_row >= self.limit {
            return Verdict::Stop;
        }
        if state.in_a_row.is_multiple_of(self.skips_before_backoff.max(1)) {
            state.factor *= self.backoff;
            return Verdict::BackOff(state.factor);
        }
        Verdict::Skip
    }

    /// What the schedule's rate is multiplied by.
    #[must_use]
    pub const fn factor(&self) -> f64 {
        self.state.factor
    }

    /// What a checkpoint keeps.
    #[must_use]
    pub const fn state(&self) -> GuardState {
        self.state
    }

    /// Goes on from a checkpoint.
    pub const fn restore(&mut self, state: GuardState) {
        self.state = state;
    }
}
