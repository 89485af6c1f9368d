//! `headroom-train export`.

use crate::Error;
use crate::export::{self, Options, onnx, run, scores};
use clap::ValueEnum;
use headroom::model::{Dtype, Figure, Model, store};
use headroom_frame::write_whole;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Writes a trained network as weights that the node reads, its model card, and ONNX.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The run folder.
    #[arg(long, value_name = "DIR")]
    run: Option<PathBuf>,
    /// Which weights: `best`, `latest`, or a model file. The best, or the latest where nothing was
    /// measured.
    #[arg(long, value_name = "best|latest|PATH")]
    checkpoint: Option<String>,
    /// The weights file to write. One that is there is replaced.
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// What it is called in lists.
    #[arg(long)]
    name: Option<String>,
    /// Who made it.
    #[arg(long)]
    author: Option<String>,
    /// Licence of the weights, an SPDX expression where there is one.
    #[arg(long)]
    licence: Option<String>,
    /// Anything else.
    #[arg(long)]
    notes: Option<String>,
    /// A `scores.json` of `headroom-train eval`, whose medians become the file's figures; may be
    /// repeated. What it calls by the name of these weights counts.
    #[arg(long, value_name = "scores.json")]
    scores: Vec<PathBuf>,
    /// How numbers are stored.
    #[arg(long, value_enum, default_value_t = Stored::F32)]
    dtype: Stored,
    /// Writes the network as ONNX too, in f32.
    #[arg(long, value_name = "FILE.onnx")]
    onnx: Option<PathBuf>,
    /// Writes the model card too.
    #[arg(long, value_name = "FILE.md")]
    card: Option<PathBuf>,
}

/// As [`Dtype`].
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stored {
    F32,
    F16,
    Bf16,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let files = [
            ("--out", Some(&self.out), "safetensors"),
            ("--onnx", self.onnx.as_ref(), "onnx"),
            ("--card", self.card.as_ref(), "md"),
        ];
        for (flag, path, wanted) in files {
            extension(flag, path, wanted)?;
        }
        let path = run::model_file(self.run.as_deref(), self.checkpoint.as_deref())?;
        let model = store::load(&path)?;
        let folder = self.run.as_deref();
        let options = Options {
            name: self.name.clone(),
            author: self.author.clone(),
            licence: self.licence.clone(),
            notes: self.notes.clone(),
            dtype: match self.dtype {
                Stored::F32 => Dtype::F32,
                Stored::F16 => Dtype::F16,
                Stored::Bf16 => Dtype::Bf16,
            },
            figures: self.figures(&model)?,
        };
        let written = export::write(&model, &options, &self.out)?;
        report(&self.out);
        if let Some(path) = &self.card {
            let config = folder.map_or(Ok(Value::Null), run::config)?;
            let sources = run::sources(&data_folders(&config))?;
            let file = self.out.file_name().unwrap_or_default().to_string_lossy();
            write_whole(path, &[export::card(&written, &file, &sources).into_bytes()])?;
            report(path);
        }
        if let Some(path) = &self.onnx {
            // The numbers that the weights file holds, rounding included.
            write_whole(path, &[onnx::to_bytes(&written)?])?;
            report(path);
        }
        Ok(())
    }

    /// Of the scores that are named, otherwise of the run.
    fn figures(&self, model: &Model) -> Result<Vec<Figure>, Error> {
        if self.scores.is_empty() {
            return self.run.as_deref().map_or(Ok(Vec::new()), run::figures);
        }
        let name = self.name.as_ref().unwrap_or(&model.header.name);
        let of = |file: &PathBuf| scores::figures(file, name);
        Ok(self.scores.iter().map(of).collect::<Result<Vec<_>, _>>()?.concat())
    }
}

/// Refuses a file whose name ends otherwise.
pub(super) fn extension(flag: &str, path: Option<&PathBuf>, wanted: &str) -> Result<(), Error> {
    match path {
        Some(path) if path.extension().is_none_or(|found| found != wanted) => {
            let expected = format!("a name that ends in .{wanted}");
            Err(Error::setting(flag, path.display(), expected))
        }
        _ => Ok(()),
    }
}

fn report(path: &Path) {
    println!("written: {}", path.display());
}

/// Every text in the experiment's table `data` that is a folder.
fn data_folders(config: &Value) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    let mut left = vec![config.get("data").or_else(|| config.pointer("/experiment/data"))];
    while let Some(value) = left.pop() {
        match value {
            Some(Value::String(text)) if Path::new(text).is_dir() => folders.push(text.into()),
            Some(Value::Array(all)) => left.extend(all.iter().map(Some)),
            Some(Value::Object(all)) => left.extend(all.values().map(Some)),
            _ => {}
        }
    }
    folders.sort();
    folders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Settings;
    use clap::Parser;
    use headroom::model::Weights;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    fn run(words: &[&str]) -> Result<(), Error> {
        let line = Line::try_parse_from(["export"].iter().chain(words)).expect("parses");
        line.arguments.run()
    }

    #[test]
    fn a_run_becomes_weights_a_card_and_onnx() {
        let folder = tempfile::tempdir().expect("a folder");
        let checkpoints = folder.path().join("checkpoints");
        std::fs::create_dir(&checkpoints).expect("a folder");
        let built = Settings::default().build().expect("a network");
        let model = built.model("grid", &Weights::seeded(&built.network, 1)).expect("sound");
        export::write(&model, &Options::default(), &checkpoints.join("latest.safetensors"))
            .expect("writes");
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (out, onnx, card) = (at("a.safetensors"), at("a.onnx"), at("a.md"));
        let source = at("");
        let words = ["--run", &source, "--out", &out, "--name", "Lamps", "--dtype", "bf16"];
        let more = ["--onnx", &onnx, "--card", &card];
        run(&[&words[..], &more[..]].concat()).expect("writes");
        let back = store::load(Path::new(&out)).expect("sound");
        assert_eq!(back.header.name, "Lamps");
        let text = std::fs::read_to_string(card).expect("a card");
        assert!(text.starts_with("# Lamps") && text.contains(&back.hash.to_string()), "{text}");
        assert!(std::fs::metadata(onnx).expect("a file").len() > 100_000);
    }

    #[test]
    fn nothing_is_written_where_a_name_is_wrong() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("a.pt").display().to_string();
        let error = run(&["--checkpoint", "x.safetensors", "--out", &out]).expect_err("refused");
        assert_eq!(error.code(), 2);
        assert!(error.to_string().contains(".safetensors"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
