//! Pictures made for the tests, and experiments that are over in no time.

use headroom_frame::{AlphaKind, Frame, WriteOptions, write};
use headroom_train::experiment::{Experiment, setting};
use headroom_train::train::{Checkpoint, Done, Order, Resume, state_file, train};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A folder with pictures in it, and room for runs.
pub(crate) struct Made {
    pub(crate) folder: tempfile::TempDir,
}

/// Configuration of each network that is small enough for a test.
pub(crate) fn small(architecture: &str) -> &'static [&'static str] {
    match architecture {
        "grid" => &["model.config.widths=[4, 6, 8, 8]"],
        "residual" => &["model.config.width=4", "model.config.dilations=[1, 2]"],
        "diff-hdrtv" => &[
            "model.config.reference_enter=4",
            "model.config.reference_width=4",
            "model.config.reference_blocks=1",
            "model.config.prior_base=8",
            "model.config.branch_width=4",
            "model.config.branch_blocks=1",
            "model.config.train_steps=8",
            "model.config.steps=2",
        ],
        _ => &["model.config.base=4", "model.config.levels=2"],
    }
}

/// Settings with which every view of a still is the same picture.
pub(crate) const STILL: [&str; 14] = [
    "data.views=8",
    "data.batch_size=1",
    "data.flip_horizontal=false",
    "data.scale_jitter=1",
    "data.view=[96, 96]",
    "data.camera.share_min=0.05",
    "data.camera.share_max=0.05",
    "data.camera.unclipped=0",
    "data.camera.white_balance=0",
    "data.camera.curves={ srgb = 1.0 }",
    "data.camera.noise_probability=0",
    "data.camera.jpeg_probability=0",
    "data.camera.resize_probability=0",
    "record.samples=0",
];

impl Made {
    /// Three scenes: a lamp, a window and a sun over a gradient.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hdr = folder.path().join("hdr");
        std::fs::create_dir(&hdr).expect("a folder");
        for scene in 0..3 {
            let mut pixels = Vec::new();
            for y in 0..96 {
                for x in 0..96 {
                    let light = light(scene, y as f32, x as f32);
                    pixels.extend([light, 0.85 * light, 0.6 * light, 1.0]);
                }
            }
            let frame = Frame::new(96, 96, pixels, AlphaKind::Opaque);
            let path = hdr.join(format!("scene{scene}.exr"));
            write(&path, &frame, &WriteOptions::default()).expect("writes");
        }
        Self { folder }
    }

    /// One scene, and the settings with which every batch is the same picture.
    pub(crate) fn one() -> Self {
        let made = Self::new();
        for other in ["scene1.exr", "scene2.exr"] {
            std::fs::remove_file(made.path().join("hdr").join(other)).expect("there");
        }
        made
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Settings of a short run of a small network.
    pub(crate) fn settings(&self, architecture: &str, more: &[&str]) -> Vec<String> {
        let (hdr, runs) = (self.path().join("hdr"), self.path().join("runs"));
        let mut all = vec![
            format!("data.hdr={}", hdr.display()),
            format!("data.val={}", hdr.display()),
            format!("record.run_root={}", runs.display()),
            format!("model.architecture={architecture}"),
        ];
        let usual = [
            "data.view=[64, 64]",
            "data.views=4",
            "data.batch_size=2",
            "data.workers=1",
            "data.camera.share_min=0.05",
            "train.epochs=2",
            "train.threads=1",
            "record.progress=none",
            "record.samples=1",
            "eval.metrics_batches=1",
            "optimiser.rate=0.01",
        ];
        all.extend(usual.iter().chain(small(architecture)).chain(more).map(|s| (*s).to_owned()));
        all
    }

    pub(crate) fn order(&self, architecture: &str, more: &[&str]) -> Order {
        let settings: Vec<_> = self
            .settings(architecture, more)
            .iter()
            .map(|text| setting(text).expect("a setting"))
            .collect();
        let experiment = Experiment::resolve(None, &settings).expect("an experiment");
        Order { experiment, settings: Vec::new(), resume: None, start_epoch: None }
    }

    pub(crate) fn train(&self, architecture: &str, more: &[&str]) -> Done {
        train(self.order(architecture, more)).expect("trains")
    }

    pub(crate) fn resume(&self, from: &Path) -> Done {
        let mut order = self.order("grid", &[]);
        order.resume = Some(Resume::Path(from.to_owned()));
        train(order).expect("goes on")
    }
}

fn light(scene: usize, y: f32, x: f32) -> f32 {
    let sky = 0.05 + 0.004 * (95.0 - y);
    let (cy, cx) = ([30.0, 50.0, 20.0][scene], [40.0, 60.0, 70.0][scene]);
    let (dy, dx) = ((y - cy) / 8.0, (x - cx) / 11.0);
    let spot = match scene {
        1 if dy.abs() < 1.0 && dx.abs() < 1.2 => 5.0 + 0.05 * x,
        1 => 0.0,
        _ => 12.0 / (1.0 + dy * dy + dx * dx).powi(3),
    };
    sky + spot
}

/// The last checkpoint of a run.
pub(crate) fn latest(run: &Path) -> PathBuf {
    state_file(&run.join("checkpoints"), "latest")
}

/// Bits of everything that a checkpoint holds.
pub(crate) fn bits(run: &Path) -> Vec<(String, Vec<u32>)> {
    let checkpoint = Checkpoint::read(&latest(run)).expect("reads");
    let bits = |values: &Vec<f32>| values.iter().map(|v| v.to_bits()).collect();
    checkpoint.tensors.iter().map(|(name, values)| (name.clone(), bits(values))).collect()
}

/// Lines of the log, without what depends on the clock, and without what happened on the way.
pub(crate) fn log(run: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(run.join("logs/train_log.jsonl")).expect("a log");
    let line = |line: &str| {
        let mut value: Value = serde_json::from_str(line).expect("JSON");
        let object = value.as_object_mut().expect("an object");
        for clock in ["seconds", "time", "timestamp", "pictures_per_second"] {
            object.remove(clock);
        }
        value
    };
    text.lines().map(line).filter(|line| line["kind"] != "event").collect()
}

/// Loss of each step, in order.
pub(crate) fn losses(run: &Path) -> Vec<f64> {
    let steps = log(run).into_iter().filter(|line| line.get("gradient_norm").is_some());
    steps.filter_map(|line| line.get("loss")?.as_f64()).collect()
}
