//! Every operation by its definition, in f64, one number after the other.

use super::Case;
use crate::graph::{Activation, Extent, Node, NodeId, Op, Resample, padding};

/// A tensor, channels last.
#[derive(Clone)]
struct Tensor {
    size: [usize; 3],
    values: Vec<f64>,
}

impl Tensor {
    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        self.values[(y * self.size[1] + x) * self.size[2] + c]
    }

    /// With the border going on.
    fn near(&self, y: i64, x: i64, c: usize) -> f64 {
        let limit = |v: i64, side: usize| v.clamp(0, side as i64 - 1) as usize;
        self.at(limit(y, self.size[0]), limit(x, self.size[1]), c)
    }

    /// Between pixels; (0, 0) is the middle of the first.
    fn bilinear(&self, y: f64, x: f64, c: usize) -> f64 {
        let (top, left) = (y.floor(), x.floor());
        let (down, along) = (y - top, x - left);
        let (top, left) = (top as i64, left as i64);
        let row =
            |y: i64| self.near(y, left, c) * (1.0 - along) + self.near(y, left + 1, c) * along;
        row(top) * (1.0 - down) + row(top + 1) * down
    }

    /// Of one operand of a sum: one pixel stands for all, one channel for all.
    fn spread(&self, y: usize, x: usize, c: usize) -> f64 {
        let everywhere = self.size[0] == 1 && self.size[1] == 1;
        let (y, x) = if everywhere { (0, 0) } else { (y, x) };
        self.at(y, x, c.min(self.size[2] - 1))
    }
}

pub(super) fn outputs(case: &Case<'_>) -> Vec<Vec<f64>> {
    let graph = case.graph;
    let sizes = graph.sizes(case.picture).expect("fits");
    let mut tensors: Vec<Tensor> = Vec::new();
    for (index, node) in graph.nodes().iter().enumerate() {
        let [height, width] = sizes.of(NodeId(index));
        let size = [height, width, node.shape.channels];
        let values = if node.op == Op::Input {
            let input = graph.inputs().iter().position(|input| input.node.index() == index);
            case.inputs[input.expect("an input")].iter().map(|&v| f64::from(v)).collect()
        } else {
            let operands: Vec<&Tensor> =
                node.operands.iter().map(|id| &tensors[id.index()]).collect();
            node_values(case, node, size, &operands)
        };
        tensors.push(Tensor { size, values });
    }
    graph.outputs().iter().map(|output| tensors[output.node.index()].values.clone()).collect()
}

fn each(size: [usize; 3], value: impl Fn(usize, usize, usize) -> f64) -> Vec<f64> {
    let [height, width, channels] = size;
    let mut values = Vec::with_capacity(height * width * channels);
    for y in 0..height {
        for x in 0..width {
            for c in 0..channels {
                values.push(value(y, x, c));
            }
        }
    }
    values
}

/// Middle of a pixel of a node, as a part of the frame.
fn in_frame(case: &Case<'_>, node: &Node, size: [usize; 3], y: usize, x: usize) -> [f64; 2] {
    let middle = [y as f64 + 0.5, x as f64 + 0.5];
    match node.shape.extent {
        Extent::Fixed(_) => [middle[0] / size[0] as f64, middle[1] / size[1] as f64],
        Extent::Of { scale, .. } => {
            let side = f64::from(scale.down) / f64::from(scale.up);
            [
                (case.place.y as f64 + middle[0] * side) / case.place.frame[0] as f64,
                (case.place.x as f64 + middle[1] * side) / case.place.frame[1] as f64,
            ]
        }
    }
}

fn node_values(case: &Case<'_>, node: &Node, size: [usize; 3], operands: &[&Tensor]) -> Vec<f64> {
    let weight = |what: &str| -> Vec<f64> {
        let name = format!("{}.{what}", node.name);
        let values = &case.weights.get(&name).expect("a weight").values;
        values.iter().map(|&v| f64::from(v)).collect()
    };
    let bias = |wanted: bool| if wanted { weight("bias") } else { vec![0.0; size[2]] };
    let x = operands.first().copied();
    let one = || x.expect("an operand");
    let two = || (operands[0], operands[1]);
    let map = |f: &dyn Fn(f64) -> f64| one().values.iter().map(|&v| f(v)).collect();
    match &node.op {
        Op::Input => unreachable!("given"),
        Op::Constant(values) => values.iter().map(|&v| f64::from(v)).collect(),
        &Op::Conv { kernel, stride, dilation, groups, bias: biased } => {
            let (x, w, b) = (one(), weight("weight"), bias(biased));
            let (ins, outs) = (x.size[2] / groups, size[2] / groups);
            let pad = padding(kernel, stride, dilation);
            each(size, |oy, ox, o| {
                let mut sum = b[o];
                for ky in 0..kernel[0] {
                    for kx in 0..kernel[1] {
                        let y = (oy * stride + ky * dilation) as i64 - pad[0] as i64;
                        let xx = (ox * stride + kx * dilation) as i64 - pad[1] as i64;
                        let inside = (0..x.size[0] as i64).contains(&y)
                            && (0..x.size[1] as i64).contains(&xx);
                        for i in (0..ins).filter(|_| inside) {
                            let tap = ((o * ins + i) * kernel[0] + ky) * kernel[1] + kx;
                            let c = o / outs * ins + i;
                            sum += w[tap] * x.at(y as usize, xx as usize, c);
                        }
                    }
                }
                sum
            })
        }
        &Op::Linear { bias: biased } => {
            let (x, w, b) = (one(), weight("weight"), bias(biased));
            let row = |o: usize| {
                let products = x.values.iter().enumerate();
                products.map(|(i, v)| w[o * x.values.len() + i] * v).sum::<f64>() + b[o]
            };
            (0..size[2]).map(row).collect()
        }
        &Op::Activation(by) => map(&|v| match by {
            Activation::Relu => v.max(0.0),
            Activation::LeakyRelu(slope) if v < 0.0 => v * f64::from(slope),
            Activation::LeakyRelu(_) => v,
            Activation::Silu => v / (1.0 + libm::exp(-v)),
            Activation::Sigmoid => 1.0 / (1.0 + libm::exp(-v)),
            Activation::Softplus => libm::log1p(libm::exp(v)),
            Activation::Tanh => libm::tanh(v),
            Activation::Relu6 => v.clamp(0.0, 6.0),
        }),
        Op::Add => each(size, |y, x, c| two().0.at(y, x, c) + two().1.spread(y, x, c)),
        Op::Multiply => each(size, |y, x, c| two().0.at(y, x, c) * two().1.spread(y, x, c)),
        &Op::Divide { least } => {
            each(size, |y, x, c| two().0.at(y, x, c) / two().1.at(y, x, c).max(f64::from(least)))
        }
        &Op::Affine { scale, offset } => map(&|v| v * f64::from(scale) + f64::from(offset)),
        &Op::Clamp { low, high } => map(&|v| v.max(f64::from(low)).min(f64::from(high))),
        Op::Exp2 => map(&|v| libm::exp2(v.clamp(-126.0, 126.0))),
        Op::CumulativeSum => each(size, |y, x, c| (0..=c).map(|c| one().at(y, x, c)).sum()),
        Op::Concat => each(size, |y, x, c| {
            let mut c = c;
            for part in operands {
                if c < part.size[2] {
                    return part.at(y, x, c);
                }
                c -= part.size[2];
            }
            unreachable!("as many channels as all parts")
        }),
        &Op::Channels { first } => each(size, |y, x, c| one().at(y, x, first + c)),
        &Op::Upsample { factor, by } => each(size, |y, x, c| match by {
            Resample::Nearest => one().at(y / factor, x / factor, c),
            Resample::Bilinear => {
                let to = |v: usize| (v as f64 + 0.5) / factor as f64 - 0.5;
                one().bilinear(to(y), to(x), c)
            }
        }),
        &Op::PixelShuffle { factor: f } => {
            each(size, |y, x, c| one().at(y / f, x / f, (c * f + y % f) * f + x % f))
        }
        &Op::PixelUnshuffle { factor: f } => each(size, |y, x, c| {
            let (c, i, j) = (c / (f * f), c / f % f, c % f);
            one().at(y * f + i, x * f + j, c)
        }),
        &Op::AveragePool { size: n } => each(size, |y, x, c| {
            let block = (0..n * n).map(|i| one().at(y * n + i / n, x * n + i % n, c));
            block.sum::<f64>() / (n * n) as f64
        }),
        Op::GlobalMean => {
            let x = one();
            let pixels = x.size[0] * x.size[1];
            let mean = |c: usize| {
                let sum: f64 = x.values.iter().skip(c).step_by(x.size[2]).sum();
                sum / pixels.max(1) as f64
            };
            (0..size[2]).map(mean).collect()
        }
        &Op::GroupNorm { groups, epsilon } => {
            let (x, w, b) = (one(), weight("weight"), weight("bias"));
            let width = size[2] / groups;
            let of_group = |group: usize| -> (f64, f64) {
                let members = x.values.iter().enumerate();
                let members: Vec<f64> = members
                    .filter(|(i, _)| i % size[2] / width == group)
                    .map(|(_, &v)| v)
                    .collect();
                let mean = members.iter().sum::<f64>() / members.len() as f64;
                let square = members.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
                (mean, square / members.len() as f64)
            };
            let groups: Vec<(f64, f64)> = (0..groups).map(of_group).collect();
            each(size, |y, xx, c| {
                let (mean, variance) = groups[c / width];
                (x.at(y, xx, c) - mean) / (variance + f64::from(epsilon)).sqrt() * w[c] + b[c]
            })
        }
        Op::TimeEmbedding => {
            let half = size[2] / 2;
            let angle = |i: usize| one().values[0] * libm::pow(10_000.0, -(i as f64) / half as f64);
            let all = 0..size[2];
            all.map(|i| if i < half { libm::sin(angle(i)) } else { libm::cos(angle(i - half)) })
                .collect()
        }
        Op::FromFrame => each(size, |y, x, c| {
            let map = operands[0];
            let [fy, fx] = in_frame(case, node, size, y, x);
            let limit = |p: f64, n: usize| (p * n as f64 - 0.5).clamp(0.0, n as f64 - 1.0);
            map.bilinear(limit(fy, map.size[0]), limit(fx, map.size[1]), c)
        }),
        &Op::BilateralSlice { bins } => each(size, |y, x, k| {
            let (grid, guide) = two();
            let [fy, fx] = in_frame(case, node, size, y, x);
            let limit = |p: f64, n: usize| (p * n as f64 - 0.5).clamp(0.0, n as f64 - 1.0);
            let z = limit(guide.at(y, x, 0), bins);
            let low = z.floor();
            let read = |bin: usize| {
                let channel = k * bins + bin.min(bins - 1);
                grid.bilinear(limit(fy, grid.size[0]), limit(fx, grid.size[1]), channel)
            };
            read(low as usize) * (1.0 - (z - low)) + read(low as usize + 1) * (z - low)
        }),
        Op::ApplyMatrix => each(size, |y, x, i| {
            let (m, v) = two();
            let n = v.size[2];
            let row = |j: usize| m.at(y, x, i * (n + 1) + j);
            (0..n).map(|j| row(j) * v.at(y, x, j)).sum::<f64>() + row(n)
        }),
        Op::Curve => {
            let knots = operands[0];
            let last = knots.values.len() - 1;
            let at = |v: f64| {
                let position = (v * last as f64).clamp(0.0, last as f64);
                let before = (position.floor() as usize).min(last);
                let after = (before + 1).min(last);
                let part = position - before as f64;
                knots.values[before] * (1.0 - part) + knots.values[after] * part
            };
            operands[1].values.iter().map(|&v| at(v)).collect()
        }
    }
}
