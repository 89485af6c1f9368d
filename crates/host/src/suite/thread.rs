//! The multi-thread suite, version 1, real and as a dummy.

use super::{find, give, status};
use crate::{
    object::Mutex,
    registry::{self, Object},
};
use headroom_ofx_sys::{self as sys, OfxMultiThreadSuiteV1, OfxMutexHandle, OfxStatus};
use std::{
    cell::Cell,
    ffi::{c_int, c_uint, c_void},
    sync::Arc,
};

type Work = unsafe extern "C" fn(c_uint, c_uint, *mut c_void);

thread_local! {
    /// Index of this thread among those that `multiThread` started; none on any other.
    static INDEX: Cell<Option<c_uint>> = const { Cell::new(None) };
}

fn cpus() -> c_uint {
    let cpus = std::thread::available_parallelism().map_or(1, usize::from);
    c_uint::try_from(cpus).unwrap_or(1)
}

unsafe extern "C" fn run_real(
    work: Option<Work>,
    threads: c_uint,
    argument: *mut c_void,
) -> OfxStatus {
    let Some(work) = work else { return sys::kOfxStatErrValue };
    if INDEX.get().is_some() {
        return sys::kOfxStatErrExists;
    }
    let threads = if threads == 0 { cpus() } else { threads };
    let argument = argument.expose_provenance();
    std::thread::scope(|scope| {
        for index in 0..threads {
            scope.spawn(move || {
                INDEX.set(Some(index));
                // SAFETY: the plug-in vouches for its function and argument on several threads.
                unsafe { work(index, threads, std::ptr::with_exposed_provenance_mut(argument)) };
            });
        }
    });
    sys::kOfxStatOK
}

unsafe extern "C" fn run_dummy(
    work: Option<Work>,
    _threads: c_uint,
    argument: *mut c_void,
) -> OfxStatus {
    let Some(work) = work else { return sys::kOfxStatErrValue };
    // SAFETY: the plug-in vouches for its function and argument.
    unsafe { work(0, 1, argument) };
    sys::kOfxStatOK
}

unsafe extern "C" fn cpus_real(count: *mut c_uint) -> OfxStatus {
    status(give(count, cpus(), "the number of CPUs"))
}

unsafe extern "C" fn cpus_dummy(count: *mut c_uint) -> OfxStatus {
    status(give(count, 1, "the number of CPUs"))
}

unsafe extern "C" fn thread_index(index: *mut c_uint) -> OfxStatus {
    status(give(index, INDEX.get().unwrap_or(0), "the thread's index"))
}

unsafe extern "C" fn is_spawned() -> c_int {
    c_int::from(INDEX.get().is_some())
}

unsafe extern "C" fn mutex_create(target: *mut OfxMutexHandle, locks: c_int) -> OfxStatus {
    let handle = registry::reserve();
    let mutex = Mutex::new(usize::try_from(locks).unwrap_or(0));
    registry::insert(handle, Object::Mutex(Arc::new(mutex)));
    status(give(target, std::ptr::without_provenance_mut(handle), "a mutex"))
}

fn find_mutex(handle: OfxMutexHandle) -> Result<Arc<Mutex>, OfxStatus> {
    find(handle.addr(), "a mutex", |object| match object {
        Object::Mutex(mutex) => Ok(mutex),
        other => Err(other),
    })
}

unsafe extern "C" fn mutex_destroy(handle: OfxMutexHandle) -> OfxStatus {
    status(find_mutex(handle).map(|_| {
        if let Some(session) = super::any_session() {
            registry::retire(handle.addr(), &session);
        }
    }))
}

unsafe extern "C" fn mutex_lock(handle: OfxMutexHandle) -> OfxStatus {
    status(find_mutex(handle).map(|mutex| {
        mutex.lock(true);
    }))
}

unsafe extern "C" fn mutex_unlock(handle: OfxMutexHandle) -> OfxStatus {
    status(
        find_mutex(handle).and_then(
            |mutex| {
                if mutex.unlock() { Ok(()) } else { Err(sys::kOfxStatFailed) }
            },
        ),
    )
}

unsafe extern "C" fn mutex_try_lock(handle: OfxMutexHandle) -> OfxStatus {
    status(
        find_mutex(handle)
            .and_then(|mutex| if mutex.lock(false) { Ok(()) } else { Err(sys::kOfxStatFailed) }),
    )
}

/// With threads.
pub(super) static REAL: OfxMultiThreadSuiteV1 = OfxMultiThreadSuiteV1 {
    multiThread: Some(run_real),
    multiThreadNumCPUs: Some(cpus_real),
    multiThreadIndex: Some(thread_index),
    multiThreadIsSpawnedThread: Some(is_spawned),
    mutexCreate: Some(mutex_create),
    mutexDestroy: Some(mutex_destroy),
    mutexLock: Some(mutex_lock),
    mutexUnLock: Some(mutex_unlock),
    mutexTryLock: Some(mutex_try_lock),
};

/// On the calling thread.
pub(super) static DUMMY: OfxMultiThreadSuiteV1 = OfxMultiThreadSuiteV1 {
    multiThread: Some(run_dummy),
    multiThreadNumCPUs: Some(cpus_dummy),
    ..REAL
};
