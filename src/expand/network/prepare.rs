//! The stages of a network that see the whole frame, run once per frame and clip level.

use super::Networks;
use super::average::Neighbours;
use super::load::Loaded;
use super::look::Look;
use super::seen::Seen;
use super::tone::Tone;
use crate::execute::{FrameError, FrameTensors};
use crate::expand::mask::ClipMask;
use crate::expand::{Abort, Interrupted, Plan};
use crate::model::inputs::{BLENDS, FRAME};
use headroom_gpu::Gpu;
use headroom_kernel::Pool;
use headroom_kernel::nn::Place;
use std::cell::OnceCell;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::Duration;

/// How often one that waits for another's work asks whether to go on.
const PATIENCE: Duration = Duration::from_millis(5);

/// What the whole frame says, for a render.
#[derive(Clone, Debug, Default)]
pub(in crate::expand) struct Ready {
    /// What the method's network says.
    pub(in crate::expand) method: Option<Method>,
    /// The camera's curve, where it is estimated.
    pub(in crate::expand) tone: Option<Arc<Tone>>,
    /// Why one of them is not there although it was asked for.
    pub(in crate::expand) fallback: Option<String>,
}

/// How a network is run at full size.
#[derive(Clone, Debug)]
pub(in crate::expand) enum Method {
    /// Strip by strip, by a kernel of its own.
    Fused(Arc<Place>),
    /// Tile by tile.
    Tiled(Arc<Loaded>, Arc<FrameTensors>),
}

/// What the last render of a frame found, for the next tile of the same. Renders of the same frame at
/// once wait for one of them.
#[derive(Debug, Default)]
pub(in crate::expand) struct FrameMemo {
    ready: Mutex<Option<(Key, Ready)>>,
    /// What networks said of the frame to neighbours of it, the last at the end.
    said: Mutex<Vec<(Said, Arc<FrameTensors>)>>,
}

/// Networks whose tensors are kept for neighbours: method and curve.
const MOST_SAID: usize = 2;

/// A network, the clip mask and the context of the device.
type Said = (String, [u32; 3], Option<u64>);

/// What a network sees of a frame, and what it said of it.
#[derive(Clone, Copy)]
pub(in crate::expand) struct OneFrame<'a> {
    pub(in crate::expand) look: &'a Look,
    pub(in crate::expand) memo: &'a FrameMemo,
}

impl OneFrame<'_> {
    /// What the network says of it; run at the first call for a clip mask.
    fn said(
        &self,
        loaded: &Loaded,
        clip: &ClipMask,
        gpu: Option<&Gpu>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<Arc<FrameTensors>, FrameError> {
        let key = (loaded.key(), clip.key(), gpu.map(Gpu::context));
        // Two that ask at once both run it, which is rare and gives the same.
        let lock = || self.memo.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(of, _)| *of == key).map(|(_, said)| Arc::clone(said));
        if let Some(known) = known {
            return Ok(known);
        }
        let seen = Seen::new(self.look, clip, pool);
        let said = Arc::new(seen.run(loaded, gpu, pool, abort)?);
        let mut kept = lock();
        if kept.len() >= MOST_SAID {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&said)));
        Ok(said)
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Key {
    clip: [u32; 3],
    networks: String,
    whole: bool,
    /// The context of the device.
    device: Option<u64>,
}

/// Runs what is to be run of the frame's stages, or finds that it was. What networks say of stops and curves is
/// averaged over `frames`, if there are any; `own` is among them.
#[allow(clippy::too_many_arguments)]
pub(in crate::expand) fn prepare(
    plan: &Plan,
    memo: &FrameMemo,
    own: OneFrame<'_>,
    frames: &[OneFrame<'_>],
    frame: [usize; 2],
    clip: &ClipMask,
    gpu: Option<&Gpu>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Ready, Interrupted> {
    let wanted = plan.wanted_networks();
    if wanted.each().next().is_none() || frame.contains(&0) || own.look.is_empty() {
        return Ok(Ready::default());
    }
    let key = Key {
        clip: clip.key(),
        networks: wanted.key(),
        whole: wanted.method.is_some(),
        device: gpu.map(Gpu::context),
    };
    let mut kept = loop {
        match memo.ready.try_lock() {
            Ok(kept) => break kept,
            Err(TryLockError::Poisoned(poisoned)) => break PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => std::thread::sleep(PATIENCE),
        }
        if abort() {
            return Err(Interrupted);
        }
    };
    if let Some((_, ready)) = kept.as_ref().filter(|(of, _)| *of == key) {
        return Ok(ready.clone());
    }
    let ready = run(&wanted, own, frames, frame, clip, gpu, pool, abort)?;
    *kept = Some((key, ready.clone()));
    Ok(ready)
}

#[allow(clippy::too_many_arguments)]
fn run(
    networks: &Networks,
    own: OneFrame<'_>,
    frames: &[OneFrame<'_>],
    frame: [usize; 2],
    clip: &ClipMask,
    gpu: Option<&Gpu>,
    pool: &Pool,
    abort: Abort<'_>,
) -> Result<Ready, Interrupted> {
    let seen = frames.is_empty().then(|| Seen::new(own.look, clip, pool));
    let itself = |frame: &OneFrame<'_>| std::ptr::eq(frame.look, own.look);
    // Frames of nothing say nothing.
    let others = || frames.iter().filter(|frame| !frame.look.is_empty() && !itself(frame));
    // Found once for all networks.
    let neighbours = OnceCell::new();
    let hear = |loaded: &Loaded| match &seen {
        Some(seen) => seen.run(loaded, gpu, pool, abort).map(Arc::new),
        None if !loaded.may_be_averaged() => own.said(loaded, clip, gpu, pool, abort),
        None => {
            let said = |frame: &OneFrame<'_>| frame.said(loaded, clip, gpu, pool, abort);
            let (own_said, theirs) =
                (said(&own)?, others().map(said).collect::<Result<Vec<_>, _>>()?);
            let neighbours = neighbours.get_or_init(|| {
                Neighbours::new(
                    own.look,
                    &others().map(|frame| frame.look).collect::<Vec<_>>(),
                    pool,
                )
            });
            Ok(Arc::new(neighbours.average(&own_said, &theirs)))
        }
    };
    let mut ready = Ready::default();
    let is =
        |a: &Option<Arc<Loaded>>, b: &Arc<Loaded>| a.as_ref().is_some_and(|a| Arc::ptr_eq(a, b));
    for loaded in networks.each() {
        let tensors = match hear(loaded) {
            Ok(tensors) => tensors,
            Err(FrameError::Interrupted) => return Err(Interrupted),
            Err(error) => {
                ready.fallback = Some(format!("{}: {error}", loaded.model.header.name));
                continue;
            }
        };
        if is(&networks.tone, loaded) {
            ready.tone = Tone::new(&tensors).map(Arc::new);
            if ready.tone.is_none() {
                ready.fallback = Some(loaded.finds_no_curve());
            }
        }
        if is(&networks.method, loaded) {
            // A device has the fused kernel's work done by the stages it stands for.
            ready.method = match loaded.grid.as_ref().filter(|_| gpu.is_none()) {
                None => Some(Method::Tiled(Arc::clone(loaded), tensors)),
                Some(grid) => match grid.place(&tensors, frame, loaded.machine.isa) {
                    Ok(place) => Some(Method::Fused(Arc::new(place))),
                    Err(error) => {
                        ready.fallback = Some(error);
                        None
                    }
                },
            };
        }
    }
    Ok(ready)
}

impl Plan {
    /// The networks of which a render needs anything.
    pub(in crate::expand) fn wanted_networks(&self) -> Networks {
        let method = self.networks.method.clone().filter(|_| !self.is_pure());
        Networks { method, ..self.networks.clone() }
    }

    /// True when the analysis is to gather what networks see.
    pub(in crate::expand) fn looks(&self) -> bool {
        self.wanted_networks().each().next().is_some()
    }

    /// True when edges are asked for the camera's curve: where it is estimated, by a network that wants to know.
    pub(in crate::expand) fn asks_edges(&self) -> bool {
        let wants =
            |loaded: &Arc<Loaded>| loaded.runner.frame_inputs().iter().any(|i| i.name == BLENDS);
        self.networks.tone.as_ref().is_some_and(wants)
    }

    /// Height and width of the whole frame as the method's network wants it besides the look.
    pub(in crate::expand) fn own_frame(&self) -> Option<[usize; 2]> {
        let loaded = self.networks.method.as_ref()?;
        let wanted = loaded.runner.frame_inputs().iter().find(|wanted| wanted.name == FRAME)?;
        Some([wanted.size[0], wanted.size[1]])
    }
}
