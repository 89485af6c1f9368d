//! Weights by name.

use super::Network;
use super::normal::Normal;
use crate::graph::{Init, Parameter};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A weight tensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// As its [`Parameter`] says.
    pub shape: Vec<usize>,
    /// Row-major, the last index running fastest.
    pub values: Arc<[f32]>,
}

/// Weights of a network, by the names of [`Network::parameters`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights(BTreeMap<String, Weight>);

/// A weight that does not fit; names it, what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeightsError {
    /// Name of the weight.
    pub name: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

impl fmt::Display for WeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.name, self.found, self.expected)
    }
}

impl std::error::Error for WeightsError {}

impl Weights {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a weight, or puts it in the place of the one of that name.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        shape: Vec<usize>,
        values: impl Into<Arc<[f32]>>,
    ) {
        self.0.insert(name.into(), Weight { shape, values: values.into() });
    }

    /// A weight.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Weight> {
        self.0.get(name)
    }

    /// Every weight, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Weight)> {
        self.0.iter().map(|(name, weight)| (name.as_str(), weight))
    }

    /// Checks that every weight the network wants is there in the right shape, that all numbers are
    /// finite, and that nothing is left over.
    ///
    /// # Errors
    /// With the first weight that does not fit.
    pub fn check(&self, network: &Network) -> Result<(), WeightsError> {
        let mut wanted = 0;
        for (name, parameter) in network.parameters() {
            wanted += 1;
            let expected = || format!("shape {:?}", parameter.shape);
            let Some(weight) = self.get(&name) else {
                return Err(WeightsError {
                    name,
                    found: "nothing".to_owned(),
                    expected: expected(),
                });
            };
            let count = parameter.count();
            if weight.shape != parameter.shape || weight.values.len() != count {
                let found = format!("shape {:?} of {} numbers", weight.shape, weight.values.len());
                return Err(WeightsError { name, found, expected: expected() });
            }
            if let Some(index) = weight.values.iter().position(|v| !v.is_finite()) {
                let found = format!("{} at index {index}", weight.values[index]);
                return Err(WeightsError { name, found, expected: "finite numbers".to_owned() });
            }
        }
        if wanted < self.0.len() {
            let known: std::collections::HashSet<String> =
                network.parameters().map(|(name, _)| name).collect();
            if let Some(name) = self.0.keys().find(|name| !known.contains(*name)) {
                let found = "a weight".to_owned();
                let expected = "none of that name in this network".to_owned();
                return Err(WeightsError { name: name.clone(), found, expected });
            }
        }
        Ok(())
    }

    /// Weights to begin training with: by each parameter's [`Init`], drawn from `seed` and the
    /// parameter's name alone, so that one more layer changes no other.
    #[must_use]
    pub fn seeded(network: &Network, seed: u64) -> Self {
        let mut all = Self::new();
        for (name, parameter) in network.parameters() {
            let values = draw(parameter, xxh3_64_with_seed(name.as_bytes(), seed));
            all.insert(name, parameter.shape.clone(), values);
        }
        all
    }
}

fn draw(parameter: &Parameter, seed: u64) -> Vec<f32> {
    let count = parameter.count();
    let fan_in = parameter.fan_in() as f64;
    let deviation = match parameter.init {
        Init::Value(value) => return vec![value; count],
        Init::Binomial => return parameter.fixed().unwrap_or_default(),
        Init::He => libm::sqrt(2.0 / fan_in),
        Init::Scaled(gain) => f64::from(gain) / libm::sqrt(fan_in),
    };
    let mut normal = Normal::new(seed);
    (0..count).map(|_| (normal.next() * deviation) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Builder, ConvSpec};
    use crate::model::{Domain, Encoding, Run, Stage};

    fn network() -> Network {
        let mut b = Builder::new();
        let x = b.picture("picture", 3);
        let y = b.conv("a", x, ConvSpec::new(64, 3));
        let graph = b.finish(&[("result", y)]).expect("sound");
        let stage = Stage { name: "main".to_owned(), graph, run: Run::Tile };
        Network { encoding: Encoding::Srgb, domain: Domain::Linear, stages: vec![stage] }
    }

    #[test]
    fn seeded_weights_fit_repeat_and_have_the_variance_of_he_et_al() {
        let network = network();
        let weights = Weights::seeded(&network, 7);
        weights.check(&network).expect("fits");
        assert_eq!(weights, Weights::seeded(&network, 7));
        assert_ne!(weights, Weights::seeded(&network, 8));
        let values = &weights.get("main.a.weight").expect("there").values;
        let square = values.iter().map(|v| f64::from(v * v)).sum::<f64>() / values.len() as f64;
        assert!((square / (2.0 / 27.0) - 1.0).abs() < 0.1, "{square}");
    }

    #[test]
    fn weights_that_do_not_fit_are_named() {
        let network = network();
        let told = |change: &dyn Fn(&mut Weights)| {
            let mut weights = Weights::seeded(&network, 7);
            change(&mut weights);
            weights.check(&network).expect_err("does not fit").to_string()
        };
        let error = told(&|w| {
            w.0.remove("main.a.bias");
        });
        assert_eq!(error, "main.a.bias: found nothing, expected shape [64]");
        let error = told(&|w| w.insert("main.a.bias", vec![2], vec![0.0; 2]));
        assert_eq!(error, "main.a.bias: found shape [2] of 2 numbers, expected shape [64]");
        let error = told(&|w| w.insert("main.a.bias", vec![64], vec![f32::NAN; 64]));
        assert_eq!(error, "main.a.bias: found NaN at index 0, expected finite numbers");
        let error = told(&|w| w.insert("main.b", vec![1], vec![0.0]));
        assert_eq!(error, "main.b: found a weight, expected none of that name in this network");
    }
}
