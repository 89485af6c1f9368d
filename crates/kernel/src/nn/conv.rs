//! Convolution with packed weights: checks, and the way to the chosen method.

use super::choice::{self, Method};
use super::depthwise::Depthwise;
use super::direct::Direct;
use super::job::{self, Job, Picture};
use super::kernels::Kernels;
use super::machine::Machine;
use super::portable::Portable;
use super::shape::{ConvShape, Epilogue, Residual, ShapeError};
use super::tensor::{Tensor, TensorMut};
use super::weights::Aligned;
use super::winograd::Winograd;
use crate::Pool;

/// A convolution with bias, residual and activation, its weights packed for one machine.
pub struct Conv {
    shape: ConvShape,
    epilogue: Epilogue,
    /// Padded with zeros to whole vectors.
    bias: Aligned,
    plan: Plan,
}

enum Plan {
    Portable(Portable),
    Depthwise(Depthwise, &'static Kernels),
    Direct(Direct, &'static Kernels),
    Winograd(Winograd, &'static Kernels),
}

impl Conv {
    /// Packs the weights: `weight` is out x in / groups x kernel height x kernel width, `bias` one
    /// number per output channel or none for zeros.
    ///
    /// # Errors
    /// When the shape is impossible or a length does not fit it.
    pub fn new(
        shape: ConvShape,
        epilogue: Epilogue,
        weight: &[f32],
        bias: Option<&[f32]>,
        machine: Machine,
    ) -> Result<Self, ShapeError> {
        let (method, kernels) = choice::choose(&shape, machine);
        Self::with_method(shape, epilogue, weight, bias, method, kernels)
    }

    /// As [`Self::new`] with the method given; the shape must be one it can do.
    pub(super) fn with_method(
        shape: ConvShape,
        epilogue: Epilogue,
        weight: &[f32],
        bias: Option<&[f32]>,
        method: Method,
        kernels: Option<&'static Kernels>,
    ) -> Result<Self, ShapeError> {
        let weights = shape.weights()?;
        if weight.len() != weights {
            return Err(ShapeError::new("convolution weights", weight.len(), weights));
        }
        if let Some(bias) = bias
            && bias.len() != shape.out_channels
        {
            return Err(ShapeError::new("convolution bias", bias.len(), shape.out_channels));
        }
        let mut padded = Aligned::zeros(shape.out_channels);
        if let Some(bias) = bias {
            padded.as_mut_slice()[..bias.len()].copy_from_slice(bias);
        }
        let plan = match (method, kernels) {
            (Method::Depthwise, Some(kernels)) => {
                Plan::Depthwise(Depthwise::new(&shape, weight, kernels), kernels)
            }
            (Method::Direct, Some(kernels)) => {
                Plan::Direct(Direct::new(&shape, weight, kernels), kernels)
            }
            (Method::Winograd, Some(kernels)) => {
                Plan::Winograd(Winograd::new(&shape, weight, kernels), kernels)
            }
            _ => Plan::Portable(Portable::new(&shape, weight)),
        };
        Ok(Self { shape, epilogue, bias: padded, plan })
    }

    /// The geometry.
    #[must_use]
    pub const fn shape(&self) -> &ConvShape {
        &self.shape
    }

    /// What is done to the sums.
    #[must_use]
    pub const fn epilogue(&self) -> Epilogue {
        self.epilogue
    }

    /// The name of the method that computes it: "portable", "depthwise", "direct" or "winograd".
    #[must_use]
    pub const fn method(&self) -> &'static str {
        match self.plan {
            Plan::Portable(_) => "portable",
            Plan::Depthwise(..) => "depthwise",
            Plan::Direct(..) => "direct",
            Plan::Winograd(..) => "winograd",
        }
    }

    /// f32s of scratch that [`Self::run`] needs for an input of that size with `threads` threads.
    /// With less it uses fewer threads; it needs what this says for one.
    #[must_use]
    pub fn scratch(&self, height: usize, width: usize, threads: usize) -> usize {
        match self.shape.output(height, width) {
            [0, _] | [_, 0] => 0,
            _ => job::scratch(self.scratch_of_piece(), threads.max(1)),
        }
    }

    fn scratch_of_piece(&self) -> usize {
        match &self.plan {
            Plan::Portable(_) | Plan::Depthwise(..) => 0,
            Plan::Direct(direct, _) => direct.scratch(),
            Plan::Winograd(winograd, _) => winograd.scratch(),
        }
    }

    /// Computes one picture. `input` is height x width x in channels, `output` (and `residual`,
    /// given exactly when the epilogue has one) as [`ConvShape::output`] says x out channels.
    ///
    /// The same numbers give the same bits whatever the pool and the scratch.
    ///
    /// # Errors
    /// When a tensor does not fit the shape or itself, or the scratch is too small.
    pub fn run(
        &self,
        input: Tensor<'_>,
        residual: Option<Tensor<'_>>,
        mut output: TensorMut<'_>,
        scratch: &mut [f32],
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        let wanted = self.epilogue.residual != Residual::None;
        if residual.is_some() != wanted {
            let word = |there| if there { "a residual" } else { "no residual" };
            let (found, expected) = (word(residual.is_some()), word(wanted));
            return Err(ShapeError::new("convolution residual", found, expected));
        }
        self.check_picture(&input, &output)?;
        if let Some(residual) = &residual {
            residual.check("convolution residual")?;
            let size = |height, width, channels| format!("{height} x {width} x {channels}");
            let found = size(residual.height, residual.width, residual.channels);
            let expected = size(output.height, output.width, output.channels);
            if found != expected {
                return Err(ShapeError::new("convolution residual", found, expected));
            }
        }
        let picture = Picture::new(&input, residual.as_ref(), &mut output);
        self.run_pictures(&[picture], [input.height, input.width], scratch, pool)
    }

    /// Computes pictures of one size, sharing all of them over the threads: as [`Self::run`] on
    /// each, for a convolution without a residual.
    ///
    /// # Errors
    /// As [`Self::run`], and when the numbers of inputs and outputs or the sizes differ.
    pub fn run_batch(
        &self,
        inputs: &[Tensor<'_>],
        outputs: &mut [TensorMut<'_>],
        scratch: &mut [f32],
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        if inputs.len() != outputs.len() {
            return Err(ShapeError::new("convolution batch", outputs.len(), inputs.len()));
        }
        if self.epilogue.residual != Residual::None {
            return Err(ShapeError::new("convolution batch", "a residual", "no residual"));
        }
        let Some(first) = inputs.first() else { return Ok(()) };
        for (input, output) in inputs.iter().zip(outputs.iter()) {
            self.check_picture(input, output)?;
            if (input.height, input.width) != (first.height, first.width) {
                let found = format!("{} x {}", input.height, input.width);
                let expected = format!("{} x {}", first.height, first.width);
                return Err(ShapeError::new("convolution batch", found, expected));
            }
        }
        let pictures: Vec<Picture> = inputs
            .iter()
            .zip(outputs)
            .map(|(input, output)| Picture::new(input, None, output))
            .collect();
        self.run_pictures(&pictures, [first.height, first.width], scratch, pool)
    }

    fn check_picture(&self, input: &Tensor<'_>, output: &TensorMut<'_>) -> Result<(), ShapeError> {
        input.check("convolution input")?;
        output.check("convolution output")?;
        let channels = [
            ("convolution input channels", input.channels, self.shape.in_channels),
            ("convolution output channels", output.channels, self.shape.out_channels),
        ];
        for (what, found, expected) in channels {
            if found != expected {
                return Err(ShapeError::new(what, found, expected));
            }
        }
        let size = self.shape.output(input.height, input.width);
        if [output.height, output.width] != size {
            let found = format!("{} x {}", output.height, output.width);
            let expected = format!("{} x {}", size[0], size[1]);
            return Err(ShapeError::new("convolution output", found, expected));
        }
        Ok(())
    }

    /// The pictures were checked.
    fn run_pictures(
        &self,
        pictures: &[Picture],
        input: [usize; 2],
        scratch: &mut [f32],
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        let output = self.shape.output(input[0], input[1]);
        if output[0] == 0 {
            return Ok(());
        }
        let needed = self.scratch(input[0], input[1], 1);
        if scratch.len() < needed {
            let expected = format!("at least {needed}");
            return Err(ShapeError::new("convolution scratch", scratch.len(), expected));
        }
        let job = Job {
            shape: &self.shape,
            epilogue: self.epilogue,
            bias: self.bias.as_ptr(),
            pictures,
            input,
            output,
            stream: output[0] * output[1] * self.shape.out_channels * size_of::<f32>()
                >= job::STREAM_FROM,
        };
        let floats = self.scratch_of_piece();
        let threads = pool.threads();
        // SAFETY of every call below: `check_picture` held the addresses to the slices, the kernels
        // were chosen for this processor, and `share` hands out each index once with scratch of
        // its own.
        match &self.plan {
            Plan::Portable(portable) => {
                let pieces = Portable::pieces(&job);
                job::share(pool, pieces, scratch, 0, None, &|_, index| {
                    // SAFETY: as above.
                    unsafe { portable.piece(&job, index) }
                });
            }
            Plan::Depthwise(depthwise, kernels) => {
                let pieces = Depthwise::pieces(&job);
                job::share(pool, pieces, scratch, 0, Some(kernels), &|_, index| {
                    // SAFETY: as above.
                    unsafe { depthwise.piece(&job, kernels, index) }
                });
            }
            Plan::Direct(direct, kernels) => {
                let pieces = direct.pieces(&job, threads);
                job::share(pool, pieces, scratch, floats, Some(kernels), &|scratch, index| {
                    // SAFETY: as above.
                    unsafe { direct.piece(&job, threads, index, scratch) }
                });
            }
            Plan::Winograd(winograd, kernels) => {
                let pieces = winograd.pieces(&job, threads);
                job::share(pool, pieces, scratch, floats, Some(kernels), &|scratch, index| {
                    // SAFETY: as above.
                    unsafe { winograd.piece(&job, threads, index, scratch) }
                });
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Conv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conv")
            .field("shape", &self.shape)
            .field("epilogue", &self.epilogue)
            .field("method", &self.method())
            .finish_non_exhaustive()
    }
}
