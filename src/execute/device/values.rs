//! What steps know beside their inputs, in one memory of the device.

use crate::execute::error::ProgramError;
use crate::execute::lower::{Layer, Step};
use crate::execute::operation::Operation;
use headroom_gpu::layout::{Conv, conv_matrix};
use headroom_kernel::nn::ShapeError;

/// A convolution as the device keeps it.
pub(super) struct Placed {
    pub(super) conv: Conv,
    pub(super) out_channels: usize,
    pub(super) groups: usize,
}

/// Numbers that are uploaded once.
#[derive(Default)]
pub(super) struct Values {
    pub(super) numbers: Vec<f32>,
    /// By step: where what it knows begins. A second where it has two.
    pub(super) places: Vec<[i32; 2]>,
}

impl Values {
    fn push(&mut self, numbers: &[f32]) -> i32 {
        let at = self.numbers.len() as i32;
        self.numbers.extend_from_slice(numbers);
        at
    }

    /// A convolution whose weights are among the numbers.
    pub(super) fn conv(&mut self, layer: &Layer) -> Result<Placed, ShapeError> {
        layer.shape.weights()?;
        let weight = self.push(&conv_matrix(&layer.shape, &layer.weight));
        let bias = layer.bias.as_ref().map(|bias| self.push(bias));
        Ok(Placed {
            conv: Conv::new(&layer.shape, layer.epilogue, weight, bias),
            out_channels: layer.shape.out_channels,
            groups: layer.shape.groups,
        })
    }

    /// Takes in what the other operations know. `channels` are those of each step's output.
    pub(super) fn take(&mut self, steps: &[Step<Placed>], channels: &[usize]) {
        for (step, &channels) in steps.iter().zip(channels) {
            let place = match &step.operation {
                Operation::Constant(values) => [self.push(values), 0],
                Operation::Linear { weight, bias } => {
                    let weight = self.push(weight);
                    [weight, bias.as_ref().map_or(-1, |bias| self.push(bias))]
                }
                Operation::GroupNorm { weight, bias, .. } => [self.push(weight), self.push(bias)],
                Operation::TimeEmbedding => [self.push(&frequencies(channels / 2)), 0],
                _ => [0, 0],
            };
            self.places.push(place);
        }
    }

    /// Refuses more numbers than kernels can count.
    pub(super) fn check(&self) -> Result<(), ProgramError> {
        if i32::try_from(self.numbers.len()).is_ok() {
            return Ok(());
        }
        let problem =
            format!("found {} weights, expected at most {}", self.numbers.len(), i32::MAX);
        Err(ProgramError::Stage { stage: "weights".to_owned(), problem })
    }
}

/// 10000^(-i / half), rounded, and then what the rounding left over.
fn frequencies(half: usize) -> Vec<f32> {
    let exact = |i: usize| libm::pow(10_000.0, -(i as f64) / half as f64);
    let rounded = (0..half).map(|i| exact(i) as f32);
    let rest = (0..half).map(|i| (exact(i) - f64::from(exact(i) as f32)) as f32);
    rounded.chain(rest).collect()
}
