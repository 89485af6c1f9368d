//! From an order to a run that is ready: folder, lock, data, weights, or all of it from a checkpoint.

use super::checkpoint::{BEST, Checkpoint, LATEST, Resume, state_file};
use super::flat::Layout;
use super::lock::Lock;
use super::recoded;
use super::run::Order;
use super::stage::{self, Plan, Stage};
use super::state::State;
use crate::Error;
use crate::data::DataSet;
use crate::experiment::Experiment;
use crate::model::Built;
use crate::record::{Position, Recorder, RunFolder, checkpoints_of};
use crate::shot::Seer;
use candle_core::Device;
use headroom::model::{Model, Weight, Weights};
use headroom_kernel::Pool;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A run that is ready to go, or to go on.
pub(super) struct Begun {
    pub(super) experiment: Experiment,
    pub(super) built: Built,
    pub(super) layout: Layout,
    pub(super) stages: Vec<Stage>,
    pub(super) state: State,
    pub(super) data: Arc<DataSet>,
    /// Of the data.
    pub(super) manifest: String,
    pub(super) recorder: Recorder,
    pub(super) seer: Seer,
    pub(super) device: Device,
    pub(super) pool: Arc<Pool>,
    // Held for as long as the run.
    _lock: Lock,
}

pub(super) fn begin(order: Order) -> Result<Begun, Error> {
    let resumed = match &order.resume {
        Some(resume) => Some(find(resume, &order.experiment.record.run_root)?),
        None => None,
    };
    let checkpoint = match &resumed {
        Some((_, file)) => Some(Checkpoint::read(file)?),
        None => None,
    };
    let experiment = match &checkpoint {
        Some(checkpoint) => Experiment::from_json(&checkpoint.experiment, &order.settings)?,
        None => order.experiment,
    };
    experiment.check()?;
    let Start { built, weights, taken: shared } = experiment.model.start(experiment.train.seed)?;
    let stages = match &experiment.train.stages[..] {
        [] => stage::usual(&built.network, experiment.train.epochs),
        stages => stages.to_vec(),
    };
    for (index, stage) in stages.iter().enumerate() {
        Plan::new(stage, index, &built.network)?;
    }
    recoded::check(&experiment, built.network.domain)?;
    let device = experiment.device()?.open()?;
    crate::device::float_type(experiment.optimiser.amp, &device)?;
    // Whoever finds a run taken need not wait for the data to be read.
    let taken = match &resumed {
        Some((folder, _)) => Some(take(RunFolder::open(folder)?)?),
        None => None,
    };
    let seer = Seer::new(Arc::new(built.model("unnamed", &weights)?))?;
    let data = DataSet::open(&experiment.data, seer.clone())?;
    let layout = Layout::new(&built.network);
    let mut state = State::new(layout.flatten(&weights)?, &experiment.optimiser);

    let (folder, lock) = match taken {
        Some(taken) => taken,
        None => take(RunFolder::create(&experiment.record)?)?,
    };
    let mut position = None;
    if let Some(checkpoint) = &checkpoint {
        let own = network_json(&built);
        if checkpoint.network != own {
            let found = &checkpoint.network;
            return Err(Error::failed(format!("checkpoint: found {found}, expected {own}")));
        }
        state.restore(checkpoint)?;
        let at = &state.position;
        position = Some(Position { epoch: at.epoch, step: at.step });
    }
    let mut recorder = Recorder::new(folder, &experiment.record, position)?;
    recorder.describe(
        &experiment.to_toml()?,
        &experiment.to_json()?,
        &crate::device::name(&device),
        experiment.train.seed,
    )?;
    let report = data.report();
    recorder.data(&report.to_string(), &report.to_json(), Some(&report.to_png()?))?;
    if let Some(stale) = &lock.stale {
        recorder.event(&format!("a lock was left: {stale}"))?;
    }
    match (&resumed, shared) {
        (Some((_, file)), _) => recorder.event(&format!("resumed from {}", file.display()))?,
        (None, Some(shared)) => recorder.event(&shared)?,
        (None, None) => (),
    }
    let mut begun = Begun {
        pool: Arc::new(Pool::new(experiment.train.threads)),
        manifest: data.manifest(),
        experiment,
        built,
        layout,
        stages,
        state,
        data,
        recorder,
        seer,
        device,
        _lock: lock,
    };
    if let Some(epoch) = order.start_epoch.filter(|_| checkpoint.is_some()) {
        begun.rewind(epoch);
    }
    Ok(begun)
}

fn take(folder: RunFolder) -> Result<(RunFolder, Lock), Error> {
    let lock = Lock::take(folder.path())?;
    Ok((folder, lock))
}

impl Begun {
    pub(super) fn epochs_of(&self, stage: usize) -> usize {
        match self.stages[stage].epochs {
            0 => self.experiment.train.epochs,
            epochs => epochs,
        }
    }

    /// Of all stages.
    pub(super) fn epochs(&self) -> usize {
        (0..self.stages.len()).map(|stage| self.epochs_of(stage)).sum()
    }

    pub(super) fn steps_per_epoch(&self) -> u64 {
        let accumulate = self.experiment.optimiser.accumulate.max(1);
        self.data.batches_per_epoch().div_ceil(accumulate) as u64
    }

    /// Counts as if so many epochs were done; the rate goes on from there.
    fn rewind(&mut self, epoch: usize) {
        let before = (0..self.state.position.stage).map(|stage| self.epochs_of(stage)).sum();
        let steps = self.steps_per_epoch();
        let position = &mut self.state.position;
        position.epoch = epoch.max(before);
        position.stage_step = (position.epoch - before) as u64 * steps;
        position.batch = 0;
        position.sums.clear();
    }

    /// At the start of a stage: copies weights where it says so. Parts that are no longer trained
    /// stay at their average, which is what they are used with.
    pub(super) fn start_weights(&mut self, plan: &Plan) {
        if self.state.position.step > 0 {
            self.state.weights = self.state.average().to_vec();
        }
        let old = self.state.weights.clone();
        let entries = self.layout.entries();
        for entry in entries {
            let from = plan.copied_from(&entry.name);
            let from = from.and_then(|name| entries.iter().find(|other| other.name == name));
            if let Some(from) = from.filter(|from| from.shape == entry.shape) {
                self.state.weights[entry.range()].copy_from_slice(&old[from.range()]);
            }
        }
    }

    /// What a checkpoint belongs to.
    pub(super) fn network_json(&self) -> serde_json::Value {
        network_json(&self.built)
    }
}

fn network_json(built: &Built) -> serde_json::Value {
    serde_json::json!({ "architecture": built.info.id, "config": built.config })
}

/// The run folder and the checkpoint that are meant.
///
/// # Errors
/// When there is none.
pub fn find(resume: &Resume, run_root: &Path) -> Result<(PathBuf, PathBuf), Error> {
    let within = |run: PathBuf, name: &str| {
        let file = state_file(&checkpoints_of(&run), name);
        if file.is_file() {
            Ok((run, file))
        } else {
            Err(Error::missing(format!("{}: found no such checkpoint", file.display())))
        }
    };
    match resume {
        Resume::Best => within(newest(run_root)?, BEST),
        Resume::Latest => within(newest(run_root)?, LATEST),
        Resume::Path(path) if path.is_dir() => within(path.clone(), LATEST),
        Resume::Path(path) => {
            let run = path.parent().and_then(Path::parent).filter(|_| path.is_file());
            let run = run.ok_or_else(|| {
                let text =
                    "found no checkpoint, expected best, latest, a run folder or a .state file";
                Error::missing(format!("{}: {text}", path.display()))
            })?;
            Ok((run.to_owned(), path.clone()))
        }
    }
}

/// The run folder that was last begun.
fn newest(run_root: &Path) -> Result<PathBuf, Error> {
    let missing = |text: String| Error::missing(format!("{}: {text}", run_root.display()));
    let entries = std::fs::read_dir(run_root).map_err(|error| missing(error.to_string()))?;
    let runs = entries.flatten().map(|entry| entry.path());
    let runs = runs.filter(|path| state_file(&checkpoints_of(path), LATEST).is_file());
    // Names begin with the time.
    runs.max().ok_or_else(|| missing("found no run with a checkpoint".to_owned()))
}

/// What a weight of a U-Net's guide is called in a `grid`, whose guide lies in a stage of another name.
fn guide(name: &str) -> Option<String> {
    name.strip_prefix("unet.guide").map(|rest| format!("place.guide{rest}"))
}

/// What a run begins with.
struct Start {
    built: Built,
    weights: Weights,
    /// What was taken over from weights of another network, for the log.
    taken: Option<String>,
}

impl crate::model::Settings {
    /// The network and the weights it starts from.
    fn start(&self, seed: u64) -> Result<Start, Error> {
        let Some(from) = &self.from else {
            let built = self.build()?;
            let weights = Weights::seeded(&built.network, seed);
            return Ok(Start { built, weights, taken: None });
        };
        let model = crate::model::load(from, &self.architecture)?;
        if model.info.id != self.architecture {
            return Self::start_from_other(self.build()?, &model, from, seed);
        }
        let mut config = model.header.config.clone();
        if let Some(all) = config.as_object_mut() {
            all.extend(self.config.clone());
        }
        let own = Self { config: config.as_object().cloned().unwrap_or_default(), ..self.clone() };
        let built = own.build()?;
        // A configuration that adds layers to what the file has.
        let own: HashMap<_, _> = built.network.parameters().collect();
        let fits = |(name, weight): (&str, &Weight)| {
            own.get(name).is_some_and(|own| own.shape == weight.shape)
        };
        let lacks = own.keys().any(|name| model.weights.get(name).is_none());
        if lacks && model.weights.iter().all(fits) {
            return Self::start_from_other(built, &model, from, seed);
        }
        model
            .weights
            .check(&built.network)
            .map_err(|error| Error::Usage(format!("model.from: {}: {error}", from.display())))?;
        Ok(Start { built, weights: model.weights.clone(), taken: None })
    }

    /// Seeded weights, but for those that another network has by the same name in the same shape, and the guide.
    fn start_from_other(
        built: Built,
        model: &Model,
        from: &Path,
        seed: u64,
    ) -> Result<Start, Error> {
        let mut weights = Weights::seeded(&built.network, seed);
        let all = weights.iter().count();
        let same = |name: &str, shape: &[usize]| {
            let weight = model.weights.get(name).or_else(|| model.weights.get(&guide(name)?));
            weight.filter(|weight| weight.shape == shape).cloned()
        };
        let shared: Vec<_> = weights
            .iter()
            .filter_map(|(name, own)| Some((name.to_owned(), same(name, &own.shape)?)))
            .collect();
        let taken = shared.len();
        if taken == 0 {
            let expected = format!("weights of {} or of a part of it", built.info.id);
            return Err(Error::setting("model.from", model.info.id, expected));
        }
        for (name, weight) in shared {
            weights.insert(name, weight.shape, weight.values);
        }
        let id = model.info.id;
        let taken = format!("{taken} of {all} weights from {} ({id})", from.display());
        Ok(Start { built, weights, taken: Some(taken) })
    }
}
