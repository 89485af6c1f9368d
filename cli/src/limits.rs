//! How much of the machine is used.

use headroom_kernel::Pool;

/// A pool of that many threads; 0 means one per core.
pub(crate) fn pool(threads: usize) -> Pool {
    Pool::new(threads)
}
