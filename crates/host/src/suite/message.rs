//! The message suite, versions 1 and 2, with and without its persistent half.

use super::{find_node, text, violate};
use crate::{
    action,
    registry::{self, Object},
    session::{Message, Session},
    violation::ViolationKind,
};
use headroom_ofx_sys::{self as sys, OfxMessageSuiteV1, OfxMessageSuiteV2, OfxStatus};
use std::{
    ffi::{c_char, c_int, c_void},
    sync::Arc,
};

unsafe extern "C" {
    fn headroom_host_show_message(
        handle: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> OfxStatus;
    fn headroom_host_set_persistent_message(
        handle: *mut c_void,
        kind: *const c_char,
        id: *const c_char,
        format: *const c_char,
        ...
    ) -> OfxStatus;
}

fn session_of(handle: *mut c_void) -> Result<Arc<Session>, OfxStatus> {
    if handle.is_null() {
        return action::current_session().ok_or(sys::kOfxStatErrBadHandle);
    }
    if let Some(Object::Props(set)) = registry::find(handle.addr()) {
        return set.session().ok_or(sys::kOfxStatErrBadHandle);
    }
    find_node(handle).map(|node| Arc::clone(&node.session))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn headroom_host_message(
    handle: *mut c_void,
    kind: *const c_char,
    id: *const c_char,
    words: *const c_char,
    persistent: c_int,
) -> OfxStatus {
    let session = match session_of(handle) {
        Ok(session) => session,
        Err(status) => return status,
    };
    let (Ok(kind), Ok(words)) = (text(kind, "a message's type"), text(words, "a message")) else {
        return sys::kOfxStatErrValue;
    };
    let known = [
        sys::kOfxMessageFatal,
        sys::kOfxMessageError,
        sys::kOfxMessageWarning,
        sys::kOfxMessageMessage,
        sys::kOfxMessageLog,
        sys::kOfxMessageQuestion,
    ];
    if !known.contains(&kind) {
        violate(ViolationKind::WrongAction, format!("{kind:?} is no type of message"));
        return sys::kOfxStatErrValue;
    }
    let id = if id.is_null() {
        String::new()
    } else {
        // SAFETY: not null; the standard demands a C string.
        unsafe { std::ffi::CStr::from_ptr(id) }.to_string_lossy().into_owned()
    };
    session.message(Message {
        kind: kind.to_string_lossy().into_owned(),
        id,
        text: words.to_string_lossy().into_owned(),
        persistent: persistent != 0,
    });
    if kind == sys::kOfxMessageQuestion { sys::kOfxStatReplyNo } else { sys::kOfxStatOK }
}

unsafe extern "C" fn clear(handle: *mut c_void) -> OfxStatus {
    match session_of(handle) {
        Ok(session) => {
            session.clear_persistent_message();
            sys::kOfxStatOK
        }
        Err(status) => status,
    }
}

/// Version 1.
pub(super) static V1: OfxMessageSuiteV1 =
    OfxMessageSuiteV1 { message: Some(headroom_host_show_message) };

/// Version 2.
pub(super) static V2: OfxMessageSuiteV2 = OfxMessageSuiteV2 {
    message: Some(headroom_host_show_message),
    setPersistentMessage: Some(headroom_host_set_persistent_message),
    clearPersistentMessage: Some(clear),
};

/// Version 2 as Resolve 14 had it.
pub(super) static V2_NULL: OfxMessageSuiteV2 = OfxMessageSuiteV2 {
    message: Some(headroom_host_show_message),
    setPersistentMessage: None,
    clearPersistentMessage: None,
};
