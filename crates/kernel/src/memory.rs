//! What the allocator does with memory that is given back.

/// Lets this process keep the memory it frees, instead of returning it to the system and touching it
/// anew: a training step frees hundreds of megabytes and asks for them again, and the first touch of
/// a page costs more than the work on it. For programs that own their process, such as the trainer;
/// never for a plug-in. True when the allocator took the wish; only glibc's is asked.
pub fn keep_freed_memory() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and changes only how the allocator deals with the system.
    unsafe {
        // No mappings of their own for large blocks, and none of the heap's end given back.
        libc::mallopt(libc::M_MMAP_MAX, 0) == 1 && libc::mallopt(libc::M_TRIM_THRESHOLD, -1) == 1
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}
