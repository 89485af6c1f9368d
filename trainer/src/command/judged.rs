//! What `eval` and `sheet` judge: weights, folders of predictions, methods.

use crate::Error;
use crate::eval::Expander;
use clap::ArgGroup;
use std::path::PathBuf;

/// What is judged.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(group = ArgGroup::new("judged").required(true).multiple(true)
    .args(["weights", "predictions", "method"]))]
pub(super) struct Judged {
    /// Weights file; may be repeated.
    #[arg(long, value_name = "FILE", help_heading = "What is judged")]
    weights: Vec<PathBuf>,
    /// Folder of predictions, as <picture>.exr or <condition>/<picture>.exr; may be repeated.
    #[arg(long, value_name = "DIR", help_heading = "What is judged")]
    predictions: Vec<PathBuf>,
    /// A method of the node, for example inverse; may be repeated.
    #[arg(long, value_name = "ID", help_heading = "What is judged")]
    method: Vec<String>,
    /// Weights and methods find the camera's curve from the picture instead of taking it for sRGB.
    #[arg(long, help_heading = "What is judged")]
    estimate: bool,
}

impl Judged {
    /// Each with a name of its own.
    pub(super) fn expanders(&self) -> Result<Vec<Expander>, Error> {
        let mut expanders = Vec::new();
        for file in &self.weights {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            expanders.push(Expander::weights(file, self.estimate)?.called(name));
        }
        for folder in &self.predictions {
            if !folder.is_dir() {
                return Err(Error::missing(format!("{}: found no folder", folder.display())));
            }
            expanders.push(Expander::predictions(folder.clone()));
        }
        for id in &self.method {
            expanders.push(Expander::method(id, self.estimate)?);
        }
        for index in 1..expanders.len() {
            let taken = |name: &str| expanders[..index].iter().any(|other| other.name() == name);
            let mut name = expanders[index].name().to_owned();
            for number in 2.. {
                if !taken(&name) {
                    break;
                }
                name = format!("{} {number}", expanders[index].name());
            }
            expanders[index] = expanders[index].clone().called(name);
        }
        Ok(expanders)
    }
}
