//! The process's memory: how much there is to take, and what becomes of what is given back.

/// Bytes that processes can still take without others having to go to the disk; none where the system
/// does not tell.
#[must_use]
pub fn available_memory() -> Option<usize> {
    #[cfg(target_os = "linux")]
    {
        available(&std::fs::read_to_string("/proc/meminfo").ok()?)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// The line `MemAvailable: N kB` of /proc/meminfo (proc(5)).
#[cfg(any(target_os = "linux", test))]
fn available(meminfo: &str) -> Option<usize> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// Lets all threads of this process take memory from one heap: a frame that one thread frees is then
/// there for the next, whichever thread asks. Else each thread's heap keeps frames of its own, and the
/// peak creeps up with the luck of the draw. For programs that own their process, before they start
/// threads; never for a plug-in. True when the allocator took the wish; only glibc's is asked.
pub fn share_one_heap() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and changes only from where the allocator serves threads.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1) == 1
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_available_memory_is_read() {
        let text = "MemTotal:       24619512 kB\nMemFree: 1 kB\nMemAvailable:   23068672 kB\n";
        assert_eq!(available(text), Some(23_068_672 * 1024));
        assert_eq!(available("MemTotal: 1 kB\n"), None);
        assert_eq!(available("MemAvailable: many kB\n"), None);
    }
}
