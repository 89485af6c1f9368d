//! Whole steps of training for `benches/peers/training.py`, which runs PyTorch beside it: forward, loss,
//! backward, norm clipping, AdamW and the moving average, by the trainer's own parts.
//!
//!     cargo run --release -p headroom-train --example training_step -- residual|grid FOLDER THREADS
//!
//! Writes graphs, weights and tensors into the folder, says `ready`, and then does a step for every line
//! that comes in: loss, CPU and wall milliseconds on a line that goes out.

use candle_core::{DType, Device, Tensor};
use headroom::graph::{Extent, Place};
use headroom::model::{Domain, Dtype, Model, Network, Weights, inputs, pattern};
use headroom_candle::{Executor, Ops, Variables};
use headroom_kernel::Pool;
use headroom_train::loss::{self, Frame, Objective, Term, head};
use headroom_train::model::Settings;
use headroom_train::optimiser::{self, AdamW, clip_norm};
use headroom_train::train::Layout;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
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
    let mut loop_ = Loop::new(&architecture, &folder, Arc::new(Pool::new(threads)))?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        line?;
        let (cpu, wall) = (cpu_nanoseconds()?, Instant::now());
        let loss = loop_.step()?;
        let cpu = (cpu_nanoseconds()? - cpu) as f64 * 1.0e-6;
        println!("{loss:.9} {cpu:.3} {:.3}", wall.elapsed().as_secs_f64() * 1.0e3);
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// A network in training on one batch.
struct Loop {
    network: Network,
    layout: Layout,
    flat: Vec<f32>,
    variables: Variables,
    executor: Executor,
    objective: Objective,
    optimiser: optimiser::Settings,
    adam: AdamW,
    given: HashMap<String, Tensor>,
    truth: Vec<f32>,
    base: Vec<f32>,
    clip: Vec<f32>,
    pool: Arc<Pool>,
}

impl Loop {
    fn new(architecture: &str, folder: &Path, pool: Arc<Pool>) -> Fallible<Self> {
        let settings = Settings { architecture: architecture.to_owned(), ..Settings::default() };
        let built = settings.build()?;
        let network = built.network.clone();
        let weights = Weights::patterned(&network);
        let bytes = Model::to_bytes(&built.header("peer"), &network, &weights, Dtype::F32)?;
        std::fs::write(folder.join("weights.safetensors"), bytes)?;
        let mut files = Files { folder, shapes: Map::new() };
        let mut given = HashMap::new();
        let mut made: Vec<&str> = Vec::new();
        for stage in &network.stages {
            for input in stage.graph.inputs().iter().filter(|i| !made.contains(&i.name.as_str())) {
                let shape = stage.graph.node(input.node).shape;
                let sides = match shape.extent {
                    Extent::Fixed(sides) => sides,
                    Extent::Of { .. } => [SIDE; 2],
                };
                let values = files.write(&input.name, sides, shape.channels)?;
                let dims = (BATCH, sides[0], sides[1], shape.channels);
                given.insert(input.name.clone(), Tensor::from_vec(values, dims, &Device::Cpu)?);
            }
            made.extend(stage.graph.outputs().iter().map(|output| output.name.as_str()));
        }
        let [truth, base] = ["truth", "base"].map(|name| files.write(name, [SIDE; 2], 3));
        let stages: Vec<Value> = network
            .stages
            .iter()
            .map(|stage| json!({ "name": stage.name, "graph": stage.graph.to_json() }))
            .collect();
        let domain = if network.domain == Domain::Stops { "stops" } else { "linear" };
        let case = json!({ "domain": domain, "stages": stages, "tensors": files.shapes });
        std::fs::write(folder.join("case.json"), case.to_string())?;

        let layout = Layout::new(&network);
        let flat = layout.flatten(&weights)?;
        let spared = layout.entries().iter().filter(|entry| !entry.decays);
        let optimiser = optimiser::Settings::default();
        let terms = vec![Term::new("hybrid", 1.0)];
        Ok(Self {
            adam: AdamW::new(
                &optimiser,
                &flat,
                spared.map(headroom_train::train::Entry::range).collect(),
            ),
            objective: Objective::new(&loss::Settings { terms }, network.domain)?,
            variables: Variables::new(&network, &weights, &Device::Cpu, DType::F32)?,
            executor: Executor::new(Ops::Fast, Arc::clone(&pool)),
            clip: vec![1.0; BATCH * SIDE * SIDE * 3],
            truth: truth?,
            base: base?,
            network,
            layout,
            flat,
            optimiser,
            given,
            pool,
        })
    }

    fn step(&mut self) -> Fallible<f64> {
        for entry in self.layout.entries() {
            if let Some(variable) = self.variables.get(&entry.name) {
                let values = &self.flat[entry.range()];
                variable.set(&Tensor::from_slice(values, variable.dims(), &Device::Cpu)?)?;
            }
        }
        let places = [Place::whole([SIDE; 2])];
        let (executor, variables) = (&self.executor, &self.variables);
        let mut made = executor.run_network(&self.network, variables, &self.given, &places)?;
        let result = made.remove(inputs::RESULT).ok_or("no result")?;
        let output: Vec<f32> = result.flatten_all()?.to_vec1()?;
        let domain = self.network.domain;
        let mut prediction = vec![0.0; output.len()];
        head::forward(domain, &self.base, &output, &mut prediction);
        let mut slope = vec![0.0; output.len()];
        let one = SIDE * SIDE * 3;
        let mut terms = vec![0.0; self.objective.terms().len()];
        for (index, slope) in slope.chunks_mut(one).enumerate() {
            let part = index * one..(index + 1) * one;
            let frame = Frame {
                size: [SIDE; 2],
                prediction: &prediction[part.clone()],
                truth: &self.truth[part.clone()],
                base: &self.base[part.clone()],
                clip: &self.clip[part],
                tone: None,
            };
            let values = self.objective.frame(&frame, 1.0 / BATCH as f64, slope, None, &self.pool);
            terms.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
        head::backward(domain, &self.base, &output, &prediction, &mut slope);
        let slope = Tensor::from_vec(slope, result.dims(), &Device::Cpu)?;
        let gradients = (&result * slope)?.sum_all()?.backward()?;
        let mut gradient = vec![0.0; self.layout.len()];
        for entry in self.layout.entries() {
            if let Some(found) = variables.get(&entry.name).and_then(|v| gradients.get(v)) {
                let values: Vec<f32> = found.flatten_all()?.to_vec1()?;
                gradient[entry.range()].copy_from_slice(&values);
            }
        }
        clip_norm(&mut gradient, self.optimiser.clip);
        self.adam.step(&mut self.flat, &gradient, self.optimiser.rate, &self.pool);
        Ok(self.objective.total(&terms))
    }
}

/// Tensors by formula, in the folder too.
struct Files<'a> {
    folder: &'a Path,
    shapes: Map<String, Value>,
}

impl Files<'_> {
    fn write(
        &mut self,
        name: &str,
        [height, width]: [usize; 2],
        channels: usize,
    ) -> Fallible<Vec<f32>> {
        let values = pattern(name, BATCH * height * width * channels);
        // 0 to 1, as codes and light are.
        let values: Vec<f32> = values.into_iter().map(|p| p * 0.5 + 0.5).collect();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(self.folder.join(format!("{name}.f32")), bytes)?;
        self.shapes.insert(name.to_owned(), json!([BATCH, height, width, channels]));
        Ok(values)
    }
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
