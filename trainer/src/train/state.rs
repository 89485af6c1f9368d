//! All that a run remembers between steps.

use super::checkpoint::{Checkpoint, Position};
use super::flat::Layout;
use crate::Error;
use crate::optimiser::{AdamW, Counters, GuardState, LossScaler, NanGuard, ScalerState, Settings};
use serde::{Deserialize, Serialize};

/// All that a run remembers between steps.
pub(super) struct State {
    /// The exact weights.
    pub(super) weights: Vec<f32>,
    /// Their moments and average.
    pub(super) adam: AdamW,
    pub(super) scaler: LossScaler,
    pub(super) guard: NanGuard,
    pub(super) position: Position,
}

/// What a checkpoint holds besides numbers.
#[derive(Serialize, Deserialize)]
struct Small {
    adam: Counters,
    scaler: ScalerState,
    guard: GuardState,
}

const WEIGHTS: &str = "weights";

impl State {
    /// At the start of a run.
    pub(super) fn new(weights: Vec<f32>, settings: &Settings) -> Self {
        Self {
            adam: AdamW::new(settings, &weights, Vec::new()),
            weights,
            scaler: LossScaler::new(settings),
            guard: NanGuard::new(settings),
            position: Position::default(),
        }
    }

    /// At the start of a stage: weights stay, the optimiser forgets.
    pub(super) fn begin_stage(&mut self, settings: &Settings) {
        self.adam = AdamW::new(settings, &self.weights, Vec::new());
        self.scaler = LossScaler::new(settings);
        self.position.stage_step = 0;
        self.position.waited = 0;
    }

    /// Weights that do not move in a stage do not decay in it either.
    pub(super) fn spare(&mut self, layout: &Layout, moves: impl Fn(&str) -> bool) {
        let decays = |entry: &&super::Entry| entry.decays && moves(&entry.name);
        let spared = layout.entries().iter().filter(|entry| !decays(entry));
        self.adam.spare(spared.map(super::Entry::range).collect());
    }

    /// The averaged weights; the weights themselves where no average is kept.
    pub(super) fn average(&self) -> &[f32] {
        self.adam.average().unwrap_or(&self.weights)
    }

    pub(super) fn checkpoint(
        &self,
        experiment: serde_json::Value,
        network: serde_json::Value,
    ) -> Result<Checkpoint, Error> {
        let (numbers, adam) = self.adam.state();
        let small = Small { adam, scaler: self.scaler.state(), guard: self.guard.state() };
        let mut tensors = vec![(WEIGHTS.to_owned(), self.weights.clone())];
        tensors.extend(numbers);
        let state = serde_json::to_value(small)
            .map_err(|error| Error::failed(format!("checkpoint: {error}")))?;
        Ok(Checkpoint { position: self.position.clone(), tensors, state, experiment, network })
    }

    /// As a checkpoint says; `self` is a new state of the same network and settings.
    pub(super) fn restore(&mut self, from: &Checkpoint) -> Result<(), Error> {
        let small: Small = serde_json::from_value(from.state.clone())
            .map_err(|error| Error::failed(format!("checkpoint: {error}")))?;
        let weights = from.tensor(WEIGHTS).unwrap_or_default();
        if weights.len() != self.weights.len() {
            let (found, expected) = (weights.len(), self.weights.len());
            return Err(Error::failed(format!(
                "checkpoint: found {found} weights, expected {expected} as the network has"
            )));
        }
        self.adam.restore(&from.tensors, small.adam)?;
        self.weights = weights.to_vec();
        self.scaler.restore(small.scaler);
        self.guard.restore(small.guard);
        self.position = from.position.clone();
        Ok(())
    }
}
