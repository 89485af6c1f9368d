//! Effects, clips, image memory and mutexes: what handles stand for.

use crate::{
    binary::Plugin,
    config::Components,
    job::Job,
    param::ParamSet,
    propset::{Lifetime, PropSet},
    registry::{self, Object},
    session::{Session, lock},
};
use headroom_ofx_sys::{self as sys, OfxImageClipHandle};
use std::{
    alloc::Layout,
    collections::HashMap,
    sync::{
        Arc, Condvar, Mutex as StdMutex, Weak,
        atomic::{AtomicBool, AtomicUsize},
    },
    thread::ThreadId,
};

/// What an effect handle stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The description that Describe fills.
    Description,
    /// The description that DescribeInContext fills.
    Context,
    /// An instance.
    Instance,
}

/// An effect: description or instance.
pub(crate) struct Node {
    pub(crate) handle: usize,
    pub(crate) label: String,
    pub(crate) role: Role,
    pub(crate) session: Arc<Session>,
    pub(crate) plugin: Arc<Plugin>,
    pub(crate) props: Arc<PropSet>,
    pub(crate) params: Arc<ParamSet>,
    pub(crate) clips: StdMutex<Vec<Arc<Clip>>>,
    /// Renders under way.
    pub(crate) jobs: StdMutex<Vec<Arc<Job>>>,
    /// Image memory not yet freed.
    pub(crate) memory: StdMutex<Vec<usize>>,
    /// GetClipPreferences has to be asked (again).
    pub(crate) preferences_stale: AtomicBool,
    /// How deep InstanceChanged is nested.
    pub(crate) changing: AtomicUsize,
    /// A plug-in that is not fully safe renders one call at a time through this.
    pub(crate) rendering: StdMutex<()>,
    /// Parameters edited between paramEditBegin and paramEditEnd.
    pub(crate) editing: AtomicUsize,
    /// Names of the parameters that the clip preferences hang on.
    pub(crate) slaves: StdMutex<Vec<String>>,
    /// What GetClipPreferences settled on for the output.
    pub(crate) preferences: StdMutex<Option<Preferences>>,
}

/// What GetClipPreferences settled on for the output.
#[derive(Clone, Debug)]
pub(crate) struct Preferences {
    /// The OpenFX name of how alpha and colour relate.
    pub(crate) premult: String,
    pub(crate) pixel_aspect: f64,
}

impl Node {
    pub(crate) fn new(
        session: &Arc<Session>,
        plugin: &Arc<Plugin>,
        role: Role,
        label: &str,
        props: Arc<PropSet>,
        params: Arc<ParamSet>,
    ) -> Arc<Self> {
        let handle = registry::reserve();
        let node = Arc::new(Self {
            handle,
            label: label.to_owned(),
            role,
            session: Arc::clone(session),
            plugin: Arc::clone(plugin),
            props,
            params,
            clips: StdMutex::default(),
            jobs: StdMutex::default(),
            memory: StdMutex::default(),
            preferences_stale: AtomicBool::new(true),
            changing: AtomicUsize::new(0),
            rendering: StdMutex::default(),
            editing: AtomicUsize::new(0),
            slaves: StdMutex::default(),
            preferences: StdMutex::default(),
        });
        *lock(&node.params.node) = Arc::downgrade(&node);
        registry::insert(handle, Object::Node(Arc::clone(&node)));
        node
    }

    pub(crate) fn clip(&self, name: &str) -> Option<Arc<Clip>> {
        lock(&self.clips).iter().find(|clip| clip.name == name).cloned()
    }

    pub(crate) fn all_clips(&self) -> Vec<Arc<Clip>> {
        lock(&self.clips).clone()
    }

    /// The clips that carry pictures in, in the order of their definition.
    pub(crate) fn inputs(&self) -> Vec<Arc<Clip>> {
        self.all_clips().into_iter().filter(|clip| !clip.is_output()).collect()
    }

    /// Ends every handle of the effect.
    pub(crate) fn retire(&self) {
        for clip in self.all_clips() {
            registry::retire(clip.props.handle, &self.session);
            registry::retire(clip.handle, &self.session);
        }
        self.params.retire();
        registry::retire(self.props.handle, &self.session);
        registry::retire(self.handle, &self.session);
    }
}

/// A clip: description or instance.
pub(crate) struct Clip {
    pub(crate) handle: usize,
    pub(crate) name: String,
    pub(crate) props: Arc<PropSet>,
    pub(crate) node: StdMutex<Weak<Node>>,
    /// What GetClipPreferences settled on.
    pub(crate) components: StdMutex<Components>,
}

impl Clip {
    pub(crate) fn new(name: &str, props: Arc<PropSet>) -> Arc<Self> {
        let handle = registry::reserve();
        let clip = Arc::new(Self {
            handle,
            name: name.to_owned(),
            props,
            node: StdMutex::default(),
            components: StdMutex::new(Components::Rgba),
        });
        registry::insert(handle, Object::Clip(Arc::clone(&clip)));
        clip
    }

    pub(crate) fn as_handle(&self) -> OfxImageClipHandle {
        std::ptr::without_provenance_mut(self.handle)
    }

    pub(crate) fn is_output(&self) -> bool {
        sys::kOfxImageEffectOutputClipName.to_str() == Ok(self.name.as_str())
    }

    pub(crate) fn is_optional(&self) -> bool {
        self.props.int(sys::kOfxImageClipPropOptional) == Some(1)
    }

    pub(crate) fn node(&self) -> Option<Arc<Node>> {
        lock(&self.node).upgrade()
    }

    /// The clip of an instance.
    pub(crate) fn instantiate(&self, node: &Arc<Node>) -> Arc<Self> {
        let label = format!("the clip {:?} of {}", self.name, node.label);
        let props = self.props.copy(&node.session, &label, Lifetime::Action);
        let clip = Self::new(&self.name, props);
        *lock(&clip.node) = Arc::downgrade(node);
        clip
    }
}

/// Memory of `imageMemoryAlloc`, aligned to 16 bytes.
pub(crate) struct ImageMemory {
    pub(crate) address: usize,
    layout: Layout,
    pub(crate) locks: AtomicUsize,
    pub(crate) node: Weak<Node>,
}

impl ImageMemory {
    /// None when the size is absurd or memory is short.
    pub(crate) fn new(node: &Arc<Node>, bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes.max(1), 16).ok()?;
        // SAFETY: the layout has a size of at least one byte.
        let address = unsafe { std::alloc::alloc(layout) };
        (!address.is_null()).then(|| Self {
            address: address.expose_provenance(),
            layout,
            locks: AtomicUsize::new(0),
            node: Arc::downgrade(node),
        })
    }
}

impl Drop for ImageMemory {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout in `new`, and freed once, here.
        unsafe {
            std::alloc::dealloc(std::ptr::with_exposed_provenance_mut(self.address), self.layout);
        }
    }
}

/// A mutex of the multi-thread suite: the thread that has it may lock it again.
pub(crate) struct Mutex {
    holder: StdMutex<Option<(ThreadId, usize)>>,
    freed: Condvar,
}

impl Mutex {
    pub(crate) fn new(locks: usize) -> Self {
        let holder = (locks > 0).then(|| (std::thread::current().id(), locks));
        Self { holder: StdMutex::new(holder), freed: Condvar::new() }
    }

    /// Locks; says whether it did, which it always does when it may wait.
    pub(crate) fn lock(&self, wait: bool) -> bool {
        let me = std::thread::current().id();
        let mut holder = lock(&self.holder);
        loop {
            match &mut *holder {
                None => {
                    *holder = Some((me, 1));
                    return true;
                }
                Some((owner, count)) if *owner == me => {
                    *count += 1;
                    return true;
                }
                Some(_) if !wait => return false,
                Some(_) => {
                    holder =
                        self.freed.wait(holder).unwrap_or_else(std::sync::PoisonError::into_inner);
                }
            }
        }
    }

    /// Unlocks; says whether this thread held it.
    pub(crate) fn unlock(&self) -> bool {
        let me = std::thread::current().id();
        let mut holder = lock(&self.holder);
        match &mut *holder {
            Some((owner, count)) if *owner == me => {
                *count -= 1;
                if *count == 0 {
                    *holder = None;
                    self.freed.notify_one();
                }
                true
            }
            _ => false,
        }
    }
}

/// Blocks of the memory suite.
pub(crate) type Blocks = HashMap<usize, usize>;
