//! Memory whose borders cannot be crossed unseen.

/// f32s between two pages that cannot be touched.
pub(super) struct Fenced {
    start: *mut u8,
    pages: usize,
}

impl Fenced {
    const PAGE: usize = 4096;

    pub(super) fn new(floats: usize) -> Self {
        let pages = (floats * 4).div_ceil(Self::PAGE) + 2;
        let bytes = pages * Self::PAGE;
        // SAFETY: a new private mapping touches nothing that exists, and the pages whose access is
        // taken away are its own.
        unsafe {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let start = libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0);
            assert_ne!(start, libc::MAP_FAILED);
            let start = start.cast::<u8>();
            assert_eq!(libc::mprotect(start.cast(), Self::PAGE, libc::PROT_NONE), 0);
            let last = start.add(bytes - Self::PAGE).cast();
            assert_eq!(libc::mprotect(last, Self::PAGE, libc::PROT_NONE), 0);
            Self { start, pages }
        }
    }

    /// The first or the last so many.
    pub(super) fn at(&mut self, end: bool, floats: usize) -> &mut [f32] {
        let all = (self.pages - 2) * Self::PAGE / 4;
        let first = Self::PAGE / 4 + if end { all - floats } else { 0 };
        // SAFETY: the pages between the fences are readable, writable and zeroed.
        unsafe { std::slice::from_raw_parts_mut(self.start.cast::<f32>().add(first), floats) }
    }
}

impl Drop for Fenced {
    fn drop(&mut self) {
        // SAFETY: the mapping is this one's, and nothing borrows from it any more.
        unsafe { libc::munmap(self.start.cast(), self.pages * Self::PAGE) };
    }
}
