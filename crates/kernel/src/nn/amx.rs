//! Products of bfloat16 tiles (AMX), written as assembly because the intrinsics are not stable.
//!
//! A tile register holds 16 rows of 64 bytes. Slots are such rows already: 16 neighbouring slots are
//! a tile of operands (16 pixels x 32 channels), 16 words of weights are a tile of weights (16 pairs
//! of channels x 16 output channels), and 16 results of 16 lanes are a tile of sums. Two by two of
//! them share what they load.
//!
//! Reference: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, LDTILECFG,
//! TILELOADD, TDPBF16PS.

use super::kernels::{Product, SLOT};
use std::arch::asm;

/// Rows and columns of a product: two tiles by two.
pub(super) const ROWS: usize = 32;
pub(super) const COLUMNS: usize = 2;

/// What LDTILECFG reads: palette 1, all eight tiles with 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Config {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static CONFIG: Config = Config {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// Sets this thread's tiles up.
///
/// # Safety
/// The processor has AMX and the process may use it.
pub(super) unsafe fn enter() {
    // SAFETY: the instruction reads the 64 bytes of the configuration.
    unsafe {
        asm!("ldtilecfg [{}]", in(reg) &raw const CONFIG, options(nostack, readonly, preserves_flags));
    }
}

/// Gives this thread's tiles back, so that switching threads need not save them.
///
/// # Safety
/// As [`enter`].
pub(super) unsafe fn leave() {
    // SAFETY: nothing is in the tiles any more.
    unsafe { asm!("tilerelease", options(nostack, nomem, preserves_flags)) }
}

/// Computes all 32 rows whatever `rows` says: the operand and the result have room for them.
///
/// # Safety
/// As [`super::kernels::Kernels`], and [`enter`] was called on this thread.
pub(super) unsafe fn multiply(p: &Product) {
    const ROW: usize = 64;
    /// f32s of a tile.
    const TILE: usize = 16 * SLOT;
    let weights_row = p.columns * ROW;
    // Tiles do not outlive a statement for the compiler, but nothing between these statements
    // touches them: 0 to 3 sums, 4 and 5 operands, 6 and 7 weights.
    // SAFETY: the product names only memory that is there, in whole tiles.
    unsafe {
        asm!(
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            options(nostack, nomem, preserves_flags)
        );
        let mut weights = p.weights;
        for &tap in p.taps {
            let mut slot = p.operand.add(tap);
            for _ in 0..p.slots {
                if p.columns == 2 {
                    asm!(
                        "tileloadd tmm4, [{a0} + {row}]",
                        "tileloadd tmm6, [{b0} + {weights_row}]",
                        "tileloadd tmm5, [{a1} + {row}]",
                        "tdpbf16ps tmm0, tmm4, tmm6",
                        "tileloadd tmm7, [{b1} + {weights_row}]",
                        "tdpbf16ps tmm1, tmm5, tmm6",
                        "tdpbf16ps tmm2, tmm4, tmm7",
                        "tdpbf16ps tmm3, tmm5, tmm7",
                        a0 = in(reg) slot,
                        a1 = in(reg) slot.add(TILE),
                        b0 = in(reg) weights,
                        b1 = in(reg) weights.add(SLOT),
                        row = in(reg) ROW,
                        weights_row = in(reg) weights_row,
                        out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                        options(nostack, readonly, preserves_flags)
                    );
                } else {
                    asm!(
                        "tileloadd tmm4, [{a0} + {row}]",
                        "tileloadd tmm6, [{b0} + {weights_row}]",
                        "tileloadd tmm5, [{a1} + {row}]",
                        "tdpbf16ps tmm0, tmm4, tmm6",
                        "tdpbf16ps tmm1, tmm5, tmm6",
                        a0 = in(reg) slot,
                        a1 = in(reg) slot.add(TILE),
                        b0 = in(reg) weights,
                        row = in(reg) ROW,
                        weights_row = in(reg) weights_row,
                        out("tmm4") _, out("tmm5") _, out("tmm6") _,
                        options(nostack, readonly, preserves_flags)
                    );
                }
                weights = weights.add(SLOT * weights_row / 4);
                slot = slot.add(p.slot_stride);
            }
        }
        for column in 0..p.columns {
            let to = p.result.add(column * p.result_stride);
            if column == 0 {
                asm!(
                    "tilestored [{c0} + {row}], tmm0",
                    "tilestored [{c1} + {row}], tmm1",
                    c0 = in(reg) to,
                    c1 = in(reg) to.add(TILE),
                    row = in(reg) ROW,
                    options(nostack, preserves_flags)
                );
            } else {
                asm!(
                    "tilestored [{c0} + {row}], tmm2",
                    "tilestored [{c1} + {row}], tmm3",
                    c0 = in(reg) to,
                    c1 = in(reg) to.add(TILE),
                    row = in(reg) ROW,
                    options(nostack, preserves_flags)
                );
            }
        }
    }
}
