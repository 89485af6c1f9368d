//! Model files: a network and its weights, checked fully before anyone sees them.

use super::container::{self, Container, Dtype, LONGEST_HEADER};
use super::error::{ModelError, quoted};
use super::header::Header;
use super::{MODELS, ModelInfo, Network, Weights};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;

/// Bytes of the largest model file: the longest header and as many weights as a graph can have.
pub const LARGEST_FILE: u64 = LONGEST_HEADER as u64 + (4 << 28) + 8;

/// SHA-256 of a file, as `sha256sum` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 12 digits: enough to tell files apart in a list.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A network with weights that fit it.
#[derive(Debug)]
pub struct Model {
    /// Its architecture.
    pub info: &'static ModelInfo,
    /// What its file says of it.
    pub header: Header,
    /// What is computed.
    pub network: Network,
    /// With what numbers; all finite.
    pub weights: Weights,
    /// Of the whole file.
    pub hash: Hash,
    /// Bytes of the file.
    pub file_size: usize,
}

impl Model {
    /// Reads a model file. `name` is what errors call it.
    ///
    /// # Errors
    /// With the first thing that is wrong with it. Nothing is allocated for what a file only claims, and
    /// a file that passes is sound: its network is built, its weights have the right names and
    /// shapes and are finite, and its header agrees with the network.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, ModelError> {
        Self::from_bytes_with(MODELS, name, bytes)
    }

    /// The same with architectures other than [`MODELS`], for tests.
    ///
    /// # Errors
    /// As [`Self::from_bytes`].
    pub fn from_bytes_with(
        architectures: &'static [ModelInfo],
        name: &str,
        bytes: &[u8],
    ) -> Result<Self, ModelError> {
        Self::read(architectures, bytes, Hash::of(bytes)).map_err(|error| error.in_file(name))
    }

    /// Bytes of the weights in memory.
    #[must_use]
    pub fn weights_size(&self) -> usize {
        self.network.parameter_count() * size_of::<f32>()
    }

    pub(super) fn read(
        architectures: &'static [ModelInfo],
        bytes: &[u8],
        hash: Hash,
    ) -> Result<Self, ModelError> {
        let container = Container::read(bytes)?;
        let header = Header::read(&container.document)?;
        let Some(info) = architectures.iter().find(|info| info.id == header.architecture) else {
            let known: Vec<&str> = architectures.iter().map(|info| info.id).collect();
            let expected = format!("one of: {}", known.join(", "));
            let found = quoted(&header.architecture);
            return Err(ModelError::refused("headroom: architecture", found, expected));
        };
        let network =
            (info.build)(&header.config).map_err(|error| ModelError::config(info.id, &error))?;
        header.check(&network)?;
        let weights = weights(&container, &network)?;
        Ok(Self { info, header, network, weights, hash, file_size: bytes.len() })
    }

    /// A model file of these parts. Values are rounded to `dtype`.
    ///
    /// # Errors
    /// When the weights do not fit the network, do not stay finite in `dtype`, or the header contradicts
    /// the network: what is written can be read again.
    pub fn to_bytes(
        header: &Header,
        network: &Network,
        weights: &Weights,
        dtype: Dtype,
    ) -> Result<Vec<u8>, ModelError> {
        let document = serde_json::to_string(header)
            .map_err(|error| ModelError::refused("headroom", error.to_string(), "JSON"))?;
        Header::read(&document)?.check(network)?;
        weights.check(network).map_err(|error| tensor_error(&error))?;
        for (name, weight) in weights.iter() {
            if let Some(value) = weight.values.iter().find(|v| !dtype.rounded(**v).is_finite()) {
                let field = format!("tensor {}", quoted(name));
                let expected = format!("what {} can hold", dtype.name());
                return Err(ModelError::refused(field, value.to_string(), expected));
            }
        }
        let tensors: Vec<_> = network
            .parameters()
            .filter_map(|(name, _)| {
                let weight = weights.get(&name)?;
                Some((name, weight.shape.as_slice(), &*weight.values))
            })
            .collect();
        Ok(container::write(&document, dtype, &tensors))
    }
}

fn tensor_error(error: &super::WeightsError) -> ModelError {
    let field = format!("tensor {}", quoted(&error.name));
    ModelError::refused(field, error.found.clone(), error.expected.clone())
}

/// Names and shapes are compared before any number is copied.
fn weights(container: &Container<'_>, network: &Network) -> Result<Weights, ModelError> {
    let wanted: HashMap<String, &[usize]> =
        network.parameters().map(|(name, parameter)| (name, parameter.shape.as_slice())).collect();
    for tensor in &container.tensors {
        let field = || format!("tensor {}", quoted(&tensor.name));
        let Some(&shape) = wanted.get(&tensor.name) else {
            let expected = "none of that name in this network";
            return Err(ModelError::refused(field(), "a tensor", expected));
        };
        if tensor.shape != shape {
            let (found, expected) = (&tensor.shape, shape);
            return Err(ModelError::refused(
                field(),
                format!("shape {found:?}"),
                format!("shape {expected:?}"),
            ));
        }
    }
    let mut weights = Weights::new();
    for tensor in &container.tensors {
        weights.insert(tensor.name.clone(), tensor.shape.clone(), container.values(tensor));
    }
    weights.check(network).map_err(|error| tensor_error(&error))?;
    Ok(weights)
}

#[cfg(test)]
mod tests {
    use super::super::file_tests::sample::{ARCHITECTURES, sample};
    use super::*;

    #[test]
    fn a_file_gives_back_what_was_written() {
        let (header, network, weights) = sample();
        for dtype in Dtype::ALL {
            let bytes = Model::to_bytes(&header, &network, &weights, dtype).expect("fits");
            let model = Model::from_bytes_with(ARCHITECTURES, "x", &bytes).expect("sound");
            assert_eq!((&model.header, &model.network), (&header, &network));
            for ((name, a), (_, b)) in model.weights.iter().zip(weights.iter()) {
                let rounded: Vec<f32> = b.values.iter().map(|v| dtype.rounded(*v)).collect();
                assert_eq!(&*a.values, &rounded[..], "{name}");
            }
            assert_eq!(model.file_size, bytes.len());
        }
    }

    #[test]
    fn the_hash_is_that_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::of(b"abc").to_string(), expected);
        assert_eq!(Hash::of(b"abc").short(), "ba7816bf8f01");
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let (header, network, mut weights) = sample();
        weights.insert("main.a.bias", vec![4], vec![1.0e6; 4]);
        let error = Model::to_bytes(&header, &network, &weights, Dtype::F16).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "tensor \"main.a.bias\": found 1000000, expected what F16 can hold"
        );
        assert!(Model::to_bytes(&header, &network, &weights, Dtype::Bf16).is_ok());
        let wrong = Header { alignment: 3, ..header };
        let error = Model::to_bytes(&wrong, &network, &weights, Dtype::F32).expect_err("refused");
        assert_eq!(error.field(), "headroom: alignment");
    }
}
