//! Whole steps of training for `benches/peers/training.py`, which runs PyTorch beside it: the trainer's
//! own learner, norm clipping and AdamW with its moving average, on one batch made by formula.
//!
//!     cargo run --release -p headroom-train --example training_step -- residual|grid FOLDER THREADS
//!
//! Writes graphs, weights and tensors into the folder, says `ready`, and then does a step for every line
//! that comes in: loss, CPU and wall milliseconds on a line that goes out.

use candle_core::{DType, Device};
use headroom::model::{Domain, Dtype, Model, Weights, pattern};
use headroom_candle::Variables;
use headroom_colour::transfer::eotf_srgb;
use headroom_kernel::Pool;
use headroom_train::loss::{self, Objective, Term};
use headroom_train::model::Settings;
use headroom_train::optimiser::{self, AdamW, clip_norm};
use headroom_train::shot::{Batch, Clip, Seer, Shot};
use headroom_train::train::{Entry, Layout, Learner};
use serde_json::{Map, Value, json};
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Whole frames of a batch, and their side.
const BATCH: usize = 8;
const SIDE: usize = 128;

fn main() -> Fallible<()> {
    headroom_kernel::keep_freed_memory();
    let mut words = std::env::args().skip(1);
    let architecture = words.next().ok_or("expected a network")?;
    let folder = PathBuf::from(words.next().ok_or("expected a folder")?);
    let threads = words.next().map_or(Ok(1), |text| text.parse())?;
    let mut steps = Steps::new(&architecture, &folder, Arc::new(Pool::new(threads)))?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        line?;
        let (cpu, wall) = (cpu_nanoseconds()?, Instant::now());
        let loss = steps.step()?;
        let cpu = (cpu_nanoseconds()? - cpu) as f64 * 1.0e-6;
        println!("{loss:.9} {cpu:.3} {:.3}", wall.elapsed().as_secs_f64() * 1.0e3);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// A network in training on one batch.
struct Steps {
    learner: Learner,
    batch: Batch,
    flat: Vec<f32>,
    gradient: Vec<f32>,
    adam: AdamW,
    optimiser: optimiser::Settings,
    count: u64,
    pool: Arc<Pool>,
}

impl Steps {
    /// Makes the batch and writes down all that the other side needs.
    fn new(architecture: &str, folder: &Path, pool: Arc<Pool>) -> Fallible<Self> {
        let settings = Settings { architecture: architecture.to_owned(), ..Settings::default() };
        let built = settings.build()?;
        let network = &built.network;
        let weights = Weights::patterned(network);
        let bytes = Model::to_bytes(&built.header("peer"), network, &weights, Dtype::F32)?;
        std::fs::write(folder.join("weights.safetensors"), bytes)?;
        let seer = Seer::of(architecture)?;
        let shots = (0..BATCH).map(|i| shot(i, &seer, &pool)).collect::<Fallible<Vec<_>>>()?;
        let clips = shots.into_iter().map(|shot| Clip {
            video: shot.name.clone(),
            start: 0,
            shots: vec![shot],
        });
        let batch = Batch { index: 0, clips: clips.collect() };

        let terms = loss::Settings { terms: vec![Term::new("hybrid", 1.0)] };
        let objective = Objective::new(&terms, network.domain)?;
        let variables = Variables::new(network, &weights, &Device::Cpu, DType::F32)?;
        let learner = Learner::of_all(&built, objective, &variables, seer, Arc::clone(&pool))?;

        let mut shapes = Map::new();
        let mut write = |name: &str, shape: &[usize], values: &[f32]| -> Fallible<()> {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            std::fs::write(folder.join(format!("{name}.f32")), bytes)?;
            shapes.insert(name.to_owned(), json!(shape));
            Ok(())
        };
        for (name, tensor) in learner.inputs(&batch)? {
            write(&name, tensor.dims(), &tensor.flatten_all()?.to_vec1::<f32>()?)?;
        }
        let all = |of: fn(&Shot) -> &Arc<[f32]>| {
            batch.shots().flat_map(|shot| of(shot).iter().copied()).collect::<Vec<f32>>()
        };
        write("truth", &[BATCH, SIDE, SIDE, 3], &all(|shot| &shot.truth))?;
        write("base", &[BATCH, SIDE, SIDE, 3], &all(|shot| &shot.base))?;
        let stages = network.stages.iter();
        let stages: Vec<Value> = stages
            .map(|stage| json!({ "name": stage.name, "graph": stage.graph.to_json() }))
            .collect();
        let domain = if network.domain == Domain::Stops { "stops" } else { "linear" };
        let case = json!({ "domain": domain, "stages": stages, "tensors": shapes });
        std::fs::write(folder.join("case.json"), case.to_string())?;

        let layout = Layout::new(network);
        let flat = layout.flatten(&weights)?;
        let spared = layout.entries().iter().filter(|entry| !entry.decays);
        let optimiser = optimiser::Settings::default();
        let adam = AdamW::new(&optimiser, &flat, spared.map(Entry::range).collect());
        let gradient = vec![0.0; flat.len()];
        Ok(Self { learner, batch, flat, gradient, adam, optimiser, count: 0, pool })
    }

    fn step(&mut self) -> Fallible<f64> {
        self.gradient.fill(0.0);
        self.learner.give(&self.flat)?;
        let terms = self.learner.learn(&self.batch, self.count, 1.0, &mut self.gradient)?;
        clip_norm(&mut self.gradient, self.optimiser.clip);
        self.adam.step(&mut self.flat, &self.gradient, self.optimiser.rate, &self.pool);
        self.count += 1;
        Ok(self.learner.total(&terms))
    }
}

/// A frame of codes by formula, whose truth is another by formula.
fn shot(index: usize, seer: &Seer, pool: &Pool) -> Fallible<Shot> {
    let values = |name: &str| -> Arc<[f32]> {
        let values = pattern(&format!("{name}.{index}"), SIDE * SIDE * 3);
        values.into_iter().map(|p| p * 0.5 + 0.5).collect()
    };
    let code = values("code");
    let seen = seer.see([SIDE; 2], &code, None, pool)?;
    Ok(Shot {
        name: format!("formula {index}"),
        frame: [SIDE; 2],
        at: [0; 2],
        size: [SIDE; 2],
        base: code.iter().map(|&v| eotf_srgb(f64::from(v)) as f32).collect(),
        balance: [1.0; 3],
        truth: values("truth"),
        clip: vec![1.0; SIDE * SIDE * 3].into(),
        inside: seen.inside(&code, [SIDE; 2]).into(),
        seen: Arc::new(seen),
        picture: Arc::clone(&code),
        code,
        before: None,
        camera: String::new(),
    })
}

/// Time on a processor of all threads of this process, as Linux counts it.
fn cpu_nanoseconds() -> Fallible<u64> {
    let mut sum = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let text = std::fs::read_to_string(task?.path().join("schedstat"))?;
        sum += text.split_whitespace().next().ok_or("no time")?.parse::<u64>()?;
    }
    Ok(sum)
}
