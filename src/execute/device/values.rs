//! What steps know beside their inputs, in one memory of the device.

use crate::execute::error::ProgramError;
use crate::execute::lower::{Layer, Step};
use crate::execute::operation::Operation;
use headroom_gpu::layout::{Conv, conv_matrix, suits_tensor_cores, tensor_matrix};
use headroom_gpu::source::Precision;
use headroom_kernel::nn::ShapeError;

/// A convolution as the device keeps it.
pub(super) struct Placed {
    pub(super) conv: Conv,
    pub(super) out_channels: usize,
    pub(super) groups: usize,
    /// Its weights are laid for tensor cores.
    pub(super) tensor_cores: bool,
}

/// Numbers that are uploaded once.
pub(super) struct Values {
    /// As words of 32 bits: f32s, but for the matrices of tensor cores.
    pub(super) words: Vec<u32>,
    /// By step: where what it knows begins. A second where it has two.
    pub(super) places: Vec<[i32; 2]>,
    precision: Precision,
    tensor_cores: bool,
}

impl Values {
    /// For tensors that are stored so; with `tensor_cores` convolutions use them.
    pub(super) fn new(precision: Precision, tensor_cores: bool) -> Self {
        Self { words: Vec::new(), places: Vec::new(), precision, tensor_cores }
    }

    fn push(&mut self, numbers: &[f32]) -> i32 {
        let at = self.words.len() as i32;
        self.words.extend(numbers.iter().map(|number| number.to_bits()));
        at
    }

    /// A convolution whose weights are among the numbers.
    pub(super) fn conv(&mut self, layer: &Layer) -> Result<Placed, ShapeError> {
        let (shape, weight) = (&layer.shape, &layer.weight);
        shape.weights()?;
        let tensor_cores = self.tensor_cores && suits_tensor_cores(shape, weight, self.precision);
        let at = if tensor_cores {
            let at = self.words.len() as i32;
            self.words.extend(tensor_matrix(shape, weight, self.precision));
            at
        } else {
            self.push(&conv_matrix(shape, weight))
        };
        let bias = layer.bias.as_ref().map(|bias| self.push(bias));
        Ok(Placed {
            conv: Conv::new(shape, layer.epilogue, at, bias),
            out_channels: shape.out_channels,
            groups: shape.groups,
            tensor_cores,
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
        if i32::try_from(self.words.len()).is_ok() {
            return Ok(());
        }
        let problem = format!("found {} weights, expected at most {}", self.words.len(), i32::MAX);
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
