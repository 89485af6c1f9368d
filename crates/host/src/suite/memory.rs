//! The memory suite, version 1: blocks aligned to 16 bytes.

use super::{find_node, give, violate};
use crate::{propset::pointer, session::lock, violation::ViolationKind};
use headroom_ofx_sys::{self as sys, OfxMemorySuiteV1, OfxStatus};
use std::{
    alloc::{Layout, alloc, dealloc},
    ffi::c_void,
};

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.max(1), 16).ok()
}

unsafe extern "C" fn memory_alloc(
    handle: *mut c_void,
    bytes: usize,
    target: *mut *mut c_void,
) -> OfxStatus {
    // The handle may be null; one that is not has to be an effect.
    let session = if handle.is_null() {
        super::any_session()
    } else {
        match find_node(handle) {
            Ok(node) => Some(node.session.clone()),
            Err(status) => return status,
        }
    };
    let Some(layout) = layout(bytes) else { return sys::kOfxStatErrMemory };
    // SAFETY: the layout has at least one byte.
    let address = unsafe { alloc(layout) }.expose_provenance();
    if address == 0 {
        return sys::kOfxStatErrMemory;
    }
    let Some(session) = session else {
        // SAFETY: just allocated so; nobody can be told to free it later.
        unsafe { dealloc(pointer(address).cast(), layout) };
        return sys::kOfxStatFailed;
    };
    lock(&session.memory).insert(address, bytes);
    give(target, pointer(address), "memory").err().unwrap_or(sys::kOfxStatOK)
}

unsafe extern "C" fn memory_free(block: *mut c_void) -> OfxStatus {
    let Some(session) = super::any_session() else {
        return sys::kOfxStatErrBadHandle;
    };
    match lock(&session.memory).remove(&block.addr()).and_then(layout) {
        Some(layout) => {
            // SAFETY: the map says that this block was allocated with this layout and not freed.
            unsafe { dealloc(block.cast(), layout) };
            sys::kOfxStatOK
        }
        None => {
            violate(ViolationKind::BadFree, format!("{block:p} is no block of the memory suite"));
            sys::kOfxStatErrBadHandle
        }
    }
}

/// The table.
pub(super) static SUITE: OfxMemorySuiteV1 =
    OfxMemorySuiteV1 { memoryAlloc: Some(memory_alloc), memoryFree: Some(memory_free) };
