//! Puts a graph together, and checks every shape while doing so.

use super::{
    Activation, Extent, Graph, GraphError, Init, Input, Node, NodeId, Op, Output, Parameter,
    Resample, Scale, Shape,
};
use std::collections::HashSet;

/// Bounds of what a graph may be: a configuration from a file must not ask for the machine.
const MOST_NODES: usize = 4096;
const MOST_CHANNELS: usize = 8192;
const MOST_SIDE: usize = 8192;
const MOST_FACTOR: usize = 64;
const MOST_KERNEL: usize = 15;
const MOST_DILATION: usize = 128;
const MOST_PARAMETERS: usize = 1 << 28;

/// What a convolution is, beyond its operand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConvSpec {
    out: usize,
    kernel: [usize; 2],
    stride: usize,
    dilation: usize,
    groups: usize,
    bias: bool,
    init: Init,
}

impl ConvSpec {
    /// `out` channels by a kernel of `side` x `side`, with a bias.
    #[must_use]
    pub fn new(out: usize, side: usize) -> Self {
        Self {
            out,
            kernel: [side, side],
            stride: 1,
            dilation: 1,
            groups: 1,
            bias: true,
            init: Init::He,
        }
    }

    /// Every `stride`-th pixel only.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        Self { stride, ..self }
    }

    /// Taps `dilation` pixels apart.
    #[must_use]
    pub fn dilation(self, dilation: usize) -> Self {
        Self { dilation, ..self }
    }

    /// Blocks of channels that do not see each other.
    #[must_use]
    pub fn groups(self, groups: usize) -> Self {
        Self { groups, ..self }
    }

    /// Adds nothing.
    #[must_use]
    pub fn no_bias(self) -> Self {
        Self { bias: false, ..self }
    }

    /// A low-pass filter of each channel by itself, so that what is left of every so manieth pixel does not hang on where
    /// these happen to lie (Zhang 2019, Making Convolutional Networks Shift-Invariant Again, arXiv:1904.11486).
    #[must_use]
    pub fn low_pass(channels: usize) -> Self {
        Self::new(channels, 3).groups(channels).no_bias().init(Init::Binomial)
    }

    /// Fills the weight otherwise before training.
    #[must_use]
    pub fn init(self, init: Init) -> Self {
        Self { init, ..self }
    }
}

/// Builds a [`Graph`]. The first mistake is kept and told by [`Self::finish`]; what follows it
/// does no harm.
#[derive(Debug, Default)]
pub struct Builder {
    nodes: Vec<Node>,
    inputs: Vec<Input>,
    parameters: Vec<Parameter>,
    names: HashSet<String>,
    error: Option<GraphError>,
    count: usize,
}

impl Builder {
    /// An empty graph.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A picture of any size: part of the frame or all of it.
    pub fn picture(&mut self, name: &str, channels: usize) -> NodeId {
        let extent = Extent::Of { input: self.inputs.len(), scale: Scale::ONE };
        self.input(name, Shape { extent, channels })
    }

    /// The whole frame seen at a fixed size, or a vector (1 x 1).
    pub fn fixed(&mut self, name: &str, sides: [usize; 2], channels: usize) -> NodeId {
        self.input(name, Shape { extent: Extent::Fixed(sides), channels })
    }

    /// One more input of the same extent as another.
    pub fn beside(&mut self, name: &str, like: NodeId, channels: usize) -> NodeId {
        let extent = self.shape(like).extent;
        self.input(name, Shape { extent, channels })
    }

    fn input(&mut self, name: &str, shape: Shape) -> NodeId {
        let node = self.push(name, Op::Input, vec![], Some(shape));
        self.inputs.push(Input { name: name.to_owned(), node });
        node
    }

    /// Shape of a node.
    #[must_use]
    pub fn shape(&self, id: NodeId) -> Shape {
        self.nodes[id.0].shape
    }

    /// Channels of a node.
    #[must_use]
    pub fn channels(&self, id: NodeId) -> usize {
        self.shape(id).channels
    }

    /// Fixed numbers of that size, channels last.
    pub fn constant(&mut self, name: &str, sides: [usize; 2], values: &[f32]) -> NodeId {
        let area = sides[0].saturating_mul(sides[1]);
        let fits = area > 0 && values.len().is_multiple_of(area);
        let shape =
            fits.then(|| Shape { extent: Extent::Fixed(sides), channels: values.len() / area });
        if !fits {
            let found = values.len();
            self.fail(name, format!("{found} numbers, expected a multiple of {area}"));
        }
        self.push(name, Op::Constant(values.to_vec()), vec![], shape)
    }

    /// A convolution; see [`Op::Conv`].
    pub fn conv(&mut self, name: &str, x: NodeId, spec: ConvSpec) -> NodeId {
        let ConvSpec { out, kernel, stride, dilation, groups, bias, init } = spec;
        let shape = self.shape(x);
        let whole =
            groups > 0 && shape.channels.is_multiple_of(groups) && out.is_multiple_of(groups);
        if !whole {
            let found = shape.channels;
            self.fail(
                name,
                format!("{found} channels to {out}, expected multiples of {groups} groups"),
            );
        }
        if kernel.iter().any(|k| !(1..=MOST_KERNEL).contains(k))
            || !(1..=MOST_FACTOR).contains(&stride)
            || !(1..=MOST_DILATION).contains(&dilation)
        {
            self.fail(
                name,
                format!(
                    "kernel {kernel:?}, stride {stride}, dilation {dilation}, expected at most \
                     {MOST_KERNEL}, {MOST_FACTOR}, {MOST_DILATION} and at least 1"
                ),
            );
            return self.push(name, Op::Input, vec![], None);
        }
        // Otherwise zeros around the picture cannot make the output its size divided by the stride.
        if kernel.iter().any(|k| {
            let span = dilation * (k - 1) + 1;
            span < stride || (span - stride) % 2 != 0 && stride == 1
        }) {
            self.fail(
                name,
                format!(
                    "kernel {kernel:?}, stride {stride}, expected an odd kernel, or one not smaller \
                     than its stride"
                ),
            );
        }
        let scaled = shape.extent.scaled(1, stride as u32);
        let node = self.push(
            name,
            Op::Conv { kernel, stride, dilation, groups, bias },
            vec![x],
            scaled.map(|extent| Shape { extent, channels: out }),
        );
        let weight = vec![out, shape.channels / groups.max(1), kernel[0], kernel[1]];
        self.weigh(name, weight, bias.then_some(out), init);
        node
    }

    /// A matrix product with a vector; see [`Op::Linear`].
    pub fn linear(&mut self, name: &str, x: NodeId, out: usize, init: Init) -> NodeId {
        let shape = self.shape(x);
        if !shape.extent.is_vector() {
            self.fail(name, format!("operand {shape}, expected a vector (1 x 1)"));
        }
        let shape_out = Shape { extent: Extent::VECTOR, channels: out };
        let node = self.push(name, Op::Linear { bias: true }, vec![x], Some(shape_out));
        self.weigh(name, vec![out, shape.channels], Some(out), init);
        node
    }

    /// A pointwise curve.
    pub fn activation(&mut self, x: NodeId, by: Activation) -> NodeId {
        self.follow(x, Op::Activation(by))
    }

    /// `x * scale + offset`.
    pub fn affine(&mut self, x: NodeId, scale: f32, offset: f32) -> NodeId {
        self.follow(x, Op::Affine { scale, offset })
    }

    /// Limits to [low, high].
    pub fn clamp(&mut self, x: NodeId, low: f32, high: f32) -> NodeId {
        self.follow(x, Op::Clamp { low, high })
    }

    /// `2^x`.
    pub fn exp2(&mut self, x: NodeId) -> NodeId {
        self.follow(x, Op::Exp2)
    }

    /// Running sums over channels.
    pub fn cumulative_sum(&mut self, x: NodeId) -> NodeId {
        self.follow(x, Op::CumulativeSum)
    }

    /// A node of the operand's own shape.
    fn follow(&mut self, x: NodeId, op: Op) -> NodeId {
        let name = self.derived(x, op.label());
        let shape = self.shape(x);
        self.push(&name, op, vec![x], Some(shape))
    }

    /// Sum; see [`Op::Add`].
    pub fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.join(Op::Add, a, b)
    }

    /// Product; see [`Op::Multiply`].
    pub fn multiply(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.join(Op::Multiply, a, b)
    }

    fn join(&mut self, op: Op, a: NodeId, b: NodeId) -> NodeId {
        let name = self.derived(a, op.label());
        let (x, y) = (self.shape(a), self.shape(b));
        let spreads = y.extent == x.extent || y.extent.is_vector();
        if !spreads || !(y.channels == x.channels || y.channels == 1) {
            self.fail(
                &name,
                format!("operands {x} and {y}, expected one shape, a vector or one channel"),
            );
        }
        self.push(&name, op, vec![a, b], Some(x))
    }

    /// Quotient; see [`Op::Divide`].
    pub fn divide(&mut self, a: NodeId, b: NodeId, least: f32) -> NodeId {
        let name = self.derived(a, "divide");
        let (x, y) = (self.shape(a), self.shape(b));
        if x != y {
            self.fail(&name, format!("operands {x} and {y}, expected one shape"));
        }
        self.push(&name, Op::Divide { least }, vec![a, b], Some(x))
    }

    /// Channels of all, one after the other.
    pub fn concat(&mut self, parts: &[NodeId]) -> NodeId {
        let Some(&first) = parts.first() else {
            self.fail("concat", "no operand, expected at least one");
            return self.push("concat", Op::Input, vec![], None);
        };
        let name = self.derived(first, "concat");
        let extent = self.shape(first).extent;
        let mut channels = 0usize;
        for &part in parts {
            let shape = self.shape(part);
            if shape.extent != extent {
                self.fail(&name, format!("operand {shape}, expected extent {extent}"));
            }
            channels += shape.channels;
        }
        self.push(&name, Op::Concat, parts.to_vec(), Some(Shape { extent, channels }))
    }

    /// `count` channels from `first` on.
    pub fn channels_of(&mut self, x: NodeId, first: usize, count: usize) -> NodeId {
        let name = self.derived(x, &format!("channels {first}"));
        let shape = self.shape(x);
        if first.checked_add(count).is_none_or(|end| end > shape.channels) {
            self.fail(
                &name,
                format!("{count} channels from {first} on, expected at most {}", shape.channels),
            );
        }
        self.push(&name, Op::Channels { first }, vec![x], Some(Shape { channels: count, ..shape }))
    }

    /// Enlarges by a whole factor.
    pub fn upsample(&mut self, x: NodeId, factor: usize, by: Resample) -> NodeId {
        self.rescale(x, Op::Upsample { factor, by }, [factor, 1], 1, 1)
    }

    /// Channels to pixels.
    pub fn pixel_shuffle(&mut self, x: NodeId, factor: usize) -> NodeId {
        self.rescale(x, Op::PixelShuffle { factor }, [factor, 1], 1, factor * factor)
    }

    /// Pixels to channels.
    pub fn pixel_unshuffle(&mut self, x: NodeId, factor: usize) -> NodeId {
        self.rescale(x, Op::PixelUnshuffle { factor }, [1, factor], factor * factor, 1)
    }

    /// Mean over blocks.
    pub fn average_pool(&mut self, x: NodeId, size: usize) -> NodeId {
        self.rescale(x, Op::AveragePool { size }, [1, size], 1, 1)
    }

    fn rescale(
        &mut self,
        x: NodeId,
        op: Op,
        [up, down]: [usize; 2],
        times: usize,
        over: usize,
    ) -> NodeId {
        let name = self.derived(x, op.label());
        let shape = self.shape(x);
        let factor = up.max(down);
        if !(1..=MOST_FACTOR).contains(&factor) {
            self.fail(&name, format!("factor {factor}, expected 1 to {MOST_FACTOR}"));
            return self.push(&name, op, vec![x], None);
        }
        if !shape.channels.is_multiple_of(over) {
            self.fail(&name, format!("{} channels, expected a multiple of {over}", shape.channels));
        }
        let extent = shape.extent.scaled(up as u32, down as u32);
        let channels = shape.channels.saturating_mul(times) / over;
        self.push(&name, op, vec![x], extent.map(|extent| Shape { extent, channels }))
    }

    /// Mean over the picture.
    pub fn global_mean(&mut self, x: NodeId) -> NodeId {
        let name = self.derived(x, "global mean");
        let shape = Shape { extent: Extent::VECTOR, channels: self.channels(x) };
        self.push(&name, Op::GlobalMean, vec![x], Some(shape))
    }

    /// Group normalisation; see [`Op::GroupNorm`].
    pub fn group_norm(&mut self, name: &str, x: NodeId, groups: usize) -> NodeId {
        let shape = self.shape(x);
        if groups == 0 || !shape.channels.is_multiple_of(groups) {
            self.fail(
                name,
                format!("{} channels, expected a multiple of {groups} groups", shape.channels),
            );
        }
        let node = self.push(name, Op::GroupNorm { groups, epsilon: 1.0e-5 }, vec![x], Some(shape));
        for (what, value) in [("weight", 1.0), ("bias", 0.0)] {
            self.parameter(name, what, vec![shape.channels], Init::Value(value));
        }
        node
    }

    /// Sines and cosines of a number.
    pub fn time_embedding(&mut self, t: NodeId, channels: usize) -> NodeId {
        let name = self.derived(t, "embedding");
        let shape = self.shape(t);
        if shape != (Shape { extent: Extent::VECTOR, channels: 1 }) || !channels.is_multiple_of(2) {
            self.fail(
                &name,
                format!(
                    "operand {shape} to {channels} channels, expected 1 x 1 x 1 to an even number"
                ),
            );
        }
        let shape = Shape { extent: Extent::VECTOR, channels };
        self.push(&name, Op::TimeEmbedding, vec![t], Some(shape))
    }

    /// Reads a tensor of the whole frame where another's pixels lie; see [`Op::FromFrame`].
    pub fn from_frame(&mut self, map: NodeId, like: NodeId) -> NodeId {
        let name = self.derived(map, "from frame");
        let shape = self.shape(map);
        if !matches!(shape.extent, Extent::Fixed(_)) {
            self.fail(&name, format!("operand {shape}, expected a fixed size"));
        }
        let shape = Shape { extent: self.shape(like).extent, channels: shape.channels };
        self.push(&name, Op::FromFrame, vec![map, like], Some(shape))
    }

    /// Reads a bilateral grid; see [`Op::BilateralSlice`].
    pub fn bilateral_slice(&mut self, grid: NodeId, guide: NodeId, bins: usize) -> NodeId {
        let name = self.derived(grid, "slice");
        let (g, by) = (self.shape(grid), self.shape(guide));
        let fits = bins > 0 && g.channels.is_multiple_of(bins) && by.channels == 1;
        if !fits || !matches!(g.extent, Extent::Fixed(_)) {
            self.fail(
                &name,
                format!(
                    "grid {g} and guide {by}, expected a fixed size with a multiple of {bins} channels \
                     and one channel"
                ),
            );
        }
        let shape = Shape { extent: by.extent, channels: g.channels / bins.max(1) };
        self.push(&name, Op::BilateralSlice { bins }, vec![grid, guide], Some(shape))
    }

    /// A matrix per pixel; see [`Op::ApplyMatrix`].
    pub fn apply_matrix(&mut self, coefficients: NodeId, x: NodeId) -> NodeId {
        let name = self.derived(coefficients, "applied");
        let (m, v) = (self.shape(coefficients), self.shape(x));
        let columns = v.channels + 1;
        if m.extent != v.extent || !m.channels.is_multiple_of(columns) {
            self.fail(
                &name,
                format!(
                    "operands {m} and {v}, expected a multiple of {columns} channels of one extent"
                ),
            );
        }
        let shape = Shape { channels: m.channels / columns, ..v };
        self.push(&name, Op::ApplyMatrix, vec![coefficients, x], Some(shape))
    }

    /// A curve through knots; see [`Op::Curve`].
    pub fn curve(&mut self, knots: NodeId, x: NodeId) -> NodeId {
        let name = self.derived(knots, "curve");
        let (k, v) = (self.shape(knots), self.shape(x));
        if !k.extent.is_vector() || k.channels < 2 {
            self.fail(&name, format!("knots {k}, expected a vector of two channels or more"));
        }
        self.push(&name, Op::Curve, vec![knots, x], Some(v))
    }

    /// The graph, with the nodes that are handed back and their names.
    ///
    /// # Errors
    /// With the first mistake that was made in building it.
    pub fn finish(mut self, outputs: &[(&str, NodeId)]) -> Result<Graph, GraphError> {
        if outputs.is_empty() {
            self.fail("outputs", "none, expected at least one");
        }
        if let Some(error) = self.error {
            return Err(error);
        }
        let outputs =
            outputs.iter().map(|&(name, node)| Output { name: name.to_owned(), node }).collect();
        let Self { nodes, inputs, parameters, .. } = self;
        Ok(Graph { nodes, inputs, outputs, parameters })
    }

    fn weigh(&mut self, name: &str, weight: Vec<usize>, bias: Option<usize>, init: Init) {
        self.parameter(name, "weight", weight, init);
        if let Some(out) = bias {
            self.parameter(name, "bias", vec![out], Init::Value(0.0));
        }
    }

    fn parameter(&mut self, name: &str, what: &str, shape: Vec<usize>, init: Init) {
        let count = shape.iter().try_fold(1usize, |all, &n| all.checked_mul(n));
        let total = count.and_then(|count| self.count.checked_add(count));
        match total.filter(|&total| total <= MOST_PARAMETERS) {
            Some(total) => {
                self.count = total;
                self.parameters.push(Parameter { name: format!("{name}.{what}"), shape, init });
            }
            None => self.fail(
                name,
                format!("{shape:?} weights, expected at most {MOST_PARAMETERS} in all"),
            ),
        }
    }

    /// A name for an operation that has none of its own.
    fn derived(&self, x: NodeId, what: &str) -> String {
        let base = format!("{}/{what}", self.nodes[x.0].name);
        let mut name = base.clone();
        let mut count = 1;
        while self.names.contains(&name) {
            count += 1;
            name = format!("{base} {count}");
        }
        name
    }

    fn fail(&mut self, node: &str, problem: impl Into<String>) {
        self.error.get_or_insert_with(|| GraphError::new(node, problem));
    }

    fn push(&mut self, name: &str, op: Op, operands: Vec<NodeId>, shape: Option<Shape>) -> NodeId {
        // Stands in for a shape that cannot be, so that building goes on.
        let unknown = Shape { extent: Extent::VECTOR, channels: 1 };
        let found = shape.unwrap_or(unknown);
        let small = match found.extent {
            Extent::Fixed(sides) => sides.iter().all(|side| (1..=MOST_SIDE).contains(side)),
            Extent::Of { scale, .. } => {
                let most = MOST_FACTOR as u32 * 16;
                scale.up <= most && scale.down <= most
            }
        };
        let fits = shape.is_some() && small && (1..=MOST_CHANNELS).contains(&found.channels);
        if !fits {
            let what =
                shape.map_or_else(|| "no whole number of pixels".to_owned(), |s| s.to_string());
            self.fail(
                name,
                format!(
                    "{what}, expected whole sides of 1 to {MOST_SIDE} and 1 to {MOST_CHANNELS} channels"
                ),
            );
        }
        if self.nodes.len() >= MOST_NODES {
            self.fail(name, format!("one node too many, expected at most {MOST_NODES}"));
            return NodeId(self.nodes.len() - 1);
        }
        if !self.names.insert(name.to_owned()) {
            self.fail(name, "a name that stands twice");
        }
        let shape = if fits { found } else { unknown };
        self.nodes.push(Node { name: name.to_owned(), op, operands, shape });
        NodeId(self.nodes.len() - 1)
    }
}
