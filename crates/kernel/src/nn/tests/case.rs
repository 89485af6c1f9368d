//! A convolution to test: its numbers, its definition in f64, and a run of it.

use crate::Pool;
use crate::nn::choice::Method;
use crate::nn::kernels::Kernels;
use crate::nn::*;

/// Numbers in -1 .. 1 that look random (the low bits of a linear congruence are left out).
pub(super) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / 8_388_608.0) - 1.0
        })
        .collect()
}

pub(super) struct Case {
    pub shape: ConvShape,
    pub epilogue: Epilogue,
    pub height: usize,
    pub width: usize,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub input: Vec<f32>,
    pub residual: Vec<f32>,
}

impl Case {
    pub(super) fn new(shape: ConvShape, epilogue: Epilogue, height: usize, width: usize) -> Self {
        let seed = (height * 131 + width * 17 + shape.in_channels) as u64;
        let fan_in = shape.in_channels / shape.groups * shape.kernel[0] * shape.kernel[1];
        let scale = (3.0 / fan_in as f32).sqrt();
        let [rows, columns] = shape.output(height, width);
        let weights = shape.weights().expect("a good shape");
        Self {
            shape,
            epilogue,
            height,
            width,
            weight: numbers(weights, seed).iter().map(|x| x * scale).collect(),
            bias: numbers(shape.out_channels, seed + 1),
            input: numbers(height * width * shape.in_channels, seed + 2),
            residual: numbers(rows * columns * shape.out_channels, seed + 3),
        }
    }

    /// The definition, in f64.
    pub(super) fn truth(&self) -> Vec<f64> {
        let shape = &self.shape;
        let [rows, columns] = shape.output(self.height, self.width);
        let ins = shape.in_channels / shape.groups;
        let outs = shape.out_channels / shape.groups;
        let mut result = Vec::new();
        for y in 0..rows {
            for x in 0..columns {
                for o in 0..shape.out_channels {
                    let mut sum = f64::from(self.bias[o]);
                    for ky in 0..shape.kernel[0] {
                        for kx in 0..shape.kernel[1] {
                            let row = (y * shape.stride + ky * shape.dilation) as i64
                                - shape.padding[0] as i64;
                            let column = (x * shape.stride + kx * shape.dilation) as i64
                                - shape.padding[1] as i64;
                            if !(0..self.height as i64).contains(&row)
                                || !(0..self.width as i64).contains(&column)
                            {
                                continue;
                            }
                            let pixel = row as usize * self.width + column as usize;
                            for i in 0..ins {
                                let channel = o / outs * ins + i;
                                let value = self.input[pixel * shape.in_channels + channel];
                                let tap = (o * ins + i) * shape.kernel[0] + ky;
                                let weight = self.weight[tap * shape.kernel[1] + kx];
                                sum += f64::from(value) * f64::from(weight);
                            }
                        }
                    }
                    let residual = f64::from(self.residual[result.len()]);
                    result.push(match self.epilogue.residual {
                        Residual::None => activation(self.epilogue.activation, sum),
                        Residual::BeforeActivation => {
                            activation(self.epilogue.activation, sum + residual)
                        }
                        Residual::AfterActivation => {
                            activation(self.epilogue.activation, sum) + residual
                        }
                    });
                }
            }
        }
        result
    }

    pub(super) fn conv(&self, method: Method, kernels: Option<&'static Kernels>) -> Conv {
        let (weight, bias) = (&self.weight, Some(&self.bias[..]));
        Conv::with_method(self.shape, self.epilogue, weight, bias, method, kernels)
            .expect("a good case")
    }

    /// Runs on tensors with `extra` numbers between pixels and checks that those are left alone.
    pub(super) fn run(&self, conv: &Conv, threads: usize, extra: usize) -> Vec<f32> {
        let pool = Pool::new(threads);
        let [rows, columns] = self.shape.output(self.height, self.width);
        let outs = self.shape.out_channels;
        let input = spread(&self.input, self.shape.in_channels, extra);
        let residual = spread(&self.residual, outs, extra);
        let mut output = spread(&vec![f32::NAN; rows * columns * outs], outs, extra);
        // What scratch held before must not matter.
        let mut scratch = vec![f32::NAN; conv.scratch(self.height, self.width, threads)];
        let residual =
            Tensor { channels: outs, ..Tensor::packed(&residual, rows, columns, outs + extra) };
        conv.run(
            Tensor {
                channels: self.shape.in_channels,
                ..Tensor::packed(&input, self.height, self.width, self.shape.in_channels + extra)
            },
            (self.epilogue.residual != Residual::None).then_some(residual),
            TensorMut {
                channels: outs,
                ..TensorMut::packed(&mut output, rows, columns, outs + extra)
            },
            &mut scratch,
            &pool,
        )
        .expect("a good run");
        let gaps = output.chunks_exact(outs + extra).flat_map(|pixel| &pixel[outs..]);
        assert!(gaps.clone().all(|&x| x == MARK), "wrote between pixels");
        output.chunks_exact(outs + extra).flat_map(|pixel| &pixel[..outs]).copied().collect()
    }
}

/// What lies between pixels: read into a sum it would show.
const MARK: f32 = 1e30;

fn spread(numbers: &[f32], channels: usize, extra: usize) -> Vec<f32> {
    let gap = vec![MARK; extra];
    numbers.chunks_exact(channels).flat_map(|pixel| [pixel, &gap].concat()).collect()
}

fn activation(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::None => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu(slope) => x.max(0.0) + f64::from(slope) * x.min(0.0),
        Activation::Silu => x / (1.0 + libm::exp(-x)),
        Activation::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
        Activation::Softplus => x.max(0.0) + libm::log1p(libm::exp(-x.abs())),
        Activation::Tanh => libm::tanh(x),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}
