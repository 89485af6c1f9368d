//! What is done to gradients before a step: their norm, its limit, the loss scale.

use super::settings::{Amp, Settings};
use serde::{Deserialize, Serialize};

/// Sums that run side by side, so that one addition need not wait for the other.
const LANES: usize = 8;

/// Global L2 norm, summed in f64 in one order.
#[must_use]
pub fn norm(gradients: &[f32]) -> f64 {
    let mut sums = [0.0_f64; LANES];
    for lanes in gradients.chunks(LANES) {
        for (sum, g) in sums.iter_mut().zip(lanes) {
            *sum += f64::from(*g) * f64::from(*g);
        }
    }
    libm::sqrt(sums.iter().sum())
}

/// Shortens gradients to a global norm of `limit` and gives the norm they had; 0 does not limit.
/// As PyTorch's `clip_grad_norm_`. A norm that is not finite leaves them as they are.
pub fn clip_norm(gradients: &mut [f32], limit: f64) -> f64 {
    let norm = norm(gradients);
    let factor = limit / (norm + 1e-6);
    if limit > 0.0 && factor < 1.0 && norm.is_finite() {
        gradients.iter_mut().for_each(|g| *g *= factor as f32);
    }
    norm
}

/// Keeps small gradients from vanishing in float16: the loss is multiplied by a scale that grows while
/// all goes well and is halved when a gradient overflows (Micikevicius et al., "Mixed precision
/// training", ICLR 2018; the rules are those of PyTorch's `GradScaler`,
/// but the scale does not fall below 1).
#[derive(Clone, Debug, PartialEq)]
pub struct LossScaler {
    active: bool,
    interval: u32,
    state: ScalerState,
}

/// What a checkpoint keeps of a [`LossScaler`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScalerState {
    /// Factor of the loss.
    pub scale: f64,
    /// Good steps since it last changed.
    pub good: u32,
}

/// Scale beyond which a loss itself would overflow.
const GREATEST: f64 = 1e30;

impl LossScaler {
    /// Before the first step. Other precisions than float16 keep a scale of 1.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let active = settings.amp == Amp::F16;
        let scale = if active { settings.loss_scale } else { 1.0 };
        Self {
            active,
            interval: settings.loss_scale_interval,
            state: ScalerState { scale, good: 0 },
        }
    }

    /// Factor of the loss.
    #[must_use]
    pub const fn scale(&self) -> f64 {
        self.state.scale
    }

    /// Whether the scale could still be what made a gradient overflow: then the step is only left out,
    /// and nothing is wrong with the run.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.active && self.state.scale > 1.0
    }

    /// Takes the scale out of gradients; says whether all of them are finite.
    pub fn unscale(&self, gradients: &mut [f32]) -> bool {
        let factor = (1.0 / self.state.scale) as f32;
        let mut finite = true;
        for g in gradients {
            *g *= factor;
            finite &= g.is_finite();
        }
        finite
    }

    /// After each step, done or left out.
    pub fn update(&mut self, finite: bool) {
        if !self.active {
            return;
        }
        let state = &mut self.state;
        if !finite {
            *state = ScalerState { scale: (state.scale * 0.5).max(1.0), good: 0 };
            return;
        }
        state.good += 1;
        if state.good >= self.interval {
            *state = ScalerState { scale: (state.scale * 2.0).min(GREATEST), good: 0 };
        }
    }

    /// What a checkpoint keeps.
    #[must_use]
    pub const fn state(&self) -> ScalerState {
        self.state
    }

    /// Goes on from a checkpoint.
    pub const fn restore(&mut self, state: ScalerState) {
        self.state = state;
    }
}
