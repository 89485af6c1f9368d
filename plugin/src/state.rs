//! What lives between Load and Unload: the hosts, the threads, the cache.
//!
//! Hosts load twice, unload and load again with another host structure, and MLT loads once per
//! instance while others render. Several hosts may even live in one process (tests do that). So
//! nothing here is set once and for all:
//!
//! * setHost leaves an address; Load takes the one that its own thread left, else the newest;
//! * an instance keeps the host it was made in; everything else goes to the host that the thread
//!   loaded, or else to the last one loaded;
//! * threads and cache go when the last host has unloaded. Host records stay (they are a few words,
//!   see [`Host`]), so an action that comes too late finds functions and no dangling address.

use crate::cache::Cache;
use headroom_kernel::Pool;
use headroom_ofx::{Host, Result, Status, catch_panics, close_log, open_log, restore_panics, sys};
use std::cell::Cell;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

/// More threads than this do not help a render that is bound by memory, and hosts render several
/// frames at once.
const MOST_THREADS: usize = 32;

/// Bytes of analyses that are kept.
const CACHE_BYTES: usize = 64 << 20;

/// What renders share, whatever host they come from.
#[derive(Debug)]
pub(crate) struct Engine {
    pool: OnceLock<Pool>,
    cache: Cache,
}

/// An address from setHost; only Load looks behind it.
#[derive(Clone, Copy)]
struct Address(*mut sys::OfxHost);

// SAFETY: a number until Load, which the host calls while the structure lives.
unsafe impl Send for Address {}

struct Hosts {
    /// From setHost, not loaded yet; oldest first.
    waiting: Vec<(ThreadId, Address)>,
    /// The address of the last Load, for hosts that load again without setHost.
    last: Address,
    /// Loaded and not unloaded.
    live: Vec<&'static Host>,
    /// The last loaded, unloaded or not.
    current: Option<&'static Host>,
    engine: Option<Arc<Engine>>,
}

static HOSTS: Mutex<Hosts> = Mutex::new(Hosts {
    waiting: Vec::new(),
    last: Address(std::ptr::null_mut()),
    live: Vec::new(),
    current: None,
    engine: None,
});

thread_local! {
    /// The host that this thread loaded last.
    static MINE: Cell<Option<&'static Host>> = const { Cell::new(None) };
}

fn hosts() -> MutexGuard<'static, Hosts> {
    // Nothing is left half-done under this lock, so a panic elsewhere does not spoil it.
    HOSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_live(hosts: &Hosts, host: &'static Host) -> bool {
    hosts.live.iter().any(|live| std::ptr::eq(*live, host))
}

/// The host an action belongs to, as far as one can tell.
fn mine(hosts: &Hosts) -> Option<&'static Host> {
    MINE.get().filter(|host| is_live(hosts, host)).or(hosts.current)
}

/// Keeps the host's address and touches nothing.
pub(crate) fn set_host(host: *mut sys::OfxHost) {
    let thread = std::thread::current().id();
    let mut hosts = hosts();
    hosts.waiting.retain(|(waits, _)| *waits != thread);
    hosts.waiting.push((thread, Address(host)));
}

/// Fetches the suites of the host in hand.
pub(crate) fn load() -> Result {
    open_log();
    catch_panics();
    let mut hosts = hosts();
    let thread = std::thread::current().id();
    let own = hosts.waiting.iter().position(|(waits, _)| *waits == thread);
    if let Some(index) = own.or(hosts.waiting.len().checked_sub(1)) {
        hosts.last = hosts.waiting.remove(index).1;
    }
    // SAFETY: null, or what a setHost left, which the host keeps valid from before Load until after
    // Unload.
    let host = unsafe { Host::fetch(hosts.last.0) }?;
    if !is_live(&hosts, host) {
        hosts.live.push(host);
        log::info!(
            "Headroom {} ({}) in {} {:?}",
            headroom::VERSION,
            headroom::COMMIT,
            if host.name().is_empty() { "a host without a name" } else { host.name() },
            host.version(),
        );
    }
    hosts.current = Some(host);
    MINE.set(Some(host));
    Ok(())
}

/// Forgets the host; with the last one go threads and cache. The threads are joined, since the
/// library may be gone next.
pub(crate) fn unload() {
    let engine = {
        let mut hosts = hosts();
        if let Some(host) = mine(&hosts) {
            hosts.live.retain(|live| !std::ptr::eq(*live, host));
        }
        MINE.set(None);
        if !hosts.live.is_empty() {
            return;
        }
        hosts.engine.take()
    };
    drop(engine);
    restore_panics();
    close_log();
}

/// The host that an action without an instance belongs to.
///
/// # Errors
/// When none was ever loaded and none can be.
pub(crate) fn host() -> Result<&'static Host> {
    if let Some(host) = mine(&hosts()) {
        return Ok(host);
    }
    load()?;
    mine(&hosts()).ok_or(Status::MISSING_HOST_FEATURE)
}

/// What renders share.
pub(crate) fn engine() -> Arc<Engine> {
    Arc::clone(hosts().engine.get_or_insert_default())
}

/// Frees what can be made again.
pub(crate) fn purge() {
    let engine = hosts().engine.clone();
    if let Some(engine) = engine {
        engine.cache.clear();
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self { pool: OnceLock::new(), cache: Cache::new(CACHE_BYTES) }
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
