//! The executor against plain definitions, and against itself.

mod device;
mod naive;
mod operations;
mod random;
mod stages;
mod tiling;

use super::program::Savings;
use super::*;
use crate::graph::{Extent, Graph, Place};
use crate::model::Weights;
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Machine, Precision};

/// SplitMix64 (Steele et al. 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }
}

/// Numbers for every parameter of a graph, without a prefix.
fn weights(graph: &Graph, seed: u64) -> Weights {
    let mut random = Random(seed);
    let mut weights = Weights::new();
    for parameter in graph.parameters() {
        let spread = 1.5 / (parameter.fan_in() as f32).sqrt();
        let values: Vec<f32> =
            (0..parameter.count()).map(|_| random.between(-spread, spread)).collect();
        weights.insert(parameter.name.clone(), parameter.shape.clone(), values);
    }
    weights
}

/// Numbers for every input of a graph.
fn inputs(graph: &Graph, picture: [usize; 2], seed: u64) -> Vec<Vec<f32>> {
    let mut random = Random(seed);
    let inputs = graph.inputs().iter().map(|input| {
        let shape = graph.node(input.node).shape;
        let [height, width] = match shape.extent {
            Extent::Fixed(sides) => sides,
            Extent::Of { .. } => picture,
        };
        (0..height * width * shape.channels).map(|_| random.between(-0.5, 1.5)).collect()
    });
    inputs.collect()
}

fn machines() -> impl Iterator<Item = Machine> {
    Isa::ALL.into_iter().filter_map(|isa| Machine::forced(isa, Precision::Full))
}

const ALL: Savings = Savings { fuse: true, share: true };

/// What is run, and how.
struct Case<'a> {
    graph: &'a Graph,
    weights: &'a Weights,
    inputs: &'a [Vec<f32>],
    picture: [usize; 2],
    place: Place,
}

impl Case<'_> {
    /// All outputs. Memory is not a number before the run, so that reading what was never written
    /// shows; the program runs twice, so that writing over inputs shows.
    fn run(&self, machine: Machine, savings: Savings, pool: &Pool) -> Vec<Vec<f32>> {
        let program = Program::with(self.graph, self.weights, "", machine, savings).expect("sound");
        let mut workspace = Workspace::new(&program, self.picture, pool.threads()).expect("small");
        workspace.arena.as_mut_slice().fill(f32::NAN);
        for (input, values) in self.graph.inputs().iter().zip(self.inputs) {
            workspace.input_mut(&input.name).expect("an input").copy_from_slice(values);
        }
        let mut run = || {
            program.run(&mut workspace, self.place, pool, &|| false).expect("not interrupted");
            let outputs = self.graph.outputs().iter();
            outputs
                .map(|output| workspace.output(&output.name).expect("an output").to_vec())
                .collect::<Vec<_>>()
        };
        let first = run();
        assert_eq!(bits(&first), bits(&run()), "a second run differs");
        first
    }

    /// All outputs by the definitions.
    fn naive(&self) -> Vec<Vec<f64>> {
        naive::outputs(self)
    }
}

fn bits(outputs: &[Vec<f32>]) -> Vec<Vec<u32>> {
    outputs.iter().map(|values| values.iter().map(|v| v.to_bits()).collect()).collect()
}

/// Asserts that every number is the expected one, to `bound` times the largest or 1.
fn assert_close(found: &[f32], expected: &[f64], bound: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1.0f64, |all, v| all.max(v.abs()));
    for (index, (&found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(found) - expected).abs();
        assert!(error <= bound * largest, "{what}: {found} at {index}, expected {expected}");
    }
}
