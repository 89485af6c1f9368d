//! What lives between Load and Unload: the host's suites, the threads, the cache.
//!
//! Hosts load twice, unload and load again with another host, and MLT loads once per instance while
//! others render. So nothing here is set once and for all: the host is replaced by every Load, and
//! an action that comes without a Load finds the host by the address setHost left.

use crate::cache::Cache;
use headroom_kernel::Pool;
use headroom_ofx::{Host, Result, Status, catch_panics, close_log, open_log, restore_panics, sys};
use once_cell::sync::OnceCell;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// More threads than this do not help a render that is bound by memory, and hosts render several
/// frames at once.
const MOST_THREADS: usize = 32;

/// Bytes of analyses that are kept.
const CACHE_BYTES: usize = 64 << 20;

/// What one Load set up.
#[derive(Debug)]
pub(crate) struct State {
    host: &'static Host,
    engine: Arc<Engine>,
}

/// What renders share, whatever host they come from.
#[derive(Debug)]
pub(crate) struct Engine {
    pool: OnceCell<Pool>,
    cache: Cache,
}

static HOST: AtomicPtr<sys::OfxHost> = AtomicPtr::new(std::ptr::null_mut());
static STATE: RwLock<Option<Arc<State>>> = RwLock::new(None);

/// Keeps the host's address and touches nothing.
pub(crate) fn set_host(host: *mut sys::OfxHost) {
    HOST.store(host, Ordering::Release);
}

/// Fetches the suites of the host in hand. Threads and cache of an earlier Load are kept.
pub(crate) fn load() -> Result {
    open_log();
    catch_panics();
    // SAFETY: null, or the pointer of the last setHost, which the host keeps valid from before
    // Load until after Unload.
    let host = unsafe { Host::fetch(HOST.load(Ordering::Acquire)) }?;
    let mut state = STATE.write().unwrap_or_else(PoisonError::into_inner);
    let known = state.as_ref().is_some_and(|s| std::ptr::eq(s.host, host));
    if !known {
        log::info!(
            "Headroom {} ({}) in {} {:?}",
            headroom::VERSION,
            env!("HEADROOM_COMMIT"),
            if host.name().is_empty() { "a host without a name" } else { host.name() },
            host.version(),
        );
        let engine = state.as_ref().map(|s| Arc::clone(&s.engine));
        *state = Some(Arc::new(State { host, engine: engine.unwrap_or_default() }));
    }
    Ok(())
}

/// Drops everything; the threads are joined, since the library may be gone next.
pub(crate) fn unload() {
    let state = STATE.write().unwrap_or_else(PoisonError::into_inner).take();
    drop(state);
    restore_panics();
    close_log();
}

/// What the last Load set up.
///
/// # Errors
/// When there is no usable host.
pub(crate) fn current() -> Result<Arc<State>> {
    let get = || STATE.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(state) = get() {
        return Ok(state);
    }
    load()?;
    get().ok_or(Status::MISSING_HOST_FEATURE)
}

/// Frees what can be made again.
pub(crate) fn purge() {
    let state = STATE.read().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some(state) = state {
        state.engine.cache.clear();
    }
}

impl State {
    /// The host's suites.
    pub(crate) fn host(&self) -> &'static Host {
        self.host
    }

    /// What renders share.
    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self { pool: OnceCell::new(), cache: Cache::new(CACHE_BYTES) }
    }
}

impl Engine {
    /// The threads, started by the first who asks: scanning a plug-in must not start any.
    pub(crate) fn pool(&self) -> &Pool {
        self.pool.get_or_init(|| Pool::new(threads()))
    }

    /// Analyses of frames seen lately.
    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }
}

/// How many threads a render uses: `$HEADROOM_THREADS`, else one per core, bounded.
pub(crate) fn threads() -> usize {
    let wanted = std::env::var("HEADROOM_THREADS").ok().and_then(|v| v.parse::<usize>().ok());
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    wanted.filter(|n| *n > 0).unwrap_or_else(cores).min(MOST_THREADS)
}
