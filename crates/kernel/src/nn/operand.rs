//! Into slots: how a vector of channels is stored as an operand, and the packing of pixels.

use super::finish::load;
use super::kernels::Pack;
use super::vector::Vector;

/// The form of operands.
///
/// # Safety
/// The processor has the instruction set; the channels' place in the slot is writable.
pub(super) trait Operand {
    type V: Vector;
    /// Channels of a slot.
    const CHANNELS: usize;
    /// Stores `LANES` channels from `channel` (a multiple of `LANES`) on into their slot.
    unsafe fn store(vector: Self::V, slot: *mut f32, channel: usize);
}

/// f32 as it is.
pub(super) struct Plain<V>(std::marker::PhantomData<V>);

impl<V: Vector> Operand for Plain<V> {
    type V = V;
    const CHANNELS: usize = 16;
    #[inline(always)]
    unsafe fn store(vector: V, slot: *mut f32, channel: usize) {
        // SAFETY: the caller's.
        unsafe { vector.store(slot.add(channel)) }
    }
}

/// Puts pixels into slots; channels that are missing in the last slot are zeros.
///
/// # Safety
/// As [`super::kernels::Kernels`].
#[inline(always)]
pub(super) unsafe fn pack<O: Operand>(p: &Pack) {
    let lanes = O::V::LANES;
    // SAFETY: the caller's.
    unsafe {
        for slot in 0..p.channels.div_ceil(O::CHANNELS) {
            for part in 0..O::CHANNELS / lanes {
                let channel = slot * O::CHANNELS + part * lanes;
                let count = p.channels.saturating_sub(channel).min(lanes);
                let to = p.slot.add(slot * p.slot_stride);
                for pixel in 0..p.pixels {
                    let from = p.from.wrapping_add(pixel * p.pixel_stride + channel);
                    let vector = if count == 0 { O::V::zero() } else { load(from, count) };
                    O::store(vector, to.add(pixel * super::kernels::SLOT), part * lanes);
                }
            }
        }
    }
}
