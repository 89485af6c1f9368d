//! `headroom-train merge`.

use crate::Error;
use crate::export::merge::{Scale, Source, merge};
use crate::export::{Options, write};
use crate::model::Settings;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Puts a network together from trained ones: parts of several, and means of weights.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    headroom-train merge --part look=calm.safetensors --part place=calm.safetensors --out same.safetensors\n  \
    headroom-train merge --architecture unet --config '{\"gains\": true}' --part 'look=0.35*a.safetensors+0.65*b.safetensors' \\\n    \
    --part unet.guide1=b.safetensors:place.guide1 --part unet.guide2=b.safetensors:place.guide2 --out u.safetensors")]
pub(super) struct Arguments {
    /// The network.
    #[arg(long, value_name = "ID", default_value = "grid")]
    architecture: String,
    /// What differs from its usual configuration, as JSON.
    #[arg(long, value_name = "JSON", default_value = "{}", value_parser = object)]
    config: Map<String, Value>,
    /// Where the weights of a part, or of a layer of one (look.bold), come from; may be repeated.
    /// PART=FILE, or PART=SHARE*FILE+SHARE*FILE for a mean, then :OTHER where it is called otherwise
    /// in the files. Parts that are not named are as before training.
    #[arg(long, value_name = "PART=FILE", required = true)]
    part: Vec<Source>,
    /// Multiplies the weights and biases of a layer; may be repeated.
    #[arg(long, value_name = "LAYER=FACTOR")]
    scale: Vec<Scale>,
    /// The weights file to write. One that is there is replaced.
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("expected a JSON object: {error}"))
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        super::export::extension("--out", Some(&self.out), "safetensors")?;
        let settings = Settings {
            architecture: self.architecture.clone(),
            config: self.config.clone(),
            from: None,
        };
        let name = self.out.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let model = merge(&settings.build()?, &self.part, &self.scale, &name)?;
        write(&model, &Options::default(), &self.out)?;
        println!("{}: {} parts merged", self.out.display(), self.part.len());
        Ok(())
    }
}
