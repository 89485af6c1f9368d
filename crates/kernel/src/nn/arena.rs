//! One block of memory for all tensors of a network, kept from frame to frame.
//!
//! The first touch of a page costs about a millisecond per megabyte, more than computing on it. So
//! the arena is touched once, when it is made, and asks for 2 MiB pages.

use super::platform;
use std::alloc::{Layout, alloc, dealloc};
use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;

/// A huge page of x86-64 and of 64-bit ARM with 4 KiB pages.
const PAGE: usize = 2 << 20;

/// A block of f32s that begins at a multiple of 2 MiB.
pub struct Arena {
    start: NonNull<f32>,
    floats: usize,
    /// Of the allocation; nothing was allocated when its size is 0.
    layout: Layout,
}

// SAFETY: the block is owned, and shared references only read it.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

/// Memory that could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaError {
    /// f32s asked for.
    pub floats: usize,
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let megabytes = self.floats as f64 * 4e-6;
        write!(f, "memory of a network: found less than the {megabytes:.0} MB it needs")
    }
}

impl std::error::Error for ArenaError {}

impl Arena {
    /// That many zeros.
    ///
    /// # Errors
    /// When the system refuses the memory.
    pub fn new(floats: usize) -> Result<Self, ArenaError> {
        let error = ArenaError { floats };
        let bytes = floats.checked_mul(size_of::<f32>()).ok_or(error)?;
        let layout = Layout::from_size_align(bytes, PAGE).map_err(|_| error)?;
        if bytes == 0 {
            return Ok(Self { start: NonNull::dangling(), floats, layout });
        }
        // SAFETY: the size is not 0. Zeroed only after the advice, because zeroing is the first
        // touch.
        let start = unsafe {
            let start = alloc(layout);
            let start = NonNull::new(start).ok_or(error)?;
            platform::advise_huge_pages(start.as_ptr(), bytes);
            start.as_ptr().write_bytes(0, bytes);
            start.cast()
        };
        Ok(Self { start, floats, layout })
    }

    /// f32s in it.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.floats
    }

    /// True when there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.floats == 0
    }

    /// All of it, to read.
    #[must_use]
    pub const fn as_slice(&self) -> &[f32] {
        // SAFETY: the block holds that many initialised f32s.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.floats) }
    }

    /// All of it.
    #[must_use]
    pub const fn as_mut_slice(&mut self) -> &mut [f32] {
        // SAFETY: as above, and the borrow is exclusive.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.floats) }
    }

    /// One part to write and some to read. The parts to read may overlap each other.
    ///
    /// # Panics
    /// When a part is not in the arena, or one to read overlaps the one to write: as with an index
    /// out of bounds, the plan that asks for it is wrong.
    #[must_use]
    pub fn split<const N: usize>(
        &mut self,
        write: Range<usize>,
        reads: [Range<usize>; N],
    ) -> (&mut [f32], [&[f32]; N]) {
        let (write, _, reads) = self.split_scratch(write, 0..0, reads);
        (write, reads)
    }

    /// As [`Self::split`] with a second part to write, which overlaps none of the others.
    ///
    /// # Panics
    /// As [`Self::split`].
    #[must_use]
    pub fn split_scratch<const N: usize>(
        &mut self,
        write: Range<usize>,
        scratch: Range<usize>,
        reads: [Range<usize>; N],
    ) -> (&mut [f32], &mut [f32], [&[f32]; N]) {
        for part in reads.iter().chain([&write, &scratch]) {
            assert!(
                part.start <= part.end && part.end <= self.floats,
                "{part:?} is not in an arena of {}",
                self.floats
            );
        }
        assert!(!overlap(&write, &scratch), "{write:?} and scratch {scratch:?} overlap");
        for read in &reads {
            assert!(!overlap(read, &write), "{read:?} is read and {write:?} written");
            assert!(!overlap(read, &scratch), "{read:?} is read and {scratch:?} is scratch");
        }
        let start = self.start.as_ptr();
        // SAFETY: all parts lie in the block, and those that are written are apart from each other
        // and from those that are read. The borrow of the arena is exclusive and lasts as long.
        unsafe {
            (
                std::slice::from_raw_parts_mut(start.add(write.start), write.len()),
                std::slice::from_raw_parts_mut(start.add(scratch.start), scratch.len()),
                reads.map(|read| std::slice::from_raw_parts(start.add(read.start), read.len())),
            )
        }
    }
}

/// Empty ranges overlap nothing.
fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    !a.is_empty() && !b.is_empty() && a.start < b.end && b.start < a.end
}

impl Drop for Arena {
    fn drop(&mut self) {
        if self.layout.size() > 0 {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(self.start.as_ptr().cast(), self.layout) }
        }
    }
}

impl fmt::Debug for Arena {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arena").field("floats", &self.floats).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn it_is_zeroed_and_aligned() {
        let mut arena = Arena::new(1_000_003).expect("4 MB");
        assert_eq!(arena.as_slice().as_ptr().align_offset(PAGE), 0);
        assert!(arena.as_slice().iter().all(|x| x.to_bits() == 0));
        arena.as_mut_slice().fill(1.0);
        assert_eq!(arena.as_slice().iter().sum::<f32>(), 1_000_003.0);
        assert!(Arena::new(0).expect("nothing").as_mut_slice().is_empty());
    }

    #[test]
    fn too_much_is_an_error_that_says_how_much() {
        for floats in [usize::MAX, usize::MAX / 4, isize::MAX as usize / 4 - PAGE] {
            assert_eq!(Arena::new(floats).expect_err("absurd"), ArenaError { floats });
        }
        let text = ArenaError { floats: 250_000_000 }.to_string();
        assert_eq!(text, "memory of a network: found less than the 1000 MB it needs");
    }

    #[test]
    fn parts_are_disjoint_where_one_is_written() {
        let mut arena = Arena::new(100).expect("100");
        for (place, x) in arena.as_mut_slice().iter_mut().enumerate() {
            *x = place as f32;
        }
        let (write, scratch, [a, b]) = arena.split_scratch(20..30, 90..100, [0..20, 10..20]);
        write.copy_from_slice(&a[10..]);
        scratch.copy_from_slice(b);
        assert_eq!(arena.as_slice()[20..30], arena.as_slice()[90..100]);
        let (write, []) = arena.split(0..100, []);
        assert_eq!(write.len(), 100);
        let (_, [nothing, _]) = arena.split(0..100, [50..50, 0..0]);
        assert!(nothing.is_empty());
    }

    #[test]
    fn parts_that_meet_are_refused() {
        let mut arena = Arena::new(100).expect("100");
        let mut refused = |write: Range<usize>, scratch: Range<usize>, read: Range<usize>| {
            catch_unwind(AssertUnwindSafe(|| {
                let _ = arena.split_scratch(write, scratch, [read]);
            }))
            .is_err()
        };
        assert!(refused(0..10, 50..60, 9..20));
        assert!(refused(10..20, 50..60, 0..11));
        assert!(refused(10..20, 50..60, 12..13));
        assert!(refused(10..20, 19..30, 40..50));
        assert!(refused(10..20, 30..40, 39..50));
        assert!(refused(0..101, 0..0, 0..0));
        assert!(refused(0..1, 0..0, 200..200));
        #[allow(clippy::reversed_empty_ranges)]
        let backwards = 20..10;
        assert!(refused(backwards, 0..0, 0..0));
        assert!(!refused(0..10, 10..20, 20..100));
    }
}
