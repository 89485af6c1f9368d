//! The progress suite, versions 1 and 2: accepted, never cancelled.

use super::{find_node, status, text};
use headroom_ofx_sys::{OfxProgressSuiteV1, OfxProgressSuiteV2, OfxStatus};
use std::ffi::{c_char, c_void};

unsafe extern "C" fn start_v1(effect: *mut c_void, label: *const c_char) -> OfxStatus {
    status(find_node(effect).and_then(|_| text(label, "a progress label").map(|_| ())))
}

unsafe extern "C" fn start_v2(
    effect: *mut c_void,
    message: *const c_char,
    _id: *const c_char,
) -> OfxStatus {
    status(find_node(effect).and_then(|_| text(message, "a progress message").map(|_| ())))
}

unsafe extern "C" fn update(effect: *mut c_void, _progress: f64) -> OfxStatus {
    status(find_node(effect).map(|_| ()))
}

unsafe extern "C" fn end(effect: *mut c_void) -> OfxStatus {
    status(find_node(effect).map(|_| ()))
}

/// Version 1.
pub(super) static V1: OfxProgressSuiteV1 = OfxProgressSuiteV1 {
    progressStart: Some(start_v1),
    progressUpdate: Some(update),
    progressEnd: Some(end),
};

/// Version 2.
pub(super) static V2: OfxProgressSuiteV2 = OfxProgressSuiteV2 {
    progressStart: Some(start_v2),
    progressUpdate: Some(update),
    progressEnd: Some(end),
};
