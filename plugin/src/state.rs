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
use crate::instance;
use headroom::expand::device::forget_gpus;
use headroom::expand::forget_networks;
use headroom::model::search::SearchPath;
use headroom_kernel::Pool;
use headroom_ofx::{Host, Result, Status, catch_panics, close_log, open_log, restore_panics, sys};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::ThreadId;

/// More threads than this do not help a render that is bound by memory, and hosts render several
/// frames at once.
const MOST_THREADS: usize = 32;

/// Bytes of analyses that are kept.
const CACHE_BYTES: usize = 128 << 20;

/// What renders share, whatever host they come from.
#[derive(Debug)]
pub(crate) struct Engine {
    pool: OnceLock<Pool>,
    cache: Cache,
}

/// An address from setHost; only Load looks behind it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Address(*mut sys::OfxHost);

// SAFETY: a number until Load, which the host calls while the structure lives.
unsafe impl Send for Address {}

struct Hosts {
    /// From setHost, not loaded yet; oldest first.
    waiting: Vec<(ThreadId, Address)>,
    /// The address of the last Load, for hosts that load again without setHost; null once that host
    /// unloaded, since the address may be nobody's from then on.
    last: Address,
    /// Loaded and not unloaded; the last loaded comes last.
    live: Vec<Live>,
    /// The last loaded, unloaded or not.
    current: Option<&'static Host>,
    engine: Option<Arc<Engine>>,
    /// The bundle's `Contents/Resources`, once a host told where the plug-in lies.
    resources: Option<PathBuf>,
}

static HOSTS: Mutex<Hosts> = Mutex::new(Hosts {
    waiting: Vec::new(),
    last: Address(std::ptr::null_mut()),
    live: Vec::new(),
    current: None,
    engine: None,
    resources: None,
});

/// Held through Load and Unload, which therefore come one after the other. Renders do not take it:
/// what happens under it calls the host and writes files.
static LIFECYCLE: Mutex<()> = Mutex::new(());

fn hosts() -> MutexGuard<'static, Hosts> {
    // Nothing is left half-done under this lock, so a panic elsewhere does not spoil it.
    HOSTS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A host that is loaded.
struct Live {
    host: &'static Host,
    address: Address,
    /// That loaded it last.
    thread: ThreadId,
}

impl Hosts {
    /// The host an action belongs to, as far as one can tell.
    fn mine(&self) -> Option<&'static Host> {
        let thread = std::thread::current().id();
        let own = self.live.iter().rfind(|live| live.thread == thread);
        let current = || self.live.iter().find(|live| self.is_current(live));
        own.or_else(current).or(self.live.last()).map(|live| live.host).or(self.current)
    }

    fn is_current(&self, live: &Live) -> bool {
        self.current.is_some_and(|current| std::ptr::eq(current, live.host))
    }

    /// Puts a host last; returns whether it is new.
    fn remember(&mut self, host: &'static Host, address: Address) -> bool {
        let known = self.live.iter().position(|live| std::ptr::eq(live.host, host));
        if let Some(index) = known {
            self.live.remove(index);
        }
        self.live.push(Live { host, address, thread: std::thread::current().id() });
        self.current = Some(host);
        known.is_none()
    }

    /// Forgets the host that unloads, and every way back to its structure.
    fn forget(&mut self) {
        let Some(host) = self.mine() else { return };
        let Some(index) = self.live.iter().position(|live| std::ptr::eq(live.host, host)) else {
            return;
        };
        let Live { address, .. } = self.live.remove(index);
        self.waiting.retain(|(_, waits)| *waits != address);
        if self.last == address {
            self.last = Address(std::ptr::null_mut());
        }
    }
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
    let _one = LIFECYCLE.lock().unwrap_or_else(PoisonError::into_inner);
    open_log();
    catch_panics();
    let (address, before) = {
        let mut hosts = hosts();
        let thread = std::thread::current().id();
        let own = hosts.waiting.iter().position(|(waits, _)| *waits == thread);
        if let Some(index) = own.or(hosts.waiting.len().checked_sub(1)) {
            hosts.last = hosts.waiting.remove(index).1;
            (hosts.last, None)
        } else {
            (hosts.last, hosts.current)
        }
    };
    let host = match before {
        // Loaded again without setHost: as it was.
        Some(before) if address.0.is_null() => before,
        // SAFETY: null, or what a setHost left, which the host keeps valid from before Load until
        // after Unload.
        _ => unsafe { Host::fetch(address.0) }?,
    };
    let new = hosts().remember(host, address);
    if new {
        log::info!(
            "Headroom {} ({}) in {} {:?}",
            headroom::VERSION,
            headroom::COMMIT,
            if host.name().is_empty() { "a host without a name" } else { host.name() },
            host.version(),
        );
    }
    Ok(())
}

/// Forgets the host; with the last one go threads and cache. The threads are joined, since the
/// library may be gone next.
pub(crate) fn unload() {
    let _one = LIFECYCLE.lock().unwrap_or_else(PoisonError::into_inner);
    let engine = {
        let mut hosts = hosts();
        hosts.forget();
        if !hosts.live.is_empty() {
            return;
        }
        hosts.engine.take()
    };
    // A host that destroyed every instance leaves none. Those of one host among several stay: which
    // of them unloads is a guess.
    instance::destroy_all();
    drop(engine);
    forget_networks();
    forget_gpus();
    restore_panics();
    close_log();
}

/// The host that an action without an instance belongs to.
///
/// # Errors
/// When none was ever loaded and none can be.
pub(crate) fn host() -> Result<&'static Host> {
    if let Some(host) = hosts().mine() {
        return Ok(host);
    }
    load()?;
    hosts().mine().ok_or(Status::MISSING_HOST_FEATURE)
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
    forget_networks();
    forget_gpus();
}

/// Keeps where the host says that the plug-in lies: the bundle, or the binary in it.
pub(crate) fn set_place(path: &Path) {
    let bundle = path.ancestors().find(|folder| folder.join("Contents").is_dir());
    hosts().resources = bundle.map(|bundle| bundle.join("Contents").join("Resources"));
}

/// Where model files that are named without a folder are looked for.
pub(crate) fn models() -> SearchPath {
    let resources = hosts().resources.clone();
    SearchPath::new(resources.as_deref())
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
