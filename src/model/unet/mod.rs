//! The U-Nets: one body, three networks.
//!
//! Ronneberger et al. 2015 with what has proved better since: averages instead of maxima on the way
//! down, bilinear enlarging after a 1x1 convolution on the way up. Nothing at full size looks at the
//! whole picture, so tiles give what the whole gives.
//!
//! With `gains` in the configuration the frame is first seen by the look of `grid`. The U-Net is given
//! the stops that `grid` says of each pixel, and the clip mask, beside the picture; what it finds is
//! added to these stops:
//!
//! ```text
//! stops = m * max(said + leave(U(r, g, b, m, said / 8)), 0)
//! ```
//!
//! So an untrained U-Net with the weights of a trained `grid` gives what that gives, and training only
//! has to find what is missing at full size.

mod attention;
mod linear;
mod plain;

pub(super) use attention::MODEL as ATTENTION;
pub(super) use linear::MODEL as LINEAR;
pub(super) use plain::MODEL as PLAIN;

use super::config::{bounded, read, write};
use super::curves::{self, soft_floor};
use super::{ConfigError, Domain, Encoding, Network, Run, Stage, grid, inputs};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId, Resample};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// Channels at full size; each level below has twice as many.
    base: usize,
    /// Sizes at which the picture is looked at, each half the one before.
    levels: usize,
    /// Whether stops are given, on top of those that `grid` says.
    gains: bool,
    /// Channels of its look, as `widths` of `grid`.
    look: Vec<usize>,
    /// As `bilateral` of `grid`.
    bilateral: bool,
    /// As `bold` of `grid`.
    bold: bool,
    /// As `backbone` of `grid`.
    backbone: bool,
    /// As `calibrated` of `grid`.
    calibrated: bool,
    /// As `blends` of `grid`, for looks that were trained there: the curve is `grid`'s own to find.
    blends: bool,
}

impl Default for Config {
    fn default() -> Self {
        let look = grid::usual_widths();
        Self {
            base: 32,
            levels: 4,
            gains: false,
            look,
            bilateral: true,
            bold: false,
            backbone: false,
            calibrated: false,
            blends: false,
        }
    }
}

impl Config {
    /// The `grid` whose look it has.
    fn take_look(&mut self) -> grid::Config {
        let Self { bilateral, bold, backbone, calibrated, blends, .. } = *self;
        grid::Config {
            widths: std::mem::take(&mut self.look),
            bilateral,
            bold,
            backbone,
            calibrated,
            blends,
        }
    }
}

fn usual() -> Value {
    write(&Config::default())
}

/// What passes from the way down to the way up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Skip {
    /// Everything.
    Plain,
    /// What attention gates let through.
    Gated,
}

fn network(config: &Value, skip: Skip, domain: Domain) -> Result<Network, ConfigError> {
    let mut config: Config = read(config)?;
    bounded("base", config.base, &(1..=256))?;
    bounded("levels", config.levels, &(2..=6))?;
    let look = config.take_look();
    look.check("look")?;
    let tile = |graph| Stage { name: "unet".to_owned(), graph, run: Run::Tile };
    let (domain, stages) = if config.gains {
        let mut stages = look.look()?;
        stages.push(tile(stops_graph(&config, skip)?));
        (Domain::Stops, stages)
    } else {
        (domain, vec![tile(graph(&config, skip, domain)?)])
    };
    Ok(Network { encoding: Encoding::Srgb, domain, stages })
}

/// The part at full size of a network that gives stops.
fn stops_graph(config: &Config, skip: Skip) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let clip = b.beside(inputs::CLIP, picture, 3);
    let stops = grid::said(&mut b, picture, config.bilateral);
    // As large as codes, about.
    let eighth = b.affine(stops, 0.125, 0.0);
    let seen = b.concat(&[picture, clip, eighth]);
    let features = body(&mut b, seen, config, skip);
    // Nothing is added before training.
    let found = b.conv("leave", features, ConvSpec::new(3, 1).init(Init::Value(0.0)));
    let stops = b.add(stops, found);
    let stops = b.activation(stops, Activation::Relu);
    let result = b.multiply(stops, clip);
    b.finish(&[(inputs::RESULT, result)])
}

fn graph(config: &Config, skip: Skip, domain: Domain) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let features = body(&mut b, picture, config, skip);
    // Nothing is added before training: the network starts as the curve alone.
    let found = b.conv("leave", features, ConvSpec::new(3, 1).init(Init::Value(0.0)));
    let result = if domain == Domain::AcesCct {
        let start = curves::acescct_of_code(&mut b, picture);
        b.add(found, start)
    } else {
        let start = curves::light_of_code(&mut b, picture);
        let sum = b.add(found, start);
        soft_floor(&mut b, sum)
    };
    b.finish(&[(inputs::RESULT, result)])
}

/// The U; gives `base` channels at full size.
fn body(b: &mut Builder, seen: NodeId, config: &Config, skip: Skip) -> NodeId {
    let mut skips = Vec::new();
    let mut x = seen;
    for level in 0..config.levels {
        if level > 0 {
            skips.push(x);
            x = b.average_pool(x, 2);
        }
        x = pair(b, &format!("down{level}"), x, config.base << level);
    }
    for (level, &across) in skips.iter().enumerate().rev() {
        let channels = config.base << level;
        let across = match skip {
            Skip::Plain => across,
            Skip::Gated => gate(b, &format!("gate{level}"), across, x),
        };
        // Before enlarging: the same as after it, at a quarter of the work.
        x = b.conv(&format!("up{level}.reduce"), x, ConvSpec::new(channels, 1));
        x = b.upsample(x, 2, Resample::Bilinear);
        x = b.concat(&[across, x]);
        x = pair(b, &format!("up{level}"), x, channels);
    }
    x
}

/// Two 3x3 convolutions, each rectified.
fn pair(b: &mut Builder, name: &str, mut x: NodeId, channels: usize) -> NodeId {
    for part in ["a", "b"] {
        x = b.conv(&format!("{name}.{part}"), x, ConvSpec::new(channels, 3));
        x = b.activation(x, Activation::Relu);
    }
    x
}

/// Additive attention gate (Oktay et al. 2018, 2.2): `across` times a map in (0, 1) that is made at
/// the size of `below`, which is half its size, and enlarged.
fn gate(b: &mut Builder, name: &str, across: NodeId, below: NodeId) -> NodeId {
    let between = b.channels(across).div_ceil(2);
    let seen = ConvSpec::new(between, 2).stride(2).no_bias();
    let seen = b.conv(&format!("{name}.across"), across, seen);
    let asked = b.conv(&format!("{name}.below"), below, ConvSpec::new(between, 1));
    let sum = b.add(seen, asked);
    let sum = b.activation(sum, Activation::Relu);
    let map = b.conv(&format!("{name}.map"), sum, ConvSpec::new(1, 1).init(Init::Scaled(1.0)));
    let map = b.activation(map, Activation::Sigmoid);
    let map = b.upsample(map, 2, Resample::Bilinear);
    b.multiply(across, map)
}
