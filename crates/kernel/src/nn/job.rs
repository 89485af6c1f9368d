//! One run of a convolution: the pictures, and how pieces of them are spread over threads.

use super::kernels::{Finish, Kernels};
use super::platform;
use super::shape::{ConvShape, Epilogue, Residual};
use super::tensor::{Tensor, TensorMut};
use crate::Pool;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Addresses of one picture.
#[derive(Clone, Copy)]
pub(super) struct Picture {
    pub input: *const f32,
    /// f32s from row to row and from pixel to pixel.
    pub input_strides: [usize; 2],
    pub residual: *const f32,
    pub residual_strides: [usize; 2],
    pub output: *mut f32,
    pub output_strides: [usize; 2],
}

// SAFETY: pieces read the inputs and write disjoint parts of the outputs.
unsafe impl Send for Picture {}
// SAFETY: as above.
unsafe impl Sync for Picture {}

impl Picture {
    pub(super) fn new(
        input: &Tensor<'_>,
        residual: Option<&Tensor<'_>>,
        output: &mut TensorMut<'_>,
    ) -> Self {
        Self {
            input: input.data.as_ptr(),
            input_strides: [input.row_stride, input.pixel_stride],
            residual: residual.map_or(std::ptr::null(), |r| r.data.as_ptr()),
            residual_strides: residual.map_or([0, 0], |r| [r.row_stride, r.pixel_stride]),
            output: output.data.as_mut_ptr(),
            output_strides: [output.row_stride, output.pixel_stride],
        }
    }

    /// True when every pixel begins at a multiple of 64 bytes.
    fn can_stream(&self) -> bool {
        self.output.align_offset(64) == 0 && self.output_strides.iter().all(|s| s % 16 == 0)
    }
}

/// Bytes of a picture from which on it is stored past the caches. A picture of this size is pushed
/// out before the next layer reads it, and reading each line before overwriting it costs as much as
/// writing it.
pub(super) const STREAM_FROM: usize = 24 << 20;

/// What every piece of a run needs to know.
pub(super) struct Job<'a> {
    pub shape: &'a ConvShape,
    pub epilogue: Epilogue,
    /// Padded with zeros to whole vectors.
    pub bias: *const f32,
    pub pictures: &'a [Picture],
    /// Height and width of every input and every output.
    pub input: [usize; 2],
    pub output: [usize; 2],
    /// Store past the caches, where alignment allows it.
    pub stream: bool,
}

// SAFETY: the bias is only read.
unsafe impl Sync for Job<'_> {}

impl Job<'_> {
    pub(super) fn has_residual(&self) -> bool {
        self.epilogue.residual != Residual::None
    }

    /// The kernels' description of where a pixel goes, for the channels from `channel` on.
    ///
    /// # Safety
    /// The pixel and the channels lie in the picture.
    pub(super) unsafe fn finish(
        &self,
        picture: &Picture,
        [y, x]: [usize; 2],
        step: usize,
        channel: usize,
        channels: usize,
    ) -> Finish {
        let at = |strides: [usize; 2]| y * strides[0] + x * strides[1] + channel;
        let step_of = |strides: [usize; 2]| strides.map(|stride| stride * step);
        // SAFETY: the caller's; a null residual is not touched.
        unsafe {
            Finish {
                bias: self.bias.add(channel),
                channels,
                epilogue: self.epilogue,
                stream: self.stream && picture.can_stream(),
                output: picture.output.add(at(picture.output_strides)),
                output_strides: step_of(picture.output_strides),
                residual: if self.has_residual() {
                    picture.residual.add(at(picture.residual_strides))
                } else {
                    picture.residual
                },
                residual_strides: step_of(picture.residual_strides),
            }
        }
    }
}

/// Calls `piece(scratch, index)` for 0 .. pieces on as many threads as there are and as there is
/// scratch for, each with `floats` of it that begin at a multiple of 64 bytes. Threads take
/// the next index when they are done with one, so they finish together.
pub(super) fn share(
    pool: &Pool,
    pieces: usize,
    scratch: &mut [f32],
    floats: usize,
    kernels: Option<&Kernels>,
    piece: &(dyn Fn(*mut f32, usize) + Sync),
) {
    let skip = scratch.as_ptr().align_offset(64).min(scratch.len());
    let scratch = &mut scratch[skip..];
    let parts = scratch.len().checked_div(floats).unwrap_or(usize::MAX);
    let workers = pool.threads().min(pieces).min(parts);
    let scratch = Address(scratch.as_mut_ptr());
    let next = AtomicUsize::new(0);
    pool.for_each_index(workers, &|worker| {
        // SAFETY: each worker has a part of its own, and there are as many parts as workers.
        let scratch = unsafe { scratch.get().add(worker * floats) };
        // SAFETY: the kernels were chosen for this processor.
        kernels.inspect(|kernels| unsafe { (kernels.enter)() });
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= pieces {
                break;
            }
            piece(scratch, index);
        }
        // SAFETY: as above.
        kernels.inspect(|kernels| unsafe { (kernels.leave)() });
        platform::publish();
    });
}

/// Where the scratch of all workers begins.
struct Address(*mut f32);

// SAFETY: workers use parts of it that are apart.
unsafe impl Sync for Address {}

impl Address {
    const fn get(&self) -> *mut f32 {
        self.0
    }
}

/// f32s of scratch for `threads` calls of [`share`]'s pieces, with room to align them.
pub(super) const fn scratch(floats: usize, threads: usize) -> usize {
    if floats == 0 { 0 } else { floats.saturating_mul(threads).saturating_add(15) }
}
