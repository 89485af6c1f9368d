//! The gradient of a convolution's weights: for each tap the product of all gradients of its
//! outputs with the inputs it read.
//!
//! Channels lie last, so for one tap and one row of pixels this is a sum of outer products of two
//! vectors of channels, neither of which needs packing. Rows are dealt out in a fixed number of
//! parts, each with sums of its own, and the parts are added in order: the result does not depend
//! on the number of threads.

mod outer;

use self::outer::{Outer, OuterKernels};
use super::machine::Machine;
use super::shape::{ConvShape, ShapeError};
use super::tensor::Tensor;
use crate::Pool;

/// Parts the rows are dealt out in.
const PARTS: usize = 16;

/// Computes the gradient of the weights of one layer.
pub struct WeightGradient {
    shape: ConvShape,
    kernels: &'static OuterKernels,
    /// Which operand fills vectors.
    vectors: Side,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Inputs,
    Outputs,
}

/// Addresses of one picture.
#[derive(Clone, Copy)]
struct Pair<'a> {
    input: Tensor<'a>,
    gradient: Tensor<'a>,
}

impl WeightGradient {
    /// For a layer of that shape.
    ///
    /// # Errors
    /// When the shape is impossible.
    pub fn new(shape: ConvShape, machine: Machine) -> Result<Self, ShapeError> {
        shape.weights()?;
        let kernels = OuterKernels::of(machine.isa);
        let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
        let padded = |vectors: usize, others: usize| {
            vectors.next_multiple_of(kernels.lanes).saturating_mul(others)
        };
        let vectors =
            if padded(outs, ins) <= padded(ins, outs) { Side::Outputs } else { Side::Inputs };
        Ok(Self { shape, kernels, vectors })
    }

    /// f32s of scratch that [`Self::run`] needs.
    #[must_use]
    pub fn scratch(&self) -> usize {
        self.part().saturating_mul(PARTS)
    }

    /// Channels of a group that are broadcast, and that fill vectors.
    fn sides(&self) -> [usize; 2] {
        let shape = &self.shape;
        let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
        match self.vectors {
            Side::Outputs => [ins, outs],
            Side::Inputs => [outs, ins],
        }
    }

    /// f32s of a row of sums.
    fn stride(&self) -> usize {
        self.sides()[1].next_multiple_of(self.kernels.lanes)
    }

    /// f32s of one part's sums: `[group][tap][broadcast channel][vector channel]`.
    fn part(&self) -> usize {
        let taps = self.shape.kernel[0] * self.shape.kernel[1];
        self.sides()[0].saturating_mul(self.stride() * taps * self.shape.groups)
    }

    /// Writes the gradient of the weights, out x in / groups x kernel height x kernel width, for
    /// pictures of one size: `inputs` as the convolution read them, `gradients` those of its sums.
    ///
    /// The same numbers give the same bits whatever the pool.
    ///
    /// # Errors
    /// When a tensor does not fit the shape, the others or itself, or a length is wrong.
    pub fn run(
        &self,
        inputs: &[Tensor<'_>],
        gradients: &[Tensor<'_>],
        weight: &mut [f32],
        scratch: &mut [f32],
        pool: &Pool,
    ) -> Result<(), ShapeError> {
        let expected = self.shape.weights()?;
        if weight.len() != expected {
            return Err(ShapeError::new("weight gradient", weight.len(), expected));
        }
        if inputs.len() != gradients.len() {
            return Err(ShapeError::new("weight gradient batch", gradients.len(), inputs.len()));
        }
        if scratch.len() < self.scratch() {
            let expected = format!("at least {}", self.scratch());
            return Err(ShapeError::new("weight gradient scratch", scratch.len(), expected));
        }
        let mut pairs = Vec::with_capacity(inputs.len());
        for (&input, &gradient) in inputs.iter().zip(gradients) {
            self.check(&inputs[0], &input, &gradient)?;
            pairs.push(Pair { input, gradient });
        }
        let rows = gradients.first().map_or(0, |gradient| gradient.height) * pairs.len();
        let share = rows.div_ceil(PARTS).max(1);
        let used = rows.div_ceil(share);
        let part = self.part();
        let parts: Vec<(usize, &mut [f32])> =
            scratch.chunks_exact_mut(part.max(1)).take(used).enumerate().collect();
        pool.for_each(parts, |(index, sums)| {
            sums.fill(0.0);
            for row in index * share..((index + 1) * share).min(rows) {
                let pair = &pairs[row / gradients[0].height];
                self.row(pair, row % gradients[0].height, sums);
            }
        });
        let scratch = &*scratch;
        self.gather(&scratch[..used * part], weight, pool);
        Ok(())
    }

    fn check(
        &self,
        first: &Tensor<'_>,
        input: &Tensor<'_>,
        gradient: &Tensor<'_>,
    ) -> Result<(), ShapeError> {
        input.check("weight gradient input")?;
        gradient.check("weight gradient")?;
        let held = |what, found: [usize; 3], expected: [usize; 3]| {
            let text = |[h, w, c]: [usize; 3]| format!("{h} x {w} x {c}");
            let error = || ShapeError::new(what, text(found), text(expected));
            if found == expected { Ok(()) } else { Err(error()) }
        };
        held(
            "weight gradient input",
            [input.height, input.width, input.channels],
            [first.height, first.width, self.shape.in_channels],
        )?;
        let [height, width] = self.shape.output(input.height, input.width);
        let found = [gradient.height, gradient.width, gradient.channels];
        held("weight gradient", found, [height, width, self.shape.out_channels])
    }

    /// Adds what one row of outputs has to say.
    fn row(&self, pair: &Pair<'_>, y: usize, sums: &mut [f32]) {
        let shape = &self.shape;
        let Pair { input, gradient } = pair;
        let [broadcasts, vectors] = self.sides();
        let (kernels, stride) = (self.kernels, self.stride());
        let ins = shape.in_channels / shape.groups;
        let outs = shape.out_channels / shape.groups;
        let taps = shape.kernel[0] * shape.kernel[1];
        for group in 0..shape.groups {
            for tap in 0..taps {
                let [ky, kx] = [tap / shape.kernel[1], tap % shape.kernel[1]];
                let from = (y * shape.stride + ky * shape.dilation).checked_sub(shape.padding[0]);
                let Some(input_y) = from.filter(|&y| y < input.height) else { continue };
                // Outputs whose tap lies in the picture.
                let shift = kx * shape.dilation;
                let first = shape.padding[1].saturating_sub(shift).div_ceil(shape.stride);
                let end = (input.width + shape.padding[1])
                    .saturating_sub(shift)
                    .div_ceil(shape.stride)
                    .min(gradient.width);
                if first >= end {
                    continue;
                }
                let input_x = first * shape.stride + shift - shape.padding[1];
                let read = &input.data
                    [input_y * input.row_stride + input_x * input.pixel_stride + group * ins..];
                let told = &gradient.data
                    [y * gradient.row_stride + first * gradient.pixel_stride + group * outs..];
                let read = (read, shape.stride * input.pixel_stride);
                let told = (told, gradient.pixel_stride);
                let (broadcast, vector) = match self.vectors {
                    Side::Outputs => (read, told),
                    Side::Inputs => (told, read),
                };
                let start = (group * taps + tap) * broadcasts * stride;
                let sums = &mut sums[start..start + broadcasts * stride];
                let width = kernels.lanes * kernels.columns;
                for column in (0..vectors).step_by(width) {
                    for row in (0..broadcasts).step_by(kernels.rows) {
                        kernels.add(Outer {
                            broadcast: &broadcast.0[row..],
                            broadcast_step: broadcast.1,
                            rows: kernels.rows.min(broadcasts - row),
                            vector: &vector.0[column..],
                            vector_step: vector.1,
                            columns: width.min(vectors - column),
                            pixels: end - first,
                            sums: &mut sums[row * stride + column..],
                            stride,
                        });
                    }
                }
            }
        }
    }

    /// Adds the parts in order and puts them where weights lie.
    fn gather(&self, parts: &[f32], weight: &mut [f32], pool: &Pool) {
        let shape = &self.shape;
        let taps = shape.kernel[0] * shape.kernel[1];
        let ins = shape.in_channels / shape.groups;
        let outs = shape.out_channels / shape.groups;
        let [broadcasts, _] = self.sides();
        let (stride, part) = (self.stride(), self.part());
        let rows: Vec<(usize, &mut [f32])> =
            weight.chunks_exact_mut(ins * taps).enumerate().collect();
        pool.for_each(rows, |(out, row)| {
            let (group, out) = (out / outs, out % outs);
            for (index, weight) in row.iter_mut().enumerate() {
                let (input, tap) = (index / taps, index % taps);
                let [row, lane] = match self.vectors {
                    Side::Outputs => [input, out],
                    Side::Inputs => [out, input],
                };
                let at = ((group * taps + tap) * broadcasts + row) * stride + lane;
                *weight = parts.iter().skip(at).step_by(part).sum();
            }
        });
    }
}

impl std::fmt::Debug for WeightGradient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WeightGradient")
            .field("shape", &self.shape)
            .field("vectors", &self.vectors)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
