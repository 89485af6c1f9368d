//! A model file from a trained one: other words, another float type, figures of its evaluation.

use crate::Error;
use headroom::model::{Dtype, Figure, Model};
use headroom_frame::write_whole;
use std::path::Path;

/// What the file written says that the one read does not. Nothing: as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// What it is called in lists.
    pub name: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// Licence of the weights, an SPDX expression where there is one.
    pub licence: Option<String>,
    /// Anything else.
    pub notes: Option<String>,
    /// How numbers are stored.
    pub dtype: Dtype,
    /// How good it is; takes the place of what the file said. None: as it is.
    pub figures: Vec<Figure>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: None,
            author: None,
            licence: None,
            notes: None,
            dtype: Dtype::F32,
            figures: Vec::new(),
        }
    }
}

/// Writes a model file and returns what it holds, read back from the disk.
///
/// # Errors
/// When a text is refused, a weight has no finite value in the float type, the file cannot be written,
/// or is not what was written.
pub fn write(model: &Model, options: &Options, path: &Path) -> Result<Model, Error> {
    let mut header = model.header.clone();
    let texts = [
        (&options.name, &mut header.name),
        (&options.author, &mut header.author),
        (&options.licence, &mut header.licence),
        (&options.notes, &mut header.notes),
    ];
    for (wanted, text) in texts {
        if let Some(wanted) = wanted {
            text.clone_from(wanted);
        }
    }
    if !options.figures.is_empty() {
        header.evaluation.clone_from(&options.figures);
    }
    let bytes = Model::to_bytes(&header, &model.network, &model.weights, options.dtype)
        .map_err(|error| Error::Usage(format!("{}: {error}", path.display())))?;
    // Read before it is there: a file under its final name can be loaded.
    let name = path.display().to_string();
    Model::from_bytes(&name, &bytes)?;
    write_whole(path, &[bytes])?;
    let found = std::fs::read(path).map_err(|error| Error::file(path, error))?;
    let back = Model::from_bytes(&name, &found)?;
    if back.header != header {
        return Err(Error::file(path, "found another header than was written"));
    }
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use headroom::model::Weights;

    fn model() -> Model {
        let built = Settings { architecture: "residual".to_owned(), ..Settings::default() };
        let built = built.build().expect("a network");
        built.model("first", &Weights::seeded(&built.network, 1)).expect("sound")
    }

    #[test]
    fn words_and_figures_change_and_the_weights_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("second.safetensors");
        let figure = Figure { metric: "psnr".into(), data: "validation".into(), value: 30.5 };
        let options = Options {
            name: Some("second".to_owned()),
            licence: Some("CC-BY-4.0".to_owned()),
            figures: vec![figure.clone()],
            ..Options::default()
        };
        let model = model();
        let back = write(&model, &options, &path).expect("writes");
        assert_eq!(
            (back.header.name.as_str(), back.header.licence.as_str()),
            ("second", "CC-BY-4.0")
        );
        assert_eq!(back.header.evaluation, [figure]);
        assert_eq!(back.header.author, model.header.author);
        assert_eq!(back.weights, model.weights);
    }

    #[test]
    fn half_floats_take_half_the_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let model = model();
        let size = |dtype| {
            let path = folder.path().join("x.safetensors");
            write(&model, &Options { dtype, ..Options::default() }, &path).expect("writes");
            std::fs::metadata(path).expect("a file").len()
        };
        let [full, half, brain] = [Dtype::F32, Dtype::F16, Dtype::Bf16].map(size);
        assert!(half < full * 6 / 10 && brain < full * 6 / 10, "{full} {half} {brain}");
    }

    #[test]
    fn a_refused_name_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.safetensors");
        let options = Options { name: Some("a/b".to_owned()), ..Options::default() };
        let error = write(&model(), &options, &path).expect_err("refused").to_string();
        assert!(error.contains("name"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
