//! Threads that make batches ahead of whoever takes them, in order.

use super::set::DataSet;
use crate::Error;
use crate::shot::Batch;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The batches of an epoch, in order. Dropping it stops its threads.
#[derive(Debug)]
pub struct Loader {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    data: Arc<DataSet>,
    epoch: usize,
    order: Vec<usize>,
    /// Batches that may be made before they are taken.
    ahead: usize,
    end: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    /// Next to be made.
    make: usize,
    /// Next to be taken.
    take: usize,
    ready: BTreeMap<usize, Result<Batch, Error>>,
    stop: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        loop {
            let index = {
                let mut state = self.lock();
                while !state.stop && state.make < self.end && state.make >= state.take + self.ahead
                {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                if state.stop || state.make >= self.end {
                    return;
                }
                state.make += 1;
                state.make - 1
            };
            let make = || self.data.batch_in(&self.order, self.epoch, index);
            let batch = catch_unwind(AssertUnwindSafe(make)).unwrap_or_else(|_| {
                Err(Error::failed(format!("batch {index}: its worker failed")))
            });
            let mut state = self.lock();
            state.ready.insert(index, batch);
            self.changed.notify_all();
        }
    }
}

impl DataSet {
    /// The batches of an epoch from `first` on, made by the settings' number of threads.
    #[must_use]
    pub fn loader(self: &Arc<Self>, epoch: usize, first: usize) -> Loader {
        let threads = self.settings.threads();
        let shared = Arc::new(Shared {
            data: Arc::clone(self),
            epoch,
            order: self.order(epoch),
            ahead: threads + 2,
            end: self.batches_per_epoch(),
            state: Mutex::new(State {
                make: first,
                take: first,
                ready: BTreeMap::new(),
                stop: false,
            }),
            changed: Condvar::new(),
        });
        let workers = (0..threads)
            .map_while(|number| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("data-{number}"))
                    .spawn(move || shared.work())
                    .ok()
            })
            .collect();
        Loader { shared, workers }
    }
}

impl Iterator for Loader {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut state = self.shared.lock();
        if state.take >= self.shared.end {
            return None;
        }
        let index = state.take;
        if self.workers.is_empty() {
            // The system refuses threads: the work is done here.
            state.take += 1;
            drop(state);
            return Some(self.shared.data.batch_in(&self.shared.order, self.shared.epoch, index));
        }
        loop {
            if let Some(batch) = state.ready.remove(&index) {
                state.take += 1;
                self.shared.changed.notify_all();
                return Some(batch);
            }
            state = self.shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        for worker in self.workers.drain(..) {
            // It catches its own panics.
            let _ = worker.join();
        }
    }
}
