//! Plain loops compiled for each instruction set.

use crate::nn::machine::Isa;

/// Runs `op` compiled for an instruction set (for none where this processor lacks it). What `op`
/// calls must be inlined to profit. Plain `*` and `+` round alike in every vector width, so the bits
/// do not depend on it.
#[inline(always)]
pub(super) fn run<R>(isa: Isa, op: impl FnOnce() -> R) -> R {
    match isa {
        Isa::Portable => op(),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the instructions.
        Isa::Avx2 if isa.available() => unsafe { avx2(op) },
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the processor has the instructions.
        Isa::Avx512 | Isa::Avx512Bf16 | Isa::Amx if Isa::Avx512.available() => unsafe {
            avx512(op)
        },
        _ => op(),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<R>(op: impl FnOnce() -> R) -> R {
    op()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn avx512<R>(op: impl FnOnce() -> R) -> R {
    op()
}
