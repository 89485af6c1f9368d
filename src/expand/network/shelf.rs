//! Memory that is used frame after frame: fresh pages cost more than the work on them.
//!
//! Process-wide, bounded, emptied by [`forget`] (docs/decisions/0005).

use std::sync::{Mutex, PoisonError};

/// Floats kept in all, at most: what two frames at once need.
const MOST: usize = 5 << 20;

static SHELF: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A vector of no numbers with room for at least `room`, used before if there is one.
pub(super) fn take(room: usize) -> Vec<f32> {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    // The least that is large enough; else the largest, which makes way for one that is, so that
    // frames of growing needs do not fill the shelf with what none of them can use.
    let fitting = shelf.iter().enumerate().filter(|(_, v)| v.capacity() >= room);
    let found = fitting.min_by_key(|(_, v)| v.capacity()).map(|(index, _)| index);
    let largest = || shelf.iter().enumerate().max_by_key(|(_, v)| v.capacity()).map(|(i, _)| i);
    let index = found.or_else(largest);
    let mut vector = index.map(|index| shelf.swap_remove(index)).unwrap_or_default();
    drop(shelf);
    vector.clear();
    if vector.capacity() < room {
        vector = Vec::with_capacity(room);
    }
    vector
}

/// Keeps a vector for the next who asks, if there is room for it.
pub(super) fn give(vector: Vec<f32>) {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    let kept: usize = shelf.iter().map(Vec::capacity).sum();
    if vector.capacity() > 0 && vector.capacity() <= MOST - kept.min(MOST) {
        shelf.push(vector);
    }
}

/// Lets all of it go.
pub(super) fn forget() {
    let kept = std::mem::take(&mut *SHELF.lock().unwrap_or_else(PoisonError::into_inner));
    drop(kept);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_empty_and_large_enough_and_the_shelf_is_bounded() {
        for room in [10, 1000, MOST / 2, 0, MOST + 1] {
            let mut vector = take(room);
            assert!(vector.is_empty() && vector.capacity() >= room);
            vector.push(1.0);
            give(vector);
            let shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
            assert!(shelf.iter().map(Vec::capacity).sum::<usize>() <= MOST);
        }
    }
}
