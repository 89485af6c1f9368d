//! Checkpoints: all that a run needs to go on as if it had never stopped, in one file.
//!
//! A checkpoint is a safetensors file with the exact weights, the optimiser's memory and the average,
//! and a JSON document in its metadata. Beside it lies the averaged network as a model file that the
//! node loads. Both are written under another name, flushed to the disk and then renamed, so a file
//! under its final name is whole whatever happens; resuming reads the checkpoint alone.

use crate::Error;
use headroom_frame::write_whole;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Version of the layout.
const FORMAT: u32 = 1;
/// Key of the document in the file's metadata.
const DOCUMENT: &str = "headroom-checkpoint";

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Index of the stage.
    pub stage: usize,
    /// Epochs that are done, over all stages.
    pub epoch: usize,
    /// Batches of the epoch that are done.
    pub batch: usize,
    /// Steps that are done, over all stages.
    pub step: u64,
    /// Steps that are done in the stage.
    pub stage_step: u64,
    /// The epoch so far: how many steps, the sum of their losses, and of each term.
    pub sums: Vec<f64>,
    /// Best value of the main metric so far.
    pub best: Option<f64>,
    /// Epoch of it.
    pub best_epoch: usize,
    /// Epochs since.
    pub waited: usize,
}

impl Position {
    /// Counts a step into the epoch's means.
    pub(super) fn add(&mut self, loss: f64, terms: &[f64]) {
        self.sums.resize(terms.len() + 2, 0.0);
        let values = [1.0, loss].into_iter().chain(terms.iter().copied());
        self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }

    /// Mean loss of the epoch so far, and means of its terms; NaN where no step counted.
    pub(super) fn means(&self) -> (f64, Vec<f64>) {
        let Some((count, sums)) = self.sums.split_first() else {
            return (f64::NAN, Vec::new());
        };
        let mut means = sums.iter().map(|sum| sum / count);
        (means.next().unwrap_or(f64::NAN), means.collect())
    }
}

/// All that a run needs to go on.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// Where the run stands.
    pub position: Position,
    /// Numbers by name: weights, average, and the optimiser's memory, flat.
    pub tensors: Vec<(String, Vec<f32>)>,
    /// What the optimiser, the scaler and the guard say of themselves.
    pub state: serde_json::Value,
    /// The experiment, as it was resolved.
    pub experiment: serde_json::Value,
    /// Architecture and configuration.
    pub network: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u32,
    program: String,
    /// Of all numbers, so that a disk's mistake is found.
    checksum: String,
    position: Position,
    state: serde_json::Value,
    experiment: serde_json::Value,
    network: serde_json::Value,
}

impl Checkpoint {
    /// Writes it.
    ///
    /// # Errors
    /// When the folder cannot be written or the disk is full. Whatever was under that name is still
    /// there.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let bytes: Vec<Vec<u8>> = self.tensors.iter().map(|(_, values)| bytes(values)).collect();
        let document = Document {
            format: FORMAT,
            program: headroom::VERSION.to_owned(),
            checksum: checksum(self.tensors.iter().map(|(name, _)| name.as_str()).zip(&bytes)),
            position: self.position.clone(),
            state: self.state.clone(),
            experiment: self.experiment.clone(),
            network: self.network.clone(),
        };
        let text = serde_json::to_string(&document).map_err(|error| Error::file(path, error))?;
        let mut views = Vec::new();
        for ((name, values), bytes) in self.tensors.iter().zip(&bytes) {
            let view = TensorView::new(Dtype::F32, vec![values.len()], bytes)
                .map_err(|error| Error::file(path, error))?;
            views.push((name.as_str(), view));
        }
        let metadata = HashMap::from([(DOCUMENT.to_owned(), text)]);
        let whole = safetensors::serialize(views, Some(metadata))
            .map_err(|error| Error::file(path, error))?;
        Ok(write_whole(path, &[whole])?)
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is missing, damaged, or of another version; the text says which.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let whole = std::fs::read(path)
            .map_err(|error| Error::missing(format!("{}: {error}", path.display())))?;
        let file = SafeTensors::deserialize(&whole).map_err(|error| Error::file(path, error))?;
        let (_, metadata) =
            SafeTensors::read_metadata(&whole).map_err(|error| Error::file(path, error))?;
        let text =
            metadata.metadata().as_ref().and_then(|all| all.get(DOCUMENT)).ok_or_else(|| {
                Error::file(
                    path,
                    format!("found no {DOCUMENT} in its metadata, expected a checkpoint"),
                )
            })?;
        let document: Document =
            serde_json::from_str(text).map_err(|error| Error::file(path, error))?;
        if document.format != FORMAT {
            let found = document.format;
            return Err(Error::file(path, format!("format: found {found}, expected {FORMAT}")));
        }
        let mut names = file.names();
        names.sort_unstable();
        let mut tensors = Vec::new();
        let mut raw = Vec::new();
        for name in names {
            let view = file.tensor(name).map_err(|error| Error::file(path, error))?;
            if view.dtype() != Dtype::F32 {
                let found = view.dtype();
                return Err(Error::file(path, format!("{name}: found {found:?}, expected F32")));
            }
            let (chunks, _) = view.data().as_chunks::<4>();
            tensors
                .push((name.to_owned(), chunks.iter().map(|b| f32::from_le_bytes(*b)).collect()));
            raw.push((name, view.data()));
        }
        let found = checksum(raw);
        if found != document.checksum {
            let expected = &document.checksum;
            let text = format!("checksum: found {found}, expected {expected}; the file is damaged");
            return Err(Error::file(path, text));
        }
        let Document { position, state, experiment, network, .. } = document;
        Ok(Self { position, tensors, state, experiment, network })
    }

    /// The numbers of that name.
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&[f32]> {
        self.tensors.iter().find(|(own, _)| own == name).map(|(_, values)| values.as_slice())
    }
}

fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Whatever order the tensors are in.
fn checksum<'a, B: AsRef<[u8]>>(tensors: impl IntoIterator<Item = (&'a str, B)>) -> String {
    let sum = tensors.into_iter().fold(0u64, |sum, (name, bytes)| {
        let own = xxh3_64(bytes.as_ref()) ^ xxh3_64(name.as_bytes()).rotate_left(17);
        sum.wrapping_add(own)
    });
    format!("{sum:016x}")
}

/// Which checkpoint `--resume` means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resume {
    /// The best one of the newest run.
    Best,
    /// The last one of the newest run.
    Latest,
    /// A checkpoint, or a run folder, whose latest is meant.
    Path(PathBuf),
}

impl std::str::FromStr for Resume {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "best" => Self::Best,
            "latest" => Self::Latest,
            path => Self::Path(path.into()),
        })
    }
}

/// Name of the last checkpoint; [`state_file`] and [`model_file`] of it.
pub const LATEST: &str = "latest";
/// Name of the best one.
pub const BEST: &str = "best";

/// The checkpoint of that name in a folder of checkpoints.
#[must_use]
pub fn state_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.state"))
}

/// The averaged network beside it.
#[must_use]
pub fn model_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.safetensors"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made() -> Checkpoint {
        Checkpoint {
            position: Position { step: 7, sums: vec![0.1, 1.0e-300], ..Position::default() },
            tensors: vec![
                ("average".to_owned(), vec![1.5, -0.0, f32::MIN_POSITIVE]),
                ("weights".to_owned(), vec![f32::NAN, 3.0e38]),
            ],
            state: json!({ "good": 3 }),
            experiment: json!({}),
            network: json!("grid"),
        }
    }

    #[test]
    fn every_bit_comes_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latest.state");
        made().write(&path).expect("writes");
        let back = Checkpoint::read(&path).expect("reads");
        assert_eq!(back.position, made().position);
        let bits = |c: &Checkpoint| -> Vec<Vec<u32>> {
            c.tensors.iter().map(|(_, v)| v.iter().map(|x| x.to_bits()).collect()).collect()
        };
        assert_eq!(bits(&back), bits(&made()));
    }

    #[test]
    fn a_flipped_bit_and_a_cut_file_are_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latest.state");
        made().write(&path).expect("writes");
        let whole = std::fs::read(&path).expect("reads");
        let mut flipped = whole.clone();
        *flipped.last_mut().expect("bytes") ^= 1;
        std::fs::write(&path, &flipped).expect("writes");
        let error = Checkpoint::read(&path).expect_err("damaged").to_string();
        assert!(error.contains("latest.state") && error.contains("checksum"), "{error}");
        std::fs::write(&path, &whole[..whole.len() - 9]).expect("writes");
        assert!(Checkpoint::read(&path).expect_err("cut").to_string().contains("latest.state"));
    }

    #[test]
    fn a_write_that_fails_leaves_the_last_good_checkpoint() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("latest.state");
        made().write(&path).expect("writes");
        let before = std::fs::read(&path).expect("reads");
        // A folder cannot be replaced by a file: the rename fails after the write.
        let taken = folder.path().join("taken.state");
        std::fs::create_dir(&taken).expect("a folder");
        let error = made().write(&taken).expect_err("cannot").to_string();
        assert!(error.contains("taken.state"), "{error}");
        assert_eq!(std::fs::read(&path).expect("reads"), before);
        let left: Vec<_> = std::fs::read_dir(folder.path()).expect("lists").flatten().collect();
        assert_eq!(left.len(), 2, "no temporary file stays: {left:?}");
    }
}
