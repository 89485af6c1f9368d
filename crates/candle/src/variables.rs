//! Weights as Candle variables.

use crate::Error;
use candle_core::{DType, Device, Tensor, Var};
use headroom::model::{Network, Weights, WeightsError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The weights of a network by the names of [`Network::parameters`], each a Candle variable: what an
/// optimiser changes and a gradient is taken of. Clones share their numbers.
#[derive(Clone, Debug)]
pub struct Variables {
    all: BTreeMap<String, Var>,
    frozen: bool,
    /// Names of those that rest.
    resting: Arc<BTreeSet<String>>,
    dtype: DType,
    device: Device,
}

impl Variables {
    /// Copies weights to a device in a float type.
    ///
    /// # Errors
    /// When the weights are not those of the network, or there is no memory for them.
    pub fn new(
        network: &Network,
        weights: &Weights,
        device: &Device,
        dtype: DType,
    ) -> Result<Self, Error> {
        weights.check(network)?;
        let mut all = BTreeMap::new();
        for (name, weight) in weights.iter() {
            let values = Tensor::from_slice(&weight.values, weight.shape.as_slice(), device)?;
            all.insert(name.to_owned(), Var::from_tensor(&values.to_dtype(dtype)?)?);
        }
        Ok(Self { all, frozen: false, resting: Arc::default(), dtype, device: device.clone() })
    }

    /// The same numbers, but runs with them record nothing for a gradient: memory is freed as soon as
    /// it is no longer needed.
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self { frozen: true, ..self.clone() }
    }

    /// The same numbers, of which those that `rests` names record nothing for a gradient: what comes before
    /// the first that moves is not walked back through.
    #[must_use]
    pub fn resting(&self, rests: impl Fn(&str) -> bool) -> Self {
        let names = self.all.keys().filter(|name| rests(name)).cloned().collect();
        Self { resting: Arc::new(names), ..self.clone() }
    }

    /// Every variable, by name, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Var)> {
        self.all.iter().map(|(name, var)| (name.as_str(), var))
    }

    /// A variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Var> {
        self.all.get(name)
    }

    /// Float type of the variables.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Where the variables lie.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The numbers as they are now, in f32.
    ///
    /// # Errors
    /// When they cannot be read back from the device.
    pub fn weights(&self) -> Result<Weights, Error> {
        let mut weights = Weights::new();
        for (name, var) in &self.all {
            let flat = var.as_detached_tensor().to_dtype(DType::F32)?.flatten_all()?;
            weights.insert(name.as_str(), var.dims().to_vec(), flat.to_vec1::<f32>()?);
        }
        Ok(weights)
    }

    /// What a graph works with.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor, Error> {
        let Some(var) = self.all.get(name) else {
            return Err(Error::Weights(WeightsError {
                name: name.to_owned(),
                found: "nothing".to_owned(),
                expected: "a weight".to_owned(),
            }));
        };
        Ok(if self.frozen || self.resting.contains(name) {
            var.as_detached_tensor()
        } else {
            var.as_tensor().clone()
        })
    }
}
