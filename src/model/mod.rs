//! Networks: each is declared once, in one file here, as graphs ([`crate::graph`]) that are trained and
//! rendered alike. A network is one file and one line in [`MODELS`].
//!
//! A network is a list of [`Stage`]s. Those that run once per frame see the whole frame at a fixed
//! size; those that run per tile see the picture at full size, and what the frame's stages made of
//! it. Tensors are handed on by name; [`inputs`] lists the names that the engine fills.

mod backbone;
mod config;
mod container;
mod curves;
pub mod diff_hdrtv;
mod embedded;
mod error;
mod extent;
mod file;
#[cfg(test)]
mod file_tests;
mod folders;
pub mod grid;
mod header;
pub mod inputs;
mod json;
mod normal;
mod pattern;
mod residual;
mod sampler;
pub mod search;
pub mod store;
mod unet;
mod weights;

pub use container::{Dtype, LONGEST_HEADER};
pub use error::{ModelError, ModelErrorKind};
pub use file::{Hash, LARGEST_FILE, Model};
pub use header::{FORMAT, Figure, Header, Loss, Normalisation, Training};
pub use pattern::pattern;
pub use sampler::{Lesson, Prediction, Sampler};
pub use weights::{Weight, Weights, WeightsError};

use crate::graph::{Graph, GraphError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a network takes for the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// sRGB code values (IEC 61966-2-1) of Rec.709 primaries, 1 being full scale.
    Srgb,
    /// Linear light of Rec.709 primaries, 1 being diffuse white.
    Linear,
}

/// What a network gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// Stops to add to each channel of the linear picture, clip mask included.
    Stops,
    /// Linear light of Rec.709 primaries, 1 being diffuse white.
    Linear,
    /// ACEScct code values (S-2016-001), AP1 primaries.
    AcesCct,
}

/// How often a stage runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Run {
    /// Once per frame; its inputs are of fixed size.
    Frame,
    /// Once per frame, over and over.
    Sampler(Sampler),
    /// Once per tile.
    Tile,
}

/// A graph and when it runs. In a weights file its parameters are called `stage.node.weight`.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Name, unique in the network.
    pub name: String,
    /// What is computed.
    pub graph: Graph,
    /// How often.
    pub run: Run,
}

/// A network of one configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    /// What it takes for the picture.
    pub encoding: Encoding,
    /// What it gives, in the output of its last stage called [`inputs::RESULT`].
    pub domain: Domain,
    /// In the order they run.
    pub stages: Vec<Stage>,
}

impl Network {
    /// Names and shapes of all weights, as they stand in a weights file.
    pub fn parameters(&self) -> impl Iterator<Item = (String, &crate::graph::Parameter)> {
        self.stages.iter().flat_map(|stage| {
            let name = &stage.name;
            stage.graph.parameters().iter().map(move |p| (format!("{name}.{}", p.name), p))
        })
    }
}

/// A network as menus, files and documents know it.
#[derive(Debug)]
pub struct ModelInfo {
    /// Stable identifier: the architecture in a weights file.
    pub id: &'static str,
    /// Text on screen.
    pub label: &'static str,
    /// What it does, in a sentence or two.
    pub description: &'static str,
    /// Where it comes from.
    pub reference: &'static str,
    /// Its usual configuration, a JSON object.
    pub config: fn() -> Value,
    /// The network of a configuration.
    pub build: fn(&Value) -> Result<Network, ConfigError>,
}

/// Why a configuration makes no network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The JSON does not fit; the text names the field, what was found and what was expected.
    Field(String),
    /// The graph that it asks for cannot be.
    Graph(GraphError),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(text) => write!(f, "config: {text}"),
            Self::Graph(error) => write!(f, "config: {error}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<GraphError> for ConfigError {
    fn from(error: GraphError) -> Self {
        Self::Graph(error)
    }
}

/// Every network, in the order of menus; append-only.
pub static MODELS: &[ModelInfo] =
    &[grid::MODEL, residual::MODEL, unet::PLAIN, unet::LINEAR, unet::ATTENTION, diff_hdrtv::MODEL];

/// The network with that identifier.
#[must_use]
pub fn find(id: &str) -> Option<&'static ModelInfo> {
    MODELS.iter().find(|model| model.id == id)
}

#[cfg(test)]
mod tests;
