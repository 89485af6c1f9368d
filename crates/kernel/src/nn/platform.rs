//! What kernels ask of the operating system. Elsewhere than on Linux the answer is "no".

/// Asks for 2 MiB pages behind a range of memory, before it is first touched. Only a wish: nothing
/// tells whether it was granted, and nothing but speed depends on it.
pub(super) fn advise_huge_pages(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    // SAFETY: madvise with MADV_HUGEPAGE changes no contents, and refuses ranges that are not the
    // process's own.
    unsafe {
        libc::madvise(start.cast(), bytes, libc::MADV_HUGEPAGE);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

/// True when the processor has AMX tiles with bfloat16 products and this process may use them.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub(super) fn tiles_allowed() -> bool {
    use std::sync::OnceLock;
    static ALLOWED: OnceLock<bool> = OnceLock::new();
    *ALLOWED.get_or_init(|| processor_has_tiles() && request_tiles())
}

/// True when the processor has AMX tiles with bfloat16 products and this process may use them.
#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
pub(super) fn tiles_allowed() -> bool {
    false
}

/// CPUID leaf 7: EDX bit 24 is AMX-TILE, bit 22 AMX-BF16 (Intel SDM volume 2, table 3-8).
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn processor_has_tiles() -> bool {
    use std::arch::x86_64::{__cpuid, __cpuid_count};
    if __cpuid(0).eax < 7 {
        return false;
    }
    let features = __cpuid_count(7, 0).edx;
    features & (1 << 24) != 0 && features & (1 << 22) != 0
}

/// The tile registers are 8 KiB that Linux saves only for processes that asked
/// (Documentation/arch/x86/xstate.rst). The permission holds for all threads.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn request_tiles() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_ulong = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_ulong = 18;
    // SAFETY: the call takes two numbers and changes nothing but the process's permission.
    let result =
        unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) };
    result == 0
}

/// Asks for a cache line that will be read soon. The address need not be valid.
#[inline(always)]
pub(super) fn prefetch(address: *const f32) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch of any address touches nothing; SSE is part of every x86-64.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Makes what this thread stored past the caches visible before anything it stores later.
pub(super) fn publish() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a fence touches nothing; SSE is part of every x86-64.
    unsafe {
        std::arch::x86_64::_mm_sfence();
    }
}
