//! Against the definition in f64, on every instruction set that is there.

use super::WeightGradient;
use crate::Pool;
use crate::nn::{ConvShape, Isa, Machine, Precision, Tensor};

fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Sum over outputs of gradient * input, tap by tap, and the sum of magnitudes.
fn definition(
    shape: &ConvShape,
    [height, width]: [usize; 2],
    inputs: &[Vec<f32>],
    gradients: &[Vec<f32>],
) -> Vec<[f64; 2]> {
    let [out_height, out_width] = shape.output(height, width);
    let (ins, outs) = (shape.in_channels / shape.groups, shape.out_channels / shape.groups);
    let mut all = vec![];
    for o in 0..shape.out_channels {
        for i in 0..ins {
            for ky in 0..shape.kernel[0] {
                for kx in 0..shape.kernel[1] {
                    let mut sum = [0.0; 2];
                    for (input, gradient) in inputs.iter().zip(gradients) {
                        for y in 0..out_height {
                            for x in 0..out_width {
                                let at = |p: usize, k: usize, axis: usize| {
                                    (p * shape.stride + k * shape.dilation)
                                        .checked_sub(shape.padding[axis])
                                };
                                let (Some(iy), Some(ix)) = (at(y, ky, 0), at(x, kx, 1)) else {
                                    continue;
                                };
                                if iy < height && ix < width {
                                    let channel = o / outs * ins + i;
                                    let a = input[(iy * width + ix) * shape.in_channels + channel];
                                    let b = gradient[(y * out_width + x) * shape.out_channels + o];
                                    let product = f64::from(a) * f64::from(b);
                                    sum[0] += product;
                                    sum[1] += product.abs();
                                }
                            }
                        }
                    }
                    all.push(sum);
                }
            }
        }
    }
    all
}

fn run(
    shape: ConvShape,
    [height, width]: [usize; 2],
    inputs: &[Vec<f32>],
    gradients: &[Vec<f32>],
    machine: Machine,
    threads: usize,
) -> Vec<f32> {
    let [out_height, out_width] = shape.output(height, width);
    let inputs: Vec<Tensor<'_>> =
        inputs.iter().map(|x| Tensor::packed(x, height, width, shape.in_channels)).collect();
    let gradients: Vec<Tensor<'_>> = gradients
        .iter()
        .map(|x| Tensor::packed(x, out_height, out_width, shape.out_channels))
        .collect();
    let gradient = WeightGradient::new(shape, machine).expect("a shape");
    let mut weight = vec![f32::NAN; shape.weights().expect("a shape")];
    let mut scratch = vec![f32::NAN; gradient.scratch()];
    let pool = Pool::new(threads);
    gradient.run(&inputs, &gradients, &mut weight, &mut scratch, &pool).expect("fits");
    weight
}

fn shapes() -> Vec<(ConvShape, [usize; 2])> {
    let same = ConvShape::same;
    vec![
        (same(3, 32, 3), [9, 13]),
        (same(32, 3, 3), [9, 13]),
        (same(17, 21, 3), [5, 4]),
        (same(40, 33, 1), [3, 7]),
        (ConvShape { dilation: 4, padding: [4, 4], ..same(5, 9, 3) }, [7, 9]),
        (ConvShape { stride: 2, padding: [1, 1], ..same(6, 18, 3) }, [8, 12]),
        (ConvShape { stride: 2, padding: [0, 0], kernel: [2, 2], ..same(6, 18, 3) }, [8, 12]),
        (ConvShape { groups: 3, ..same(12, 6, 3) }, [6, 5]),
        (ConvShape { groups: 8, ..same(8, 8, 3) }, [6, 5]),
        (ConvShape { kernel: [1, 5], padding: [0, 2], ..same(4, 4, 3) }, [1, 1]),
        (ConvShape { stride: 4, padding: [2, 2], kernel: [7, 7], ..same(3, 8, 7) }, [16, 20]),
    ]
}

#[test]
fn every_set_gives_the_definition() {
    for (shape, size) in shapes() {
        let [out_height, out_width] = shape.output(size[0], size[1]);
        let inputs: Vec<_> =
            (0..3).map(|n| numbers(size[0] * size[1] * shape.in_channels, n)).collect();
        let gradients: Vec<_> =
            (5..8).map(|n| numbers(out_height * out_width * shape.out_channels, n)).collect();
        let truth = definition(&shape, size, &inputs, &gradients);
        for isa in Isa::ALL {
            let Some(machine) = Machine::forced(isa, Precision::Full) else { continue };
            let found = run(shape, size, &inputs, &gradients, machine, 2);
            for (index, (found, [truth, magnitude])) in found.iter().zip(&truth).enumerate() {
                let error = (f64::from(*found) - truth).abs();
                // Rounding of at most as many sums as there are pixels.
                assert!(error <= magnitude * 2e-6, "{isa:?} {shape:?} {index}: {found} {truth}");
            }
        }
    }
}

#[test]
fn the_bits_do_not_depend_on_the_threads() {
    let (shape, size) = (ConvShape::same(19, 37, 3), [33, 29]);
    let inputs: Vec<_> = (0..3).map(|n| numbers(33 * 29 * 19, n)).collect();
    let gradients: Vec<_> = (5..8).map(|n| numbers(33 * 29 * 37, n)).collect();
    let machine = Machine::best(Precision::Full);
    let one = run(shape, size, &inputs, &gradients, machine, 1);
    for threads in [2, 3, 7] {
        let many = run(shape, size, &inputs, &gradients, machine, threads);
        assert!(one.iter().zip(&many).all(|(a, b)| a.to_bits() == b.to_bits()), "{threads}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let shape = ConvShape::same(2, 3, 3);
    let gradient = WeightGradient::new(shape, Machine::best(Precision::Full)).expect("a shape");
    let (input, told) = (numbers(24, 1), numbers(36, 2));
    let input = Tensor::packed(&input, 3, 4, 2);
    let told = Tensor::packed(&told, 3, 4, 3);
    let mut scratch = vec![0.0; gradient.scratch()];
    let pool = Pool::new(1);
    let mut try_with = |inputs: &[Tensor<'_>], gradients: &[Tensor<'_>], count: usize| {
        gradient
            .run(inputs, gradients, &mut vec![0.0; count], &mut scratch, &pool)
            .map_err(|error| error.to_string())
    };
    assert_eq!(try_with(&[input], &[told], 54), Ok(()));
    let error = try_with(&[input], &[told], 53).expect_err("too few");
    assert_eq!(error, "weight gradient: found 53, expected 54");
    let error = try_with(&[input], &[input], 54).expect_err("other channels");
    assert_eq!(error, "weight gradient: found 3 x 4 x 2, expected 3 x 4 x 3");
    let error = try_with(&[input], &[], 54).expect_err("none");
    assert_eq!(error, "weight gradient batch: found 0, expected 1");
    assert_eq!(try_with(&[], &[], 54), Ok(()));
}
