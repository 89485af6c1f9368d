//! Operations on our kernels, f32 on the CPU, each with its own gradient.

mod activation;
mod concat;
mod convolution;
mod curve;
mod matrix;
mod nearest;
mod numbers;
mod pool;
mod resample;
mod slice;

use candle_core::{DType, Device};
use headroom_kernel::Pool;
use headroom_kernel::nn::{Machine, Precision};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) use activation::{activation, known_by_its_result};
pub(crate) use concat::concat;
pub(crate) use convolution::{Geometry, conv};
pub(crate) use curve::curve;
pub(crate) use matrix::apply_matrix;
pub(crate) use nearest::nearest;
pub(crate) use pool::average_pool;
pub(crate) use resample::resample;
pub(crate) use slice::slice;

/// What the operations share; clones share it too.
#[derive(Clone, Debug)]
pub(crate) struct Fast {
    pool: Arc<Pool>,
    machine: Machine,
    /// Kept from operation to operation, because the first touch of memory costs more than work on
    /// it.
    scratch: Arc<Mutex<Vec<f32>>>,
}

impl Fast {
    pub(crate) fn new(pool: Arc<Pool>) -> Self {
        Self { pool, machine: Machine::best(Precision::Full), scratch: Arc::default() }
    }

    /// True where the operations are for these tensors.
    pub(crate) fn fits(&self, device: &Device, dtype: DType) -> bool {
        device.is_cpu() && dtype == DType::F32
    }

    /// Lends `floats` numbers, whatever they are.
    fn with_scratch<R>(&self, floats: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
        // What a panic left in it is as good as any other numbers.
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        if scratch.len() < floats {
            scratch.resize(floats, 0.0);
        }
        work(&mut scratch[..floats])
    }

    /// Calls `task(index, part)` for parts of `length` numbers, on all threads.
    fn each_part(
        &self,
        numbers: &mut [f32],
        length: usize,
        task: impl Fn(usize, &mut [f32]) + Sync,
    ) {
        let parts: Vec<(usize, &mut [f32])> =
            numbers.chunks_mut(length.max(1)).enumerate().collect();
        self.pool.for_each(parts, |(index, part)| task(index, part));
    }
}
