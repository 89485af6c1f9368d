//! The time line suite, version 1.

use super::{find_node, give, status};
use crate::session::lock;
use headroom_ofx_sys::{OfxStatus, OfxTimeLineSuiteV1};
use std::ffi::c_void;

unsafe extern "C" fn get_time(effect: *mut c_void, time: *mut f64) -> OfxStatus {
    status(find_node(effect).and_then(|node| give(time, *lock(&node.session.time), "the time")))
}

unsafe extern "C" fn goto_time(effect: *mut c_void, time: f64) -> OfxStatus {
    status(find_node(effect).map(|node| *lock(&node.session.time) = time))
}

unsafe extern "C" fn get_time_bounds(
    effect: *mut c_void,
    first: *mut f64,
    last: *mut f64,
) -> OfxStatus {
    status(find_node(effect).and_then(|node| {
        let frames = node.session.config.project.frames;
        give(first, frames[0], "the first time")?;
        give(last, frames[1], "the last time")
    }))
}

/// The table.
pub(super) static SUITE: OfxTimeLineSuiteV1 = OfxTimeLineSuiteV1 {
    getTime: Some(get_time),
    gotoTime: Some(goto_time),
    getTimeBounds: Some(get_time_bounds),
};
