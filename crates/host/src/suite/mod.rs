//! The suites that plug-ins call. None of these functions unwinds: they lock, look up and note.

mod effect;
mod memory;
mod message;
mod param;
mod progress;
mod property;
mod thread;
mod timeline;

use crate::{
    action,
    config::{MessageSuite, ThreadSuite},
    object::{Clip, Node},
    param::{Param, ParamSet},
    propset::PropSet,
    registry::{self, Object},
    session::Session,
    violation::ViolationKind,
};
use headroom_ofx_sys::{self as sys, OfxPropertySetHandle, OfxStatus};
use std::{
    ffi::{CStr, c_char, c_int, c_void},
    sync::Arc,
};

/// Result of a suite function before it becomes a status.
type Reply = Result<(), OfxStatus>;

fn status(reply: Reply) -> OfxStatus {
    reply.err().unwrap_or(sys::kOfxStatOK)
}

/// Notes a broken rule with the session whose plug-in is running here.
fn violate(kind: ViolationKind, detail: impl Into<String>) {
    match any_session() {
        Some(session) => session.violate(kind, detail),
        None => log::error!("{}: {}", kind.name(), detail.into()),
    }
}

/// The session whose plug-in is running here; on a thread of a plug-in's, the newest one.
fn any_session() -> Option<Arc<Session>> {
    action::current_session().or_else(crate::session::newest)
}

/// The object of a handle, if it is of the wanted kind.
fn find<T>(
    handle: usize,
    wanted: &str,
    pick: impl FnOnce(Object) -> Result<T, Object>,
) -> Result<T, OfxStatus> {
    forbid_in_set_host();
    match registry::find(handle) {
        None => {
            violate(
                ViolationKind::BadHandle,
                format!("{handle:#x} is no handle of this host; expected {wanted}"),
            );
            Err(sys::kOfxStatErrBadHandle)
        }
        Some(Object::Gone(what, session)) => {
            session.violate(ViolationKind::UsedAfterDestroy, format!("{what} is gone"));
            Err(sys::kOfxStatErrBadHandle)
        }
        Some(object) => pick(object).map_err(|other| {
            violate(
                ViolationKind::BadHandle,
                format!("{} where {wanted} is expected", other.describe()),
            );
            sys::kOfxStatErrBadHandle
        }),
    }
}

macro_rules! finder {
    ($name:ident, $variant:ident, $type:ty, $wanted:literal) => {
        fn $name<T>(handle: *mut T) -> Result<Arc<$type>, OfxStatus> {
            find(handle.addr(), $wanted, |object| match object {
                Object::$variant(found) => Ok(found),
                other => Err(other),
            })
        }
    };
}

finder!(find_props, Props, PropSet, "a property set");
finder!(find_node, Node, Node, "an effect");
finder!(find_param_set, ParamSet, ParamSet, "a parameter set");
finder!(find_param, Param, Param, "a parameter");
finder!(find_clip, Clip, Clip, "a clip");

/// A C string that the plug-in passed.
fn text<'a>(pointer: *const c_char, what: &str) -> Result<&'a CStr, OfxStatus> {
    if pointer.is_null() {
        violate(ViolationKind::NullPointer, format!("{what} is null"));
        return Err(sys::kOfxStatErrValue);
    }
    // SAFETY: the standard demands a C string that lives through the call.
    Ok(unsafe { CStr::from_ptr(pointer) })
}

/// Writes through a pointer that the plug-in passed; null is a fault.
fn give<T>(target: *mut T, value: T, what: &str) -> Reply {
    if target.is_null() {
        violate(ViolationKind::NullPointer, format!("the place for {what} is null"));
        return Err(sys::kOfxStatErrValue);
    }
    // SAFETY: not null, and the standard demands a place for one value.
    unsafe { target.write(value) };
    Ok(())
}

/// Writes through a pointer that may be null.
fn give_optional<T>(target: *mut T, value: T) {
    if !target.is_null() {
        // SAFETY: not null, and the standard demands a place for one value.
        unsafe { target.write(value) };
    }
}

/// `setHost` may only keep the pointer.
fn forbid_in_set_host() {
    if action::current_name() == SET_HOST {
        violate(ViolationKind::CallFromSetHost, "a suite was used before the Load action");
    }
}

/// The frame name during `OfxPlugin::setHost`.
pub(crate) const SET_HOST: &str = "setHost";

/// `OfxHost::fetchSuite`.
pub(crate) unsafe extern "C" fn fetch_suite(
    host: OfxPropertySetHandle,
    name: *const c_char,
    version: c_int,
) -> *const c_void {
    if action::current_name() == SET_HOST {
        violate(ViolationKind::CallFromSetHost, "fetchSuite was called before the Load action");
    }
    let Some(session) = find_host(host) else { return std::ptr::null() };
    let Ok(name) = text(name, "the name of a suite") else { return std::ptr::null() };
    if session.config.missing_suites.iter().any(|missing| missing.as_bytes() == name.to_bytes()) {
        return std::ptr::null();
    }
    fn table<T>(suite: &'static T) -> *const c_void {
        std::ptr::from_ref(suite).cast()
    }
    let threads = session.config.threads;
    let messages = session.config.messages;
    if name == sys::kOfxPropertySuite && version == 1 {
        table(&property::SUITE)
    } else if name == sys::kOfxImageEffectSuite && version == 1 {
        table(&effect::SUITE)
    } else if name == sys::kOfxParameterSuite && version == 1 {
        table(&param::SUITE)
    } else if name == sys::kOfxMemorySuite && version == 1 {
        table(&memory::SUITE)
    } else if name == sys::kOfxMultiThreadSuite && version == 1 {
        match threads {
            ThreadSuite::Real => table(&thread::REAL),
            ThreadSuite::Dummy => table(&thread::DUMMY),
            ThreadSuite::Absent => std::ptr::null(),
        }
    } else if name == sys::kOfxMessageSuite && version == 1 {
        match messages {
            MessageSuite::Absent => std::ptr::null(),
            _ => table(&message::V1),
        }
    } else if name == sys::kOfxMessageSuite && version == 2 {
        match messages {
            MessageSuite::Full => table(&message::V2),
            MessageSuite::NullPersistent => table(&message::V2_NULL),
            _ => std::ptr::null(),
        }
    } else if name == sys::kOfxProgressSuite && version == 1 {
        table(&progress::V1)
    } else if name == sys::kOfxProgressSuite && version == 2 {
        table(&progress::V2)
    } else if name == sys::kOfxTimeLineSuite && version == 1 {
        table(&timeline::SUITE)
    } else {
        std::ptr::null()
    }
}

/// `fetchSuite` of a host structure that is no longer valid.
pub(crate) unsafe extern "C" fn stale_fetch_suite(
    _host: OfxPropertySetHandle,
    _name: *const c_char,
    _version: c_int,
) -> *const c_void {
    violate(ViolationKind::UsedAfterDestroy, "fetchSuite of a host structure that has ended");
    std::ptr::null()
}

fn find_host(host: OfxPropertySetHandle) -> Option<Arc<Session>> {
    match registry::find(host.addr()) {
        Some(Object::Props(set)) => set.session(),
        Some(Object::Gone(what, session)) => {
            session.violate(ViolationKind::UsedAfterDestroy, format!("fetchSuite: {what} is gone"));
            None
        }
        _ => {
            violate(ViolationKind::BadHandle, "fetchSuite with a handle that is not the host's");
            None
        }
    }
}
