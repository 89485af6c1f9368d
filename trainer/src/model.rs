//! Which network is trained, and where its weights start from.

use crate::Error;
use headroom::model::{Dtype, Header, MODELS, Model, ModelInfo, Network, Weights, find, store};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The table `[model]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Identifier of the network.
    pub architecture: String,
    /// What differs from the network's usual configuration.
    pub config: serde_json::Map<String, Value>,
    /// Weights to start from: a file, or `shipped` for those that come with the program. Of weights of
    /// another network those are taken over that have the same name and shape, as the look of a `grid`
    /// has in a U-Net with `gains`, and with it the guide. Nothing: seeded weights.
    pub from: Option<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { architecture: "grid".to_owned(), config: serde_json::Map::new(), from: None }
    }
}

/// The word for weights that come with the program.
pub const SHIPPED: &str = "shipped";

/// Weights of a file, or the shipped ones of an architecture.
///
/// # Errors
/// When there are none, or the file is no sound model.
pub fn load(from: &Path, architecture: &str) -> Result<Arc<Model>, Error> {
    if from != Path::new(SHIPPED) {
        return Ok(store::load(from)?);
    }
    match store::embedded(architecture) {
        Some(model) => Ok(model?),
        None => Err(Error::missing(format!("no weights of {architecture} come with this program"))),
    }
}

/// A network of one configuration.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its architecture.
    pub info: &'static ModelInfo,
    /// Its whole configuration.
    pub config: Value,
    /// What is computed.
    pub network: Network,
}

impl Settings {
    /// The network.
    ///
    /// # Errors
    /// When there is none of that name or configuration.
    pub fn build(&self) -> Result<Built, Error> {
        let info = find(&self.architecture).ok_or_else(|| {
            let ids: Vec<_> = MODELS.iter().map(|model| model.id).collect();
            Error::setting("model.architecture", &self.architecture, ids.join(", "))
        })?;
        let mut config = (info.config)();
        if let Some(usual) = config.as_object_mut() {
            usual.extend(self.config.clone());
        }
        let network =
            (info.build)(&config).map_err(|error| Error::Usage(format!("model.{error}")))?;
        Ok(Built { info, config, network })
    }
}

impl Built {
    /// A model file's header that says nothing of training yet.
    #[must_use]
    pub fn header(&self, name: &str) -> Header {
        Header::new(self.info, self.config.clone(), &self.network, name)
    }

    /// A sound model, as if it had been read from a file.
    ///
    /// # Errors
    /// When weights are missing, have another shape, or are not finite.
    pub fn model(&self, name: &str, weights: &Weights) -> Result<Model, Error> {
        let bytes = Model::to_bytes(&self.header(name), &self.network, weights, Dtype::F32)?;
        Ok(Model::from_bytes(name, &bytes)?)
    }
}
