//! Independent pieces of work shared out over a few threads that end with the call.

use std::sync::Mutex;

use crate::error::Step;

/// Threads to use when asked for `wanted` (0: one per processor) and `pieces` of work exist.
pub(crate) fn threads(wanted: usize, pieces: usize) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, usize::from).min(16);
    let wanted = if wanted == 0 { available() } else { wanted };
    wanted.clamp(1, pieces.max(1))
}

/// Calls `work` once for every piece. If several fail, the error of the earliest is returned, so
/// the message does not depend on the number of threads.
pub(crate) fn for_each<T: Send>(
    wanted_threads: usize,
    pieces: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(usize, T) -> Step<()> + Sync,
) -> Step<()> {
    let count = threads(wanted_threads, pieces.len());
    if count == 1 {
        return pieces.enumerate().try_for_each(|(index, piece)| work(index, piece));
    }
    let queue = Mutex::new(pieces.enumerate());
    let first_failure = Mutex::new(None);
    let worker = || {
        loop {
            let Ok(Some((index, piece))) = queue.lock().map(|mut queue| queue.next()) else {
                return;
            };
            let Err(refusal) = work(index, piece) else { continue };
            if let Ok(mut first) = first_failure.lock()
                && first.as_ref().is_none_or(|(earlier, _)| index < *earlier)
            {
                *first = Some((index, refusal));
            }
            // Pieces are handed out in order: all earlier ones are finished or in hand.
            return;
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..count {
            scope.spawn(worker);
        }
        worker();
    });
    match first_failure.into_inner() {
        Ok(Some((_, refusal))) => Err(refusal),
        _ => Ok(()),
    }
}
