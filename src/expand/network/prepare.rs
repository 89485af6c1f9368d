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

/// A network, the one that finds the curve under which it is asked, the clip mask and the context of the device.
type Said = (String, Option<String>, [u32; 3], Option<u64>);

/// What a network sees of a frame, and what it said of it.
#[derive(Clone, Copy)]
pub(in crate::expand) struct OneFrame<'a> {
    pub(in crate::expand) look: &'a Look,
    pub(in crate::expand) memo: &'a FrameMemo,
}

impl OneFrame<'_> {
    /// What the network says of it, of codes as they are or under the curve that another one finds; run at the first call
    /// for a clip mask.
    fn said(
        &self,
        loaded: &Loaded,
        finder: Option<&Loaded>,
        clip: &ClipMask,
        gpu: Option<&Gpu>,
        pool: &Pool,
        abort: Abort<'_>,
    ) -> Result<Arc<FrameTensors>, FrameError> {
        let key = (loaded.key(), finder.map(Loaded::key), clip.key(), gpu.map(Gpu::context));
        // Two that ask at once both run it, which is rare and gives the same.
        let lock = || self.memo.said.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().iter().find(|(of, _)| *of == key).map(|(_, said)| Arc::clone(said));
        if let Some(known) = known {
            return Ok(known);
        }
        let tone = match finder {
            Some(finder) => Tone::new(&*self.said(finder, None, clip, gpu, pool, abort)?),
            None => None,
        };
        let seen = Seen::new(self.look, clip, tone.as_ref(), pool);
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
    let itself = |frame: &OneFrame<'_>| std::ptr::eq(frame.look, own.look);
    // Frames of nothing say nothing.
    let others = || frames.iter().filter(|frame| !frame.look.is_empty() && !itself(frame));
    // Found once for all networks: how neighbours lie, and what is seen of the picture as it is.
    let (neighbours, as_it_is) = (OnceCell::new(), OnceCell::new());
    // Of the picture as it is, or under the curve that was found by the other one.
    let hear = |loaded: &Loaded, under: Option<(&Tone, &Loaded)>| {
        let finder = under.map(|(_, finder)| finder);
        if frames.is_empty() {
            let see = |tone| Seen::new(own.look, clip, tone, pool);
            let said = match under {
                Some((tone, _)) => see(Some(tone)).run(loaded, gpu, pool, abort),
                None => as_it_is.get_or_init(|| see(None)).run(loaded, gpu, pool, abort),
            };
            return said.map(Arc::new);
        }
        if !loaded.may_be_averaged() {
            return own.said(loaded, finder, clip, gpu, pool, abort);
        }
        let said = |frame: &OneFrame<'_>| frame.said(loaded, finder, clip, gpu, pool, abort);
        let (own_said, theirs) = (said(&own)?, others().map(said).collect::<Result<Vec<_>, _>>()?);
        let neighbours = neighbours.get_or_init(|| {
            let looks: Vec<_> = others().map(|frame| frame.look).collect();
            Neighbours::new(own.look, &looks, pool)
        });
        Ok(Arc::new(neighbours.average(&own_said, &theirs)))
    };
    let mut ready = Ready::default();
    let mut heard = None;
    if let Some(finder) = &networks.tone {
        match hear(finder, None) {
            Ok(tensors) => {
                ready.tone = Tone::new(&tensors).map(Arc::new);
                if ready.tone.is_none() {
                    ready.fallback = Some(finder.finds_no_curve());
                }
                heard = Some((finder, tensors));
            }
            Err(FrameError::Interrupted) => return Err(Interrupted),
            Err(error) => ready.fallback = Some(said_by(finder, &error)),
        }
    }
    let Some(loaded) = &networks.method else { return Ok(ready) };
    let under = ready.tone.as_deref().zip(networks.tone.as_deref());
    let under = under.filter(|_| loaded.takes_recoded());
    let tensors = match heard {
        Some((finder, tensors)) if under.is_none() && Arc::ptr_eq(finder, loaded) => Ok(tensors),
        _ => hear(loaded, under),
    };
    let tensors = match tensors {
        Ok(tensors) => tensors,
        Err(FrameError::Interrupted) => return Err(Interrupted),
        Err(error) => {
            ready.fallback = Some(said_by(loaded, &error));
            return Ok(ready);
        }
    };
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
    Ok(ready)
}

/// A failure of a network, with its name.
fn said_by(loaded: &Loaded, error: &FrameError) -> String {
    format!("{}: {error}", loaded.model.header.name)
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
