//! Reading memory that may have been freed, without a crash.
//!
//! A string that a plug-in passed may be gone. Linux lets a process read its own memory as a
//! file, where an unmapped page is an error and not a fault. Elsewhere the check is not made.

/// The bytes at `address`: empty when nothing is mapped there, none when this system cannot look.
#[cfg(target_os = "linux")]
pub(crate) fn read(address: usize, length: usize) -> Option<Vec<u8>> {
    use std::{fs::File, os::unix::fs::FileExt, sync::LazyLock};
    static MEMORY: LazyLock<Option<File>> = LazyLock::new(|| File::open("/proc/self/mem").ok());
    let memory = MEMORY.as_ref()?;
    let mut bytes = vec![0; length];
    match memory.read_exact_at(&mut bytes, address as u64) {
        Ok(()) => Some(bytes),
        Err(_) => Some(Vec::new()),
    }
}

/// The bytes at `address`: this system cannot look.
#[cfg(not(target_os = "linux"))]
pub(crate) fn read(_address: usize, _length: usize) -> Option<Vec<u8>> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn living_memory_is_read_and_unmapped_memory_is_no_fault() {
        let text = *b"headroom";
        assert_eq!(super::read(text.as_ptr().addr(), 8).as_deref(), Some(&text[..]));
        assert_eq!(super::read(8, 8).as_deref(), Some(&[][..]));
    }
}
