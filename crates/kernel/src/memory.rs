//! How much memory there is. The one place that asks the system.

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
