//! All weights of a network in one line, for the optimiser, and back.

use crate::Error;
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor};
use headroom::model::{Network, Weights};
use headroom_candle::Variables;

/// Where each weight lies in the line.
#[derive(Clone, Debug)]
pub struct Layout {
    entries: Vec<Entry>,
    len: usize,
}

/// One weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// As in a weights file.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Where its numbers begin.
    pub at: usize,
    /// Whether decay pulls it towards 0: only what multiplies features, no biases and no norms.
    pub decays: bool,
}

impl Entry {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Its place in the line.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.at..self.at + self.len()
    }
}

impl Layout {
    /// In the order of names.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        let mut entries: Vec<Entry> = network
            .parameters()
            .map(|(name, parameter)| Entry {
                decays: parameter.shape.len() > 1,
                shape: parameter.shape.clone(),
                name,
                at: 0,
            })
            .collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let mut len = 0;
        for entry in &mut entries {
            entry.at = len;
            len += entry.len();
        }
        Self { entries, len }
    }

    /// Numbers in the line.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// True for a network without weights.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Every weight.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Weights to the line.
    ///
    /// # Errors
    /// When one is missing or of another shape.
    pub fn flatten(&self, weights: &Weights) -> Result<Vec<f32>, Error> {
        let mut flat = Vec::with_capacity(self.len);
        for entry in &self.entries {
            match weights.get(&entry.name) {
                Some(weight) if weight.shape == entry.shape => {
                    flat.extend_from_slice(&weight.values);
                }
                other => {
                    let found = other.map_or("nothing".to_owned(), |w| format!("{:?}", w.shape));
                    let (name, shape) = (&entry.name, &entry.shape);
                    let text = format!("weight {name}: found {found}, expected {shape:?}");
                    return Err(Error::failed(text));
                }
            }
        }
        Ok(flat)
    }

    /// The line to weights.
    #[must_use]
    pub fn weights(&self, flat: &[f32]) -> Weights {
        let mut weights = Weights::new();
        for entry in &self.entries {
            weights.insert(entry.name.clone(), entry.shape.clone(), flat[entry.range()].to_vec());
        }
        weights
    }

    /// Hands the line to the variables, in their float type.
    pub(super) fn give(&self, flat: &[f32], variables: &Variables) -> Result<(), Error> {
        for entry in &self.entries {
            if let Some(variable) = variables.get(&entry.name) {
                let values = &flat[entry.range()];
                let tensor = Tensor::from_slice(values, entry.shape.as_slice(), &Device::Cpu)?;
                let tensor = tensor.to_device(variables.device())?.to_dtype(variables.dtype())?;
                variable.set(&tensor)?;
            }
        }
        Ok(())
    }

    /// Adds gradients to `to`. A weight that has none is left alone.
    pub(super) fn take(
        &self,
        gradients: &GradStore,
        variables: &Variables,
        to: &mut [f32],
    ) -> Result<(), Error> {
        for (name, variable) in variables.iter() {
            let (Some(gradient), Ok(index)) = (
                gradients.get(variable),
                self.entries.binary_search_by(|entry| entry.name.as_str().cmp(name)),
            ) else {
                continue;
            };
            let gradient = gradient.to_device(&Device::Cpu)?.to_dtype(DType::F32)?;
            let gradient = gradient.flatten_all()?.to_vec1::<f32>()?;
            for (to, g) in to[self.entries[index].range()].iter_mut().zip(gradient) {
                *to += g;
            }
        }
        Ok(())
    }
}
