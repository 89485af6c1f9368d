//! Every operation's gradient: the stock one in f64 against central differences, the fast one in f32
//! against the stock one in f64.

mod common;

use candle_core::{DType, Device, Tensor, Var};
use common::{Case, Trial, cases, difference, flat};
use headroom::graph::Activation;
use headroom_candle::Ops;

/// Step of the differences. Their error is its square times the third derivative, about 1e-9, and
/// the rounding of the loss over the step, about 1e-15 * 100 / 1e-5 = 1e-8.
const STEP: f64 = 1.0e-5;
const BOUND: f64 = 1.0e-6;

/// Of f32 against f64: its rounding is 6e-8, times what sums of a few hundred numbers make of it.
const SINGLE: f64 = 1.0e-5;

/// Most numbers of a tensor that are moved; in larger ones every so many is.
const MOVED: usize = 120;

fn by_differences(case: &Case, trial: &Trial, var: &Var) -> Vec<(usize, f64)> {
    let values = flat(var);
    let set = |values: &[f64]| {
        let moved = Tensor::from_slice(values, var.dims(), &Device::Cpu).expect("a tensor");
        var.set(&moved).expect("one shape");
    };
    let stride = values.len().div_ceil(MOVED);
    let mut slopes = vec![];
    for index in (0..values.len()).step_by(stride) {
        let [above, below] = [STEP, -STEP].map(|step| {
            let mut moved = values.clone();
            moved[index] += step;
            set(&moved);
            trial.loss(case).to_scalar::<f64>().expect("a number")
        });
        slopes.push((index, (above - below) / (2.0 * STEP)));
    }
    set(&values);
    slopes
}

#[test]
fn stock_gradients_are_those_of_differences() {
    for case in cases() {
        let trial = Trial::new(&case, Ops::Stock, DType::F64);
        let gradients = trial.gradients(&case);
        for (name, var) in trial.all() {
            let slopes = by_differences(&case, &trial, &var);
            let truth: Vec<f64> = slopes.iter().map(|(_, slope)| *slope).collect();
            let found: Vec<f64> =
                slopes.iter().map(|(index, _)| gradients[&name][*index]).collect();
            let error = difference(&found, &truth);
            assert!(error <= BOUND, "{}: {name}: {error:e}", case.name);
        }
    }
}

#[test]
fn fast_operations_and_gradients_are_the_stock_ones() {
    for case in cases() {
        let stock = Trial::new(&case, Ops::Stock, DType::F64);
        let fast = Trial::new(&case, Ops::Fast, DType::F32);
        let error = difference(&flat(&fast.run(&case)), &flat(&stock.run(&case)));
        assert!(error <= SINGLE, "{}: {error:e}", case.name);
        let truth = stock.gradients(&case);
        for (name, found) in fast.gradients(&case) {
            let error = difference(&found, &truth[&name]);
            assert!(error <= SINGLE, "{}: {name}: {error:e}", case.name);
        }
    }
}

#[test]
fn gradients_at_kinks_and_far_out_are_those_of_pytorch() {
    // torch.autograd.grad of torch.nn.functional's functions, PyTorch 2.15, at -300, 0 and 300.
    let known = [
        (Activation::Relu, [0.0, 0.0, 1.0]),
        (Activation::LeakyRelu(0.25), [0.25, 0.25, 1.0]),
        (Activation::Silu, [0.0, 0.5, 1.0]),
        (Activation::Sigmoid, [0.0, 0.25, 0.0]),
        (Activation::Softplus, [0.0, 0.5, 1.0]),
        (Activation::Tanh, [0.0, 1.0, 0.0]),
        (Activation::Relu6, [0.0, 0.0, 0.0]),
    ];
    for (activation, truth) in known {
        let mut case = Case::new("kinks", 1.0, |b| {
            let x = b.fixed("x", [1, 1], 3);
            b.activation(x, activation)
        });
        let values = [-300.0, 0.0, 300.0].repeat(2);
        case.inputs.get_mut("x").expect("x").1 = values;
        for (ops, dtype) in
            [(Ops::Stock, DType::F64), (Ops::Stock, DType::F32), (Ops::Fast, DType::F32)]
        {
            let mut trial = Trial::new(&case, ops, dtype);
            trial.direction = trial.direction.ones_like().expect("a tensor");
            let found = &trial.gradients(&case)["x"];
            // e^-300 is no f32.
            let error = difference(found, &truth.repeat(2));
            assert!(error < 1e-100, "{activation:?} {ops:?} {dtype:?}: {found:?}");
        }
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for activation in
        [Activation::Relu, Activation::Relu6, Activation::LeakyRelu(0.25), Activation::Softplus]
    {
        let mut case = Case::new("not a number", 1.0, |b| {
            let x = b.fixed("x", [1, 1], 1);
            let x = b.clamp(x, -2.0, 2.0);
            b.activation(x, activation)
        });
        case.inputs.get_mut("x").expect("x").1 = vec![f32::NAN, 1.0];
        for (ops, dtype) in [(Ops::Stock, DType::F64), (Ops::Fast, DType::F32)] {
            let found = flat(&Trial::new(&case, ops, dtype).run(&case));
            assert!(found[0].is_nan() && !found[1].is_nan(), "{activation:?} {ops:?}: {found:?}");
        }
    }
}

#[test]
fn the_threads_change_no_bit() {
    for case in cases() {
        let bits = |threads| {
            let mut trial = Trial::new(&case, Ops::Fast, DType::F32);
            trial.executor = common::executor(Ops::Fast, threads);
            (flat(&trial.run(&case)), trial.gradients(&case))
        };
        let one = bits(1);
        assert!(one == bits(2) && one == bits(5), "{}", case.name);
    }
}
