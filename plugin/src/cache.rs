//! Analyses of frames, kept for the next tile, the next instance, the next frame's neighbours.
//!
//! Bounded in bytes, safe for any number of threads. Two that ask for the same analysis at once
//! wait for one computation; different ones do not wait for each other. No lock is held while an
//! analysis is computed, since that asks the host, and whoever waits asks its own host meanwhile
//! whether to go on.

use crate::measure::Found;
use headroom_kernel::{Format, Rect};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often one that waits asks whether to go on.
const PATIENCE: Duration = Duration::from_millis(20);

/// What an analysis depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// Hash of the host's name of the picture; 0 where it has none.
    pub(crate) name: u64,
    /// The frame's time as bits where the picture has a name; 0 where its pixels say it all.
    pub(crate) time: u64,
    /// Hash of pixels: of samples where the picture has a name, of all where it has none.
    pub(crate) content: u64,
    /// Where the pixels lie.
    pub(crate) rect: Rect,
    /// Where the frame lies.
    pub(crate) frame: Rect,
    /// How the pixels are stored.
    pub(crate) format: Format,
    /// The plan's `analysis_key`.
    pub(crate) plan: u64,
    /// The context of the device that analysed it.
    pub(crate) device: Option<u64>,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody is at it.
    #[default]
    Empty,
    /// Somebody is.
    Computing,
    Done(Found),
}

/// Holds one analysis, or will.
#[derive(Debug, Default)]
struct Slot {
    state: Mutex<State>,
    /// Told when `state` is no longer Computing.
    changed: Condvar,
}

impl Slot {
    fn settle(&self, state: State) {
        *lock(&self.state) = state;
        self.changed.notify_all();
    }
}

/// Gives a slot free for the next one who waits, also when the computation panics.
struct Turn<'a>(Option<&'a Slot>);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.0.take() {
            slot.settle(State::Empty);
        }
    }
}

#[derive(Debug)]
struct Entry {
    slot: Arc<Slot>,
    bytes: usize,
    used: u64,
}

#[derive(Debug, Default)]
struct Entries {
    by_key: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
}

/// See the module's text.
#[derive(Debug)]
pub(crate) struct Cache {
    entries: Mutex<Entries>,
    most: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-done under these locks, so a panic elsewhere does not spoil them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cache {
    /// A cache of at most `most` bytes.
    pub(crate) fn new(most: usize) -> Self {
        Self { entries: Mutex::default(), most }
    }

    /// The analysis of that key; computed if it is not there. While another computes it, `give_up`
    /// is asked now and then, and what it answers is the error.
    ///
    /// # Errors
    /// With what `compute` fails with or `give_up` gives; nothing is kept then.
    pub(crate) fn get<E>(
        &self,
        key: Key,
        give_up: impl Fn() -> Option<E>,
        compute: impl FnOnce() -> Result<Found, E>,
    ) -> Result<Found, E> {
        let slot = {
            let mut entries = lock(&self.entries);
            entries.clock += 1;
            let now = entries.clock;
            let entry = entries.by_key.entry(key).or_insert_with(|| Entry {
                slot: Arc::default(),
                bytes: 0,
                used: 0,
            });
            entry.used = now;
            Arc::clone(&entry.slot)
        };
        loop {
            let mut state = lock(&slot.state);
            match &*state {
                State::Done(found) => return Ok(found.clone()),
                State::Empty => {
                    *state = State::Computing;
                    break;
                }
                State::Computing => {
                    drop(slot.changed.wait_timeout(state, PATIENCE));
                    if let Some(error) = give_up() {
                        return Err(error);
                    }
                }
            }
        }
        let mut turn = Turn(Some(&slot));
        let result = compute();
        if let Ok(found) = &result {
            turn.0 = None;
            slot.settle(State::Done(found.clone()));
        }
        drop(turn);
        self.settle(&key, &slot, result.as_ref().ok());
        result
    }

    /// Books what was computed, or forgets the key, and makes room.
    fn settle(&self, key: &Key, slot: &Arc<Slot>, found: Option<&Found>) {
        let mut entries = lock(&self.entries);
        // Cleared meanwhile, or already another's: not ours to book.
        let Some(entry) = entries.by_key.get_mut(key).filter(|e| Arc::ptr_eq(&e.slot, slot)) else {
            return;
        };
        let Some(found) = found else {
            let bytes = entry.bytes;
            entries.by_key.remove(key);
            entries.bytes -= bytes;
            return;
        };
        let bytes = found.bytes() + size_of::<(Key, Entry)>();
        let before = std::mem::replace(&mut entry.bytes, bytes);
        entries.bytes = entries.bytes - before + bytes;
        while entries.bytes > self.most {
            // Entries of 0 bytes are being computed.
            let done = entries.by_key.iter().filter(|(_, entry)| entry.bytes > 0);
            let Some(oldest) = done.min_by_key(|(_, entry)| entry.used).map(|(key, _)| *key) else {
                return;
            };
            if let Some(entry) = entries.by_key.remove(&oldest) {
                entries.bytes -= entry.bytes;
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *lock(&self.entries) = Entries::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use headroom::expand::{Plan, Surroundings, analyse};
    use headroom::settings::Values;
    use headroom_kernel::{Components, ImageRef, Pool};
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn key(content: u64) -> Key {
        Key {
            name: 0,
            time: 0,
            content,
            rect: Rect::default(),
            frame: Rect::default(),
            format: Format::RGBA_FLOAT,
            plan: 0,
            device: None,
        }
    }

    fn analysis() -> Found {
        let plan = Plan::new(&Values::default(), &Surroundings::default());
        let rect = Rect::new(0, 0, 4, 4);
        let picture = [0.5; 64];
        let view = ImageRef::from_floats(&picture, rect, Components::Rgba).expect("fits");
        analyse(&plan, &view, rect, &Pool::new(1), &|| false).expect("not stopped").into()
    }

    #[test]
    fn what_is_asked_for_at_once_is_computed_once() {
        let cache = Cache::new(1 << 20);
        let computed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let found = cache.get::<()>(
                        key(1),
                        || None,
                        || {
                            computed.fetch_add(1, Ordering::SeqCst);
                            std::thread::sleep(std::time::Duration::from_millis(20));
                            Ok(analysis())
                        },
                    );
                    assert!(found.is_ok());
                });
            }
        });
        assert_eq!(computed.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn whoever_waits_may_give_up_and_a_panic_leaves_the_next_its_turn() {
        let cache = &Cache::new(1 << 20);
        let (began, begins) = std::sync::mpsc::channel();
        let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
        std::thread::scope(|scope| {
            let first = scope.spawn(move || {
                cache.get::<()>(
                    key(1),
                    || None,
                    || {
                        began.send(()).expect("somebody waits");
                        goes_on.recv().expect("somebody goes on");
                        panic!("on purpose")
                    },
                )
            });
            begins.recv().expect("it begins");
            let waited = cache.get(key(1), || Some("stopped"), || Err("computed twice"));
            assert_eq!(waited.err(), Some("stopped"));
            let next = scope.spawn(|| cache.get::<()>(key(1), || None, || Ok(analysis())));
            go_on.send(()).expect("it waits");
            assert!(first.join().is_err(), "it panics");
            assert!(next.join().expect("no panic").is_ok());
        });
    }

    #[test]
    fn the_least_used_goes_first_and_failures_leave_nothing() {
        let each = analysis().bytes() + size_of::<(Key, Entry)>();
        let cache = Cache::new(each * 2);
        let has = |content| cache.get(key(content), || None, || Err(())).is_ok();
        for content in [1, 2] {
            assert!(cache.get::<()>(key(content), || None, || Ok(analysis())).is_ok());
        }
        assert!(has(1), "used again");
        assert!(cache.get::<()>(key(3), || None, || Ok(analysis())).is_ok());
        assert!(has(1) && !has(2) && has(3));
        assert_eq!(lock(&cache.entries).by_key.len(), 2);
        cache.clear();
        assert!(!has(1));
        assert_eq!(lock(&cache.entries).bytes, 0);
    }
}
