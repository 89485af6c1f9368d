//! What the whole frame tells, on the device that it lies on.

use super::gather::{self, Sums};
use super::told::Told;
use super::{DeviceFailure, DeviceImage, follow};
use crate::execute::{DeviceTensors, FrameInput};
use crate::expand::mask::level_and_strength;
use crate::expand::network::Loaded;
use crate::expand::{Abort, Analysis, Plan, Statistics};
use crate::model::{Hash, Run};
use headroom_gpu::{Gpu, GpuError, Marker, Memory};
use headroom_kernel::Rect;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The counterpart of [`Analysis`], which nobody has to wait for: what pixels need of it is found and stays
/// on the device.
#[derive(Clone, Debug)]
pub struct DeviceAnalysis {
    frame: Rect,
    sums: Arc<Sums>,
    /// Those that stand in for the frame's own.
    statistics: Option<Statistics>,
    /// When the sums are there, for other queues.
    ready: Option<Arc<Marker>>,
    memo: Arc<Memo>,
}

/// What was found of the frame before.
#[derive(Debug, Default)]
struct Memo {
    /// What networks said, the one that was asked last at the end.
    tensors: Mutex<Vec<Heard>>,
    /// The sums' analysis for the CPU.
    fetched: Mutex<Option<Arc<Analysis>>>,
}

/// Networks that are remembered to have looked at a frame: a method's and a curve's, with two masks.
const MOST_HEARD: usize = 4;

/// What a network said of a frame.
#[derive(Debug)]
struct Heard {
    key: Key,
    tensors: Arc<DeviceTensors>,
    /// When it is there, for other queues.
    ready: Option<Marker>,
}

#[derive(Debug, PartialEq)]
struct Key {
    ramp: u32,
    level: Option<[u32; 2]>,
    network: Hash,
    /// The one that found the curve under which it is asked.
    finder: Option<Hash>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is known of a frame, and where.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// In the memory of the CPU.
    Cpu(&'a Analysis),
    /// On the device.
    Device(&'a DeviceAnalysis),
}

impl<'a> From<&'a Analysis> for Known<'a> {
    fn from(analysis: &'a Analysis) -> Self {
        Self::Cpu(analysis)
    }
}

impl<'a> From<&'a DeviceAnalysis> for Known<'a> {
    fn from(analysis: &'a DeviceAnalysis) -> Self {
        Self::Device(analysis)
    }
}

impl DeviceAnalysis {
    /// Tells the device to analyse a frame, and waits for nothing. With `kept` it may be used for other renders
    /// than the one at hand, on any queue of the context; without, it must be let go before the queue is. The
    /// frame has pixels.
    ///
    /// # Errors
    /// When `abort` said so, or the device refuses.
    pub fn new(
        gpu: &Gpu,
        plan: &Plan,
        source: &DeviceImage<'_>,
        frame: Rect,
        kept: bool,
        abort: Abort<'_>,
    ) -> Result<Self, DeviceFailure> {
        if abort() {
            return Err(DeviceFailure::Interrupted);
        }
        let sums = Arc::new(gather::gather(gpu, plan, source, frame, kept)?);
        let ready = kept.then(|| gpu.mark()).transpose()?.map(Arc::new);
        Ok(Self { frame, sums, statistics: None, ready, memo: Arc::default() })
    }

    /// The same analysis with other statistics; see [`Analysis::with_statistics`].
    #[must_use]
    pub fn with_statistics(&self, statistics: Statistics) -> Self {
        Self { statistics: Some(statistics), ..self.clone() }
    }

    /// Those that stand in for the frame's own, if any do.
    #[must_use]
    pub fn other_statistics(&self) -> Option<&Statistics> {
        self.statistics.as_ref()
    }

    /// What was measured. Waits for the device.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn statistics(&self, gpu: &Gpu, plan: &Plan) -> Result<Statistics, GpuError> {
        match self.statistics {
            Some(statistics) => Ok(statistics),
            None => {
                self.wait(gpu)?;
                Ok(*self.sums.cells(gpu)?.analysis(plan, self.frame).statistics())
            }
        }
    }

    /// The same for the CPU, carried back once: a few megabytes, whatever the picture's size. Waits for the
    /// device.
    ///
    /// # Errors
    /// When the device refuses.
    pub fn fetch(&self, gpu: &Gpu, plan: &Plan) -> Result<Arc<Analysis>, GpuError> {
        let mut fetched = lock(&self.memo.fetched);
        let analysis = match &*fetched {
            Some(known) => known,
            None => {
                self.wait(gpu)?;
                fetched.insert(Arc::new(self.sums.gathered(gpu)?.analysis(plan, self.frame)))
            }
        };
        Ok(match self.statistics {
            None => Arc::clone(analysis),
            Some(statistics) => Arc::new(Analysis::clone(analysis).with_statistics(statistics)),
        })
    }

    /// Bytes of the device's memory it holds, for caches.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Self>() + self.sums.bytes()
    }

    /// Where the frame lies.
    pub(super) fn frame(&self) -> Rect {
        self.frame
    }

    /// True where all that a render needs of it can be found on the device. Else it is fetched: what decides
    /// over the range of light, and networks that sample.
    pub(super) fn follows(plan: &Plan) -> bool {
        let samples = |run: &Run| matches!(run, Run::Sampler(_));
        let given = |input: &FrameInput| follow::GIVEN.contains(&(&*input.name, input.size));
        let follows = |loaded: &Arc<Loaded>| {
            loaded.runner.frame_inputs().iter().all(given)
                && !loaded.model.network.stages.iter().any(|stage| samples(&stage.run))
        };
        !plan.method.needs_range && plan.wanted_networks().each().all(follows)
    }

    /// What pixels are told, for one render.
    pub(super) fn told(&self, gpu: &Gpu, plan: &Plan) -> Result<Told, GpuError> {
        self.wait(gpu)?;
        let level = match self.given_level(plan) {
            Some(level) => gpu.upload_floats(&level)?,
            None => follow::level(gpu, &self.sums)?,
        };
        // Methods share one analysis; not all of them read the field.
        let has_field = plan.method.needs_analysis && self.sums.tell_excess();
        let size = if has_field { self.sums.size() } else { (0, 0) };
        let told = Told::of(gpu, plan, level, size, self.frame)?;
        if has_field {
            follow::field(gpu, &self.sums, &told)?;
        }
        Ok(told)
    }

    /// What a network says of the frame, of what pixels are told: of codes as they are, or under the curve that `finder` finds,
    /// which pixels and plan then have. What it is given is found once for all networks that are asked alike.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn tensors(
        &self,
        gpu: &Gpu,
        plan: &Plan,
        loaded: &Arc<Loaded>,
        finder: Option<&Arc<Loaded>>,
        told: &Told,
        given: &mut Option<DeviceTensors>,
        abort: Abort<'_>,
    ) -> Result<Arc<DeviceTensors>, DeviceFailure> {
        let missing = || DeviceFailure::Network("the frame was not looked at".to_owned());
        let look = self.sums.look.as_ref().ok_or_else(missing)?;
        let key = Key {
            ramp: plan.clip_softness.to_bits(),
            level: self.given_level(plan).map(|level| level.map(f32::to_bits)),
            network: loaded.hash(),
            finder: finder.map(|finder| finder.hash()),
        };
        // Renders of the same frame at once are told one after another.
        let mut known = lock(&self.memo.tensors);
        if let Some(heard) = known.iter().find(|heard| heard.key == key) {
            if let Some(marker) = &heard.ready {
                gpu.wait_for(marker)?;
            }
            return Ok(Arc::clone(&heard.tensors));
        }
        let kept = self.ready.is_some();
        let allocate = |bytes| room(gpu, kept, bytes);
        let given = match given {
            Some(given) => given,
            none => {
                // Whatever level stands in, how much is clipped is the frame's own to say.
                let own = match (plan.clip_level, &self.statistics) {
                    (None, Some(_)) => Some(follow::level(gpu, &self.sums)?),
                    _ => None,
                };
                let level = own.as_ref().unwrap_or(told.level());
                none.insert(follow::look(
                    gpu,
                    plan,
                    &self.sums,
                    look,
                    level,
                    &told.memory,
                    allocate,
                )?)
            }
        };
        let made = loaded.device.frame_on(gpu, loaded, given, allocate, abort)?;
        let tensors = Arc::new(made);
        let ready = kept.then(|| gpu.mark()).transpose()?;
        if known.len() >= MOST_HEARD {
            known.remove(0);
        }
        known.push(Heard { key, tensors: Arc::clone(&tensors), ready });
        Ok(tensors)
    }

    /// Level and strength where they are set or come from other frames.
    fn given_level(&self, plan: &Plan) -> Option<[f32; 2]> {
        if plan.clip_level.is_none() && self.statistics.is_none() {
            return None;
        }
        let (level, strength) = level_and_strength(plan, &self.statistics.unwrap_or_default());
        Some([level, strength])
    }

    fn wait(&self, gpu: &Gpu) -> Result<(), GpuError> {
        self.ready.as_ref().map_or(Ok(()), |marker| gpu.wait_for(marker))
    }
}

/// A block of memory that stays until it is let go, or until the queue gets there.
pub(super) fn room(gpu: &Gpu, kept: bool, bytes: usize) -> Result<Memory, GpuError> {
    if kept { gpu.allocate(bytes) } else { gpu.scratch(bytes) }
}

/// The same with these bytes in it.
pub(super) fn filled(gpu: &Gpu, kept: bool, bytes: &[u8]) -> Result<Memory, GpuError> {
    if !kept {
        return gpu.upload(bytes);
    }
    let memory = gpu.allocate(bytes.len())?;
    gpu.write(&memory, 0, bytes)?;
    Ok(memory)
}
