//! `residual`: a residual encoder-decoder with dilated residual blocks, linear light to linear light.
//!
//! The picture is taken to half size, where blocks of two dilated convolutions see far without
//! shrinking it further, and back; what went down is added. The result is the picture plus what was
//! found, through a sharp Softplus: never negative, never limited above. What the whole frame says
//! about its light comes from the look as a vector that is added before the blocks, so tiles agree.

use super::config::{bounded, bounded_list, read, write};
use super::curves::soft_floor;
use super::{ConfigError, Domain, Encoding, ModelInfo, Network, Run, Stage, inputs};
use crate::graph::{Activation, Builder, ConvSpec, Graph, GraphError, Init, NodeId, Resample};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const MODEL: ModelInfo = ModelInfo {
    id: "residual",
    label: "Residual",
    description: "Residual encoder-decoder with dilated blocks, in linear light. Finds highlights at \
                  full size, with what the whole frame says about its light.",
    reference: "He et al. 2016, Deep Residual Learning for Image Recognition; Yu and Koltun 2016, \
                Multi-Scale Context Aggregation by Dilated Convolutions",
    config: || write(&Config::default()),
    build,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    /// Channels at full size; twice as many at half size.
    width: usize,
    /// One residual block each: the distance between the taps of its two convolutions.
    dilations: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self { width: 32, dilations: vec![1, 2, 4, 8, 4, 2] }
    }
}

/// Channels of the context's three convolutions.
const CONTEXT: [usize; 3] = [16, 32, 32];

fn build(config: &Value) -> Result<Network, ConfigError> {
    let config: Config = read(config)?;
    bounded("width", config.width, &(1..=512))?;
    bounded_list("dilations", &config.dilations, &(1..=32), &(1..=32))?;
    Ok(Network {
        encoding: Encoding::Linear,
        domain: Domain::Linear,
        stages: vec![
            Stage { name: "context".to_owned(), graph: context(&config)?, run: Run::Frame },
            Stage { name: "restore".to_owned(), graph: restore(&config)?, run: Run::Tile },
        ],
    })
}

fn context(config: &Config) -> Result<Graph, GraphError> {
    let mut b = Builder::new();
    let side = inputs::LOOK_SIDE;
    let mut x = b.fixed(inputs::LOOK, [side, side], inputs::LOOK_CHANNELS);
    for (i, channels) in CONTEXT.into_iter().enumerate() {
        x = b.conv(&format!("down{}", i + 1), x, ConvSpec::new(channels, 3).stride(2));
        x = b.activation(x, Activation::Relu);
    }
    let mean = b.global_mean(x);
    let vector = b.linear("context", mean, 2 * config.width, Init::Scaled(1.0));
    b.finish(&[("context", vector)])
}

fn restore(config: &Config) -> Result<Graph, GraphError> {
    let (full, half) = (config.width, 2 * config.width);
    let mut b = Builder::new();
    let picture = b.picture(inputs::PICTURE, 3);
    let context = b.fixed("context", [1, 1], half);

    let mut x = picture;
    for name in ["enter1", "enter2"] {
        x = b.conv(name, x, ConvSpec::new(full, 3));
        x = b.activation(x, Activation::Relu);
    }
    let skip = x;
    x = b.conv("down", x, ConvSpec::new(half, 3).stride(2));
    x = b.add(x, context);
    x = b.activation(x, Activation::Relu);
    for (i, &dilation) in config.dilations.iter().enumerate() {
        x = block(&mut b, i + 1, x, dilation);
    }
    x = b.upsample(x, 2, Resample::Bilinear);
    x = b.conv("up", x, ConvSpec::new(full, 3));
    x = b.activation(x, Activation::Relu);
    x = b.add(x, skip);
    let found = b.conv("leave", x, ConvSpec::new(3, 3).init(Init::Value(0.0)));
    let sum = b.add(found, picture);
    let result = soft_floor(&mut b, sum);
    b.finish(&[(inputs::RESULT, result)])
}

/// x + conv(relu(conv(x))).
fn block(b: &mut Builder, number: usize, x: NodeId, dilation: usize) -> NodeId {
    let channels = b.channels(x);
    let spec = ConvSpec::new(channels, 3).dilation(dilation);
    let y = b.conv(&format!("block{number}.a"), x, spec);
    let y = b.activation(y, Activation::Relu);
    // Small steps to begin with, so that many blocks in a row keep the size of the signal.
    let y = b.conv(&format!("block{number}.b"), y, spec.init(Init::Scaled(0.5)));
    b.add(y, x)
}
