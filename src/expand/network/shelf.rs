//! Memory that is used frame after frame: fresh pages cost more than the work on them.
//!
//! Process-wide, bounded, emptied by [`forget`] (docs/decisions/0005).

use std::sync::{Mutex, PoisonError};

/// Vectors kept, and floats in each, at most.
const MOST: usize = 12;
const LONGEST: usize = 1 << 21;

static SHELF: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// A vector of no numbers with room for at least `room`, used before if there is one.
pub(super) fn take(room: usize) -> Vec<f32> {
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |v: &(usize, &Vec<f32>)| v.1.capacity() >= room;
    // The least that is large enough.
    let found =
        shelf.iter().enumerate().filter(fits).min_by_key(|v| v.1.capacity()).map(|(i, _)| i);
    let mut vector = found.map(|index| shelf.swap_remove(index)).unwrap_or_default();
    drop(shelf);
    vector.clear();
    vector.reserve_exact(room);
    vector
}

/// Keeps a vector for the next who asks, if there is room for it.
pub(super) fn give(vector: Vec<f32>) {
    if vector.capacity() == 0 || vector.capacity() > LONGEST {
        return;
    }
    let mut shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
    if shelf.len() < MOST {
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
    fn what_was_given_is_taken_again_and_what_is_taken_is_empty() {
        // Sizes that nobody else uses: tests share the shelf.
        let room = LONGEST - 3;
        let mut vector = take(room);
        assert!(vector.is_empty() && vector.capacity() >= room);
        vector.push(1.0);
        let address = vector.as_ptr();
        give(vector);
        let again = take(room);
        assert!(again.is_empty());
        // Another test may have emptied or filled the shelf meanwhile; the address is a hint only.
        let _ = address;
        give(vec![0.0; LONGEST + 1]);
        let shelf = SHELF.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(shelf.len() <= MOST && shelf.iter().all(|v| v.capacity() <= LONGEST));
    }
}
