//! The stage that sees the whole frame.

use super::{BINS, COEFFICIENTS, Config, GRID_SIDE, KNOTS, MOST_CROSSTALK, mix, name};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId, Resample};
use crate::model::{backbone, inputs};
use headroom_colour::transfer::eotf_srgb;

/// Channels between the two layers of the curve's head.
const HIDDEN: usize = 256;
/// Least light the curve tells from black, in stops.
const TOE: f64 = -10.0;

/// All that the look hands on.
pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let told = told(&mut b, config);
    let histogram = b.fixed(inputs::HISTOGRAM, [1, 1], 3 * inputs::HISTOGRAM_BINS);
    // An even histogram becomes 1 everywhere, as large as what it stands beside.
    let histogram = b.affine(histogram, inputs::HISTOGRAM_BINS as f32, 0.0);
    let seen = b.concat(&[told.mean, histogram]);
    let seen = b.linear("tone", seen, HIDDEN, Init::He);
    let seen = b.activation(seen, Activation::Relu);
    let curve = curve(&mut b, seen);
    let crosstalk = b.linear("crosstalk", seen, 1, Init::Value(0.0));
    let crosstalk = b.affine(crosstalk, 1.0, -4.0);
    let crosstalk = b.activation(crosstalk, Activation::Sigmoid);
    let crosstalk = b.affine(crosstalk, MOST_CROSSTALK, 0.0);

    let mut outputs = vec![(name::GAINS, told.gains), (name::COVERAGE, told.coverage)];
    if config.bilateral {
        // Nothing is added before training.
        let spec = ConvSpec::new(COEFFICIENTS * BINS, 1).init(Init::Value(0.0));
        outputs.push((name::GRID, b.conv("grid", told.at_grid, spec)));
    }
    outputs.extend([(name::CURVE, curve), (name::CROSSTALK, crosstalk)]);
    b.finish(&outputs)
}

/// What is told of the frame's places, and what more is told by.
struct Told {
    gains: NodeId,
    coverage: NodeId,
    /// Of the last level down.
    mean: NodeId,
    /// At the bilateral grid's size.
    at_grid: NodeId,
}

fn told(b: &mut Builder, config: &Config) -> Told {
    let side = inputs::LOOK_SIDE;
    let look = b.fixed(inputs::LOOK, [side, side], inputs::LOOK_CHANNELS);
    let (levels, mean) = down(b, look, config);
    let Decoded { full, at_grid } = up(b, levels, mean);
    let coverage = b.channels_of(look, 3, 3);
    let coverage = b.average_pool(coverage, 2);
    let mut gains = stops(b, "gains", full);
    if config.bold {
        let bold = stops(b, "bold", full);
        gains = mix::by_share(b, gains, bold, coverage);
    }
    let gains = b.multiply(gains, coverage);
    // What is read between cells must not change faster than from one to the next.
    let both = b.concat(&[gains, coverage]);
    let both = b.conv("smooth", both, ConvSpec::low_pass(6));
    let (gains, coverage) = (b.channels_of(both, 0, 3), b.channels_of(both, 3, 3));
    Told { gains, coverage, mean, at_grid }
}

/// Stops above white of each cell.
fn stops(b: &mut Builder, name: &str, full: NodeId) -> NodeId {
    let stops = b.conv(name, full, ConvSpec::new(3, 1).init(Init::Scaled(1.0)));
    // At 0 a third of a stop, so that training starts near the picture and can move both ways.
    let stops = b.affine(stops, 1.0, -1.0);
    b.activation(stops, Activation::Softplus)
}

/// The way down: what each level found, and the mean of the last.
fn down(b: &mut Builder, look: NodeId, config: &Config) -> (Vec<NodeId>, NodeId) {
    let widths = &config.widths;
    let mut known = config.backbone.then(backbone::features).into_iter().flatten();
    let x = b.conv("enter", look, ConvSpec::new(widths[0], 3));
    let x = b.activation(x, Activation::Relu);
    let mut levels = vec![b.conv("thin", x, ConvSpec::low_pass(widths[0]).stride(2))];
    for (i, &width) in widths.iter().enumerate().skip(1) {
        let x = b.average_pool(levels[i - 1], 2);
        let x = b.conv(&format!("down{i}.a"), x, ConvSpec::new(width, 3));
        let x = b.activation(x, Activation::Relu);
        let mut x = refine(b, &format!("down{i}.b"), x);
        if let Some(features) = known.next() {
            let side = features.side;
            let features = b.fixed(&features.name, [side, side], features.channels);
            // Nothing is added before training.
            let spec = ConvSpec::new(width, 1).init(Init::Value(0.0));
            let features = b.conv(&format!("down{i}.known"), features, spec);
            x = b.add(x, features);
        }
        levels.push(x);
    }
    let mean = b.global_mean(levels[levels.len() - 1]);
    (levels, mean)
}

/// What the way up gives.
struct Decoded {
    /// At the first level's size.
    full: NodeId,
    /// At the bilateral grid's size.
    at_grid: NodeId,
}

/// The way up: enlarged, added to what the way down found there, refined.
fn up(b: &mut Builder, mut levels: Vec<NodeId>, mean: NodeId) -> Decoded {
    let mut x = levels.pop().unwrap_or(mean);
    // So that every cell knows the whole frame.
    let whole = b.linear("whole", mean, b.channels(x), Init::Scaled(1.0));
    x = b.add(x, whole);
    let is_grid = |b: &Builder, x: NodeId| {
        b.shape(x).extent == crate::graph::Extent::Fixed([GRID_SIDE, GRID_SIDE])
    };
    let mut at_grid = x;
    while let Some(across) = levels.pop() {
        let i = levels.len();
        let spec = ConvSpec::new(b.channels(across), 1).init(Init::Scaled(1.0));
        let enlarged = b.conv(&format!("up{i}.reduce"), x, spec);
        let enlarged = b.upsample(enlarged, 2, Resample::Bilinear);
        let sum = b.add(enlarged, across);
        x = refine(b, &format!("up{i}"), sum);
        if is_grid(b, x) {
            at_grid = x;
        }
    }
    Decoded { full: x, at_grid }
}

/// relu(x + conv(x)).
fn refine(b: &mut Builder, name: &str, x: NodeId) -> NodeId {
    let y = b.conv(name, x, ConvSpec::new(b.channels(x), 3));
    let y = b.add(y, x);
    b.activation(y, Activation::Relu)
}

/// Knots that only rise: a first one, and softplus increments summed up. Where the layer gives 0, as
/// before training, the curve is the sRGB EOTF in stops.
fn curve(b: &mut Builder, seen: NodeId) -> NodeId {
    let found = b.linear("curve", seen, KNOTS, Init::Value(0.0));
    let start = b.constant("curve start", [1, 1], &start());
    let sum = b.add(found, start);
    let first = b.channels_of(sum, 0, 1);
    let rises = b.channels_of(sum, 1, KNOTS - 1);
    let rises = b.activation(rises, Activation::Softplus);
    let knots = b.concat(&[first, rises]);
    b.cumulative_sum(knots)
}

/// The first knot, and what softplus turns into the increments to the others.
fn start() -> [f32; KNOTS] {
    let stops = |knot: usize| {
        let light = eotf_srgb(knot as f64 / (KNOTS - 1) as f64);
        if light > 0.0 { libm::log2(light).max(TOE) } else { TOE }
    };
    std::array::from_fn(|knot| match knot {
        0 => stops(0) as f32,
        _ => libm::log(libm::expm1(stops(knot) - stops(knot - 1))) as f32,
    })
}
