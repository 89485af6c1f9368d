//! A small architecture for the tests of model files, which must not change with the networks.

use super::super::{
    ConfigError, Domain, Encoding, Header, ModelInfo, Network, Run, Stage, Weights, inputs,
};
use crate::graph::{Builder, ConvSpec};
use serde_json::{Value, json};

/// Only the sample.
pub(in super::super) static ARCHITECTURES: &[ModelInfo] = &[ModelInfo {
    id: "sample",
    label: "Sample",
    description: "Two convolutions.",
    reference: "This file.",
    config: || json!({"width": 4}),
    build,
}];

fn build(config: &Value) -> Result<Network, ConfigError> {
    let width = config["width"].as_u64().filter(|width| (1..=64).contains(width));
    let Some(width) = width else {
        let found = &config["width"];
        return Err(ConfigError::Field(format!("width: found {found}, expected 1 to 64")));
    };
    let mut b = Builder::new();
    let x = b.picture(inputs::PICTURE, 3);
    let a = b.conv("a", x, ConvSpec::new(width as usize, 3));
    let result = b.conv("b", a, ConvSpec::new(3, 1));
    let graph = b.finish(&[(inputs::RESULT, result)])?;
    let stage = Stage { name: "main".to_owned(), graph, run: Run::Tile };
    Ok(Network { encoding: Encoding::Srgb, domain: Domain::Stops, stages: vec![stage] })
}

/// Parts of a sound file.
pub(in super::super) fn sample() -> (Header, Network, Weights) {
    let info = &ARCHITECTURES[0];
    let config = (info.config)();
    let network = (info.build)(&config).expect("sound");
    let weights = Weights::seeded(&network, 7);
    (Header::new(info, config, &network, "Sample"), network, weights)
}
