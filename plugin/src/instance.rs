//! One node: its handles, fetched once.
//!
//! An instance is immutable but for one flag, so any thread may render it while the main thread
//! edits it. Making one costs a few dozen look-ups in the host and nothing else: Baselight and MLT
//! make one per frame.

use crate::describe::{MASK, OUTPUT, SOURCE};
use crate::hosts::Quirks;
use crate::{colour, params};
use headroom::expand::{Alpha, Plan, Surroundings};
use headroom::settings::{Id, Values};
use headroom_colour::{Kind, Space, find};
use headroom_ofx::{Clip, Effect, Param, ParamSet, Premultiplication, Result, Status, sys};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A node.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) effect: Effect,
    pub(crate) quirks: Quirks,
    /// The host gives pictures of other frames than the one rendered.
    pub(crate) sees_neighbours: bool,
    pub(crate) param_set: ParamSet,
    /// In the table's order.
    pub(crate) params: Vec<Option<Param>>,
    pub(crate) source: Clip,
    pub(crate) mask: Option<Clip>,
    pub(crate) output: Clip,
    /// An error is on show; see [`Self::fail`].
    failed: AtomicBool,
    /// Made for one action, so it does not know what an earlier one showed.
    passing: bool,
}

/// Nodes by the address of their handle, so that an action finds its node and the node its host
/// without asking one. (Handles of different hosts are different as long as they live.)
static INSTANCES: RwLock<BTreeMap<usize, Arc<Instance>>> = RwLock::new(BTreeMap::new());

/// CreateInstance.
pub(crate) fn create(effect: &Effect) -> Result {
    let instance = Arc::new(Instance::new(effect, false)?);
    if let Ok(props) = effect.properties() {
        // Hosts built on HostSupport read it here rather than from the descriptor.
        props.set(sys::kOfxImageEffectPropSupportsTiles, 1);
    }
    instance.show_what_counts(0.0);
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    instances.insert(effect.address(), instance);
    Ok(())
}

/// DestroyInstance. `handle` may be one that was never created.
pub(crate) fn destroy(handle: *const c_void) {
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    let instance = instances.remove(&(handle as usize));
    drop(instances);
    drop(instance);
}

/// Forgets every node, when the last host has unloaded; each should have been destroyed before.
pub(crate) fn destroy_all() {
    let mut instances = INSTANCES.write().unwrap_or_else(PoisonError::into_inner);
    let left = std::mem::take(&mut *instances);
    drop(instances);
    drop(left);
}

/// Runs `work` on the node of that handle; on one made for the occasion where a host gives another
/// handle than it created.
pub(crate) fn with(
    handle: *const c_void,
    effect: impl FnOnce() -> Result<Effect>,
    work: impl FnOnce(&Instance) -> Result,
) -> Result {
    let instances = INSTANCES.read().unwrap_or_else(PoisonError::into_inner);
    let known = instances.get(&(handle as usize)).cloned();
    drop(instances);
    match known {
        Some(instance) => work(&instance),
        None => work(&Instance::new(&effect()?, true)?),
    }
}

impl Instance {
    fn new(effect: &Effect, passing: bool) -> Result<Self> {
        let param_set = effect.params()?;
        Ok(Self {
            effect: *effect,
            quirks: Quirks::of(effect.host()),
            sees_neighbours: effect
                .host()
                .properties()
                .and_then(|p| p.get::<i32>(sys::kOfxImageEffectPropTemporalClipAccess))
                != Some(0),
            params: params::handles(&param_set),
            param_set,
            source: effect.clip(SOURCE).ok_or(Status::BAD_HANDLE)?,
            mask: effect.clip(MASK),
            output: effect.clip(OUTPUT).ok_or(Status::BAD_HANDLE)?,
            failed: AtomicBool::new(false),
            passing,
        })
    }

    /// The settings at a time.
    pub(crate) fn values(&self, time: f64) -> Values {
        params::values(&self.params, time)
    }

    /// A parameter's handle.
    pub(crate) fn param(&self, key: Id) -> Option<Param> {
        self.params[key as usize]
    }

    /// The plan for settings, with what the host tells of colour.
    pub(crate) fn plan(&self, values: &Values, alpha: Alpha) -> Plan {
        let surroundings = Surroundings {
            input_space: Some(self.input_space()),
            output_space: self.output_space(),
            alpha,
        };
        Plan::new(values, &surroundings)
    }

    /// The frames whose measurements count at a time.
    pub(crate) fn analysis_times(&self, plan: &Plan, time: f64) -> Vec<f64> {
        if self.sees_neighbours { plan.analysis_times(time) } else { vec![time] }
    }

    /// The space of the source where the settings leave it to the host.
    pub(crate) fn input_space(&self) -> &'static Space {
        let told = self.source.colourspace().and_then(|name| colour::by_name(&name));
        let usual = if self.quirks.linear { "lin_rec709_srgb" } else { "srgb_tx" };
        told.or_else(|| find(usual)).unwrap_or(&headroom_colour::spaces()[0])
    }

    /// The space of the output where the settings leave it to the host and the host told it.
    fn output_space(&self) -> Option<&'static Space> {
        let name = self.output.colourspace()?;
        let space = match name.strip_prefix("OfxColourspace_") {
            Some(clip) if clip.as_bytes() == SOURCE.to_bytes() => Some(self.input_space()),
            Some(_) => None,
            None => colour::by_name(&name),
        };
        space.filter(|space| colour::holds_highlights(space))
    }

    /// How colour relates to alpha in the source clip.
    pub(crate) fn alpha(&self) -> Alpha {
        alpha(self.source.premultiplication())
    }

    /// True when the mask is wanted and may be there.
    pub(crate) fn mask_clip(&self, values: &Values) -> Option<Clip> {
        self.mask.filter(|mask| values.toggle(Id::MaskEnable) && mask.is_connected())
    }

    /// Greys out parameters that have no effect as things stand at a time.
    pub(crate) fn show_what_counts(&self, time: f64) {
        let values = self.values(time);
        let plan = self.plan(&values, Alpha::Opaque);
        params::enable(&self.params, &values, plan.output_space().kind == Kind::DisplayHdr);
    }

    /// Shows an error and returns `status`. It stays until a render succeeds or is not needed.
    pub(crate) fn fail(&self, status: Status, text: &str) -> Status {
        log::error!("{text}");
        let shown = self.quirks.persistent_messages && self.effect.set_persistent_error(text);
        let repeated = self.failed.swap(true, Ordering::Relaxed);
        if !shown && !repeated {
            // Some hosts open a dialogue for these: once is enough.
            let _ = self.effect.tell_error(text);
        }
        status
    }

    /// Shows why a picture is not what was asked for, although there is one.
    pub(crate) fn warn(&self, text: &str) {
        let _ = self.fail(Status::OK, text);
    }

    /// Takes the error away that [`Self::fail`] showed.
    pub(crate) fn succeed(&self) {
        if (self.failed.swap(false, Ordering::Relaxed) || self.passing)
            && self.quirks.persistent_messages
        {
            self.effect.clear_persistent_error();
        }
    }
}

/// How the engine calls what OpenFX says of alpha. Premultiplied is what compositing hosts hand
/// over when they do not say.
pub(crate) fn alpha(said: Option<Premultiplication>) -> Alpha {
    match said {
        Some(Premultiplication::Opaque) => Alpha::Opaque,
        Some(Premultiplication::Unpremultiplied) => Alpha::Straight,
        Some(Premultiplication::Premultiplied) | None => Alpha::Premultiplied,
    }
}
