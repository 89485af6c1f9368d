//! A bounded pool of threads that its owner hands in, and that is gone when its owner drops it.
//!
//! Plug-ins are unloaded: a thread that outlives the library it runs in crashes the host. So there
//! is no global pool, and dropping one joins its threads. Rayon's pools are not joined on drop,
//! which is why this one exists.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A unit of parallel work: `task(i)` for i in 0 .. count.
struct Job {
    /// The caller's closure with its lifetime erased; valid until `finished == count` and the
    /// caller has been woken.
    task: &'static (dyn Fn(usize) + Sync),
    count: usize,
    next: AtomicUsize,
    finished: AtomicUsize,
    /// The first panic.
    state: Mutex<Option<Box<dyn std::any::Any + Send>>>,
    done: Condvar,
    poisoned: AtomicBool,
}

impl Job {
    /// A new job, in the memory of an old one where nobody else still holds that.
    fn with(
        spare: Option<Arc<Self>>,
        task: &'static (dyn Fn(usize) + Sync),
        count: usize,
    ) -> Arc<Self> {
        let job = Self {
            task,
            count,
            next: AtomicUsize::new(0),
            finished: AtomicUsize::new(0),
            state: Mutex::default(),
            done: Condvar::new(),
            poisoned: AtomicBool::new(false),
        };
        let Some(mut spare) = spare else { return Arc::new(job) };
        if let Some(place) = Arc::get_mut(&mut spare) {
            *place = job;
            return spare;
        }
        Arc::new(job)
    }

    /// Takes indices until none is left. Every index that was taken is counted as finished, even
    /// when its task panicked, because the caller waits for the count.
    fn work(&self) {
        loop {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.count {
                return;
            }
            let skip = self.poisoned.load(Ordering::Relaxed);
            let result =
                if skip { Ok(()) } else { catch_unwind(AssertUnwindSafe(|| (self.task)(index))) };
            if let Err(panic) = result {
                self.poisoned.store(true, Ordering::Relaxed);
                lock(&self.state).get_or_insert(panic);
            }
            if self.finished.fetch_add(1, Ordering::AcqRel) + 1 == self.count {
                // Under the lock, so that the caller is either waiting or has yet to look.
                drop(lock(&self.state));
                self.done.notify_all();
            }
        }
    }
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Arc<Job>>,
    /// Jobs that are done, to be used again: a network has a job per layer and frame.
    spare: Vec<Arc<Job>>,
    /// Helpers that wait to be woken; the others look for work by themselves.
    asleep: usize,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    /// Changes whenever there is something new in the queue.
    news: AtomicUsize,
}

/// Looks at a condition for about 20 microseconds, less than waking a thread takes. Layers of a
/// network follow each other faster than that.
fn look(condition: impl Fn() -> bool) -> bool {
    for _ in 0..LOOKS {
        if condition() {
            return true;
        }
        std::hint::spin_loop();
    }
    condition()
}

/// A spin-loop hint takes 40 to 140 cycles.
const LOOKS: usize = 1000;

/// Jobs kept for use again.
const SPARE: usize = 8;

/// A fixed number of threads that share the work of whoever calls; see the module's text.
///
/// Results do not depend on the number of threads as long as tasks write apart.
pub struct Pool {
    shared: Arc<Shared>,
    helpers: Vec<JoinHandle<()>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing is left half-done under these locks, so a panic elsewhere does not spoil them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Pool {
    /// A pool that runs at most `threads` tasks at once, the caller's included; 0 means one per
    /// core. When the system refuses threads the pool is smaller, at worst the caller alone.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        let wanted = if threads == 0 {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        } else {
            threads
        };
        let shared = Arc::new(Shared::default());
        let helpers = (1..wanted)
            .map_while(|i| {
                let shared = Arc::clone(&shared);
                std::thread::Builder::new()
                    .name(format!("headroom-{i}"))
                    .spawn(move || help(&shared))
                    .ok()
            })
            .collect();
        Self { shared, helpers }
    }

    /// Tasks that can run at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.helpers.len() + 1
    }

    /// Runs `task(0)` to `task(count - 1)` in any order on any thread and returns when all are
    /// done. Several callers may use a pool at once.
    ///
    /// # Panics
    /// When a task panics: with the first panic, after the others ended.
    pub fn for_each_index(&self, count: usize, task: &(dyn Fn(usize) + Sync)) {
        if count <= 1 || self.helpers.is_empty() {
            (0..count).for_each(task);
            return;
        }
        // SAFETY: only the lifetime changes. The job is dropped from the queue and every call of
        // `task` has returned before this function does: it waits for `finished == count`, and a
        // thread that still holds the Arc afterwards finds no index and never calls `task`.
        let task = unsafe {
            std::mem::transmute::<&(dyn Fn(usize) + Sync), &'static (dyn Fn(usize) + Sync)>(task)
        };
        let mut queue = lock(&self.shared.queue);
        let job = Job::with(queue.spare.pop(), task, count);
        queue.jobs.push_back(Arc::clone(&job));
        self.shared.news.fetch_add(1, Ordering::Release);
        let asleep = queue.asleep > 0;
        drop(queue);
        if asleep {
            self.shared.wake.notify_all();
        }
        job.work();
        look(|| job.finished.load(Ordering::Acquire) == count);
        let mut state = lock(&job.state);
        while job.finished.load(Ordering::Acquire) < count {
            state = job.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let panic = state.take();
        drop(state);
        let mut queue = lock(&self.shared.queue);
        queue.jobs.retain(|other| !Arc::ptr_eq(other, &job));
        if queue.spare.len() < SPARE {
            queue.spare.push(job);
        }
        drop(queue);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }

    /// Runs `task` once on every item; as [`Self::for_each_index`].
    pub fn for_each<T: Send>(&self, items: Vec<T>, task: impl Fn(T) + Sync) {
        let slots: Vec<Mutex<Option<T>>> = items.into_iter().map(|i| Mutex::new(Some(i))).collect();
        self.for_each_index(slots.len(), &|index| {
            if let Some(item) = lock(&slots[index]).take() {
                task(item);
            }
        });
    }

    /// Runs `task` for 0 .. count and returns the results in order.
    pub fn map<T: Send>(&self, count: usize, task: impl Fn(usize) -> T + Sync) -> Vec<T> {
        let slots: Vec<Mutex<Option<T>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.for_each_index(count, &|index| *lock(&slots[index]) = Some(task(index)));
        slots
            .into_iter()
            .filter_map(|slot| slot.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect()
    }
}

/// What a helper thread does until the pool is dropped.
fn help(shared: &Shared) {
    let mut queue = lock(&shared.queue);
    loop {
        while let Some(job) = queue.jobs.front() {
            if job.next.load(Ordering::Relaxed) >= job.count {
                queue.jobs.pop_front();
                continue;
            }
            let job = Arc::clone(job);
            drop(queue);
            job.work();
            queue = lock(&shared.queue);
        }
        if queue.closed {
            return;
        }
        let seen = shared.news.load(Ordering::Acquire);
        drop(queue);
        let found = look(|| shared.news.load(Ordering::Acquire) != seen);
        queue = lock(&shared.queue);
        if !found && queue.jobs.is_empty() && !queue.closed {
            queue.asleep += 1;
            queue = shared.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.asleep -= 1;
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        self.shared.news.fetch_add(1, Ordering::Release);
        self.shared.wake.notify_all();
        for helper in self.helpers.drain(..) {
            // A helper never panics outside a task, and a task's panic went to its caller.
            let _ = helper.join();
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("threads", &self.threads()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_index_runs_once_whoever_calls() {
        let pool = Pool::new(3);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for count in [0, 1, 2, 97] {
                        assert_eq!(pool.map(count, |i| i), (0..count).collect::<Vec<_>>());
                    }
                });
            }
        });
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_pool_lives_on() {
        let pool = Pool::new(2);
        let result = catch_unwind(AssertUnwindSafe(|| {
            pool.for_each_index(50, &|i| assert!(i != 7, "seven"));
        }));
        assert!(result.is_err());
        assert_eq!(pool.map(5, |i| i * i), [0, 1, 4, 9, 16]);
    }

    #[test]
    fn work_inside_work_does_not_lock_up() {
        let pool = Pool::new(2);
        let sums = pool.map(8, |i| pool.map(8, |j| i * j).iter().sum::<usize>());
        assert_eq!(sums, (0..8).map(|i| i * 28).collect::<Vec<_>>());
    }
}
