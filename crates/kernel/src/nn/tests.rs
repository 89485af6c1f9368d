//! Every method on every instruction set of this machine against a naive convolution in f64.

use super::choice::{self, Method};
use super::kernels::Kernels;
use super::*;
use crate::Pool;

/// Numbers in -1 .. 1 that look random (the low bits of a linear congruence are left out).
fn numbers(count: usize, seed: u64) -> Vec<f32> {
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

struct Case {
    shape: ConvShape,
    epilogue: Epilogue,
    height: usize,
    width: usize,
    weight: Vec<f32>,
    bias: Vec<f32>,
    input: Vec<f32>,
    residual: Vec<f32>,
}

impl Case {
    fn new(shape: ConvShape, epilogue: Epilogue, height: usize, width: usize) -> Self {
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
    fn truth(&self) -> Vec<f64> {
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

    fn conv(&self, method: Method, kernels: Option<&'static Kernels>) -> Conv {
        let (weight, bias) = (&self.weight, Some(&self.bias[..]));
        Conv::with_method(self.shape, self.epilogue, weight, bias, method, kernels)
            .expect("a good case")
    }

    /// Runs on tensors with `extra` numbers between pixels and checks that those are left alone.
    fn run(&self, conv: &Conv, threads: usize, extra: usize) -> Vec<f32> {
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
    }
}

/// Relative RMS error, and the largest error over the largest number.
fn errors(found: &[f32], truth: &[f64]) -> [f64; 2] {
    assert_eq!(found.len(), truth.len());
    let (mut square, mut size, mut worst, mut largest) = (0.0, 1e-300, 0.0_f64, 1e-300_f64);
    for (&found, &truth) in found.iter().zip(truth) {
        let error = (f64::from(found) - truth).abs();
        assert!(error.is_finite(), "found {found}, not {truth}");
        square += error * error;
        size += truth * truth;
        worst = worst.max(error);
        largest = largest.max(truth.abs());
    }
    [f64::sqrt(square / size), worst / largest]
}

/// Every way to compute a shape on this machine, with its bounds on both errors.
fn ways(shape: &ConvShape) -> Vec<(String, Method, Option<&'static Kernels>, [f64; 2])> {
    const FULL: [f64; 2] = [1e-6, 1e-5];
    const FAST: [f64; 2] = [3e-3, 1e-2];
    // The transforms of a Winograd convolution enlarge the rounding of its operands.
    const FAST_WINOGRAD: [f64; 2] = [1.5e-2, 3e-2];
    let mut ways = vec![("portable".to_owned(), Method::Portable, None, FULL)];
    #[cfg(target_arch = "x86_64")]
    if shape.groups == 1 {
        let sets = [
            ("avx2", Isa::Avx2, &tables::AVX2, FULL),
            ("avx512", Isa::Avx512, &tables::AVX512, FULL),
            ("avx512-bf16", Isa::Avx512Bf16, &tables::AVX512_BF16, FAST),
            ("amx emulated", Isa::Avx512Bf16, &tables::AMX_EMULATED, FAST),
            ("amx", Isa::Amx, &tables::AMX, FAST),
        ];
        for (name, isa, kernels, bounds) in sets {
            if !isa.available() {
                continue;
            }
            ways.push((format!("{name} direct"), Method::Direct, Some(kernels), bounds));
            // What tile products read is packed by the direct method only.
            if choice::winograd_fits(shape) && !kernels.whole_slots {
                let pairs = kernels.word_channels == 2;
                let bounds = if pairs { FAST_WINOGRAD } else { bounds };
                ways.push((format!("{name} winograd"), Method::Winograd, Some(kernels), bounds));
            }
        }
    }
    ways
}

fn check(shape: ConvShape, epilogue: Epilogue, height: usize, width: usize) {
    let case = Case::new(shape, epilogue, height, width);
    let truth = case.truth();
    // Errors of a sum grow with the root of its length.
    let products = shape.in_channels / shape.groups * shape.kernel[0] * shape.kernel[1];
    let longer = (products as f64 / (128.0 * 9.0)).sqrt().max(1.0);
    for (name, method, kernels, bounds) in ways(&shape) {
        let conv = case.conv(method, kernels);
        let result = case.run(&conv, 1, 0);
        let found = errors(&result, &truth);
        assert!(
            found[0] <= bounds[0] * longer && found[1] <= bounds[1] * longer,
            "{name} {shape:?} {epilogue:?} {height} x {width}: errors {found:?} above {bounds:?}"
        );
        for (threads, extra) in [(2, 0), (3, 0), (1, 5), (2, 16)] {
            let again = case.run(&conv, threads, extra);
            let same = result.iter().zip(&again).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same, "{name} {shape:?} {height} x {width}: {threads} threads, {extra} apart");
        }
    }
}

const SIZES: [(usize, usize); 5] = [(1, 1), (1, 7), (17, 3), (5, 64), (33, 31)];

fn plain(in_channels: usize, out_channels: usize, kernel: usize) -> ConvShape {
    ConvShape::same(in_channels, out_channels, kernel)
}

#[test]
fn channels_that_fill_no_vector() {
    for (height, width) in SIZES {
        for channels in [1, 3, 7, 8, 12, 17] {
            for out_channels in [1, 3, 8, 20, 33] {
                check(plain(channels, out_channels, 3), Epilogue::default(), height, width);
            }
            check(plain(channels, 19, 1), Epilogue::default(), height, width);
        }
    }
}

#[test]
fn channels_of_networks() {
    for (ins, outs) in [(32, 32), (64, 64), (48, 96), (128, 16), (100, 130)] {
        check(plain(ins, outs, 3), Epilogue::default(), 33, 31);
        check(plain(ins, outs, 1), Epilogue::default(), 17, 30);
    }
    check(plain(300, 40, 3), Epilogue::default(), 9, 10);
}

#[test]
fn kernels_strides_dilations_and_paddings() {
    for (height, width) in SIZES {
        for kernel in [[1, 1], [3, 3], [2, 2], [5, 1], [1, 4], [7, 7]] {
            for stride in [1, 2, 3] {
                for dilation in [1, 2, 5] {
                    for padding in [[0, 0], [1, 1], [3, 2], [9, 8]] {
                        let shape =
                            ConvShape { kernel, stride, dilation, padding, ..plain(5, 4, 1) };
                        check(shape, Epilogue::default(), height, width);
                    }
                }
            }
        }
    }
}

#[test]
fn dilated_residual_blocks() {
    for dilation in [1, 2, 4, 8, 16] {
        let padding = [dilation, dilation];
        let shape = ConvShape { dilation, padding, ..plain(24, 24, 3) };
        let epilogue =
            Epilogue { activation: Activation::Relu, residual: Residual::BeforeActivation };
        for (height, width) in [(33, 31), (17, 3), (1, 7), (40, 70)] {
            check(shape, epilogue, height, width);
        }
    }
}

#[test]
fn every_activation_and_residual() {
    for activation in [
        Activation::None,
        Activation::Relu,
        Activation::LeakyRelu(0.2),
        Activation::Silu,
        Activation::Sigmoid,
        Activation::Softplus,
        Activation::Tanh,
    ] {
        for residual in [Residual::None, Residual::BeforeActivation, Residual::AfterActivation] {
            for kernel in [1, 3] {
                check(plain(12, 20, kernel), Epilogue { activation, residual }, 7, 9);
            }
        }
    }
}

#[test]
fn groups() {
    for (ins, outs, groups) in [(4, 6, 2), (12, 12, 12), (6, 12, 6), (16, 32, 4)] {
        for stride in [1, 2] {
            let shape = ConvShape { groups, stride, ..plain(ins, outs, 3) };
            check(shape, Epilogue::default(), 9, 11);
        }
    }
}

#[test]
fn a_batch_is_each_picture_alone() {
    let case = Case::new(plain(20, 24, 3), Epilogue::default(), 19, 23);
    let size = 19 * 23;
    let inputs: Vec<Vec<f32>> = (0..3).map(|seed| numbers(size * 20, seed + 77)).collect();
    for (name, method, kernels, _) in ways(&case.shape) {
        let conv = case.conv(method, kernels);
        let mut scratch = vec![0.0; conv.scratch(19, 23, 2)];
        let pool = Pool::new(2);
        let mut together = vec![vec![0.0; size * 24]; 3];
        let tensors: Vec<_> = inputs.iter().map(|i| Tensor::packed(i, 19, 23, 20)).collect();
        let mut outputs: Vec<_> =
            together.iter_mut().map(|o| TensorMut::packed(o, 19, 23, 24)).collect();
        conv.run_batch(&tensors, &mut outputs, &mut scratch, &pool).expect("a good batch");
        for (input, together) in tensors.iter().zip(&together) {
            let mut alone = vec![0.0; size * 24];
            let output = TensorMut::packed(&mut alone, 19, 23, 24);
            conv.run(*input, None, output, &mut scratch, &pool).expect("a good run");
            assert_eq!(&alone, together, "{name}");
        }
    }
}

#[test]
fn empty_pictures_are_no_work() {
    for kernel in [1, 3, 7] {
        for (height, width) in [(0, 0), (0, 9), (9, 0)] {
            check(plain(4, 4, kernel), Epilogue::default(), height, width);
        }
        let unpadded = ConvShape { padding: [0, 0], ..plain(4, 4, kernel) };
        check(unpadded, Epilogue::default(), 2, 2);
    }
}

#[test]
fn less_scratch_is_fewer_threads_and_none_is_an_error() {
    let case = Case::new(plain(16, 16, 3), Epilogue::default(), 20, 20);
    let pool = Pool::new(3);
    for (name, method, kernels, _) in ways(&case.shape) {
        let conv = case.conv(method, kernels);
        let needed = conv.scratch(20, 20, 1);
        let mut output = vec![0.0; 20 * 20 * 16];
        let input = Tensor::packed(&case.input, 20, 20, 16);
        let mut scratch = vec![0.0; needed];
        let output_tensor = TensorMut::packed(&mut output, 20, 20, 16);
        conv.run(input, None, output_tensor, &mut scratch, &pool).expect("enough for one thread");
        assert_eq!(output, case.run(&conv, 1, 0), "{name}");
        if needed > 0 {
            let output = TensorMut::packed(&mut output, 20, 20, 16);
            let error = conv.run(input, None, output, &mut scratch[1..], &pool);
            assert_eq!(error.expect_err("too little").what, "convolution scratch");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let shape = plain(4, 6, 3);
    let machine = Machine::best(Precision::Full);
    let weight = numbers(4 * 6 * 9, 1);
    let new = |weight: &[f32], bias: Option<&[f32]>, residual| {
        let epilogue = Epilogue { residual, ..Epilogue::default() };
        Conv::new(shape, epilogue, weight, bias, machine)
    };
    let what = |result: Result<Conv, ShapeError>| result.expect_err("does not fit").what;
    assert_eq!(what(new(&weight[1..], None, Residual::None)), "convolution weights");
    assert_eq!(what(new(&weight, Some(&[0.0; 5]), Residual::None)), "convolution bias");
    let conv = new(&weight, None, Residual::None).expect("fits");
    let adding = new(&weight, None, Residual::AfterActivation).expect("fits");
    let pool = Pool::new(1);
    let mut scratch = vec![0.0; conv.scratch(8, 8, 1)];
    let data = vec![0.0; 8 * 8 * 6];
    let mut out = vec![0.0; 8 * 8 * 6];
    let input = Tensor::packed(&data, 8, 8, 4);
    let mut run = |conv: &Conv, input, residual, height, channels| {
        let output = TensorMut::packed(&mut out, height, 8, channels);
        conv.run(input, residual, output, &mut scratch, &pool).map_err(|error| error.to_string())
    };
    assert_eq!(run(&conv, input, None, 8, 6), Ok(()));
    for (result, text) in [
        (
            run(&conv, Tensor::packed(&data, 8, 8, 3), None, 8, 6),
            "convolution input channels: found 3, expected 4",
        ),
        (run(&conv, input, None, 8, 5), "convolution output channels: found 5, expected 6"),
        (run(&conv, input, None, 7, 6), "convolution output: found 7 x 8, expected 8 x 8"),
        (
            run(&conv, Tensor { data: &data[..9], ..input }, None, 8, 6),
            "convolution input: found 9 numbers, \
             expected enough for 8 x 8 x 4 with strides 32, 4",
        ),
        (
            run(&conv, input, Some(input), 8, 6),
            "convolution residual: found a residual, expected no residual",
        ),
        (
            run(&adding, input, None, 8, 6),
            "convolution residual: found no residual, expected a residual",
        ),
        (
            run(&adding, input, Some(input), 8, 6),
            "convolution residual: found 8 x 8 x 4, expected 8 x 8 x 6",
        ),
    ] {
        assert_eq!(result, Err(text.to_owned()));
    }
}

#[test]
fn a_machine_takes_the_methods_it_should() {
    let shape = plain(64, 64, 3);
    let weight = vec![0.0; 64 * 64 * 9];
    for isa in Isa::ALL {
        for precision in [Precision::Full, Precision::Fast] {
            let Some(machine) = Machine::forced(isa, precision) else { continue };
            let conv = Conv::new(shape, Epilogue::default(), &weight, None, machine);
            let method = conv.expect("fits").method();
            let expected = match (isa, precision) {
                (Isa::Portable, _) => "portable",
                (Isa::Amx, Precision::Fast) => "direct",
                _ => "winograd",
            };
            assert_eq!(method, expected, "{machine:?}");
        }
    }
}
