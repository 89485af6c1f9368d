//! One operation of a Headroom graph in operators of ONNX.
//!
//! The definitions are those of [`headroom::graph::Op`]; `trainer/tests/onnx.rs` holds every network's
//! file against the Candle executor in ONNX Runtime. Tensors are NCHW here, vectors N x C x 1 x 1.

use super::proto::Attribute::{Float, Integer, Integers, Text};
use super::writer::Writer;
use crate::Error;
use headroom::graph::{Activation, Extent, Node, Op, Resample, padding};
use headroom::model::Weights;

/// What a node is written with.
pub(super) struct Given<'a> {
    /// Name of the stage; weights are called `stage.node.weight`.
    pub(super) stage: &'a str,
    pub(super) node: &'a Node,
    /// Names of the operands' values.
    pub(super) operands: Vec<&'a str>,
    /// Channels of the first operand.
    pub(super) channels: usize,
    pub(super) weights: &'a Weights,
    /// The picture, where the node is as large: its sides are declared, so checkers can follow them.
    pub(super) picture: Option<&'a str>,
    /// Value that holds the batch's size, as a list of one.
    pub(super) batch: &'a str,
}

impl Given<'_> {
    fn label(&self) -> String {
        format!("{}.{}", self.stage, self.node.name)
    }

    /// Writes a weight into the file with sides that hold as many numbers.
    fn weight(&self, w: &mut Writer, what: &str, sides: &[usize]) -> Result<String, Error> {
        let name = format!("{}.{what}", self.label());
        let Some(weight) = self.weights.get(&name) else {
            return Err(Error::failed(format!("{name}: found nothing, expected a weight")));
        };
        Ok(w.tensor(&name, sides, &weight.values))
    }
}

/// Writes a node and returns the name of its value.
pub(super) fn write(w: &mut Writer, given: &Given<'_>) -> Result<String, Error> {
    let Given { node, operands, channels, .. } = given;
    let label = &given.label();
    let value = match (&node.op, operands.as_slice()) {
        (Op::Constant(values), []) => constant(w, given, values),
        (&Op::Conv { kernel, stride, dilation, groups, bias }, &[x]) => {
            let sides = [node.shape.channels, channels / groups, kernel[0], kernel[1]];
            let mut inputs = vec![x.to_owned(), given.weight(w, "weight", &sides)?];
            if bias {
                inputs.push(given.weight(w, "bias", &[node.shape.channels])?);
            }
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            let pads = padding(kernel, stride, dilation).map(|side| side as i64);
            let attributes = [
                ("kernel_shape", Integers(&kernel.map(|side| side as i64))),
                ("pads", Integers(&[pads[0], pads[1], pads[0], pads[1]])),
                ("strides", Integers(&[stride as i64; 2])),
                ("dilations", Integers(&[dilation as i64; 2])),
                ("group", Integer(groups as i64)),
            ];
            w.op(label, "Conv", &inputs, &attributes)
        }
        (&Op::Linear { bias }, &[x]) => {
            let sides = [node.shape.channels, *channels, 1, 1];
            let mut inputs = vec![x.to_owned(), given.weight(w, "weight", &sides)?];
            if bias {
                inputs.push(given.weight(w, "bias", &[node.shape.channels])?);
            }
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            w.op(label, "Conv", &inputs, &[("kernel_shape", Integers(&[1, 1]))])
        }
        (&Op::Activation(by), &[x]) => activation(w, label, x, by),
        (Op::Add, &[a, b]) => w.op(label, "Add", &[a, b], &[]),
        (Op::Multiply, &[a, b]) => w.op(label, "Mul", &[a, b], &[]),
        (&Op::Affine { scale, offset }, &[x]) => {
            let (scale, offset) = (w.number(scale), w.number(offset));
            let scaled = w.op(&format!("{label}.scaled"), "Mul", &[x, &scale], &[]);
            w.op(label, "Add", &[&scaled, &offset], &[])
        }
        (&Op::Clamp { low, high }, &[x]) => clip(w, label, x, low, high),
        (Op::Concat, parts) => w.op(label, "Concat", parts, &[("axis", Integer(1))]),
        (&Op::Channels { first }, &[x]) => slice(w, label, x, first, node.shape.channels, 1),
        (&Op::Upsample { factor, by }, &[x]) => {
            let scales = w.tensor(
                &format!("{label}.scales"),
                &[4],
                &[1.0, 1.0, factor as f32, factor as f32],
            );
            resize(w, label, &[x, "", &scales], by)
        }
        (&Op::PixelShuffle { factor }, &[x]) => {
            let attributes = [("blocksize", Integer(factor as i64)), ("mode", Text("CRD"))];
            w.op(label, "DepthToSpace", &[x], &attributes)
        }
        (&Op::PixelUnshuffle { factor }, &[x]) => unshuffle(w, label, x, *channels, factor),
        (&Op::AveragePool { size }, &[x]) => {
            let sides = [size as i64; 2];
            let attributes = [("kernel_shape", Integers(&sides)), ("strides", Integers(&sides))];
            w.op(label, "AveragePool", &[x], &attributes)
        }
        (Op::GlobalMean, &[x]) => w.op(label, "GlobalAveragePool", &[x], &[]),
        (&Op::GroupNorm { groups, epsilon }, &[x]) => {
            let sides = [1, node.shape.channels, 1, 1];
            let weight = given.weight(w, "weight", &sides)?;
            let bias = given.weight(w, "bias", &sides)?;
            let normal = normal(w, label, x, groups, epsilon);
            let scaled = w.op(&format!("{label}.scaled"), "Mul", &[&normal, &weight], &[]);
            w.op(label, "Add", &[&scaled, &bias], &[])
        }
        (Op::TimeEmbedding, &[t]) => time_embedding(w, label, t, node.shape.channels),
        (Op::FromFrame, &[map, like]) => {
            let like = given.picture.unwrap_or(like);
            let sizes = w.size_of(label, node.shape.channels, like);
            resize(w, label, &[map, "", "", &sizes], Resample::Bilinear)
        }
        (&Op::BilateralSlice { bins }, &[grid, guide]) => {
            let like = given.picture.unwrap_or(guide);
            bilateral_slice(w, label, [grid, guide, like], node.shape.channels, bins)
        }
        (Op::ApplyMatrix, &[coefficients, x]) => {
            apply_matrix(w, label, [coefficients, x], node.shape.channels, *channels)
        }
        (Op::Curve, &[knots, x]) => curve(w, label, knots, x, *channels),
        (Op::CumulativeSum, &[x]) => {
            let axis = w.integer(1);
            w.op(label, "CumSum", &[x, &axis], &[])
        }
        (Op::Exp2, &[x]) => {
            let limited = clip(w, &format!("{label}.limited"), x, -126.0, 126.0);
            let two = w.number(2.0);
            w.op(label, "Pow", &[&two, &limited], &[])
        }
        (&Op::Divide { least }, &[a, b]) => {
            let least = w.number(least);
            let divisor = w.op(&format!("{label}.divisor"), "Max", &[b, &least], &[]);
            w.op(label, "Div", &[a, &divisor], &[])
        }
        (op, operands) => {
            return Err(Error::failed(format!(
                "node {}: found {} operands of {}, expected as many as it takes",
                node.name,
                operands.len(),
                op.label()
            )));
        }
    };
    Ok(value)
}

/// Fixed numbers, channels first, for every sample of the batch.
fn constant(w: &mut Writer, given: &Given<'_>, values: &[f32]) -> String {
    let channels = given.node.shape.channels;
    let [height, width] = match given.node.shape.extent {
        Extent::Fixed(sides) => sides,
        Extent::Of { .. } => [1, 1],
    };
    let label = given.label();
    let planes = planes(values, channels);
    let one = w.tensor(&format!("{label}.one"), &[1, channels, height, width], &planes);
    let rest = w.integers(&[channels as i64, height as i64, width as i64]);
    let axis = [("axis", Integer(0))];
    let sides = w.op(&format!("{label}.sides"), "Concat", &[given.batch, &rest], &axis);
    w.op(&label, "Expand", &[&one, &sides], &[])
}

/// Channels last to channels first.
pub(super) fn planes(values: &[f32], channels: usize) -> Vec<f32> {
    (0..channels).flat_map(|c| values.iter().skip(c).step_by(channels).copied()).collect()
}

fn activation(w: &mut Writer, label: &str, x: &str, by: Activation) -> String {
    match by {
        Activation::Relu => w.op(label, "Relu", &[x], &[]),
        Activation::LeakyRelu(slope) => w.op(label, "LeakyRelu", &[x], &[("alpha", Float(slope))]),
        Activation::Silu => {
            let gate = w.op(&format!("{label}.gate"), "Sigmoid", &[x], &[]);
            w.op(label, "Mul", &[x, &gate], &[])
        }
        Activation::Sigmoid => w.op(label, "Sigmoid", &[x], &[]),
        Activation::Softplus => w.op(label, "Softplus", &[x], &[]),
        Activation::Tanh => w.op(label, "Tanh", &[x], &[]),
        Activation::Relu6 => clip(w, label, x, 0.0, 6.0),
    }
}

fn clip(w: &mut Writer, label: &str, x: &str, low: f32, high: f32) -> String {
    let (low, high) = (w.number(low), w.number(high));
    w.op(label, "Clip", &[x, &low, &high], &[])
}

/// `count` channels from `first` on, every `step`-th.
fn slice(w: &mut Writer, label: &str, x: &str, first: usize, count: usize, step: usize) -> String {
    let end = first + (count - 1) * step + 1;
    let [first, end, step] = [first, end, step].map(|index| w.integers(&[index as i64]));
    let axis = w.integers(&[1]);
    w.op(label, "Slice", &[x, &first, &end, &axis, &step], &[])
}

/// Reads a tensor at another size; `inputs` are those of `Resize`.
fn resize(w: &mut Writer, label: &str, inputs: &[&str], by: Resample) -> String {
    match by {
        Resample::Bilinear => {
            let attributes =
                [("mode", Text("linear")), ("coordinate_transformation_mode", Text("half_pixel"))];
            w.op(label, "Resize", inputs, &attributes)
        }
        Resample::Nearest => {
            let attributes = [
                ("mode", Text("nearest")),
                ("coordinate_transformation_mode", Text("asymmetric")),
                ("nearest_mode", Text("floor")),
            ];
            w.op(label, "Resize", inputs, &attributes)
        }
    }
}

/// ONNX orders the blocks before the channels; a gather puts them behind, as PyTorch does.
fn unshuffle(w: &mut Writer, label: &str, x: &str, channels: usize, factor: usize) -> String {
    let attributes = [("blocksize", Integer(factor as i64))];
    let blocks = w.op(&format!("{label}.blocks"), "SpaceToDepth", &[x], &attributes);
    let area = factor * factor;
    let order: Vec<i64> =
        (0..channels * area).map(|to| (to % area * channels + to / area) as i64).collect();
    let order = w.integers(&order);
    w.op(label, "Gather", &[&blocks, &order], &[("axis", Integer(1))])
}

/// Mean 0 and variance 1 in groups of channels.
fn normal(w: &mut Writer, label: &str, x: &str, groups: usize, epsilon: f32) -> String {
    let sides = w.integers(&[0, groups as i64, -1]);
    let parts = w.op(&format!("{label}.parts"), "Reshape", &[x, &sides], &[]);
    let ones = w.tensor(&format!("{label}.ones"), &[groups], &vec![1.0; groups]);
    let zeros = w.tensor(&format!("{label}.zeros"), &[groups], &vec![0.0; groups]);
    let epsilon = [("epsilon", Float(epsilon))];
    let inputs = [parts.as_str(), &ones, &zeros];
    let parts = w.op(&format!("{label}.normal"), "InstanceNormalization", &inputs, &epsilon);
    let shape = w.op(&format!("{label}.shape"), "Shape", &[x], &[]);
    w.op(&format!("{label}.whole"), "Reshape", &[&parts, &shape], &[])
}

fn time_embedding(w: &mut Writer, label: &str, t: &str, channels: usize) -> String {
    let half = channels / 2;
    let rate = |i: usize| libm::pow(10_000.0, -(i as f64) / half as f64) as f32;
    let rates: Vec<f32> = (0..half).map(rate).collect();
    let rates = w.tensor(&format!("{label}.rates"), &[1, half, 1, 1], &rates);
    let angles = w.op(&format!("{label}.angles"), "Mul", &[t, &rates], &[]);
    let sines = w.op(&format!("{label}.sines"), "Sin", &[&angles], &[]);
    let cosines = w.op(&format!("{label}.cosines"), "Cos", &[&angles], &[]);
    w.op(label, "Concat", &[&sines, &cosines], &[("axis", Integer(1))])
}

/// One bin after the other, so that only one bin's coefficients are ever there at full size.
fn bilateral_slice(
    w: &mut Writer,
    label: &str,
    [grid, guide, like]: [&str; 3],
    count: usize,
    bins: usize,
) -> String {
    let (scale, shift) = (w.number(bins as f32), w.number(-0.5));
    let scaled = w.op(&format!("{label}.scaled"), "Mul", &[guide, &scale], &[]);
    let shifted = w.op(&format!("{label}.shifted"), "Add", &[&scaled, &shift], &[]);
    let position = clip(w, &format!("{label}.position"), &shifted, 0.0, bins as f32 - 1.0);
    let one = w.number(1.0);
    let mut sum: Option<String> = None;
    for bin in 0..bins {
        let at = format!("{label}.bin{bin}");
        let number = w.number(bin as f32);
        let from = w.op(&format!("{at}.from"), "Sub", &[&position, &number], &[]);
        let distance = w.op(&format!("{at}.distance"), "Abs", &[&from], &[]);
        let near = w.op(&format!("{at}.near"), "Sub", &[&one, &distance], &[]);
        let weight = w.op(&format!("{at}.weight"), "Relu", &[&near], &[]);
        let cells = slice(w, &format!("{at}.cells"), grid, bin, count, bins);
        let sizes = w.size_of(&at, count, like);
        let read = resize(w, &format!("{at}.read"), &[&cells, "", "", &sizes], Resample::Bilinear);
        let weighed = w.op(&format!("{at}.weighed"), "Mul", &[&read, &weight], &[]);
        sum = Some(match sum {
            None => weighed,
            Some(sum) => w.op(&format!("{at}.sum"), "Add", &[&sum, &weighed], &[]),
        });
    }
    sum.unwrap_or_default()
}

/// Output by output: the products of a row summed, and its last coefficient added.
fn apply_matrix(
    w: &mut Writer,
    label: &str,
    [coefficients, x]: [&str; 2],
    rows: usize,
    all: usize,
) -> String {
    let inputs = all / rows.max(1) - 1;
    let axis = w.integers(&[1]);
    let mut outputs = Vec::with_capacity(rows);
    for row in 0..rows {
        let at = format!("{label}.row{row}");
        let first = row * (inputs + 1);
        let factors = slice(w, &format!("{at}.factors"), coefficients, first, inputs, 1);
        let added = slice(w, &format!("{at}.added"), coefficients, first + inputs, 1, 1);
        let products = w.op(&format!("{at}.products"), "Mul", &[x, &factors], &[]);
        let keep = [("keepdims", Integer(1))];
        let sum = w.op(&format!("{at}.sum"), "ReduceSum", &[&products, &axis], &keep);
        outputs.push(w.op(&at, "Add", &[&sum, &added], &[]));
    }
    let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
    w.op(label, "Concat", &outputs, &[("axis", Integer(1))])
}

fn curve(w: &mut Writer, label: &str, knots: &str, x: &str, count: usize) -> String {
    let last = count as f32 - 1.0;
    let inside = clip(w, &format!("{label}.inside"), x, 0.0, 1.0);
    let intervals = w.number(last);
    let position = w.op(&format!("{label}.position"), "Mul", &[&inside, &intervals], &[]);
    let below = w.op(&format!("{label}.floor"), "Floor", &[&position], &[]);
    let low = clip(w, &format!("{label}.low"), &below, 0.0, last - 1.0);
    let share = w.op(&format!("{label}.share"), "Sub", &[&position, &low], &[]);
    let rows = w.integers(&[0, -1]);
    let flat = w.op(&format!("{label}.flat"), "Reshape", &[&low, &rows], &[]);
    let low = w.op(&format!("{label}.index"), "Cast", &[&flat], &[("to", Integer(7))]);
    let one = w.integer(1);
    let high = w.op(&format!("{label}.next"), "Add", &[&low, &one], &[]);
    let table = w.op(&format!("{label}.table"), "Reshape", &[knots, &rows], &[]);
    let shape = w.op(&format!("{label}.shape"), "Shape", &[x], &[]);
    let read = |w: &mut Writer, what: &str, index: &str| {
        let at = format!("{label}.{what}");
        let axis = [("axis", Integer(1))];
        let flat = w.op(&format!("{at}.flat"), "GatherElements", &[&table, index], &axis);
        w.op(&at, "Reshape", &[&flat, &shape], &[])
    };
    let (start, end) = (read(w, "start", &low), read(w, "end", &high));
    let rise = w.op(&format!("{label}.rise"), "Sub", &[&end, &start], &[]);
    let part = w.op(&format!("{label}.part"), "Mul", &[&rise, &share], &[]);
    w.op(label, "Add", &[&start, &part], &[])
}
