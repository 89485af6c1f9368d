//! The stage that sees the whole frame.

use super::{BINS, COEFFICIENTS, Config, GRID_SIDE, KNOTS, MOST_CROSSTALK, calibrate, mix, name};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId, Resample};
use crate::model::{backbone, inputs};
use headroom_colour::transfer::eotf_srgb;

/// Channels between the two layers of the curve's head.
const HIDDEN: usize = 256;
/// What tells one curve from another is a tenth or so; this makes it as large as what it stands beside.
const MORE: f32 = 8.0;
/// Least light the curve tells from black, in stops.
const TOE: f64 = -10.0;

/// What names of layers begin with that only the second way up has.
const TOLD: &str = "told.";
/// Share of the second way up, before training, where much is clipped.
const MOST_TOLD: f32 = 0.7;
/// What [`refine_open`] adds before training, in what it is added to: sums that are not cut off grow from level to level.
const LITTLE: f32 = 0.4;
/// Features of the backbone are 4 to 7 in their quadratic mean; this makes them as large as what they are added to. With
/// inputs that large, steps of Adam, which do not know of it, throw a trained look out of all it has learned.
const KNOWN: f32 = 0.125;

/// All that the look hands on.
pub(super) fn graph(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let said = said(&mut b, config);
    let histogram = b.fixed(inputs::HISTOGRAM, [1, 1], 3 * inputs::HISTOGRAM_BINS);
    // An even histogram becomes 1 everywhere, as large as what it stands beside.
    let histogram = b.affine(histogram, inputs::HISTOGRAM_BINS as f32, 0.0);
    let mut seen = vec![said.mean, histogram];
    if config.blends {
        let blends = b.fixed(inputs::BLENDS, [1, 1], 3 * inputs::BLEND_LEVELS);
        let [differ, more, count] = [0, 1, 2]
            .map(|i| b.channels_of(blends, i * inputs::BLEND_LEVELS, inputs::BLEND_LEVELS));
        seen.extend([differ, b.affine(more, MORE, 0.0), count]);
    }
    let seen = b.concat(&seen);
    let seen = b.linear("tone", seen, HIDDEN, Init::He);
    let seen = b.activation(seen, Activation::Relu);
    let curve = curve(&mut b, seen);
    let crosstalk = b.linear("crosstalk", seen, 1, Init::Value(0.0));
    let crosstalk = b.affine(crosstalk, 1.0, -4.0);
    let crosstalk = b.activation(crosstalk, Activation::Sigmoid);
    let crosstalk = b.affine(crosstalk, MOST_CROSSTALK, 0.0);

    let mut outputs = vec![(name::GAINS, said.gains), (name::COVERAGE, said.coverage)];
    outputs.extend(said.grid.map(|grid| (name::GRID, grid)));
    outputs.extend([(name::CURVE, curve), (name::CROSSTALK, crosstalk)]);
    b.finish(&outputs)
}

/// What is said of the frame's places, and what the curve is found by.
struct Said {
    gains: NodeId,
    coverage: NodeId,
    /// Local gains, where there is a bilateral grid.
    grid: Option<NodeId>,
    /// Of what the way down found last.
    mean: NodeId,
}

fn said(b: &mut Builder, config: &Config) -> Said {
    let side = inputs::LOOK_SIDE;
    let look = b.fixed(inputs::LOOK, [side, side], inputs::LOOK_CHANNELS);
    let coverage = b.channels_of(look, 3, 3);
    let coverage = b.average_pool(coverage, 2);
    let covered = b.global_mean(coverage);
    let levels = down(b, look, &config.widths);
    let mean = b.global_mean(levels[levels.len() - 1]);
    let Decoded { full, at_grid } = up(b, "", refine, levels.clone(), mean);
    let mut gains = opinion(b, "", full, covered, config);
    if config.backbone {
        let told = told(b, levels, covered, config);
        let share = mix::share(b, "trust", covered);
        let share = b.linear("most", share, 1, Init::Value(MOST_TOLD));
        gains = mix::both(b, gains, told, share);
    }
    if config.calibrated {
        gains = calibrate::graph(b, gains);
    }
    let grid = config.bilateral.then(|| {
        // Nothing is added before training.
        b.conv("grid", at_grid, ConvSpec::new(COEFFICIENTS * BINS, 1).init(Init::Value(0.0)))
    });
    let gains = b.multiply(gains, coverage);
    // What is read between cells must not change faster than from one to the next.
    let both = b.concat(&[gains, coverage]);
    let both = b.conv("smooth", both, ConvSpec::low_pass(6));
    let (gains, coverage) = (b.channels_of(both, 0, 3), b.channels_of(both, 3, 3));
    Said { gains, coverage, grid, mean }
}

/// What a way up says, in stops above white of each cell; its layers' names begin with `prefix`.
fn opinion(
    b: &mut Builder,
    prefix: &str,
    full: NodeId,
    covered: NodeId,
    config: &Config,
) -> NodeId {
    let gains = stops(b, &format!("{prefix}gains"), full);
    if !config.bold {
        return gains;
    }
    let bold = stops(b, &format!("{prefix}bold"), full);
    let share = mix::share(b, &format!("{prefix}gate"), covered);
    mix::both(b, gains, bold, share)
}

/// Stops above white of each cell.
fn stops(b: &mut Builder, name: &str, full: NodeId) -> NodeId {
    let stops = b.conv(name, full, ConvSpec::new(3, 1).init(Init::Scaled(1.0)));
    // At 0 a third of a stop, so that training starts near the picture and can move both ways.
    let stops = b.affine(stops, 1.0, -1.0);
    b.activation(stops, Activation::Softplus)
}

/// The way down: what each level found.
fn down(b: &mut Builder, look: NodeId, widths: &[usize]) -> Vec<NodeId> {
    let x = b.conv("enter", look, ConvSpec::new(widths[0], 3));
    let x = b.activation(x, Activation::Relu);
    let mut levels = vec![b.conv("thin", x, ConvSpec::low_pass(widths[0]).stride(2))];
    for (i, &width) in widths.iter().enumerate().skip(1) {
        let x = b.average_pool(levels[i - 1], 2);
        let x = b.conv(&format!("down{i}.a"), x, ConvSpec::new(width, 3));
        let x = b.activation(x, Activation::Relu);
        levels.push(refine(b, &format!("down{i}.b"), x));
    }
    levels
}

/// What a way up says from what the way down found and a classifier's layers know. The way down is not told,
/// and with it the curve's head: a camera's curve does not hang on what is in the picture.
fn told(b: &mut Builder, mut levels: Vec<NodeId>, covered: NodeId, config: &Config) -> NodeId {
    for (i, features) in (1..).zip(backbone::features(levels.len() - 1)) {
        let side = features.side;
        let width = b.channels(levels[i]);
        let known = b.fixed(&features.name, [side, side], features.channels);
        let known = b.affine(known, KNOWN, 0.0);
        // What a classifier finds in one cell and in the next still steps as things move (decision 0023).
        let spec = ConvSpec::low_pass(features.channels);
        let known = b.conv(&format!("{TOLD}known{i}.smooth"), known, spec);
        let known = b.conv(&format!("{TOLD}known{i}.a"), known, ConvSpec::new(width, 1));
        let known = b.activation(known, Activation::Relu);
        // Nothing is added before training.
        let spec = ConvSpec::new(width, 3).init(Init::Value(0.0));
        let known = b.conv(&format!("{TOLD}known{i}.b"), known, spec);
        levels[i] = b.add(levels[i], known);
    }
    let mean = b.global_mean(levels[levels.len() - 1]);
    let Decoded { full, .. } = up(b, TOLD, refine_open, levels, mean);
    opinion(b, TOLD, full, covered, config)
}

/// What the way up gives.
struct Decoded {
    /// At the first level's size.
    full: NodeId,
    /// At the bilateral grid's size.
    at_grid: NodeId,
}

/// The way up: enlarged, added to what the way down found there, refined.
fn up(
    b: &mut Builder,
    prefix: &str,
    refine: fn(&mut Builder, &str, NodeId) -> NodeId,
    mut levels: Vec<NodeId>,
    mean: NodeId,
) -> Decoded {
    let mut x = levels.pop().unwrap_or(mean);
    // So that every cell knows the whole frame.
    let whole = b.linear(&format!("{prefix}whole"), mean, b.channels(x), Init::Scaled(1.0));
    x = b.add(x, whole);
    let is_grid = |b: &Builder, x: NodeId| {
        b.shape(x).extent == crate::graph::Extent::Fixed([GRID_SIDE, GRID_SIDE])
    };
    let mut at_grid = x;
    while let Some(across) = levels.pop() {
        let i = levels.len();
        let spec = ConvSpec::new(b.channels(across), 1).init(Init::Scaled(1.0));
        let enlarged = b.conv(&format!("{prefix}up{i}.reduce"), x, spec);
        let enlarged = b.upsample(enlarged, 2, Resample::Bilinear);
        let sum = b.add(enlarged, across);
        x = refine(b, &format!("{prefix}up{i}"), sum);
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

/// x + conv(relu(x)): whatever a step of training does, what comes from the levels below gets through (He et al. 2016,
/// Identity Mappings in Deep Residual Networks).
fn refine_open(b: &mut Builder, name: &str, x: NodeId) -> NodeId {
    let y = b.activation(x, Activation::Relu);
    let y = b.conv(name, y, ConvSpec::new(b.channels(x), 3).init(Init::Scaled(LITTLE)));
    b.add(y, x)
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
