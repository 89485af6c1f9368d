//! `headroom models new`.

use crate::console;
use crate::error::{Error, Outcome};
use clap::{Args, ValueEnum};
use headroom::model::{Dtype, Header, MODELS, Model, Weights, find};
use headroom_frame::write_whole;
use serde_json::Value;
use std::path::PathBuf;

/// Make a model file with untrained weights: for tests, and as a start for training.
///
/// The weights are drawn by the architecture's own rules from the seed; the same arguments give the
/// same file. What it makes of a picture means nothing.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The architecture; see `headroom models list --architectures`.
    architecture: String,
    /// The file to write. One that is there is not replaced.
    #[arg(value_name = "OUT.safetensors")]
    out: PathBuf,
    /// Fields of the configuration that differ from the usual one, a JSON object.
    #[arg(long, value_name = "JSON")]
    config: Option<String>,
    /// Seed of the weights.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How numbers are stored.
    #[arg(long, value_enum, default_value_t = Stored::F32)]
    dtype: Stored,
}

/// As [`Dtype`].
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stored {
    F32,
    F16,
    Bf16,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let Arguments { architecture, out, config, seed, dtype } = arguments;
    let Some(info) = find(architecture) else {
        let known: Vec<&str> = MODELS.iter().map(|info| info.id).collect();
        let known = known.join(", ");
        return Err(Error::usage(format!(
            "architecture: found \"{architecture}\", expected one of: {known}"
        )));
    };
    let name = out.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if out.extension().is_none_or(|extension| extension != "safetensors") {
        return Err(Error::usage(format!(
            "{}: found another extension, expected .safetensors",
            out.display()
        )));
    }
    if out.exists() {
        return Err(Error::usage(format!(
            "{}: found a file of this name, expected a name that is free",
            out.display()
        )));
    }
    let mut usual = (info.config)();
    if let Some(text) = config {
        replace(&mut usual, text)?;
    }
    let network =
        (info.build)(&usual).map_err(|error| Error::usage(format!("--config: {error}")))?;
    let mut header = Header::new(info, usual, &network, name);
    header.notes = format!("Untrained: drawn from seed {seed}.");
    let weights = Weights::seeded(&network, *seed);
    let dtype = match dtype {
        Stored::F32 => Dtype::F32,
        Stored::F16 => Dtype::F16,
        Stored::Bf16 => Dtype::Bf16,
    };
    let bytes = Model::to_bytes(&header, &network, &weights, dtype)
        .map_err(|error| Error::usage(format!("{}: {error}", out.display())))?;
    write_whole(out, &[bytes])?;
    let count = network.parameter_count();
    console::note(&format!("{}: {count} parameters, UNTRAINED (seed {seed})", out.display()));
    Ok(())
}

/// Puts the fields of a JSON object in the place of those of the usual configuration.
fn replace(usual: &mut Value, text: &str) -> Outcome {
    let wrong = |found: String| {
        Error::usage(format!(
            "--config: found {found}, expected a JSON object such as {{\"width\": 16}}"
        ))
    };
    let given: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    match (usual, given) {
        (Value::Object(usual), Value::Object(given)) => {
            usual.extend(given);
            Ok(())
        }
        (_, given) => Err(wrong(given.to_string())),
    }
}
