//! Every method on every instruction set of this machine against a naive convolution in f64.

mod case;
#[cfg(target_os = "linux")]
mod fence;

use super::choice::{self, Method};
use super::kernels::Kernels;
use super::*;
use crate::Pool;
use case::{Case, numbers};
#[cfg(target_os = "linux")]
use fence::Fenced;

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
    if depthwise::fits(shape) {
        let sets = [("avx2", Isa::Avx2, &tables::AVX2), ("avx512", Isa::Avx512, &tables::AVX512)];
        for (name, _, kernels) in sets.into_iter().filter(|(_, isa, _)| isa.available()) {
            ways.push((format!("{name} depthwise"), Method::Depthwise, Some(kernels), FULL));
        }
    }
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
        Activation::Relu6,
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
fn each_channel_by_itself() {
    for (channels, kernel) in [(2, 3), (6, 3), (8, 5), (17, 4), (40, 6), (96, 3)] {
        for (stride, dilation) in [(1, 1), (2, 1), (1, 3), (3, 2)] {
            let shape = ConvShape {
                groups: channels,
                stride,
                dilation,
                ..plain(channels, channels, kernel)
            };
            for (height, width) in [(1, 1), (2, 9), (12, 6), (7, 30)] {
                if shape.output(height, width)[0] > 0 {
                    check(shape, Epilogue::default(), height, width);
                }
            }
        }
    }
    for residual in [Residual::None, Residual::BeforeActivation, Residual::AfterActivation] {
        let epilogue = Epilogue { activation: Activation::Relu6, residual };
        check(ConvShape { groups: 20, ..plain(20, 20, 5) }, epilogue, 9, 13);
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

#[test]
fn stores_past_the_caches_write_the_same() {
    const SIZE: usize = 660;
    const OUTS: usize = 16;
    const NUMBERS: usize = SIZE * SIZE * OUTS;
    const { assert!(NUMBERS * 4 >= job::STREAM_FROM) };
    let pool = Pool::new(2);
    for ins in [3, 16] {
        let shape = plain(ins, OUTS, 3);
        let weight = numbers(ins * OUTS * 9, 5);
        let input = numbers(SIZE * SIZE * ins, 6);
        let input = Tensor::packed(&input, SIZE, SIZE, ins);
        for (name, method, kernels, _) in ways(&shape) {
            // Plain code stores in one way, and takes long.
            if matches!(method, Method::Portable) || name.contains("emulated") {
                continue;
            }
            let conv =
                Conv::with_method(shape, Epilogue::default(), &weight, None, method, kernels)
                    .expect("a good shape");
            let mut scratch = vec![0.0; conv.scratch(SIZE, SIZE, 2)];
            let mut arena = Arena::new(2 * NUMBERS + 16).expect("60 MB");
            let (aligned, askew) = arena.as_mut_slice().split_at_mut(NUMBERS);
            for output in [&mut *aligned, &mut askew[1..=NUMBERS]] {
                let output = TensorMut::packed(output, SIZE, SIZE, OUTS);
                conv.run(input, None, output, &mut scratch, &pool).expect("a good run");
            }
            assert!(aligned.iter().any(|&x| x != 0.0));
            assert!(aligned == &askew[1..=NUMBERS], "{name}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_outside_of_the_tensors_is_touched() {
    let full = [
        (1, 3, 1),
        (3, 3, 1),
        (7, 1, 1),
        (17, 3, 1),
        (24, 3, 1),
        (33, 3, 2),
        (5, 7, 2),
        (64, 1, 1),
    ];
    let full = full.map(|(channels, kernel, stride)| ConvShape {
        stride,
        ..plain(channels, channels + 2, kernel)
    });
    let each = [(6, 3, 1), (17, 4, 2), (40, 5, 1)].map(|(channels, kernel, stride)| ConvShape {
        stride,
        groups: channels,
        ..plain(channels, channels, kernel)
    });
    for shape in full.into_iter().chain(each) {
        let channels = shape.in_channels;
        let epilogue =
            Epilogue { activation: Activation::Relu, residual: Residual::BeforeActivation };
        for (height, width) in [(1, 1), (5, 6), (13, 29)] {
            let case = Case::new(shape, epilogue, height, width);
            let [rows, columns] = shape.output(height, width);
            let outs = shape.out_channels;
            for (name, method, kernels, _) in ways(&shape) {
                let conv = case.conv(method, kernels);
                let expected = case.run(&conv, 1, 0);
                let needed = conv.scratch(height, width, 1);
                let [mut input, mut residual] =
                    [&case.input, &case.residual].map(|x| Fenced::new(x.len()));
                let [mut output, mut scratch] = [expected.len(), needed].map(Fenced::new);
                for end in [false, true] {
                    let input = input.at(end, case.input.len());
                    input.copy_from_slice(&case.input);
                    let residual = residual.at(end, case.residual.len());
                    residual.copy_from_slice(&case.residual);
                    let output = output.at(end, expected.len());
                    conv.run(
                        Tensor::packed(input, height, width, channels),
                        Some(Tensor::packed(residual, rows, columns, outs)),
                        TensorMut::packed(output, rows, columns, outs),
                        scratch.at(end, needed),
                        &Pool::new(1),
                    )
                    .expect("a good run");
                    assert_eq!(output, expected, "{name} {shape:?}");
                }
            }
        }
    }
}
