//! Models made ready for this machine, kept for the whole process.

use crate::execute::{ProgramError, Runner, TileWorkspace};
use crate::expand::device::DeviceModels;
use crate::expand::network::grid::GridWeights;
use crate::expand::network::kept::KeptTiles;
use crate::expand::network::shelf;
use crate::expand::{METHODS, Plan};
use crate::model::search::SearchPath;
use crate::model::{Domain, Hash, Model, ModelError, store};
use headroom_kernel::nn::{Isa, Machine, Precision};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Models that are kept ready.
const MOST_READY: usize = 4;

/// Workspaces of tiles kept per model; more than that many renders at once make their own.
const MOST_SPARE: usize = 2;

/// Names the instruction set that networks use at most, for tests and for machines that misbehave; one
/// of [`Isa::id`].
const CAP: &str = "HEADROOM_ISA";

/// A model ready to run on this machine.
#[derive(Debug)]
pub struct Loaded {
    /// The model.
    pub model: Arc<Model>,
    /// What it was made ready for.
    pub machine: Machine,
    pub(in crate::expand) runner: Runner,
    /// Of the architecture whose full-size part is fused.
    pub(in crate::expand) grid: Option<GridWeights>,
    /// With the number of threads each was made for.
    spare: Mutex<Vec<(usize, TileWorkspace)>>,
    pub(super) kept: KeptTiles,
    /// What it keeps on devices.
    pub(in crate::expand) device: DeviceModels,
}

/// The networks of a plan.
#[derive(Clone, Debug, Default)]
pub(in crate::expand) struct Networks {
    /// Of the method.
    pub(in crate::expand) method: Option<Arc<Loaded>>,
    /// Of the curve that is estimated.
    pub(in crate::expand) tone: Option<Arc<Loaded>>,
    /// The method has none, and cannot have.
    pub(in crate::expand) method_failed: bool,
}

/// Why the exact colour transform stands in for a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// No weights are given and none come with the program.
    NoWeights {
        /// The method.
        method: &'static str,
        /// What it is wanted for.
        purpose: &'static str,
    },
    /// The weights are of another network.
    OtherNetwork {
        /// The method.
        method: &'static str,
        /// The architecture in the file.
        found: &'static str,
        /// The file.
        file: String,
    },
    /// The file is no sound model.
    Model(ModelError),
    /// The network cannot be run.
    Program {
        /// The file.
        file: String,
        /// Why not.
        error: ProgramError,
    },
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoWeights { method, purpose } => {
                write!(f, "{method} has no weights{purpose}: choose a file in Weights")
            }
            Self::OtherNetwork { method, found, file } => {
                write!(f, "{file}: found weights of {found}, expected {method} as Method says")
            }
            Self::Model(error) => write!(f, "{error}"),
            Self::Program { file, error } => write!(f, "{file}: {error}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<ModelError> for LoadError {
    fn from(error: ModelError) -> Self {
        Self::Model(error)
    }
}

/// What networks run on here, with that precision: the best there is, unless `HEADROOM_ISA` names less.
#[must_use]
pub fn machine(precision: Precision) -> Machine {
    let cap = std::env::var(CAP).ok().and_then(|id| Isa::from_id(&id));
    Machine::capped(precision, cap)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is under these locks is replaced whole, so a panic elsewhere does not spoil it.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one used last at the end.
static READY: Mutex<Vec<Arc<Loaded>>> = Mutex::new(Vec::new());

/// Forgets every model and all memory of networks that no render uses at the moment.
pub fn forget_networks() {
    let ready = std::mem::take(&mut *lock(&READY));
    drop(ready);
    shelf::forget();
    store::clear();
}

impl Loaded {
    /// A model ready for a machine, made once per process.
    fn get(model: Arc<Model>, machine: Machine, file: &str) -> Result<Arc<Self>, LoadError> {
        let is = |loaded: &Arc<Self>| loaded.model.hash == model.hash && loaded.machine == machine;
        {
            let mut ready = lock(&READY);
            if let Some(index) = ready.iter().position(is) {
                let loaded = ready.remove(index);
                ready.push(Arc::clone(&loaded));
                return Ok(loaded);
            }
        }
        let runner = Runner::new(&model.network, &model.weights, machine)
            .map_err(|error| LoadError::Program { file: file.to_owned(), error })?;
        let grid = GridWeights::new(&model);
        let loaded = Arc::new(Self {
            model,
            machine,
            runner,
            grid,
            spare: Mutex::default(),
            kept: KeptTiles::default(),
            device: DeviceModels::default(),
        });
        let mut ready = lock(&READY);
        // Two that load the same at once both make it; the second one's stays.
        ready.retain(|other| {
            other.model.hash != loaded.model.hash || other.machine != loaded.machine
        });
        if ready.len() >= MOST_READY {
            ready.remove(0);
        }
        ready.push(Arc::clone(&loaded));
        Ok(loaded)
    }

    /// Tells it from others.
    pub(super) fn key(&self) -> String {
        format!("{} {:?}", self.hash(), self.machine)
    }

    /// Whether what it says of the whole frame may be averaged over frames: stops and curves, which a place keeps
    /// from frame to frame, but no picture.
    pub(in crate::expand) fn may_be_averaged(&self) -> bool {
        self.model.network.domain == Domain::Stops
    }

    /// Whether it is given the picture as an sRGB camera would have recorded it, where the curve of the one that did is
    /// found: what it says counts from white, whatever that is.
    pub(in crate::expand) fn takes_recoded(&self) -> bool {
        self.model.network.domain == Domain::Stops
    }

    /// Hash of the model's file.
    #[must_use]
    pub fn hash(&self) -> Hash {
        self.model.hash
    }

    /// Why a picture of an unknown camera is taken for sRGB.
    pub(in crate::expand) fn finds_no_curve(&self) -> String {
        format!("{}: finds no curve", self.model.header.name)
    }

    pub(super) fn take_spare(&self, threads: usize) -> Option<TileWorkspace> {
        let mut spare = lock(&self.spare);
        let index = spare.iter().rposition(|(made_for, _)| *made_for >= threads)?;
        Some(spare.remove(index).1)
    }

    pub(super) fn give_spare(&self, threads: usize, workspace: TileWorkspace) {
        let mut spare = lock(&self.spare);
        if spare.len() < MOST_SPARE {
            spare.push((threads, workspace));
        }
    }
}

impl Networks {
    /// Differs where the networks do.
    pub(in crate::expand) fn key(&self) -> String {
        let one = |loaded: &Option<Arc<Loaded>>| {
            loaded.as_ref().map_or_else(String::new, |loaded| loaded.key())
        };
        format!("{}|{}|{}", one(&self.method), one(&self.tone), self.method_failed)
    }

    /// Those there are, each once.
    pub(in crate::expand) fn each(&self) -> impl Iterator<Item = &Arc<Loaded>> {
        let same = |a: &Arc<Loaded>| self.method.as_ref().is_some_and(|b| Arc::ptr_eq(a, b));
        self.method.iter().chain(self.tone.iter().filter(move |tone| !same(tone)))
    }
}

impl Plan {
    /// Loads the networks that the method and the input space need, looking for files that are named
    /// without a folder in `search`. Fast when they were loaded before. A plan whose method is a
    /// network and that was not loaded expands nothing.
    ///
    /// # Errors
    /// With the first thing that is wrong. The plan can be rendered all the same: the exact colour
    /// transform stands in for the method, and sRGB for the space that was to be estimated.
    pub fn load(&mut self, search: &SearchPath) -> Result<(), LoadError> {
        let machine = machine(self.precision);
        let mut result = Ok(());
        self.networks = Networks::default();
        if self.method.network {
            match self.load_method(machine, search) {
                Ok(loaded) => self.networks.method = Some(loaded),
                Err(error) => {
                    self.networks.method_failed = true;
                    result = Err(error);
                }
            }
        }
        match self.load_tone(self.networks.method.as_ref(), machine) {
            Ok(tone) => self.networks.tone = tone,
            Err(error) => result = result.and(Err(error)),
        }
        result
    }

    /// The network that finds the curve of an input space that is to be estimated: the method's own
    /// if it can, else the `grid` that comes with the program.
    fn load_tone(
        &self,
        own: Option<&Arc<Loaded>>,
        machine: Machine,
    ) -> Result<Option<Arc<Loaded>>, LoadError> {
        if !self.estimate {
            return Ok(None);
        }
        match own.filter(|loaded| loaded.grid.is_some()) {
            Some(own) => Ok(Some(Arc::clone(own))),
            None => embedded("grid", " for Estimate from picture", machine).map(Some),
        }
    }

    fn load_method(&self, machine: Machine, search: &SearchPath) -> Result<Arc<Loaded>, LoadError> {
        let method = self.method.id;
        if self.weights.is_empty() {
            return embedded(method, "", machine);
        }
        let path = search.find(Path::new(&self.weights))?;
        let file = path.display().to_string();
        let model = store::load(&path)?;
        if model.info.id != method {
            return Err(LoadError::OtherNetwork { method, found: model.info.id, file });
        }
        Loaded::get(model, machine, &file)
    }

    /// Takes a model that is in memory (in training, in evaluation) for the network of its
    /// architecture, whatever the method was and whatever weights are named. The curve of an input
    /// space that is to be estimated is found as by [`Self::load`].
    ///
    /// # Errors
    /// When the network cannot be run on this machine, or nothing finds the curve.
    pub fn load_model(&mut self, model: Arc<Model>) -> Result<(), LoadError> {
        let name = model.header.name.clone();
        if let Some(method) = METHODS.iter().find(|method| method.id == model.info.id) {
            self.method = method;
        }
        let machine = machine(self.precision);
        let loaded = Loaded::get(model, machine, &name)?;
        let tone = self.load_tone(Some(&loaded), machine)?;
        self.networks = Networks { tone, method: Some(loaded), method_failed: false };
        Ok(())
    }

    /// The network of the method, once it is loaded.
    #[must_use]
    pub fn network(&self) -> Option<&Arc<Loaded>> {
        self.networks.method.as_ref()
    }
}

fn embedded(
    method: &'static str,
    purpose: &'static str,
    machine: Machine,
) -> Result<Arc<Loaded>, LoadError> {
    match store::embedded(method) {
        Some(model) => Loaded::get(model?, machine, method),
        None => Err(LoadError::NoWeights { method, purpose }),
    }
}
