//! Which method computes a layer: one rule, from measurements with `examples/conv_speed.rs`.

#[cfg(target_arch = "x86_64")]
use super::depthwise;
use super::kernels::Kernels;
use super::machine::Machine;
#[cfg(target_arch = "x86_64")]
use super::machine::{Isa, Precision};
use super::shape::ConvShape;
#[cfg(target_arch = "x86_64")]
use super::tables;

/// A way to compute a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Portable,
    Depthwise,
    Direct,
    Winograd,
}

/// The method for a layer, with the kernels it calls (none for [`Method::Portable`]).
#[cfg(target_arch = "x86_64")]
pub(super) fn choose(shape: &ConvShape, machine: Machine) -> (Method, Option<&'static Kernels>) {
    let single = match machine.isa {
        Isa::Portable => return (Method::Portable, None),
        Isa::Avx2 => &tables::AVX2,
        Isa::Avx512 | Isa::Avx512Bf16 | Isa::Amx => &tables::AVX512,
    };
    if shape.groups > 1 {
        // Never in pairs: there is nothing to sum up over channels.
        return match depthwise::fits(shape) {
            true => (Method::Depthwise, Some(single)),
            false => (Method::Portable, None),
        };
    }
    // Few input channels are the picture itself and few output channels the result: they gain
    // little from pairs, and f32 keeps them exact.
    let pairs =
        machine.precision == Precision::Fast && shape.in_channels >= 16 && shape.out_channels >= 16;
    let winograd = winograd_fits(shape) && shape.in_channels >= 8;
    match machine.isa {
        Isa::Amx if pairs => (Method::Direct, Some(&tables::AMX)),
        Isa::Avx512Bf16 if pairs && winograd => (Method::Winograd, Some(&tables::AVX512_BF16)),
        Isa::Avx512Bf16 if pairs => (Method::Direct, Some(&tables::AVX512_BF16)),
        _ if winograd => (Method::Winograd, Some(single)),
        _ => (Method::Direct, Some(single)),
    }
}

/// The method for a layer: elsewhere there is one.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn choose(_: &ConvShape, _: Machine) -> (Method, Option<&'static Kernels>) {
    (Method::Portable, None)
}

/// True for what [`super::winograd`] can compute.
pub(super) fn winograd_fits(shape: &ConvShape) -> bool {
    shape.kernel == [3, 3] && shape.stride == 1 && shape.groups == 1
}
