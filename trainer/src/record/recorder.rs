//! Writes a run down while it goes on.

use super::history::History;
use super::log::{self, Log};
use super::tensorboard::Events;
use super::{EpochRecord, Figure, Position, RunFolder, Sample, Settings, StepRecord};
use super::{chart, curves, environment, file::Growing, report, sheet, summary};
use crate::Error;
use headroom_frame::write_whole;
use jiff::Zoned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

/// Writes a run down. Every call has written what it was given when it returns; its errors name the
/// file, and what was written before stays whole.
#[derive(Debug)]
pub struct Recorder {
    folder: RunFolder,
    settings: Settings,
    train: Log,
    metrics: Log,
    events: Growing,
    tensorboard: Option<Events>,
    at: Position,
}

impl Recorder {
    /// Opens the logs. With `resume`, what was logged after that position is cut off first, so that
    /// the resumed run's logs read as if it had never been interrupted; without, nothing is cut.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn new(
        folder: RunFolder,
        settings: &Settings,
        resume: Option<Position>,
    ) -> Result<Self, Error> {
        settings.check()?;
        let train = Log::open(&folder, "train_log", log::TRAIN_HEADER, log::train_row, resume)?;
        let metrics = Log::open(&folder, "metrics", log::METRICS_HEADER, log::metrics_row, resume)?;
        let events = Growing::open(folder.log("events.log"))?;
        let tensorboard = settings.tb.then(|| Events::open(&folder, resume)).transpose()?;
        if let Some(position) = resume {
            folder.cut_samples(position.epoch)?;
        }
        let at = resume.unwrap_or_default();
        let settings = settings.clone();
        Ok(Self { folder, settings, train, metrics, events, tensorboard, at })
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Writes down what the run is: the resolved experiment, the program, the machine.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn describe(
        &mut self,
        experiment_toml: &str,
        experiment_json: &Value,
        device: &str,
        seed: u64,
    ) -> Result<(), Error> {
        let config = json!({
            "run": self.folder.name(),
            "tag": self.settings.tag,
            "notes": self.settings.notes,
            "device": device,
            "seed": seed,
            "experiment": experiment_json,
        });
        self.write("config.toml", experiment_toml.as_bytes())?;
        self.write_json("config.json", &config)?;
        self.write("snapshot/experiment.toml", experiment_toml.as_bytes())?;
        self.write_json("snapshot/program.json", &program())?;
        self.write_json("environment.json", &environment::describe(device, seed))?;
        match &mut self.tensorboard {
            // Indented by four, Markdown shows it as it is.
            Some(events) if self.at == Position::default() => {
                let text: String =
                    experiment_toml.lines().map(|line| format!("    {line}\n")).collect();
                events.text("config", 0, &text)
            }
            _ => Ok(()),
        }
    }

    /// Writes down what is trained on.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn data(&mut self, text: &str, json: &Value, png: Option<&[u8]>) -> Result<(), Error> {
        self.write("data_report.txt", text.as_bytes())?;
        self.write_json("data_report.json", json)?;
        match png {
            Some(png) => self.write("data_report.png", png),
            None => Ok(()),
        }
    }

    /// Logs a step, where its number is one that is logged.
    ///
    /// # Errors
    /// When a log cannot be written.
    pub fn step(&mut self, step: &StepRecord) -> Result<(), Error> {
        self.at.step = step.step;
        if !step.step.is_multiple_of(self.settings.log_every) {
            return Ok(());
        }
        let per_second = step.pictures as f64 / step.seconds;
        self.train.add(&json!({
            "kind": "step",
            "epoch": step.epoch,
            "step": step.step,
            "loss": step.loss,
            "terms": terms(&step.terms),
            "rate": step.rate,
            "gradient_norm": step.gradient_norm,
            "pictures": step.pictures,
            "seconds": step.seconds,
            "pictures_per_second": per_second,
            "timestamp": now(),
        }))?;
        let own = [
            ("loss", step.loss),
            ("rate", step.rate),
            ("gradient_norm", step.gradient_norm),
            ("pictures_per_second", per_second),
        ];
        let own = own.into_iter().map(|(name, value)| (format!("step/{name}"), value));
        let terms = step.terms.iter().map(|(name, value)| (format!("step/loss/{name}"), *value));
        self.scalars(step.step, own.chain(terms))
    }

    /// Logs the end of an epoch's phase.
    ///
    /// # Errors
    /// When a log cannot be written.
    pub fn epoch(&mut self, epoch: &EpochRecord) -> Result<(), Error> {
        self.at = Position { epoch: epoch.epoch, step: epoch.step };
        self.train.add(&json!({
            "kind": "epoch",
            "epoch": epoch.epoch,
            "step": epoch.step,
            "phase": epoch.phase.id(),
            "loss": epoch.loss,
            "terms": terms(&epoch.terms),
            "rate": epoch.rate,
            "seconds": epoch.seconds,
            "timestamp": now(),
        }))?;
        let phase = epoch.phase.id();
        let own = [(format!("epoch/loss_{phase}"), epoch.loss)].into_iter();
        let term = |(name, value): &(String, f64)| (format!("epoch/{phase}/{name}"), *value);
        self.scalars(epoch.epoch as u64, own.chain(epoch.terms.iter().map(term)))
    }

    /// Logs what was measured at the end of an epoch.
    ///
    /// # Errors
    /// When a log cannot be written.
    pub fn metrics(&mut self, epoch: usize, step: u64, figures: &[Figure]) -> Result<(), Error> {
        let of = |figure: &Figure| {
            let value = json!({ "mean": figure.mean, "deviation": figure.deviation });
            (figure.metric.clone(), value)
        };
        self.metrics.add(&json!({
            "epoch": epoch,
            "step": step,
            "metrics": figures.iter().map(of).collect::<Map<_, _>>(),
            "columns": { "psnr": self.settings.psnr, "ssim": self.settings.ssim },
            "timestamp": now(),
        }))?;
        let mean = |figure: &Figure| (format!("metrics/{}", figure.metric), figure.mean);
        self.scalars(epoch as u64, figures.iter().map(mean))
    }

    /// Writes a sample's pictures.
    ///
    /// # Errors
    /// When the picture is not as large as its size says, or a file cannot be written.
    pub fn sample(
        &mut self,
        epoch: usize,
        step: u64,
        index: usize,
        sample: &Sample<'_>,
    ) -> Result<(), Error> {
        let title = format!("{} \u{2013} epoch {epoch}, step {step}", sample.name);
        let sheet = sheet::draw(sample, &title)?;
        let png = sheet.raster.png()?;
        write_whole(&self.folder.sample(epoch, index), &[&png])?;
        match &mut self.tensorboard {
            Some(events) => events.image(
                &format!("samples/{index:02}"),
                epoch as u64,
                sheet.raster.size(),
                &png,
            ),
            None => Ok(()),
        }
    }

    /// Notes that something happened: resumed, a batch was skipped, stopped.
    ///
    /// # Errors
    /// When a log cannot be written.
    pub fn event(&mut self, text: &str) -> Result<(), Error> {
        let time = now();
        let text = text.replace(['\n', '\r'], " ");
        let Position { epoch, step } = self.at;
        self.events.add(format!("{time} epoch {epoch} step {step}: {text}\n").as_bytes())?;
        self.train.add(&json!({
            "kind": "event", "epoch": epoch, "step": step, "text": text, "timestamp": time,
        }))
    }

    /// Makes curves, summary and report of what was logged so far. Cheap enough for every epoch, with
    /// the outcome `running`; at the end `finished`, or what ended it.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn finish(&mut self, outcome: &str) -> Result<(), Error> {
        let history = History::read(&self.folder)?;
        for (name, charts, columns) in [
            ("loss_curves.png", curves::losses(&history), 2),
            ("metrics_curves.png", curves::metrics(&history), 3),
        ] {
            if !charts.is_empty() {
                self.write(name, &chart::page(&charts, columns)?)?;
            }
        }
        let summary = summary::summarise(&self.folder.name(), outcome, &history);
        self.write_json("eval/summary.json", &summary)?;
        let page = report::page(&self.folder, &history, &summary)?;
        self.write("report.html", page.as_bytes())
    }

    fn scalars(
        &mut self,
        at: u64,
        values: impl Iterator<Item = (String, f64)>,
    ) -> Result<(), Error> {
        let Some(events) = &mut self.tensorboard else { return Ok(()) };
        for (tag, value) in values {
            events.scalar(&tag, at, value)?;
        }
        Ok(())
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        Ok(write_whole(&self.folder.path().join(name), &[bytes])?)
    }

    fn write_json(&self, name: &str, value: &Value) -> Result<(), Error> {
        self.write(name, format!("{value:#}\n").as_bytes())
    }
}

fn terms(terms: &[(String, f64)]) -> Map<String, Value> {
    terms.iter().map(|(name, value)| (name.clone(), Value::from(*value))).collect()
}

/// The time as logs write it, to the second, with its offset from UTC.
fn now() -> String {
    Zoned::now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// Which program ran. Its digest tells a build with local changes from the commit it names.
fn program() -> Value {
    let path = std::env::current_exe().ok();
    let digest = path.as_deref().and_then(|path| std::fs::read(path).ok()).map(|bytes| {
        Sha256::digest(&bytes)
            .iter()
            .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    });
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": headroom::COMMIT,
        "file": path.map(|path| path.display().to_string()),
        "sha256": digest,
    })
}
