//! Calling a plug-in's entry point: which action is running on which thread, and which statuses
//! it may return.

use crate::{
    job::Job,
    object::Node,
    propset::PropSet,
    session::{Session, Watched},
    violation::ViolationKind,
};
use headroom_ofx_sys::{self as sys, OfxPlugin, OfxStatus};
use std::{
    cell::RefCell,
    ffi::{CStr, c_void},
    sync::Arc,
};

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// A call into the plug-in that is under way on this thread.
pub(crate) struct Frame {
    pub(crate) session: Arc<Session>,
    pub(crate) action: String,
    pub(crate) effect: Option<Arc<Node>>,
    pub(crate) job: Option<Arc<Job>>,
    /// Strings that must last until the action has returned.
    watched: Vec<Watched>,
}

impl Frame {
    pub(crate) fn new(session: &Arc<Session>, action: &str) -> Self {
        Self {
            session: Arc::clone(session),
            action: action.to_owned(),
            effect: None,
            job: None,
            watched: Vec::new(),
        }
    }

    /// Runs `call` with this frame on top, then looks at the strings passed meanwhile.
    pub(crate) fn run<T>(self, call: impl FnOnce() -> T) -> T {
        FRAMES.with_borrow_mut(|frames| frames.push(self));
        let result = call();
        let watched = FRAMES.with_borrow_mut(|frames| {
            frames
                .last_mut()
                .map(|frame| (Arc::clone(&frame.session), std::mem::take(&mut frame.watched)))
        });
        if let Some((session, watched)) = watched {
            watched.iter().for_each(|watched| watched.check(&session));
        }
        FRAMES.with_borrow_mut(Vec::pop);
        result
    }
}

/// The name of the action running on this thread, empty when there is none.
pub(crate) fn current_name() -> String {
    FRAMES.with_borrow(|frames| frames.last().map_or_else(String::new, |top| top.action.clone()))
}

/// The session whose plug-in is running on this thread.
pub(crate) fn current_session() -> Option<Arc<Session>> {
    FRAMES.with_borrow(|frames| frames.last().map(|top| Arc::clone(&top.session)))
}

/// The render whose action is running on this thread.
pub(crate) fn current_job() -> Option<Arc<Job>> {
    FRAMES.with_borrow(|frames| frames.iter().rev().find_map(|frame| frame.job.clone()))
}

/// Remembers a string until the running action has returned.
pub(crate) fn watch(watched: Watched) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(top) = frames.last_mut() {
            top.watched.push(watched);
        }
    });
}

/// Calls the plug-in. `effect` is none for Load and Unload.
pub(crate) fn call(
    session: &Arc<Session>,
    plugin: &OfxPlugin,
    action: &CStr,
    effect: Option<&Arc<Node>>,
    arguments: (Option<&Arc<PropSet>>, Option<&Arc<PropSet>>),
    job: Option<&Arc<Job>>,
) -> OfxStatus {
    let Some(entry) = plugin.mainEntry else {
        session.violate(ViolationKind::PluginStruct, "mainEntry is null");
        return sys::kOfxStatFailed;
    };
    let mut frame = Frame::new(session, &action.to_string_lossy());
    frame.effect = effect.cloned();
    frame.job = job.cloned();
    let handle = effect.map_or(0, |effect| effect.handle);
    let (input, output) = arguments;
    let raw = |set: Option<&Arc<PropSet>>| set.map_or(std::ptr::null_mut(), |set| set.as_handle());
    frame.run(|| {
        // SAFETY: the binary is loaded for as long as the session lasts; the action is a C string,
        // the handles are the host's own numbers, as the standard has it.
        let status = unsafe {
            entry(
                action.as_ptr(),
                std::ptr::without_provenance::<c_void>(handle),
                raw(input),
                raw(output),
            )
        };
        if !legal(action).contains(&status) {
            session.violate(
                ViolationKind::IllegalStatus,
                format!("returned {} ({status})", sys::status_name(status)),
            );
        }
        status
    })
}

/// The statuses that an action may return.
pub(crate) fn legal(action: &CStr) -> &'static [OfxStatus] {
    use sys::*;
    const QUESTION: &[OfxStatus] =
        &[kOfxStatOK, kOfxStatReplyDefault, kOfxStatFailed, kOfxStatErrFatal, kOfxStatErrMemory];
    const DESCRIBE: &[OfxStatus] = &[
        kOfxStatOK,
        kOfxStatFailed,
        kOfxStatErrFatal,
        kOfxStatErrMemory,
        kOfxStatErrMissingHostFeature,
    ];
    const LOAD: &[OfxStatus] = &[
        kOfxStatOK,
        kOfxStatReplyDefault,
        kOfxStatFailed,
        kOfxStatErrFatal,
        kOfxStatErrMemory,
        kOfxStatErrMissingHostFeature,
    ];
    const RENDER: &[OfxStatus] = &[
        kOfxStatOK,
        kOfxStatFailed,
        kOfxStatErrFatal,
        kOfxStatErrMemory,
        kOfxStatErrImageFormat,
        kOfxStatErrUnsupported,
        kOfxStatUnlicensed,
        kOfxStatGPUOutOfMemory,
        kOfxStatGPURenderFailed,
    ];
    if action == kOfxActionDescribe || action == kOfxImageEffectActionDescribeInContext {
        DESCRIBE
    } else if action == kOfxActionLoad || action == kOfxActionCreateInstance {
        LOAD
    } else if action == kOfxImageEffectActionRender {
        RENDER
    } else if action == UNKNOWN_ACTION {
        &[kOfxStatReplyDefault]
    } else {
        QUESTION
    }
}

/// An action that no standard defines: a plug-in must answer ReplyDefault.
pub(crate) const UNKNOWN_ACTION: &CStr = c"fx.headroom.ActionOfTomorrow";
