//! Handles: numbers that look like pointers and are never used twice.
//!
//! A plug-in that keeps a handle too long, or invents one, is found out because the number leads
//! to nothing; with real pointers it would read freed memory.

use crate::{
    object::{Clip, ImageMemory, Mutex as OfxMutex, Node},
    param::{Param, ParamSet},
    propset::PropSet,
    session::Session,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, LazyLock, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// What a handle stands for.
#[derive(Clone)]
pub(crate) enum Object {
    Props(Arc<PropSet>),
    Node(Arc<Node>),
    ParamSet(Arc<ParamSet>),
    Param(Arc<Param>),
    Clip(Arc<Clip>),
    Memory(Arc<ImageMemory>),
    Mutex(Arc<OfxMutex>),
    /// The object is gone; what it was, and whose.
    Gone(String, Arc<Session>),
}

impl Object {
    /// What the handle stands for, in words.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Props(set) => format!("the property set of {}", set.label),
            Self::Node(node) => format!("the effect {}", node.label),
            Self::ParamSet(set) => format!("the parameter set of {}", set.label),
            Self::Param(param) => format!("the parameter {:?}", param.name),
            Self::Clip(clip) => format!("the clip {:?}", clip.name),
            Self::Memory(_) => "a piece of image memory".into(),
            Self::Mutex(_) => "a mutex".into(),
            Self::Gone(what, _) => what.clone(),
        }
    }
}

static NEXT: AtomicUsize = AtomicUsize::new(0x4f_0000);
static OBJECTS: LazyLock<RwLock<Objects>> = LazyLock::new(RwLock::default);

#[derive(Default)]
struct Objects {
    known: HashMap<usize, Object>,
    /// Handles that have ended, oldest first.
    gone: VecDeque<usize>,
}

/// So many ended handles are remembered: enough to name what a stale one was, and no more memory
/// after ten thousand frames than after a hundred.
const MOST_GONE: usize = 1 << 14;

/// A number for an object about to be made.
pub(crate) fn reserve() -> usize {
    // Steps of 64 keep the numbers apart from each other and even, as pointers are.
    NEXT.fetch_add(64, Ordering::Relaxed)
}

/// Makes `handle` stand for `object`.
pub(crate) fn insert(handle: usize, object: Object) {
    OBJECTS.write().unwrap_or_else(PoisonError::into_inner).known.insert(handle, object);
}

/// What `handle` stands for, if the host ever gave it out.
pub(crate) fn find(handle: usize) -> Option<Object> {
    OBJECTS.read().unwrap_or_else(PoisonError::into_inner).known.get(&handle).cloned()
}

/// Ends what `handle` stands for; later uses are reported to `session`.
pub(crate) fn retire(handle: usize, session: &Arc<Session>) {
    let mut objects = OBJECTS.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(object) = objects.known.get_mut(&handle) {
        let what = object.describe();
        *object = Object::Gone(what, Arc::clone(session));
        objects.gone.push_back(handle);
        if objects.gone.len() > MOST_GONE
            && let Some(oldest) = objects.gone.pop_front()
        {
            objects.known.remove(&oldest);
        }
    }
}

/// Forgets every handle of a session that has ended.
pub(crate) fn forget(session: &Arc<Session>) {
    let mut objects = OBJECTS.write().unwrap_or_else(PoisonError::into_inner);
    objects.known.retain(|_, object| match object {
        Object::Gone(_, owner) => !Arc::ptr_eq(owner, session),
        Object::Props(set) => set.session().is_none_or(|owner| !Arc::ptr_eq(&owner, session)),
        _ => true,
    });
}
