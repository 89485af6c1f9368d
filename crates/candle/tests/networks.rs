//! Every network against what PyTorch makes of the same weights and pictures, values and gradients
//! (`tests/golden/networks.py`, `tests/golden/gradients.py`), and in batches against one by one.

mod common;

use candle_core::{DType, Device, Tensor};
use common::flat;
use headroom::graph::Place;
use headroom::model::{
    Domain, Encoding, Network, Run, Stage, Weights, find, grid, inputs, pattern,
};
use headroom_candle::{Executor, Ops, Variables};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// Of the largest number of an output.
const BOUND: f64 = 1.0e-5;

/// What gradients are taken with, and how near they come, of the largest number of a gradient. In f64
/// the golden file's nine digits are the limit; in f32 the sums over all pixels and layers are.
const WAYS: [(Ops, DType, f64); 3] = [
    (Ops::Stock, DType::F64, 1.0e-8),
    (Ops::Stock, DType::F32, 5.0e-5),
    (Ops::Fast, DType::F32, 5.0e-5),
];

fn golden(name: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let text = std::fs::read_to_string(folder.join(name)).expect("a golden file");
    serde_json::from_str(&text).expect("JSON")
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// The network of a case; the tone curve of `grid` stands for one of its own.
fn network(case: &Value) -> Network {
    let name = case["network"].as_str().expect("a name");
    if name == "tone" {
        let graph = grid::tone_graph().expect("sound");
        let stages = vec![Stage { name: "tone".to_owned(), graph, run: Run::Tile }];
        return Network { encoding: Encoding::Srgb, domain: Domain::Linear, stages };
    }
    (find(name).expect("a network").build)(&case["config"]).expect("a configuration")
}

fn given(case: &Value, dtype: DType) -> HashMap<String, Tensor> {
    let mut given = HashMap::new();
    for (name, one) in case["inputs"].as_object().expect("inputs") {
        let sides: Vec<usize> = list(&one["shape"]).iter().map(|&side| side as usize).collect();
        let [scale, offset, low] =
            ["scale", "offset", "low"].map(|rule| number(&one["formula"][rule]));
        let values = pattern(&format!("input.{name}"), sides.iter().product());
        let values: Vec<f32> =
            values.iter().map(|&p| (offset + scale * f64::from(p)).max(low) as f32).collect();
        let shape = (1, sides[0], sides[1], sides[2]);
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor");
        given.insert(name.clone(), tensor.to_dtype(dtype).expect("a float type"));
    }
    given
}

fn place(case: &Value) -> Place {
    let sides = list(&case["inputs"]["picture"]["shape"]);
    match case.get("place") {
        None => Place::whole([sides[0] as usize, sides[1] as usize]),
        Some(place) => {
            let frame = list(&place["frame"]);
            let frame = [frame[0] as usize, frame[1] as usize];
            let at = |name: &str| place[name].as_i64().expect("a number");
            Place { y: at("y"), x: at("x"), frame }
        }
    }
}

/// Runs a case with weights by formula.
fn run(case: &Value, executor: &Executor, dtype: DType) -> (Variables, HashMap<String, Tensor>) {
    let network = network(case);
    let weights = Weights::patterned(&network);
    let variables =
        Variables::new(&network, &weights, &Device::Cpu, dtype).expect("weights that fit");
    let made = executor
        .run_network(&network, &variables, &given(case, dtype), &[place(case)])
        .unwrap_or_else(|error| panic!("{}: {error}", case["network"]));
    (variables, made)
}

/// The largest difference over the largest number.
fn compare(name: &str, found: &Tensor, golden: &Value, bound: f64) {
    let found = flat(found);
    let step = number(&golden["step"]) as usize;
    let truth = list(&golden["values"]);
    assert_eq!(found.len().div_ceil(step), truth.len(), "{name}");
    let largest = number(&golden["largest"]).max(f64::MIN_POSITIVE);
    for (index, truth) in truth.iter().enumerate() {
        let error = (found[index * step] - truth).abs() / largest;
        assert!(error <= bound, "{name} at {}: {} {truth}", index * step, found[index * step]);
    }
}

fn values_are_those_of_pytorch(name: &str) {
    for case in golden(&format!("networks/{name}.json")) {
        for ops in [Ops::Stock, Ops::Fast] {
            let (_, made) = run(&case, &common::executor(ops, 2), DType::F32);
            for (output, golden) in case["outputs"].as_object().expect("outputs") {
                let place = format!("{name} {} {output} {ops:?}", case["config"]);
                let found = made.get(output).unwrap_or_else(|| panic!("{place}"));
                compare(&place, found, golden, BOUND);
            }
        }
    }
}

#[test]
fn grid_is_that_of_pytorch() {
    values_are_those_of_pytorch("grid");
}

#[test]
fn tone_is_that_of_pytorch() {
    values_are_those_of_pytorch("tone");
}

#[test]
fn residual_is_that_of_pytorch() {
    values_are_those_of_pytorch("residual");
}

#[test]
fn unet_is_that_of_pytorch() {
    values_are_those_of_pytorch("unet");
}

#[test]
fn unet_linear_is_that_of_pytorch() {
    values_are_those_of_pytorch("unet-linear");
}

#[test]
fn unet_attention_is_that_of_pytorch() {
    values_are_those_of_pytorch("unet-attention");
}

#[test]
fn diff_hdrtv_is_that_of_pytorch() {
    values_are_those_of_pytorch("diff-hdrtv");
}

#[test]
fn gradients_are_those_of_pytorch() {
    for case in golden("gradients.json") {
        for (ops, dtype, bound) in WAYS {
            let (variables, made) = run(&case, &common::executor(ops, 2), dtype);
            let result = &made[inputs::RESULT];
            let truth = pattern("truth", result.elem_count());
            let truth: Vec<f32> = truth.iter().map(|p| p * 0.5 + 0.5).collect();
            let truth = Tensor::from_vec(truth, result.dims(), &Device::Cpu).expect("a tensor");
            let loss = (result - truth.to_dtype(dtype).expect("a float type"))
                .and_then(|difference| difference.sqr()?.mean_all())
                .expect("a loss");
            let error = (flat(&loss)[0] / number(&case["loss"]) - 1.0).abs();
            assert!(error <= bound, "{} {ops:?} {dtype:?}: loss off by {error}", case["network"]);
            let gradients = loss.backward().expect("gradients");
            let golden = case["gradients"].as_object().expect("gradients");
            assert_eq!(golden.len(), variables.iter().count());
            for (name, golden) in golden {
                let place = format!("{} {name} {ops:?} {dtype:?}", case["network"]);
                let var = variables.get(name).unwrap_or_else(|| panic!("{place}"));
                let found = gradients.get(var).unwrap_or_else(|| panic!("{place}"));
                compare(&place, found, golden, bound);
            }
        }
    }
}

#[test]
fn a_batch_is_its_samples_each_at_its_place() {
    let cases = golden("networks/grid.json");
    let case = &cases[1];
    let network = network(case);
    let weights = Weights::patterned(&network);
    let variables =
        Variables::new(&network, &weights, &Device::Cpu, DType::F32).expect("weights that fit");
    let one = given(case, DType::F32);
    let places = [place(case), Place { y: 11, x: 3, frame: [37, 53] }];
    let twice = one.iter().map(|(name, tensor)| {
        let flipped = tensor.flip(&[2]).expect("a tensor");
        (name.clone(), Tensor::cat(&[tensor, &flipped], 0).expect("a batch"))
    });
    let twice: HashMap<String, Tensor> = twice.collect();
    for ops in [Ops::Stock, Ops::Fast] {
        let executor = common::executor(ops, 2);
        let run = |given: &HashMap<String, Tensor>, places: &[Place]| {
            let made = executor.run_network(&network, &variables, given, places).expect("runs");
            made[inputs::RESULT].clone()
        };
        let both = run(&twice, &places);
        for (index, place) in places.iter().enumerate() {
            let alone = twice
                .iter()
                .map(|(name, all)| (name.clone(), all.narrow(0, index, 1).expect("a sample")));
            let alone = run(&alone.collect(), &[*place]);
            let error = common::difference(
                &flat(&both.narrow(0, index, 1).expect("a sample")),
                &flat(&alone),
            );
            assert!(error <= 1.0e-6, "{ops:?} sample {index}: {error:e}");
        }
    }
}

#[test]
fn frozen_variables_give_the_same_and_record_nothing() {
    let case = &golden("networks/residual.json")[0];
    let executor = common::executor(Ops::Fast, 2);
    let (variables, made) = run(case, &executor, DType::F32);
    let (network, given) = (network(case), given(case, DType::F32));
    let frozen =
        executor.run_network(&network, &variables.frozen(), &given, &[place(case)]).expect("runs");
    assert_eq!(flat(&frozen[inputs::RESULT]), flat(&made[inputs::RESULT]));
    assert!(made[inputs::RESULT].track_op() && !frozen[inputs::RESULT].track_op());
}

#[test]
fn weights_go_in_and_come_out() {
    let network = network(&golden("networks/residual.json")[0]);
    let weights = Weights::patterned(&network);
    for dtype in [DType::F32, DType::F64] {
        let variables = Variables::new(&network, &weights, &Device::Cpu, dtype).expect("fits");
        assert_eq!(variables.weights().expect("read back"), weights);
    }
    let error = Variables::new(&network, &Weights::new(), &Device::Cpu, DType::F32);
    let error = error.expect_err("no weights").to_string();
    assert_eq!(error, "context.down1.weight: found nothing, expected shape [16, 8, 3, 3]");
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let case = &golden("networks/grid.json")[0];
    let network = network(case);
    let weights = Weights::patterned(&network);
    let variables = Variables::new(&network, &weights, &Device::Cpu, DType::F32).expect("fits");
    let executor = common::executor(Ops::Fast, 1);
    let told = |change: &dyn Fn(&mut HashMap<String, Tensor>), places: &[Place]| {
        let mut given = given(case, DType::F32);
        change(&mut given);
        executor
            .run_network(&network, &variables, &given, places)
            .expect_err("does not fit")
            .to_string()
    };
    let own = [place(case)];
    let zeros = |shape: &[usize]| Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("a tensor");
    let error = told(&|given| drop(given.remove("look")), &own);
    assert_eq!(error, "look: found nothing, expected a tensor [N, H, W, C]");
    let error = told(&|given| drop(given.insert("clip".to_owned(), zeros(&[1, 9, 12, 3]))), &own);
    assert_eq!(error, "clip: found [1, 9, 12, 3], expected [1, 9, 13, 3]");
    let error = told(&|given| drop(given.insert("clip".to_owned(), zeros(&[9, 13, 3]))), &own);
    assert_eq!(error, "clip: found [9, 13, 3], expected four dimensions [N, H, W, C]");
    let error = told(&|given| drop(given.insert("clip".to_owned(), zeros(&[0, 9, 13, 3]))), &own);
    assert_eq!(error, "clip: found [0, 9, 13, 3], expected no side of 0");
    let double = |given: &mut HashMap<String, Tensor>| {
        let clip = given["clip"].to_dtype(DType::F64).expect("a float type");
        given.insert("clip".to_owned(), clip);
    };
    assert_eq!(told(&double, &own), "clip: found f64, expected f32");
    let error = told(&|_| (), &[]);
    assert_eq!(error, "places: found 0 for a batch of 1, expected one, or one for each sample");
}
