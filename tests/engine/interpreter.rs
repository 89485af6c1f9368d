//! A graph run as its definitions read, in f64, as plainly as can be: what the executors are held
//! against, beside the numbers of other implementations. Slow.

use headroom::graph::{
    Activation, Extent, Graph, Node, NodeId, Op, Place, Resample, Sizes, padding,
};
use headroom::model::{Network, Run, Sampler, Weights};
use std::collections::HashMap;

/// Height, width, channels; channels last.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) shape: [usize; 3],
    pub(crate) values: Vec<f64>,
}

impl Tensor {
    fn new([height, width]: [usize; 2], channels: usize) -> Self {
        Self { shape: [height, width, channels], values: vec![0.0; height * width * channels] }
    }

    /// Filled by row, column and channel.
    fn made(sides: [usize; 2], channels: usize, f: impl Fn(usize, usize, usize) -> f64) -> Self {
        let mut out = Self::new(sides, channels);
        for (i, value) in out.values.iter_mut().enumerate() {
            let (pixel, c) = (i / channels, i % channels);
            *value = f(pixel / sides[1], pixel % sides[1], c);
        }
        out
    }

    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        self.values[(y * self.shape[1] + x) * self.shape[2] + c]
    }

    /// Bilinear between centres at halves, the border going on; y and x in pixels from the border.
    fn read(&self, y: f64, x: f64, c: usize) -> f64 {
        let [height, width, _] = self.shape;
        let ((y0, y1, fy), (x0, x1, fx)) = (between(y, height), between(x, width));
        let row = |y| self.at(y, x0, c) * (1.0 - fx) + self.at(y, x1, c) * fx;
        row(y0) * (1.0 - fy) + row(y1) * fy
    }

    pub(crate) fn as_f32(&self) -> Vec<f32> {
        self.values.iter().map(|&v| v as f32).collect()
    }
}

/// The two cells around a place, and how far it lies from the first to the second.
fn between(at: f64, cells: usize) -> (usize, usize, f64) {
    let at = (at - 0.5).clamp(0.0, (cells - 1) as f64);
    let low = at.floor() as usize;
    (low, (low + 1).min(cells - 1), at - low as f64)
}

/// Runs every stage of a network; what was given comes back with all that was handed on.
pub(crate) fn run_network(
    network: &Network,
    weights: &Weights,
    given: &HashMap<String, Tensor>,
    place: Place,
) -> HashMap<String, Tensor> {
    let mut tensors = given.clone();
    for stage in &network.stages {
        let weights = Named { weights, prefix: format!("{}.", stage.name) };
        let Run::Sampler(sampler) = &stage.run else {
            for (name, tensor) in run(&stage.graph, &weights, &tensors, place) {
                tensors.insert(name, tensor);
            }
            continue;
        };
        let start = &tensors[&sampler.start];
        let shape = start.shape;
        let mut sample = sampler.start(&start.as_f32());
        for (index, time) in sampler.timesteps().into_iter().enumerate() {
            let values = sample.iter().map(|&v| f64::from(v)).collect();
            tensors.insert(Sampler::SAMPLE.to_owned(), Tensor { shape, values });
            let time = Tensor { shape: [1, 1, 1], values: vec![time as f64] };
            tensors.insert(Sampler::TIME.to_owned(), time);
            let made = run(&stage.graph, &weights, &tensors, place);
            sampler.step(index, &mut sample, &made[Sampler::PREDICTION].as_f32());
        }
        let values = sample.iter().map(|&v| f64::from(v)).collect();
        tensors.insert(stage.name.clone(), Tensor { shape, values });
    }
    tensors
}

/// Weights of one stage.
pub(crate) struct Named<'a> {
    pub(crate) weights: &'a Weights,
    pub(crate) prefix: String,
}

impl Named<'_> {
    fn get(&self, node: &Node, what: &str) -> Option<Vec<f64>> {
        let weight = self.weights.get(&format!("{}{}.{what}", self.prefix, node.name))?;
        Some(weight.values.iter().map(|&v| f64::from(v)).collect())
    }
}

/// Runs one graph; gives its outputs by name.
pub(crate) fn run(
    graph: &Graph,
    weights: &Named,
    given: &HashMap<String, Tensor>,
    place: Place,
) -> HashMap<String, Tensor> {
    let free = graph.inputs().iter().find_map(|input| {
        let free = matches!(graph.node(input.node).shape.extent, Extent::Of { .. });
        free.then(|| [given[&input.name].shape[0], given[&input.name].shape[1]])
    });
    let sizes = graph.sizes(free.unwrap_or([0, 0])).expect("aligned");
    let mut done: Vec<Tensor> = Vec::with_capacity(graph.nodes().len());
    let mut inputs = graph.inputs().iter();
    for (index, node) in graph.nodes().iter().enumerate() {
        let operands: Vec<&Tensor> = node.operands.iter().map(|id| &done[id.index()]).collect();
        let tensor = if node.op == Op::Input {
            given[&inputs.next().expect("inputs stand in order").name].clone()
        } else {
            compute(graph, node, sides(&sizes, index, graph), &operands, weights, place)
        };
        done.push(tensor);
    }
    let name =
        |output: &headroom::graph::Output| (output.name.clone(), done[output.node.index()].clone());
    graph.outputs().iter().map(name).collect()
}

fn sides(sizes: &Sizes, index: usize, graph: &Graph) -> [usize; 2] {
    let ids = graph.nodes().iter().flat_map(|node| node.operands.iter().copied());
    let outputs = graph.outputs().iter().map(|output| output.node);
    let id: Option<NodeId> = ids.chain(outputs).find(|id| id.index() == index);
    id.map_or([1, 1], |id| sizes.of(id))
}

fn compute(
    graph: &Graph,
    node: &Node,
    sides: [usize; 2],
    operands: &[&Tensor],
    weights: &Named,
    place: Place,
) -> Tensor {
    let channels = node.shape.channels;
    let made = |f: &dyn Fn(usize, usize, usize) -> f64| Tensor::made(sides, channels, f);
    let a = operands.first().copied();
    let a = || a.expect("an operand");
    let b = || operands[1];
    match &node.op {
        Op::Input => unreachable!("given"),
        Op::Constant(values) => {
            made(&|y, x, c| f64::from(values[(y * sides[1] + x) * channels + c]))
        }
        Op::Conv { .. } => convolve(node, a(), sides, weights),
        Op::Linear { .. } => {
            let (weight, bias) =
                (weights.get(node, "weight").expect("weights"), weights.get(node, "bias"));
            let x = &a().values;
            made(&|_, _, c| {
                let row = &weight[c * x.len()..][..x.len()];
                let sum: f64 = row.iter().zip(x).map(|(w, x)| w * x).sum();
                sum + bias.as_ref().map_or(0.0, |bias| bias[c])
            })
        }
        Op::Activation(by) => made(&|y, x, c| activate(*by, a().at(y, x, c))),
        Op::Add => made(&|y, x, c| a().at(y, x, c) + spread(b(), y, x, c)),
        Op::Multiply => made(&|y, x, c| a().at(y, x, c) * spread(b(), y, x, c)),
        Op::Affine { scale, offset } => {
            made(&|y, x, c| a().at(y, x, c) * f64::from(*scale) + f64::from(*offset))
        }
        Op::Clamp { low, high } => {
            made(&|y, x, c| a().at(y, x, c).clamp(f64::from(*low), f64::from(*high)))
        }
        Op::Concat => made(&|y, x, c| {
            let mut c = c;
            for part in operands {
                if c < part.shape[2] {
                    return part.at(y, x, c);
                }
                c -= part.shape[2];
            }
            unreachable!("channels add up")
        }),
        Op::Channels { first } => made(&|y, x, c| a().at(y, x, first + c)),
        Op::Upsample { factor, by: Resample::Nearest } => {
            made(&|y, x, c| a().at(y / factor, x / factor, c))
        }
        Op::Upsample { factor, by: Resample::Bilinear } => {
            let to = |i: usize| (i as f64 + 0.5) / *factor as f64;
            made(&|y, x, c| a().read(to(y), to(x), c))
        }
        Op::PixelShuffle { factor: f } => {
            made(&|y, x, c| a().at(y / f, x / f, (c * f + y % f) * f + x % f))
        }
        Op::PixelUnshuffle { factor: f } => {
            made(&|y, x, c| a().at(y * f + c / f % f, x * f + c % f, c / (f * f)))
        }
        Op::AveragePool { size } => made(&|y, x, c| {
            let cell =
                (0..size * size).map(|i| a().at(y * size + i / size, x * size + i % size, c));
            cell.sum::<f64>() / (size * size) as f64
        }),
        Op::GlobalMean => made(&|_, _, c| {
            let [height, width, all] = a().shape;
            a().values.iter().skip(c).step_by(all).sum::<f64>() / (height * width) as f64
        }),
        Op::GroupNorm { groups, epsilon } => {
            normalise(node, a(), *groups, f64::from(*epsilon), weights)
        }
        Op::TimeEmbedding => {
            let half = channels / 2;
            made(&|_, _, c| {
                let angle = a().values[0] * 10000f64.powf(-((c % half) as f64) / half as f64);
                if c < half { angle.sin() } else { angle.cos() }
            })
        }
        Op::FromFrame => {
            let at = where_in(graph, node.operands[1], sides, place);
            let [height, width, _] = a().shape;
            made(&|y, x, c| {
                let [y, x] = at(y, x);
                a().read(y * height as f64, x * width as f64, c)
            })
        }
        Op::BilateralSlice { bins } => {
            let at = where_in(graph, node.operands[1], sides, place);
            let [height, width, _] = a().shape;
            made(&|y, x, c| {
                let (low, high, f) = between(b().at(y, x, 0) * *bins as f64, *bins);
                let [y, x] = at(y, x);
                let (y, x) = (y * height as f64, x * width as f64);
                let bin = |z| a().read(y, x, c * bins + z);
                bin(low) * (1.0 - f) + bin(high) * f
            })
        }
        Op::ApplyMatrix => {
            let n = b().shape[2];
            made(&|y, x, c| {
                let row = |j| a().at(y, x, c * (n + 1) + j);
                row(n) + (0..n).map(|j| row(j) * b().at(y, x, j)).sum::<f64>()
            })
        }
        Op::Curve => {
            let knots = &a().values;
            made(&|y, x, c| {
                let at = b().at(y, x, c).clamp(0.0, 1.0) * (knots.len() - 1) as f64;
                let low = (at.floor() as usize).min(knots.len() - 2);
                knots[low] + (knots[low + 1] - knots[low]) * (at - low as f64)
            })
        }
        Op::CumulativeSum => made(&|y, x, c| (0..=c).map(|c| a().at(y, x, c)).sum()),
        Op::Exp2 => made(&|y, x, c| a().at(y, x, c).clamp(-126.0, 126.0).exp2()),
        Op::Divide { least } => {
            made(&|y, x, c| a().at(y, x, c) / b().at(y, x, c).max(f64::from(*least)))
        }
    }
}

/// Reads the second operand of a sum or product: a vector stands everywhere, one channel for all.
fn spread(b: &Tensor, y: usize, x: usize, c: usize) -> f64 {
    let [height, width, channels] = b.shape;
    b.at(y.min(height - 1), x.min(width - 1), c.min(channels - 1))
}

fn activate(by: Activation, x: f64) -> f64 {
    match by {
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu(slope) => x.max(0.0) + f64::from(slope) * x.min(0.0),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        Activation::Tanh => x.tanh(),
        Activation::Relu6 => x.clamp(0.0, 6.0),
    }
}

/// Where pixels lie in the frame, as shares of its height and width.
fn where_in(
    graph: &Graph,
    like: NodeId,
    [height, width]: [usize; 2],
    place: Place,
) -> impl Fn(usize, usize) -> [f64; 2] + use<> {
    let (origin, scale, frame) = match graph.node(like).shape.extent {
        Extent::Fixed(_) => ([0.0; 2], 1.0, [height as f64, width as f64]),
        Extent::Of { scale, .. } => (
            [place.y as f64, place.x as f64],
            f64::from(scale.down) / f64::from(scale.up),
            place.frame.map(|side| side as f64),
        ),
    };
    move |y, x| {
        [
            (origin[0] + (y as f64 + 0.5) * scale) / frame[0],
            (origin[1] + (x as f64 + 0.5) * scale) / frame[1],
        ]
    }
}

fn convolve(node: &Node, x: &Tensor, sides: [usize; 2], weights: &Named) -> Tensor {
    let Op::Conv { kernel, stride, dilation, groups, bias } = node.op else {
        unreachable!("a convolution")
    };
    let (n, m) = (x.shape[2] / groups, node.shape.channels / groups);
    let weight = weights.get(node, "weight").expect("weights");
    let bias = if bias { weights.get(node, "bias").expect("bias") } else { vec![0.0; m * groups] };
    let taps = kernel[0] * kernel[1];
    // By tap, group, input and output: outputs lie side by side.
    let mut turned = vec![0.0; weight.len()];
    for (i, &w) in weight.iter().enumerate() {
        let (tap, input, out) = (i % taps, i / taps % n, i / (taps * n));
        turned[((tap * groups + out / m) * n + input) * m + out % m] = w;
    }
    let around = padding(kernel, stride, dilation);
    let mut result = Tensor::new(sides, m * groups);
    for (pixel, sums) in result.values.chunks_exact_mut(m * groups).enumerate() {
        sums.copy_from_slice(&bias);
        for tap in 0..taps {
            let at = |i: usize, tap: usize, axis: usize| {
                (i * stride + tap * dilation)
                    .checked_sub(around[axis])
                    .filter(|&at| at < x.shape[axis])
            };
            let y = at(pixel / sides[1], tap / kernel[1], 0);
            let Some((y, column)) = y.zip(at(pixel % sides[1], tap % kernel[1], 1)) else {
                continue;
            };
            let from = &x.values[(y * x.shape[1] + column) * n * groups..][..n * groups];
            for (i, &value) in from.iter().enumerate() {
                let row = &turned[((tap * groups + i / n) * n + i % n) * m..][..m];
                for (sum, w) in sums[i / n * m..][..m].iter_mut().zip(row) {
                    *sum += value * w;
                }
            }
        }
    }
    result
}

fn normalise(node: &Node, x: &Tensor, groups: usize, epsilon: f64, weights: &Named) -> Tensor {
    let channels = x.shape[2];
    let size = channels / groups;
    let (scale, shift) =
        (weights.get(node, "weight").expect("weights"), weights.get(node, "bias").expect("bias"));
    let group = |i: usize| i % channels / size;
    let (mut sums, mut squares) = (vec![0.0; groups], vec![0.0; groups]);
    let count = (x.values.len() / groups) as f64;
    for (i, value) in x.values.iter().enumerate() {
        sums[group(i)] += value / count;
    }
    for (i, value) in x.values.iter().enumerate() {
        squares[group(i)] += (value - sums[group(i)]).powi(2) / count;
    }
    let mut out = x.clone();
    for (i, value) in out.values.iter_mut().enumerate() {
        let g = group(i);
        *value = (*value - sums[g]) / (squares[g] + epsilon).sqrt() * scale[i % channels]
            + shift[i % channels];
    }
    out
}
