//! The border to C: nothing unwinds across it, and a panic leaves a trace in the log.

use crate::Status;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

thread_local! {
    /// How many entries of the plug-in this thread is in.
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// Threads of this plug-in carry names that begin so; their panics are its own.
const THREADS: &str = "headroom-";

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// The hook that was there before; some while ours is in place.
static BEFORE: Mutex<Option<Hook>> = Mutex::new(None);

/// Runs the inside of an entry point. A panic is logged and becomes [`Status::FAILED`].
pub fn guard(what: &str, inside: impl FnOnce() -> Status) -> Status {
    INSIDE.with(|inside| inside.set(inside.get() + 1));
    // What a panic leaves behind is either dropped here or behind locks that survive one.
    let result = catch_unwind(AssertUnwindSafe(inside));
    INSIDE.with(|inside| inside.set(inside.get() - 1));
    result.unwrap_or_else(|panic| {
        let text = panic_text(&*panic);
        // Dropping a payload may panic in turn; leaking it cannot.
        std::mem::forget(panic);
        let _ = catch_unwind(|| log::error!("{what} failed by a panic: {text}"));
        Status::FAILED
    })
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "of no text".to_owned())
}

/// Sends the plug-in's own panics to the log instead of the host's error output. Panics of others
/// go where they went before. Does nothing when already done.
pub fn catch_panics() {
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_some() {
        return;
    }
    let old: Hook = Arc::from(std::panic::take_hook());
    *before = Some(Arc::clone(&old));
    std::panic::set_hook(Box::new(move |info| {
        let named = std::thread::current().name().is_some_and(|name| name.starts_with(THREADS));
        if named || INSIDE.with(Cell::get) > 0 {
            let trace = std::backtrace::Backtrace::force_capture();
            log::error!("{info}\n{trace}");
        } else {
            old(info);
        }
    }));
}

/// Puts the hook back that [`catch_panics`] found.
pub fn restore_panics() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before {
        std::panic::set_hook(Box::new(move |info| before(info)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_panic_becomes_a_status_and_others_keep_their_hook() {
        static OTHERS: AtomicUsize = AtomicUsize::new(0);
        let original = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {
            OTHERS.fetch_add(1, Ordering::SeqCst);
        }));
        catch_panics();
        catch_panics();
        assert_eq!(guard("a test", || panic!("on purpose")), Status::FAILED);
        assert_eq!(OTHERS.load(Ordering::SeqCst), 0, "ours is not theirs");
        let _ = catch_unwind(|| panic!("on purpose"));
        assert_eq!(OTHERS.load(Ordering::SeqCst), 1, "theirs is not ours");
        restore_panics();
        assert_eq!(guard("a test", || panic!("on purpose")), Status::FAILED);
        assert_eq!(OTHERS.load(Ordering::SeqCst), 2, "restored");
        std::panic::set_hook(original);
        assert_eq!(guard("a test", || Status::OK), Status::OK);
    }
}
