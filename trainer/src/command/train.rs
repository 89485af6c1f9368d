//! `headroom-train train`: an experiment and flags to a run.

use crate::eval::Expander;
use crate::experiment::{Experiment, setting};
use crate::infer::{Format, Options, Tiling, infer};
use crate::train::{Ending, Order, Resume, find, train, watch_signals};
use crate::{Error, record};
use std::path::PathBuf;
use toml::Value;

const DATA: &str = "Data";
const NETWORK: &str = "Network";
const TRAINING: &str = "Training";
const RECORD: &str = "Record";
const INFERENCE: &str = "Inference";

/// Trains a network as an experiment and flags say. Flags win over the file.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Experiment, TOML: any setting, in tables as the resolved config of a run shows them.
    #[arg(value_name = "CONFIG.toml")]
    config: Option<PathBuf>,
    /// Any setting by its path, as in `--set data.camera.share_max=0.2`; may be repeated.
    #[arg(long, value_name = "PATH=VALUE", value_parser = setting)]
    set: Vec<(String, Value)>,

    /// Folder of SDR pictures, paired with --hdr by name. [data.ldr]
    #[arg(long, value_name = "DIR", help_heading = DATA)]
    ldr: Option<PathBuf>,
    /// Folder of HDR pictures; alone, SDR is made by simulated cameras. [data.hdr]
    #[arg(long, value_name = "DIR", help_heading = DATA)]
    hdr: Option<PathBuf>,
    /// Folder of LogC3 / AWG3 TIFFs. [data.logc.folder]
    #[arg(long, value_name = "DIR", help_heading = DATA)]
    logc: Option<PathBuf>,
    /// 3D LUT that makes SDR of LogC3 instead of the built-in transform. [data.logc.lut]
    #[arg(long, value_name = "FILE.cube", help_heading = DATA)]
    cube: Option<PathBuf>,
    /// Clips per step. [data.batch_size]
    #[arg(long, value_name = "N", help_heading = DATA)]
    batch_size: Option<i64>,
    /// Clips per validation batch. [data.val_batch_size]
    #[arg(long, value_name = "N", help_heading = DATA)]
    val_batch_size: Option<i64>,
    /// Threads that load pictures. [data.workers]
    #[arg(long, value_name = "N", help_heading = DATA)]
    workers: Option<i64>,
    /// Rows and columns of a tile, 256 to 1024. [data.tile]
    #[arg(long, value_name = "PIXELS", help_heading = DATA)]
    tile: Option<i64>,
    /// Frames of a clip. [data.clip_len]
    #[arg(long, value_name = "N", help_heading = DATA)]
    clip_len: Option<i64>,

    /// Network to train. [model.architecture]
    #[arg(long, value_name = "ID", help_heading = NETWORK)]
    model: Option<String>,
    /// Weights to go on from: a file, or `shipped`. [model.from]
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    from: Option<PathBuf>,

    /// Epochs. [train.epochs]
    #[arg(long, value_name = "N", help_heading = TRAINING)]
    epochs: Option<i64>,
    /// Steps at most. [train.steps]
    #[arg(long, value_name = "N", help_heading = TRAINING)]
    steps: Option<i64>,
    /// Learning rate. [optimiser.rate]
    #[arg(long, value_name = "RATE", help_heading = TRAINING)]
    lr: Option<f64>,
    /// Batches per step of the optimiser. [optimiser.accumulate]
    #[arg(long, value_name = "N", help_heading = TRAINING)]
    accum: Option<i64>,
    /// Norm to which gradients are clipped; 0: not. [optimiser.clip]
    #[arg(long, value_name = "NORM", help_heading = TRAINING)]
    grad_clip: Option<f64>,
    /// Short floats on a GPU. [optimiser.amp]
    #[arg(long, value_name = "off|bf16|f16", num_args = 0..=1, default_missing_value = "bf16", help_heading = TRAINING)]
    amp: Option<String>,
    /// Epochs without progress after which training ends. [train.patience]
    #[arg(long, value_name = "N", help_heading = TRAINING)]
    patience: Option<i64>,
    /// Seed of weights and draws. [train.seed, data.seed]
    #[arg(long, value_name = "N", help_heading = TRAINING)]
    seed: Option<i64>,
    /// auto, cpu, cuda or cuda:N. [train.device]
    #[arg(long, value_name = "DEVICE", help_heading = TRAINING)]
    device: Option<String>,
    /// Minutes after which the run ends with a checkpoint. [train.minutes]
    #[arg(long, value_name = "MINUTES", help_heading = TRAINING)]
    minutes: Option<f64>,
    /// Goes on from a checkpoint: the newest run's `best` or `latest`, a run folder, or a .state file.
    #[arg(long, value_name = "best|latest|PATH", help_heading = TRAINING)]
    resume: Option<Resume>,
    /// With --resume: counts epochs from here instead of where the checkpoint stands.
    #[arg(long, value_name = "N", requires = "resume", help_heading = TRAINING)]
    start_epoch: Option<usize>,

    /// Folder in which runs get theirs. [record.run_root]
    #[arg(long, value_name = "DIR", help_heading = RECORD)]
    run_root: Option<PathBuf>,
    /// Goes into the run folder's name. [record.tag]
    #[arg(long, value_name = "TEXT", help_heading = RECORD)]
    tag: Option<String>,
    /// Remarks that are kept with the run. [record.notes]
    #[arg(long, value_name = "TEXT", help_heading = RECORD)]
    notes: Option<String>,
    /// Whether events for TensorBoard are written. [record.tb]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", help_heading = RECORD)]
    tb: Option<bool>,
    /// Validation frames that are measured, 0: all. [eval.metrics_batches]
    #[arg(long, value_name = "N", help_heading = RECORD)]
    metrics_batches: Option<i64>,

    /// Trains nothing: expands --ldr with the weights of --resume, as `headroom-train infer` does.
    #[arg(long, requires = "ldr", help_heading = INFERENCE)]
    infer_only: bool,
    /// Folder that receives an EXR for each picture.
    #[arg(long, value_name = "DIR", requires = "infer_only", help_heading = INFERENCE)]
    infer_out: Option<PathBuf>,
    /// What a sample of the EXR files becomes.
    #[arg(long, value_enum, default_value_t = Format::Half, help_heading = INFERENCE)]
    fmt: Format,
    /// Stops that previews are shown brighter.
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true, value_name = "STOPS", help_heading = INFERENCE)]
    exposure: f64,
    /// Pixels that neighbouring tiles share, where --tile asks for tiles.
    #[arg(long, default_value_t = 32, value_name = "PIXELS", help_heading = INFERENCE)]
    overlap: usize,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        if self.infer_only {
            return self.infer();
        }
        let experiment = Experiment::resolve(self.config.as_deref(), &self.settings())?;
        watch_signals();
        let done = train(Order {
            experiment,
            settings: self.settings(),
            resume: self.resume.clone(),
            start_epoch: self.start_epoch,
        })?;
        eprintln!("{}: {}", done.folder.display(), done.ending.text());
        if done.ending == Ending::Signal { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// As `headroom-train infer` does, with the weights that --resume names.
    fn infer(&self) -> Result<(), Error> {
        let (Some(ldr), Some(out)) = (self.ldr.clone(), self.infer_out.clone()) else {
            return Err(Error::Usage("--infer-only: expected --ldr and --infer-out".to_owned()));
        };
        let resume = self.resume.clone().unwrap_or(Resume::Best);
        let run_root =
            self.run_root.clone().unwrap_or_else(|| record::Settings::default().run_root);
        let (_, state) = find(&resume, &run_root)?;
        let tile = self.tile.and_then(|tile| usize::try_from(tile).ok()).filter(|tile| *tile > 0);
        infer(&Options {
            expander: Expander::weights(&state.with_extension("safetensors"), false)?,
            ldr,
            out,
            format: self.fmt,
            exposure: self.exposure,
            tiling: tile.map(|tile| Tiling { tile, overlap: self.overlap }),
            jobs: 0,
        })
    }

    /// What the flags set, and where; those of `--set` last.
    fn settings(&self) -> Vec<(String, Value)> {
        let path =
            |path: &Option<PathBuf>| path.as_ref().map(|p| Value::from(p.display().to_string()));
        let text = |text: &Option<String>| text.clone().map(Value::from);
        let whole = |number: Option<i64>| number.map(Value::from);
        let real = |number: Option<f64>| number.map(Value::from);
        let flags = [
            ("data.ldr", path(&self.ldr)),
            ("data.hdr", path(&self.hdr)),
            ("data.logc.folder", path(&self.logc)),
            ("data.logc.lut", path(&self.cube)),
            ("data.batch_size", whole(self.batch_size)),
            ("data.val_batch_size", whole(self.val_batch_size)),
            ("data.workers", whole(self.workers)),
            ("data.tile", whole(self.tile)),
            ("data.clip_len", whole(self.clip_len)),
            ("data.seed", whole(self.seed)),
            ("model.architecture", text(&self.model)),
            ("model.from", path(&self.from)),
            ("train.epochs", whole(self.epochs)),
            ("train.steps", whole(self.steps)),
            ("train.patience", whole(self.patience)),
            ("train.seed", whole(self.seed)),
            ("train.device", text(&self.device)),
            ("train.minutes", real(self.minutes)),
            ("optimiser.rate", real(self.lr)),
            ("optimiser.accumulate", whole(self.accum)),
            ("optimiser.clip", real(self.grad_clip)),
            ("optimiser.amp", text(&self.amp)),
            ("record.run_root", path(&self.run_root)),
            ("record.tag", text(&self.tag)),
            ("record.notes", text(&self.notes)),
            ("record.tb", self.tb.map(Value::from)),
            ("eval.metrics_batches", whole(self.metrics_batches)),
        ];
        let flags = flags.into_iter().filter_map(|(path, value)| Some((path.to_owned(), value?)));
        flags.chain(self.set.iter().cloned()).collect()
    }
}
