//! Every network gives what an implementation of its own in PyTorch gives (`tests/golden/networks`).

use crate::golden_case::Case;
use crate::interpreter::{self, Named, Tensor};
use headroom::model::{Prediction, Sampler, Weights, grid, pattern};
use serde::Deserialize;
use std::collections::HashMap;

fn tensors(case: &Case) -> HashMap<String, Tensor> {
    let tensor = |(shape, values): ([usize; 3], Vec<f32>)| Tensor {
        shape,
        values: values.into_iter().map(f64::from).collect(),
    };
    case.given().into_iter().map(|(name, given)| (name, tensor(given))).collect()
}

/// Two implementations in f64 agree to what rounding weights and samples to f32 leaves.
const TOLERANCE: f64 = 2.0e-6;

fn agrees_with_pytorch(id: &str) {
    for case in Case::read(id) {
        let network = (case.model().build)(&case.config).expect("a sound configuration");
        let weights = Weights::patterned(&network);
        let count: usize = network.parameters().map(|(_, p)| p.count()).sum();
        assert_eq!(count, case.parameters, "{} {}", case.network, case.config);
        let made = interpreter::run_network(&network, &weights, &tensors(&case), case.place());
        for name in case.outputs.keys() {
            case.check(name, made[name].shape, &made[name].values, TOLERANCE);
        }
    }
}

#[test]
fn grid_agrees_with_pytorch() {
    agrees_with_pytorch("grid");
}

#[test]
fn residual_agrees_with_pytorch() {
    agrees_with_pytorch("residual");
}

#[test]
fn unet_agrees_with_pytorch() {
    agrees_with_pytorch("unet");
}

#[test]
fn unet_linear_agrees_with_pytorch() {
    agrees_with_pytorch("unet-linear");
}

#[test]
fn unet_attention_agrees_with_pytorch() {
    agrees_with_pytorch("unet-attention");
}

#[test]
fn diff_hdrtv_agrees_with_pytorch() {
    agrees_with_pytorch("diff-hdrtv");
}

#[test]
fn grids_tone_agrees_with_numpy() {
    let graph = grid::tone_graph().expect("sound");
    for case in Case::read("tone") {
        let weights = Weights::new();
        let none = Named { weights: &weights, prefix: String::new() };
        let made = interpreter::run(&graph, &none, &tensors(&case), case.place());
        case.check("result", made["result"].shape, &made["result"].values, TOLERANCE);
    }
}

/// A walk of the sampler: its steps, and the sample before and after each.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Walk {
    config: WalkConfig,
    times: Vec<usize>,
    walk: Vec<Vec<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WalkConfig {
    train_steps: usize,
    steps: usize,
    strength: f64,
    eta: f64,
    seed: u64,
    prediction: String,
}

#[test]
fn the_sampler_walks_as_the_paper_says() {
    let text = include_str!("../golden/networks/sampler.json");
    let walks: Vec<Walk> = serde_json::from_str(text).expect("walks");
    assert!(walks.len() >= 6);
    for Walk { config, times, walk } in walks {
        let prediction = match config.prediction.as_str() {
            "epsilon" => Prediction::Epsilon,
            _ => Prediction::Velocity,
        };
        let sampler = Sampler {
            start: "reference".to_owned(),
            train_steps: config.train_steps,
            beta_start: 0.00085,
            beta_end: 0.012,
            steps: config.steps,
            strength: config.strength,
            eta: config.eta,
            prediction,
            seed: config.seed,
        };
        assert_eq!(sampler.timesteps(), times);
        let close = |found: &[f32], expected: &[f64]| {
            for (&found, &value) in found.iter().zip(expected) {
                let off = (f64::from(found) - value).abs();
                assert!(off < 1.0e-5 * value.abs().max(1.0), "{found}, expected {value}");
            }
        };
        let mut sample = sampler.start(&pattern("input.reference", walk[0].len()));
        close(&sample, &walk[0]);
        for (index, &time) in times.iter().enumerate() {
            let predicted: Vec<f32> = sample
                .iter()
                .map(|&x| (0.7 * (3.0 * f64::from(x)).sin() + time as f64 / 4000.0) as f32)
                .collect();
            sampler.step(index, &mut sample, &predicted);
            close(&sample, &walk[index + 1]);
        }
    }
}
