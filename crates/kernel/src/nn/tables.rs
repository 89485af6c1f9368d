//! The table of each instruction set: the generic functions, compiled for it.

#![cfg(target_arch = "x86_64")]

use super::bf16::Pairs;
use super::kernels::{Depths, Kernels, Pack, Product, RowOut, TileIn, TileOut};
use super::multiply::{Single, multiply};
use super::operand::{Plain, pack};
use super::vector::{Avx2, Avx512};
use super::{amx, depthwise, finish, tile};

unsafe fn nothing() {}

/// One function per number of rows, so that all sums of a product stay in registers.
macro_rules! products {
    ($name:ident, $features:literal, $accumulate:ty, $($rows:literal)+) => {
        unsafe fn $name(p: &Product) {
            #[target_feature(enable = $features)]
            unsafe fn fixed<const ROWS: usize, const COLUMNS: usize>(p: &Product) {
                // SAFETY: the caller's.
                unsafe { multiply::<$accumulate, ROWS, COLUMNS>(p) }
            }
            // SAFETY: the caller's.
            unsafe {
                match (p.rows, p.columns) {
                    $(($rows, 1) => fixed::<$rows, 1>(p), ($rows, _) => fixed::<$rows, 2>(p),)+
                    _ => unreachable!("a product of {} rows", p.rows),
                }
            }
        }
    };
}

macro_rules! compiled {
    ($name:ident, $features:literal, $argument:ty, $function:path) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(argument: &$argument) {
            // SAFETY: the caller's.
            unsafe { $function(argument) }
        }
    };
}

products!(avx2_multiply, "avx2,fma", Single<Avx2>, 1 2 3 4 5 6);
compiled!(avx2_pack, "avx2,fma", Pack, pack::<Plain<Avx2>>);
compiled!(avx2_emit, "avx2,fma", RowOut, finish::emit::<Avx2>);
compiled!(avx2_tile_in, "avx2,fma", TileIn, tile::tile_in::<Plain<Avx2>>);
compiled!(avx2_depths, "avx2,fma", Depths, depthwise::depths::<Avx2>);
compiled!(avx2_tile_out, "avx2,fma", TileOut, tile::tile_out::<Avx2, 2>);

/// f32 with 256-bit vectors: 6 x 2 sums in 16 registers.
pub(super) static AVX2: Kernels = Kernels {
    lanes: 8,
    rows: 6,
    columns: 2,
    word_channels: 1,
    whole_slots: false,
    multiply: avx2_multiply,
    pack: avx2_pack,
    emit: avx2_emit,
    tile_in: avx2_tile_in,
    tile_out: avx2_tile_out,
    depths: avx2_depths,
    enter: nothing,
    leave: nothing,
};

products!(
    avx512_multiply, "avx512f,avx512vl,avx512bw,avx512dq", Single<Avx512>,
    1 2 3 4 5 6 7 8 9 10 11 12
);
compiled!(avx512_pack, "avx512f,avx512vl,avx512bw,avx512dq", Pack, pack::<Plain<Avx512>>);
compiled!(avx512_emit, "avx512f,avx512vl,avx512bw,avx512dq", RowOut, finish::emit::<Avx512>);
compiled!(
    avx512_tile_in,
    "avx512f,avx512vl,avx512bw,avx512dq",
    TileIn,
    tile::tile_in::<Plain<Avx512>>
);
compiled!(avx512_depths, "avx512f,avx512vl,avx512bw,avx512dq", Depths, depthwise::depths::<Avx512>);
compiled!(
    avx512_tile_out,
    "avx512f,avx512vl,avx512bw,avx512dq",
    TileOut,
    tile::tile_out::<Avx512, 1>
);

/// f32 with 512-bit vectors: 12 x 2 sums in 32 registers.
pub(super) static AVX512: Kernels = Kernels {
    lanes: 16,
    rows: 12,
    columns: 2,
    word_channels: 1,
    whole_slots: false,
    multiply: avx512_multiply,
    pack: avx512_pack,
    emit: avx512_emit,
    tile_in: avx512_tile_in,
    tile_out: avx512_tile_out,
    depths: avx512_depths,
    enter: nothing,
    leave: nothing,
};

products!(
    bf16_multiply, "avx512f,avx512vl,avx512bw,avx512dq,avx512bf16", Pairs,
    1 2 3 4 5 6 7 8 9 10 11 12
);
compiled!(bf16_pack, "avx512f,avx512vl,avx512bw,avx512dq,avx512bf16", Pack, pack::<Pairs>);
compiled!(
    bf16_tile_in,
    "avx512f,avx512vl,avx512bw,avx512dq,avx512bf16",
    TileIn,
    tile::tile_in::<Pairs>
);

/// Pairs of bfloat16 with 512-bit vectors.
pub(super) static AVX512_BF16: Kernels = Kernels {
    word_channels: 2,
    multiply: bf16_multiply,
    pack: bf16_pack,
    tile_in: bf16_tile_in,
    ..AVX512
};

/// Tiles of bfloat16, with 512-bit vectors for the rest.
pub(super) static AMX: Kernels = Kernels {
    rows: amx::ROWS,
    columns: amx::COLUMNS,
    whole_slots: true,
    multiply: amx::multiply,
    enter: amx::enter,
    leave: amx::leave,
    ..AVX512_BF16
};

/// [`AMX`] with its product in plain Rust, to test everything around it.
#[cfg(test)]
pub(super) static AMX_EMULATED: Kernels =
    Kernels { multiply: super::bf16::emulate, enter: nothing, leave: nothing, ..AMX };
