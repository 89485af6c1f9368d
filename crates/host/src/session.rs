//! The time between loading a plug-in and unloading it, and all that is noticed meanwhile.

use crate::{
    action::{self, Frame},
    config::HostConfig,
    job::Job,
    propset::PropSet,
    violation::{Violation, ViolationKind},
};
use headroom_gpu::Gpu;
use std::{
    ffi::CString,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    thread::ThreadId,
};

/// A message that the plug-in gave to the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `OfxMessageError`, `OfxMessageWarning`, ...
    pub kind: String,
    /// The plug-in's name for it.
    pub id: String,
    /// What it says.
    pub text: String,
    /// True when it stays on the node until it is cleared.
    pub persistent: bool,
}

/// A string that a plug-in passed, and where.
pub(crate) struct Watched {
    address: usize,
    copy: CString,
    place: String,
}

/// One life of a plug-in in the host.
pub(crate) struct Session {
    pub(crate) config: HostConfig,
    pub(crate) host_props: OnceLock<Arc<PropSet>>,
    pub(crate) main_thread: ThreadId,
    violations: Mutex<Vec<Violation>>,
    messages: Mutex<Vec<Message>>,
    persistent: Mutex<Option<Message>>,
    watched: Mutex<Vec<Watched>>,
    /// Blocks of the memory suite: address to length.
    pub(crate) memory: Mutex<crate::object::Blocks>,
    pub(crate) time: Mutex<f64>,
    /// Whose memory images lie in.
    pub(crate) gpu: OnceLock<Arc<Gpu>>,
    /// Render calls under way, on whatever instance.
    pub(crate) jobs: Mutex<Vec<Arc<Job>>>,
}

/// Sessions under way, newest last.
static SESSIONS: Mutex<Vec<Weak<Session>>> = Mutex::new(Vec::new());

/// The newest session under way: whom to tell when nothing else says whose plug-in is calling.
pub(crate) fn newest() -> Option<Arc<Session>> {
    lock(&SESSIONS).iter().rev().find_map(Weak::upgrade)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More than this many violations say nothing new.
const MOST_VIOLATIONS: usize = 1000;

impl Session {
    pub(crate) fn new(config: HostConfig) -> Arc<Self> {
        let time = config.project.frames[0];
        let session = Arc::new(Self {
            config,
            host_props: OnceLock::new(),
            main_thread: std::thread::current().id(),
            violations: Mutex::default(),
            messages: Mutex::default(),
            persistent: Mutex::default(),
            watched: Mutex::default(),
            memory: Mutex::default(),
            time: Mutex::new(time),
            gpu: OnceLock::new(),
            jobs: Mutex::default(),
        });
        let mut sessions = lock(&SESSIONS);
        sessions.retain(|session| session.strong_count() > 0);
        sessions.push(Arc::downgrade(&session));
        drop(sessions);
        session
    }

    /// Releases an image of whichever render holds it.
    pub(crate) fn release_anywhere(&self, handle: usize) -> bool {
        let jobs = lock(&self.jobs).clone();
        jobs.iter().any(|job| job.release(handle))
    }

    /// Notes a broken rule; the same one twice counts once.
    pub(crate) fn violate(&self, kind: ViolationKind, detail: impl Into<String>) {
        let violation = Violation { kind, action: action::current_name(), detail: detail.into() };
        log::debug!("violation: {violation}");
        let mut violations = lock(&self.violations);
        if violations.len() < MOST_VIOLATIONS && !violations.contains(&violation) {
            violations.push(violation);
        }
    }

    /// Takes what was noticed since the last time.
    pub(crate) fn take_violations(&self) -> Vec<Violation> {
        std::mem::take(&mut lock(&self.violations))
    }

    /// What was noticed and not taken.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        lock(&self.violations).clone()
    }

    /// Puts back what [`Session::take_violations`] took, before what came since.
    pub(crate) fn restore_violations(&self, mut earlier: Vec<Violation>) {
        let mut violations = lock(&self.violations);
        earlier.append(&mut violations);
        *violations = earlier;
    }

    pub(crate) fn message(&self, message: Message) {
        if message.persistent {
            *lock(&self.persistent) = Some(message.clone());
        }
        lock(&self.messages).push(message);
    }

    pub(crate) fn take_messages(&self) -> Vec<Message> {
        std::mem::take(&mut lock(&self.messages))
    }

    /// The message that stands on the node now.
    pub(crate) fn persistent_message(&self) -> Option<Message> {
        lock(&self.persistent).clone()
    }

    pub(crate) fn clear_persistent_message(&self) {
        *lock(&self.persistent) = None;
    }

    /// Remembers a string of the description, to be looked at again until the plug-in is unloaded.
    pub(crate) fn watch(&self, watched: Watched) {
        lock(&self.watched).push(watched);
    }

    /// Looks at every string of the description again.
    pub(crate) fn check_strings(&self) {
        let watched = std::mem::take(&mut *lock(&self.watched));
        watched.iter().for_each(|watched| watched.check(self));
        let mut now = lock(&self.watched);
        let mut watched = watched;
        watched.append(&mut now);
        *now = watched;
    }

    /// The strings are about to vanish with the plug-in's binary.
    pub(crate) fn forget_strings(&self) {
        lock(&self.watched).clear();
    }

    /// True on the thread that loaded the plug-in.
    pub(crate) fn on_main_thread(&self) -> bool {
        std::thread::current().id() == self.main_thread
    }

    /// A frame for calling the plug-in outside every action (setHost, OfxSetHost).
    pub(crate) fn frame(self: &Arc<Self>, action: &str) -> Frame {
        Frame::new(self, action)
    }
}

impl Watched {
    pub(crate) fn new(address: usize, copy: CString, place: String) -> Self {
        Self { address, copy, place }
    }

    /// Reports the string when it no longer reads as it did.
    pub(crate) fn check(&self, session: &Session) {
        if let Some(now) = crate::peek::read(self.address, self.copy.as_bytes_with_nul().len())
            && now != self.copy.as_bytes_with_nul()
        {
            session.violate(
                ViolationKind::TemporaryString,
                format!(
                    "{}: the string {:?} reads {:?} later; strings given to a host must stay",
                    self.place,
                    self.copy,
                    String::from_utf8_lossy(&now)
                ),
            );
        }
    }
}
