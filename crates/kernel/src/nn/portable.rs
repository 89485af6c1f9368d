//! Convolution of any geometry in plain Rust: the reference for the others, and what runs where they
//! do not. Products and sums are rounded separately, in one order on every machine.

use super::job::{Job, Picture};
use super::shape::{ConvShape, Residual};

pub(super) struct Portable {
    /// `[tap][input channel of the group][output channel]`
    weights: Vec<f32>,
}

impl Portable {
    /// `weight`: out x in / groups x height x width.
    pub(super) fn new(shape: &ConvShape, weight: &[f32]) -> Self {
        let taps = shape.kernel[0] * shape.kernel[1];
        let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels);
        let mut weights = vec![0.0; weight.len()];
        for (index, &value) in weight.iter().enumerate() {
            let (pair, tap) = (index / taps, index % taps);
            weights[(tap * ins + pair % ins) * outs + pair / ins] = value;
        }
        Self { weights }
    }

    /// One row of one picture is a piece.
    pub(super) fn pieces(job: &Job<'_>) -> usize {
        job.output[0] * job.pictures.len()
    }

    /// # Safety
    /// The job's addresses are valid, and no piece runs twice at once.
    pub(super) unsafe fn piece(&self, job: &Job<'_>, index: usize) {
        let picture = &job.pictures[index / job.output[0]];
        let y = index % job.output[0];
        for x in 0..job.output[1] {
            // SAFETY: the pixel lies in the output, and no other piece touches this row.
            unsafe { self.pixel(job, picture, y, x) }
        }
    }

    unsafe fn pixel(&self, job: &Job<'_>, picture: &Picture, y: usize, x: usize) {
        let shape = job.shape;
        let outs = shape.out_channels;
        let [row, column] = picture.output_strides;
        // SAFETY: the caller's.
        let output = unsafe {
            std::slice::from_raw_parts_mut(picture.output.add(y * row + x * column), outs)
        };
        // SAFETY: the bias has a number for every output channel.
        output.copy_from_slice(unsafe { std::slice::from_raw_parts(job.bias, outs) });
        for tap in 0..shape.kernel[0] * shape.kernel[1] {
            let place = [tap / shape.kernel[1], tap % shape.kernel[1]];
            let source = [(y, 0), (x, 1)].map(|(start, axis)| {
                (start * shape.stride + place[axis] * shape.dilation)
                    .checked_sub(shape.padding[axis])
                    .filter(|&source| source < job.input[axis])
            });
            let [Some(y), Some(x)] = source else { continue };
            let [row, column] = picture.input_strides;
            // SAFETY: the pixel lies in the input.
            let input = unsafe {
                let from = picture.input.add(y * row + x * column);
                std::slice::from_raw_parts(from, shape.in_channels)
            };
            self.tap(shape, tap, input, output);
        }
        let residual = job.has_residual().then(|| {
            let [row, column] = picture.residual_strides;
            // SAFETY: the pixel lies in the residual.
            unsafe {
                let from = picture.residual.add(y * row + x * column);
                std::slice::from_raw_parts(from, outs)
            }
        });
        let activation = job.epilogue.activation;
        for (channel, sum) in output.iter_mut().enumerate() {
            let other = residual.map_or(0.0, |residual| residual[channel]);
            *sum = match job.epilogue.residual {
                Residual::None => activation.apply(*sum),
                Residual::BeforeActivation => activation.apply(*sum + other),
                Residual::AfterActivation => activation.apply(*sum) + other,
            };
        }
    }

    /// Adds one tap's products to a pixel.
    fn tap(&self, shape: &ConvShape, tap: usize, input: &[f32], output: &mut [f32]) {
        let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels);
        let weights = &self.weights[tap * ins * outs..][..ins * outs];
        if ins == 1 && outs == shape.groups {
            for ((sum, &weight), &value) in output.iter_mut().zip(weights).zip(input) {
                *sum += value * weight;
            }
            return;
        }
        let of_group = outs / shape.groups;
        for (group, input) in input.chunks_exact(ins).enumerate() {
            let output = &mut output[group * of_group..][..of_group];
            for (weights, &value) in weights.chunks_exact(outs).zip(input) {
                let weights = &weights[group * of_group..][..of_group];
                for (sum, &weight) in output.iter_mut().zip(weights) {
                    *sum += value * weight;
                }
            }
        }
    }
}
