//! Runs loops with the widest vectors of the processor at hand.

/// Runs `op` compiled for the processor it runs on. What `op` calls must be inlined to profit.
///
/// Plain `*` and `+` round alike in every vector width, so the bits do not depend on the machine.
#[inline(always)]
pub(crate) fn run<R>(op: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(op)
}
