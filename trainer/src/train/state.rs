//! All that a run remembers between steps.

use super::checkpoint::{Checkpoint, Position};
use super::flat::Layout;
use crate::Error;
use crate::optimiser::{AdamW, LossScaler, NanGuard, Settings};
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
    adam: serde_json::Value,
    scaler: LossScaler,
    guard: NanGuard,
}

const WEIGHTS: &str = "weights";

impl State {
    /// At the start of a run.
    pub(super) fn new(weights: Vec<f32>, layout: &Layout, settings: &Settings) -> Self {
        Self {
            adam: adam(&weights, layout, settings, |_| true),
            weights,
            scaler: LossScaler::new(settings),
            guard: NanGuard::new(settings),
            position: Position::default(),
        }
    }

    /// At the start of a stage: weights stay, the optimiser forgets.
    pub(super) fn begin_stage(
        &mut self,
        layout: &Layout,
        settings: &Settings,
        moves: impl Fn(&str) -> bool,
    ) {
        self.adam = adam(&self.weights, layout, settings, moves);
        self.scaler = LossScaler::new(settings);
        self.position.stage_step = 0;
        self.position.waited = 0;
    }

    pub(super) fn checkpoint(
        &self,
        experiment: serde_json::Value,
        network: serde_json::Value,
    ) -> Result<Checkpoint, Error> {
        let (numbers, adam) = self.adam.state();
        let small = Small { adam, scaler: self.scaler.clone(), guard: self.guard.clone() };
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
        self.adam.restore(&from.tensors, &small.adam)?;
        self.weights = weights.to_vec();
        (self.scaler, self.guard) = (small.scaler, small.guard);
        self.position = from.position.clone();
        Ok(())
    }
}

fn adam(
    weights: &[f32],
    layout: &Layout,
    settings: &Settings,
    moves: impl Fn(&str) -> bool,
) -> AdamW {
    let all = layout.entries().iter();
    let decay = all.clone().filter(|entry| entry.decays).map(super::Entry::range).collect();
    let moving = all.filter(|entry| moves(&entry.name)).map(super::Entry::range).collect();
    AdamW::new(settings, weights, decay, moving)
}
