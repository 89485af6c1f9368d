//! Graphs of one operation, and what is needed to run and differentiate them.
#![allow(dead_code)] // every test file uses a part

use candle_core::{DType, Device, Tensor, Var};
use headroom::graph::{
    Activation, Builder, ConvSpec, Extent, Graph, GraphError, Init, NodeId, Place, Resample,
};
use headroom::model::{Domain, Encoding, Network, Run, Stage, Weights};
use headroom_candle::{Executor, Ops, Variables};
use headroom_kernel::Pool;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Picture of the tests, height and width; and where its two samples lie in the frame.
pub(crate) const SIZE: [usize; 2] = [8, 12];
pub(crate) const PLACES: [Place; 2] =
    [Place { y: 4, x: 8, frame: [40, 52] }, Place { y: 24, x: 0, frame: [36, 20] }];

/// Numbers in (-1, 1), the same for the same seed.
pub(crate) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

pub(crate) fn executor(ops: Ops, threads: usize) -> Executor {
    Executor::new(ops, Arc::new(Pool::new(threads)))
}

pub(crate) fn network(graph: Graph) -> Network {
    let stage = Stage { name: "main".to_owned(), graph, run: Run::Tile };
    Network { encoding: Encoding::Srgb, domain: Domain::Linear, stages: vec![stage] }
}

/// A graph, weights, inputs for two samples, all with values that look random.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) network: Network,
    pub(crate) weights: Weights,
    pub(crate) inputs: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
}

impl Case {
    pub(crate) fn new(
        name: &'static str,
        scale: f32,
        build: impl FnOnce(&mut Builder) -> NodeId,
    ) -> Self {
        let mut b = Builder::new();
        let result = build(&mut b);
        let graph = b.finish(&[("result", result)]).unwrap_or_else(|e: GraphError| {
            panic!("{name}: {e}");
        });
        let network = network(graph);
        let mut weights = Weights::new();
        for (index, (name, parameter)) in network.parameters().enumerate() {
            let values = numbers(parameter.count(), 1000 + index as u64);
            weights.insert(name, parameter.shape.clone(), values);
        }
        let graph = &network.stages[0].graph;
        let mut inputs = BTreeMap::new();
        for (index, input) in graph.inputs().iter().enumerate() {
            let shape = graph.node(input.node).shape;
            let [height, width] = match shape.extent {
                Extent::Fixed(sides) => sides,
                Extent::Of { scale, .. } => {
                    SIZE.map(|side| side * scale.up as usize / scale.down as usize)
                }
            };
            let dims = vec![2, height, width, shape.channels];
            let values = numbers(dims.iter().product(), index as u64);
            let values = values.iter().map(|value| value * scale).collect();
            inputs.insert(input.name.clone(), (dims, values));
        }
        Self { name, network, weights, inputs }
    }

    pub(crate) fn graph(&self) -> &Graph {
        &self.network.stages[0].graph
    }
}

/// What a case is run with: everything is a variable.
pub(crate) struct Trial {
    pub(crate) executor: Executor,
    pub(crate) variables: Variables,
    pub(crate) inputs: BTreeMap<String, Var>,
    /// The loss is the sum of the result times these.
    pub(crate) direction: Tensor,
}

impl Trial {
    pub(crate) fn new(case: &Case, ops: Ops, dtype: DType) -> Self {
        let device = Device::Cpu;
        let variables = Variables::new(&case.network, &case.weights, &device, dtype).expect("fits");
        let mut inputs = BTreeMap::new();
        for (name, (dims, values)) in &case.inputs {
            let tensor = Tensor::from_slice(values, dims.as_slice(), &device).expect("a tensor");
            let tensor = tensor.to_dtype(dtype).expect("a float type");
            inputs.insert(name.clone(), Var::from_tensor(&tensor).expect("a variable"));
        }
        let mut trial = Self {
            executor: executor(ops, 2),
            variables,
            inputs,
            direction: Tensor::zeros(1, dtype, &device).expect("a tensor"),
        };
        let result = trial.run(case);
        let direction = numbers(result.elem_count(), 77);
        let direction = Tensor::from_slice(&direction, result.dims(), &device).expect("a tensor");
        trial.direction = direction.to_dtype(dtype).expect("a float type");
        trial
    }

    pub(crate) fn run(&self, case: &Case) -> Tensor {
        let inputs: HashMap<String, Tensor> =
            self.inputs.iter().map(|(name, var)| (name.clone(), var.as_tensor().clone())).collect();
        self.executor
            .run(case.graph(), "main", &self.variables, &inputs, &PLACES)
            .unwrap_or_else(|error| panic!("{}: {error}", case.name))
            .remove("result")
            .expect("the result")
    }

    pub(crate) fn loss(&self, case: &Case) -> Tensor {
        (self.run(case) * &self.direction).expect("one shape").sum_all().expect("a sum")
    }

    /// Everything that a gradient is taken of.
    pub(crate) fn all(&self) -> Vec<(String, Var)> {
        let weights = self.variables.iter().map(|(name, var)| (name.to_owned(), var.clone()));
        weights.chain(self.inputs.iter().map(|(name, var)| (name.clone(), var.clone()))).collect()
    }

    /// The gradient of the loss by name; zeros where nothing leads to it.
    pub(crate) fn gradients(&self, case: &Case) -> BTreeMap<String, Vec<f64>> {
        let store = self.loss(case).backward().expect("a gradient");
        let mut gradients = BTreeMap::new();
        for (name, var) in self.all() {
            let gradient = match store.get(&var) {
                Some(gradient) => flat(gradient),
                None => vec![0.0; var.elem_count()],
            };
            gradients.insert(name, gradient);
        }
        gradients
    }
}

pub(crate) fn flat(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.to_dtype(DType::F64).expect("a float type");
    tensor.flatten_all().expect("a tensor").to_vec1().expect("numbers")
}

/// The largest difference over the largest number of `truth` (or 1, where all are smaller).
pub(crate) fn difference(found: &[f64], truth: &[f64]) -> f64 {
    assert_eq!(found.len(), truth.len());
    let largest = truth.iter().fold(1.0f64, |most, value| most.max(value.abs()));
    let error = found.iter().zip(truth).map(|(a, b)| (a - b).abs());
    assert!(found.iter().all(|value| value.is_finite()));
    error.fold(0.0, f64::max) / largest
}

/// Every operation, most in several forms.
pub(crate) fn cases() -> Vec<Case> {
    let conv = |name, channels, spec: ConvSpec| {
        Case::new(name, 1.0, move |b| {
            let x = b.picture("x", channels);
            b.conv("c", x, spec)
        })
    };
    let unary = |name, channels, scale, build: &dyn Fn(&mut Builder, NodeId) -> NodeId| {
        Case::new(name, scale, |b| {
            let x = b.picture("x", channels);
            build(b, x)
        })
    };
    let mut cases = vec![
        conv("3x3", 3, ConvSpec::new(5, 3)),
        conv("3x3, many channels", 20, ConvSpec::new(17, 3)),
        conv("3x3, no bias", 3, ConvSpec::new(4, 3).no_bias()),
        conv("1x1", 4, ConvSpec::new(3, 1)),
        conv("dilated", 2, ConvSpec::new(3, 3).dilation(3)),
        conv("strided 3x3", 3, ConvSpec::new(4, 3).stride(2)),
        conv("strided 2x2", 3, ConvSpec::new(4, 2).stride(2)),
        conv("strided 4x4", 2, ConvSpec::new(3, 4).stride(2)),
        conv("strided 7x7", 2, ConvSpec::new(3, 7).stride(4)),
        conv("dilated and strided", 2, ConvSpec::new(3, 3).stride(2).dilation(2)),
        conv("grouped", 6, ConvSpec::new(9, 3).groups(3)),
        conv("depthwise", 4, ConvSpec::new(4, 3).groups(4)),
        Case::new("linear", 1.0, |b| {
            let x = b.fixed("x", [1, 1], 5);
            b.linear("l", x, 4, Init::He)
        }),
        Case::new("add", 1.0, |b| {
            let (x, v) = (b.picture("x", 3), b.fixed("v", [1, 1], 3));
            let one = b.beside("one", x, 1);
            let y = b.add(x, v);
            let y = b.add(y, one);
            b.add(y, x)
        }),
        Case::new("multiply", 1.0, |b| {
            let (x, v) = (b.picture("x", 3), b.fixed("v", [1, 1], 3));
            let one = b.beside("one", x, 1);
            let y = b.multiply(x, v);
            let y = b.multiply(y, one);
            b.multiply(y, x)
        }),
        Case::new("constant", 1.0, |b| {
            let x = b.fixed("x", [2, 3], 2);
            let c = b.constant("c", [2, 3], &numbers(12, 5));
            b.multiply(c, x)
        }),
        Case::new("concat", 1.0, |b| {
            let x = b.picture("x", 3);
            let (y, z) = (b.beside("y", x, 2), b.beside("z", x, 4));
            b.concat(&[x, y, z, x])
        }),
        Case::new("divide", 1.0, |b| {
            let x = b.picture("x", 2);
            let y = b.beside("y", x, 2);
            b.divide(x, y, 0.3)
        }),
        Case::new("from frame", 1.0, |b| {
            let (map, x) = (b.fixed("map", [5, 4], 3), b.picture("x", 2));
            let half = b.average_pool(x, 2);
            let read = b.from_frame(map, half);
            let up = b.upsample(read, 2, Resample::Nearest);
            let whole = b.from_frame(map, x);
            b.add(up, whole)
        }),
        Case::new("from frame to a fixed size", 1.0, |b| {
            let (map, like) = (b.fixed("map", [5, 4], 3), b.fixed("like", [7, 9], 1));
            b.from_frame(map, like)
        }),
        Case::new("slice", 1.0, |b| {
            let (grid, x) = (b.fixed("grid", [4, 3], 4 * 5), b.picture("x", 1));
            // Reaches over both ends of the guide's range.
            let guide = b.affine(x, 0.7, 0.5);
            b.bilateral_slice(grid, guide, 4)
        }),
        Case::new("slice of one bin", 1.0, |b| {
            let (grid, x) = (b.fixed("grid", [1, 3], 2), b.picture("x", 1));
            b.bilateral_slice(grid, x, 1)
        }),
        Case::new("matrix", 1.0, |b| {
            let x = b.picture("x", 3);
            let m = b.beside("m", x, 2 * 4);
            b.apply_matrix(m, x)
        }),
        Case::new("curve", 1.0, |b| {
            let (knots, x) = (b.fixed("knots", [1, 1], 6), b.picture("x", 3));
            // Reaches over both ends.
            let x = b.affine(x, 0.7, 0.5);
            b.curve(knots, x)
        }),
        Case::new("group norm", 1.0, |b| {
            let x = b.picture("x", 6);
            b.group_norm("n", x, 3)
        }),
        Case::new("time embedding", 1.0, |b| {
            let t = b.fixed("t", [1, 1], 1);
            b.time_embedding(t, 6)
        }),
        // One tensor used three times: the gradients must add up.
        Case::new("used again", 1.0, |b| {
            let x = b.picture("x", 4);
            let y = b.conv("c", x, ConvSpec::new(4, 3));
            let up = b.upsample(y, 2, Resample::Nearest);
            let down = b.average_pool(up, 2);
            let smooth = b.upsample(y, 2, Resample::Bilinear);
            let smooth = b.average_pool(smooth, 2);
            let z = b.add(down, smooth);
            let z = b.multiply(z, y);
            b.add(z, x)
        }),
    ];
    let by = |b: &mut Builder, x, by| b.activation(x, by);
    cases.extend([
        unary("relu", 3, 3.0, &|b, x| by(b, x, Activation::Relu)),
        unary("leaky relu", 3, 3.0, &|b, x| by(b, x, Activation::LeakyRelu(0.2))),
        unary("turning leaky relu", 3, 3.0, &|b, x| by(b, x, Activation::LeakyRelu(-0.5))),
        unary("silu", 3, 6.0, &|b, x| by(b, x, Activation::Silu)),
        unary("sigmoid", 3, 6.0, &|b, x| by(b, x, Activation::Sigmoid)),
        unary("softplus", 3, 6.0, &|b, x| by(b, x, Activation::Softplus)),
        unary("tanh", 3, 4.0, &|b, x| by(b, x, Activation::Tanh)),
        unary("relu6", 3, 9.0, &|b, x| by(b, x, Activation::Relu6)),
        unary("affine", 3, 1.0, &|b, x| b.affine(x, -2.0, 0.5)),
        unary("clamp", 3, 1.0, &|b, x| b.clamp(x, -0.4, 0.3)),
        unary("exp2", 3, 3.0, &|b, x| b.exp2(x)),
        unary("cumulative sum", 5, 1.0, &|b, x| b.cumulative_sum(x)),
        unary("channels", 5, 1.0, &|b, x| b.channels_of(x, 1, 3)),
        unary("nearest", 3, 1.0, &|b, x| b.upsample(x, 3, Resample::Nearest)),
        unary("bilinear", 3, 1.0, &|b, x| b.upsample(x, 2, Resample::Bilinear)),
        unary("bilinear by 3", 3, 1.0, &|b, x| b.upsample(x, 3, Resample::Bilinear)),
        unary("shuffle", 8, 1.0, &|b, x| b.pixel_shuffle(x, 2)),
        unary("unshuffle", 3, 1.0, &|b, x| b.pixel_unshuffle(x, 2)),
        unary("average pool", 3, 1.0, &|b, x| b.average_pool(x, 4)),
        unary("global mean", 3, 1.0, &|b, x| b.global_mean(x)),
    ]);
    for (name, activation) in [
        ("conv and relu", Activation::Relu),
        ("conv and leaky relu", Activation::LeakyRelu(0.2)),
        ("conv and turning leaky relu", Activation::LeakyRelu(-0.5)),
        ("conv and silu", Activation::Silu),
        ("conv and sigmoid", Activation::Sigmoid),
        ("conv and softplus", Activation::Softplus),
        ("conv and tanh", Activation::Tanh),
        ("conv and relu6", Activation::Relu6),
    ] {
        cases.push(unary(name, 3, 1.0, &|b, x| {
            let y = b.conv("c", x, ConvSpec::new(4, 3));
            b.activation(y, activation)
        }));
    }
    cases
}
