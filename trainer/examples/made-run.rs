//! Makes up a run that looks like a real one, for looking at and for `tests/python/check_run.py`:
//! `cargo run -p headroom-train --example made-run -- FOLDER` prints the run's folder.
//!
//! It is interrupted after epoch 15 and resumed, as real runs are.

use headroom_train::Error;
use headroom_train::record::{
    EpochRecord, Figure, Phase, Position, Recorder, RunFolder, Sample, Settings, StepRecord,
};
use serde_json::json;

const EPOCHS: usize = 24;
const STEPS: u64 = 60;
const TOML: &str = r#"[model]
architecture = "grid"

[data]
hdr = ["/footage/hdr/train"]
tile = 256
batch_size = 8

[loss]
terms = [{ name = "pu21", weight = 0.7, region = "clipped" }, { name = "log2", weight = 0.3 }]

[optimiser]
rate = 2e-3
schedule = "cosine"
"#;

fn main() -> Result<(), Error> {
    let root = std::env::args_os().nth(1).ok_or_else(|| Error::Usage("no folder".to_owned()))?;
    let settings = Settings {
        run_root: root.into(),
        tag: "night-windows".to_owned(),
        notes: "Made up by examples/made-run.rs; no network was trained.".to_owned(),
        samples: 2,
        sample_epochs: 4,
        ..Default::default()
    };
    let folder = RunFolder::create(&settings)?;
    let path = folder.path().to_owned();
    let mut recorder = Recorder::new(folder, &settings, None)?;
    recorder.describe(TOML, &json!({ "model": { "architecture": "grid" } }), "cpu", 42)?;
    let report = "70 pictures, 8 for validation, 2 skipped (under 1024 x 1024)\n\
                  sizes          2048 x 1024 (61), 4096 x 2048 (9)\n\
                  clipped share  mean 4.7 %, 0.3 to 24.8 %\n";
    recorder.data(report, &json!({ "pictures": 70, "skipped": 2 }), None)?;
    for epoch in 1..=17 {
        self::epoch(&mut recorder, epoch)?;
    }
    recorder.event("interrupted by SIGTERM")?;
    drop(recorder);
    let at = Position { epoch: 15, step: 15 * STEPS };
    let mut recorder = Recorder::new(RunFolder::open(&path)?, &settings, Some(at))?;
    recorder.event("resumed from checkpoints/latest")?;
    for epoch in 16..=EPOCHS {
        self::epoch(&mut recorder, epoch)?;
        if epoch == 20 {
            recorder.event("loss is no number: batch 3 skipped, 1 so far")?;
        }
    }
    recorder.finish("finished")?;
    println!("{}", path.display());
    Ok(())
}

/// Between -1 and 1, the same for the same number.
fn noise(number: u64) -> f64 {
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    let mixed = mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f64 / f64::from(1_u32 << 23) - 1.0
}

fn epoch(recorder: &mut Recorder, epoch: usize) -> Result<(), Error> {
    let mut mean = 0.0;
    for index in 1..=STEPS {
        let step = (epoch as u64 - 1) * STEPS + index;
        let done = step as f64 / (STEPS as f64 * EPOCHS as f64);
        let loss = (0.05 + 1.4 / (1.0 + 25.0 * done)) * (1.0 + 0.25 * noise(step));
        mean += loss / STEPS as f64;
        recorder.step(&StepRecord {
            epoch,
            step,
            loss,
            terms: vec![("pu21".to_owned(), loss * 0.7), ("log2".to_owned(), loss * 0.3)],
            rate: 2e-3 * (done * 20.0).min(0.5 + 0.5 * libm::cos(done * std::f64::consts::PI)),
            gradient_norm: (0.3 + 3.0 / (1.0 + 30.0 * done))
                * (1.0 + 0.5 * noise(step * 7)).powi(2),
            seconds: 0.31 * (1.0 + 0.08 * noise(step * 13)),
            pictures: 8,
        })?;
    }
    let done = epoch as f64 / EPOCHS as f64;
    let step = epoch as u64 * STEPS;
    let rate = 1e-3 * (1.0 + libm::cos(done * std::f64::consts::PI));
    let record = EpochRecord {
        epoch,
        step,
        phase: Phase::Train,
        loss: mean,
        terms: vec![("pu21".to_owned(), mean * 0.7), ("log2".to_owned(), mean * 0.3)],
        seconds: 18.6,
        rate,
    };
    recorder.epoch(&record)?;
    let overfit = 1.1 + 0.5 * (done - 0.6).max(0.0) + 0.03 * noise(epoch as u64 * 31);
    let validation =
        EpochRecord { phase: Phase::Validation, loss: mean * overfit, seconds: 4.2, ..record };
    recorder.epoch(&validation)?;
    let figure = |metric: &str, from: f64, to: f64, deviation: f64| {
        let share = 1.0 - 1.0 / (1.0 + 12.0 * done) - 0.25 * (done - 0.8).max(0.0);
        let jitter = 0.02 * noise(epoch as u64 * 17 + metric.len() as u64);
        let mean = from + (to - from) * (share + jitter);
        Figure { metric: metric.to_owned(), mean, deviation }
    };
    let figures = [
        figure("psnr_pu21", 22.4, 31.9, 3.1),
        figure("psnr_pu21_clipped", 11.0, 17.8, 2.6),
        figure("psnr_linear", 21.0, 28.3, 3.9),
        figure("ssim_linear", 0.91, 0.982, 0.012),
        figure("rmse_stops", 0.92, 0.31, 0.14),
        figure("bias_stops", -0.61, 0.03, 0.21),
        figure("itp", 9.4, 3.2, 1.1),
    ];
    recorder.metrics(epoch, step, &figures)?;
    for index in (0..2).filter(|_| epoch.is_multiple_of(4)) {
        picture(recorder, epoch, step, index)?;
    }
    recorder.finish("running")
}

/// A window in a dark room, and a network that gets better at it.
fn picture(recorder: &mut Recorder, epoch: usize, step: u64, index: usize) -> Result<(), Error> {
    let size = [288, 384];
    let missing = 0.8 / epoch as f64 + 0.1;
    let (mut code, mut prediction, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..size[0] * size[1] {
        let (y, x) = ((at / size[1]) as f64 / 288.0, (at % size[1]) as f64 / 288.0);
        let window = (0.35..0.95).contains(&x) && (0.15..0.7).contains(&y);
        let bar = (x - 0.65).abs() < 0.015 || (y - 0.42).abs() < 0.012;
        let (sun_x, sun_y) = (0.5 + 0.25 * index as f64, 0.28);
        let far = ((x - sun_x) * (x - sun_x) + (y - sun_y) * (y - sun_y)).sqrt();
        for (channel, tint) in [1.0, 0.82, 0.6].into_iter().enumerate() {
            let sky = [0.9, 1.3, 2.2][channel] * (1.4 - y);
            let sun = 40.0 / (1.0 + libm::pow(far * 28.0, 3.0));
            let wall =
                0.09 * tint * (1.0 + 0.3 * libm::sin(x * 40.0)) / (0.4 + (x - 0.6).abs() + y);
            let light = if window && !bar { sky + sun } else { wall };
            let seen = light.min(1.0);
            let guess =
                if light > 1.0 { light * (1.0 - missing * (light / 12.0).min(1.0)) } else { seen };
            code.push(
                (headroom_colour::transfer::inverse_eotf_srgb(seen) * 255.0).round() as f32 / 255.0,
            );
            prediction.push(guess as f32);
            truth.push(light as f32);
        }
    }
    let name = format!("window_{index:02}.exr @ 512,128");
    let sample = Sample { name: &name, size, code: &code, prediction: &prediction, truth: &truth };
    recorder.sample(epoch, step, index, &sample)
}
