//! A stage made ready: its learner, its objective, its rate and its length.

use super::begin::Begun;
use super::learner::Learner;
use super::stage::Plan;
use crate::Error;
use crate::device::float_type;
use crate::loss::Objective;
use crate::optimiser::Schedule;
use headroom::model::{Header, Loss, Training};
use headroom_candle::Variables;

/// What one stage works with.
pub(super) struct Course {
    pub(super) learner: Learner,
    pub(super) plan: Plan,
    pub(super) schedule: Schedule,
    /// Steps of the whole stage.
    pub(super) steps: u64,
    /// Epochs that are done, over all stages, when the stage ends.
    pub(super) last_epoch: usize,
}

impl Course {
    /// Makes the stage ready that the position is in.
    pub(super) fn new(b: &mut Begun) -> Result<Self, Error> {
        let index = b.state.position.stage;
        let stage = b.stages[index].clone();
        let plan = Plan::new(&stage, index, &b.built.network)?;
        if b.state.position.stage_step == 0 {
            b.start_weights(&plan);
            b.state.begin_stage(&b.experiment.optimiser);
        }
        b.state.spare(&b.layout, |name| plan.moves(name));
        let weights = b.layout.weights(&b.state.weights);
        let dtype = float_type(b.experiment.optimiser.amp, &b.device)?;
        let variables = Variables::new(&b.built.network, &weights, &b.device, dtype)?;
        let objective = Objective::new(&b.experiment.loss, b.built.network.domain)?;
        let learner = Learner::new(
            &b.built,
            plan.clone(),
            objective,
            &variables,
            b.seer.clone(),
            b.experiment.train.seed,
            b.pool.clone(),
        )?;
        let epochs = b.epochs_of(index) as u64;
        let steps = epochs * b.steps_per_epoch();
        let limit = b.experiment.train.steps;
        let steps = if limit == 0 { steps } else { steps.min(limit) };
        let mut optimiser = b.experiment.optimiser.clone();
        if stage.rate > 0.0 {
            optimiser.rate = stage.rate;
        }
        let last_epoch = (0..=index).map(|i| b.epochs_of(i)).sum();
        Ok(Self { learner, plan, schedule: optimiser.schedule(), steps, last_epoch })
    }

    /// What a model file says of itself that is written now.
    pub(super) fn header(&self, b: &Begun) -> Header {
        let record = &b.experiment.record;
        let name = if record.tag.is_empty() { b.built.info.id } else { &record.tag };
        let mut header = b.built.header(name);
        header.notes.clone_from(&record.notes);
        let terms = self.learner.objective().terms().iter();
        header.training = Some(Training {
            data: b.manifest.clone(),
            steps: b.state.position.step,
            losses: terms.map(|t| Loss { name: t.name.clone(), weight: t.weight }).collect(),
            seed: b.experiment.train.seed,
            date: jiff::Zoned::now().strftime("%Y-%m-%d").to_string(),
            commit: headroom::COMMIT.to_owned(),
            tool: format!("headroom-train {}", headroom::VERSION),
        });
        header
    }
}
