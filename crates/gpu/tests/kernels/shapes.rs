//! Pointwise functions, resampling, means and matrices.

use crate::bench::{Arena, Each, check, covering, gpu, memory};
use headroom_gpu::Argument;
use headroom_gpu::layout::{self, Map, View};
use headroom_kernel::Pool;
use headroom_kernel::nn::ops::{self, Combine, GroupNorm};
use headroom_kernel::nn::{Activation, Isa};

const SIZE: [usize; 3] = [5, 7, 6];

fn pool() -> Pool {
    Pool::new(1)
}

#[test]
fn functions_of_one_number() {
    let Some(gpu) = gpu() else { return };
    let functions = [
        ops::Map::Activation(Activation::Relu),
        ops::Map::Activation(Activation::LeakyRelu(0.2)),
        ops::Map::Activation(Activation::Silu),
        ops::Map::Activation(Activation::Sigmoid),
        ops::Map::Activation(Activation::Softplus),
        ops::Map::Activation(Activation::Tanh),
        ops::Map::Activation(Activation::Relu6),
        ops::Map::Affine { scale: -3.0, offset: 0.5 },
        ops::Map::Clamp { low: -0.25, high: 0.5 },
        ops::Map::Exp2,
    ];
    for function in functions {
        let mut arena = Arena::new(1);
        let (input, output) = (arena.tensor(SIZE, 2), arena.tensor(SIZE, 0));
        let expected = arena.expected(output, |out| {
            ops::map(Isa::Portable, function, Some(arena.of(input)), out, &pool()).expect("fits");
        });
        let (groups, group) = covering(output, Each::Number);
        let arguments = vec![input.into(), output.into(), Map::from(function).into()];
        check(&gpu, &format!("{function:?}"), &arena, ("map", groups, group), arguments, &expected);
    }
}

#[test]
fn functions_of_two_numbers() {
    let Some(gpu) = gpu() else { return };
    let seconds = [SIZE, [1, 1, 6], [5, 7, 1], [1, 1, 1]];
    for function in [Combine::Add, Combine::Multiply, Combine::Divide { least: 0.3 }] {
        for second in seconds {
            let mut arena = Arena::new(2);
            let (a, b) = (arena.tensor(SIZE, 1), arena.tensor(second, 2));
            let output = arena.tensor(SIZE, 3);
            let expected = arena.expected(output, |out| {
                let (a, b) = (Some(arena.of(a)), arena.of(b));
                ops::combine(Isa::Portable, function, a, b, out, &pool()).expect("fits");
            });
            let (number, least) = layout::combine(function);
            let (groups, group) = covering(output, Each::Number);
            let arguments = vec![a.into(), b.into(), output.into(), number.into(), least.into()];
            let what = format!("{function:?} {second:?}");
            check(&gpu, &what, &arena, ("combine", groups, group), arguments, &expected);
        }
    }
}

/// A kernel of one tensor and perhaps a number.
fn one(
    kernel: &'static str,
    [input, output]: [[usize; 3]; 2],
    number: Option<i32>,
    each: Each,
    task: impl FnOnce(&Arena, View, headroom_kernel::nn::TensorMut<'_>),
) {
    let Some(gpu) = gpu() else { return };
    let mut arena = Arena::new(3);
    let (input, output) = (arena.tensor(input, 1), arena.tensor(output, 2));
    let expected = arena.expected(output, |out| task(&arena, input, out));
    let (groups, group) = covering(output, each);
    let mut arguments: Vec<Argument<'_>> = vec![input.into(), output.into()];
    arguments.extend(number.map(Argument::from));
    check(&gpu, kernel, &arena, (kernel, groups, group), arguments, &expected);
}

#[test]
fn sums_over_channels_and_copies() {
    one("cumulative_sum", [SIZE, SIZE], None, Each::Pixel, |arena, input, out| {
        ops::cumulative_sum(arena.of(input), out, &pool()).expect("fits");
    });
    one("copy", [SIZE, [5, 7, 4]], Some(2), Each::Number, |arena, input, out| {
        let part = View { start: input.start + 2, channels: 4, ..input };
        ops::copy(arena.of(part), out, &pool()).expect("fits");
    });
}

#[test]
fn larger_smaller_and_shuffled() {
    for factor in [1, 2, 3, 4] {
        let (small, large) = ([3, 5, 4], [3 * factor, 5 * factor, 4]);
        let number = Some(factor as i32);
        one("upsample_nearest", [small, large], number, Each::Number, |arena, input, out| {
            ops::upsample_nearest(factor, arena.of(input), out, &pool()).expect("fits");
        });
        one("upsample_bilinear", [small, large], number, Each::Number, |arena, input, out| {
            let input = arena.of(input);
            ops::upsample_bilinear(Isa::Portable, factor, input, out, &pool()).expect("fits");
        });
        one("average_pool", [large, small], number, Each::Number, |arena, input, out| {
            ops::average_pool(Isa::Portable, factor, arena.of(input), out, &pool()).expect("fits");
        });
        let deep = [3, 5, 4 * factor * factor];
        one("pixel_shuffle", [deep, large], number, Each::Number, |arena, input, out| {
            ops::pixel_shuffle(factor, arena.of(input), out, &pool()).expect("fits");
        });
        one("pixel_unshuffle", [large, deep], number, Each::Number, |arena, input, out| {
            ops::pixel_unshuffle(factor, arena.of(input), out, &pool()).expect("fits");
        });
    }
}

#[test]
fn means_of_channels() {
    let Some(gpu) = gpu() else { return };
    for size in [[1, 1, 3], [5, 7, 6], [130, 3, 2]] {
        let mut arena = Arena::new(4);
        let (input, output) = (arena.tensor(size, 1), arena.tensor([1, 1, size[2]], 0));
        let mut scratch = vec![0.0; ops::global_mean_scratch(size)];
        let expected = arena.expected(output, |out| {
            let input = arena.of(input);
            ops::global_mean(Isa::Portable, input, out.data, &mut scratch, &pool()).expect("fits");
        });
        let shape = ("global_mean", [size[2], 1, 1], [64, 1, 1]);
        check(&gpu, "global_mean", &arena, shape, vec![input.into(), output.into()], &expected);
    }
}

#[test]
fn normalisation_by_groups() {
    let Some(gpu) = gpu() else { return };
    let mut arena = Arena::new(5);
    let size = [9, 70, 8];
    let (input, output) = (arena.tensor(size, 2), arena.tensor(size, 0));
    let weight: Vec<f32> = (0..8).map(|i| 0.5 + 0.1 * i as f32).collect();
    let bias: Vec<f32> = (0..8).map(|i| 0.3 - 0.1 * i as f32).collect();
    let norm = GroupNorm { groups: 4, epsilon: 1e-5, weight: &weight, bias: &bias };
    let mut scratch = vec![0.0; ops::group_norm_scratch(size)];
    let expected = arena.expected(output, |out| {
        let input = Some(arena.of(input));
        ops::group_norm(Isa::Portable, norm, input, out, &mut scratch, &pool()).expect("fits");
    });
    let values = memory(&gpu, &[weight, bias].concat());
    let arguments = vec![
        (&values).into(),
        input.into(),
        output.into(),
        4.into(),
        1e-5f32.into(),
        0.into(),
        8.into(),
    ];
    let shape = ("group_norm", [4, 1, 1], [64, 1, 1]);
    check(&gpu, "group_norm", &arena, shape, arguments, &expected);
}

#[test]
fn matrices_of_vectors() {
    let Some(gpu) = gpu() else { return };
    let mut arena = Arena::new(6);
    let (input, output) = (arena.tensor([1, 1, 70], 0), arena.tensor([1, 1, 9], 0));
    let weight: Vec<f32> = (0..630).map(|_| arena.random.number()).collect();
    let bias: Vec<f32> = (0..9).map(|_| arena.random.number()).collect();
    let values = memory(&gpu, &[weight.clone(), bias.clone()].concat());
    for bias in [Some(&bias[..]), None] {
        let expected = arena.expected(output, |out| {
            let input = arena.of(input).data;
            ops::linear(Isa::Portable, &weight, bias, input, out.data, &pool()).expect("fits");
        });
        let at = bias.map_or(-1, |_| 630);
        let arguments = vec![(&values).into(), input.into(), output.into(), 0.into(), at.into()];
        check(&gpu, "linear", &arena, ("linear", [9, 1, 1], [64, 1, 1]), arguments, &expected);
    }
}

#[test]
fn times_become_waves() {
    let Some(gpu) = gpu() else { return };
    let mut arena = Arena::new(7);
    let (input, output) = (arena.tensor([1, 1, 1], 0), arena.tensor([1, 1, 64], 0));
    arena.numbers[input.start as usize] = 981.0;
    let frequency = |i: usize| f64::powf(10_000.0, -(i as f64) / 32.0);
    let high: Vec<f32> = (0..32).map(|i| frequency(i) as f32).collect();
    let low: Vec<f32> = (0..32).map(|i| (frequency(i) - f64::from(high[i])) as f32).collect();
    let values = memory(&gpu, &[high, low].concat());
    let expected = arena.expected(output, |out| {
        for i in 0..32 {
            let angle = 981.0 * frequency(i);
            (out.data[i], out.data[32 + i]) = (angle.sin() as f32, angle.cos() as f32);
        }
    });
    let arguments = vec![(&values).into(), input.into(), output.into(), 0.into()];
    check(&gpu, "waves", &arena, ("time_embedding", [1, 1, 1], [64, 1, 1]), arguments, &expected);
}
