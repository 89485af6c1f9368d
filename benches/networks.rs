//! Runs networks for `benches/peers/networks.py`, which times them beside PyTorch and ONNX Runtime, and for
//! `benches/peers/networks_device.py`, which does so on a GPU.
//!
//! `bench-networks --serve FOLDER THREADS` says a line of JSON about itself and then answers each line of
//! JSON on its input with one: `dump` writes a network, its weights, inputs and outputs into a
//! folder; `run` runs it once and tells milliseconds; `error` what fast precision loses; `copy`
//! copies a frame in and out; `effect` measures and renders a frame; `device` runs a network's last stage on a GPU
//! and waits for it; `forget` frees what is kept. Weights and pictures are
//! [`pattern`]s: no file is needed.

use headroom::execute::{
    DeviceProgram, DeviceWorkspace, FrameInputs, FrameTensors, Runner, TileWorkspace,
};
use headroom::expand::device::kernel_folder;
use headroom::expand::{Plan, Surroundings, analyse, render};
use headroom::graph::{Extent, Graph, Place};
use headroom::model::search::SearchPath;
use headroom::model::{self, Network, Run, Weights, pattern};
use headroom::settings::Values;
use headroom_gpu::source::Precision as Stored;
use headroom_gpu::{Gpu, find};
use headroom_kernel::Pool;
use headroom_kernel::nn::{Isa, Machine, Precision};
use headroom_kernel::{Components, ImageMut, ImageRef, Rect};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::error::Error;
use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

#[path = "support/mod.rs"]
mod support;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let threads = match words.as_slice() {
        [serve, _, threads] if serve == "--serve" => threads.parse()?,
        _ => {
            return Err(
                "this is run by `cargo xtask bench`: bench-networks --serve FOLDER THREADS".into(),
            );
        }
    };
    let mut bench = Bench {
        pool: Pool::new(threads),
        kept: HashMap::new(),
        frames: Vec::new(),
        effects: HashMap::new(),
        there: HashMap::new(),
    };
    let mut out = std::io::stdout().lock();
    let hello = json!({
        "processor": processor(),
        "full": Machine::best(Precision::Full).isa.id(),
        "fast": Machine::best(Precision::Fast).isa.id(),
    });
    writeln!(out, "{hello}")?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = bench.answer(&request).unwrap_or_else(|e| json!({ "error": e.to_string() }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

/// What is kept between requests.
struct Bench {
    pool: Pool,
    /// By network, size, instruction set and precision.
    kept: HashMap<String, Ready>,
    /// Source, middle and target of the copy.
    frames: Vec<Vec<f32>>,
    effects: HashMap<String, Effect>,
    /// By network, size, device and precision.
    there: HashMap<String, There>,
}

/// The last stage of a network on a GPU, its inputs filled.
struct There {
    gpu: Gpu,
    program: DeviceProgram,
    workspace: DeviceWorkspace,
    size: [usize; 2],
}

impl There {
    fn new(ready: &Ready, device: &str, stored: Stored) -> Outcome<Self> {
        let gpu = Gpu::new(&find(device)?, kernel_folder())?;
        let weights = Weights::patterned(&ready.network);
        let stage = ready.network.stages.last().ok_or("no stage")?;
        let prefix = format!("{}.", stage.name);
        let program = DeviceProgram::new(&gpu, &stage.graph, &weights, &prefix, stored)?;
        let workspace = DeviceWorkspace::new(&gpu, &program, ready.size)?;
        let frame = ready.frame.as_ref().ok_or("not run")?;
        for input in stage.graph.inputs() {
            let given = ready.inputs.iter().find(|given| given.name == input.name);
            let said = || frame.get(&input.name).map(|tensor| &tensor.values);
            let values = given.map(|given| &given.values).or_else(said).ok_or("no such input")?;
            workspace.write(&gpu, &input.name, values)?;
        }
        Ok(Self { gpu, program, workspace, size: ready.size })
    }

    /// Milliseconds.
    fn run(&self) -> Outcome<f64> {
        self.gpu.finish()?;
        let start = Instant::now();
        self.program.run(&self.gpu, &self.workspace, Place::whole(self.size))?;
        self.gpu.finish()?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }
}

/// The whole effect, sRGB to ACEScg, ready to run on a picture of which some per cent clip.
struct Effect {
    plan: Plan,
    rect: Rect,
    source: Vec<f32>,
    out: Vec<f32>,
    /// Holds the weights' file.
    _folder: tempfile::TempDir,
}

impl Effect {
    fn new(network: &str, [height, width]: [usize; 2]) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let mut values = Values::default();
        values.set_text("method", network)?;
        values.set_text("weights", &support::weights(folder.path(), network))?;
        values.set_text("output_space", "ACEScg")?;
        let mut plan = Plan::new(&values, &Surroundings::default());
        plan.load(&SearchPath::new(None))?;
        let rect = Rect::new(0, 0, i32::try_from(width)?, i32::try_from(height)?);
        let source = support::frame(rect);
        Ok(Self { plan, rect, out: vec![0.0; source.len()], source, _folder: folder })
    }

    /// A frame, measured and rendered; milliseconds.
    fn run(&mut self, pool: &Pool) -> Outcome<f64> {
        let start = Instant::now();
        let image = ImageRef::from_floats(&self.source, self.rect, Components::Rgba)?;
        let stopped = |_| "interrupted";
        let analysis = analyse(&self.plan, &image, self.rect, pool, &|| false).map_err(stopped)?;
        let target = ImageMut::from_floats(&mut self.out, self.rect, Components::Rgba)?;
        render(&self.plan, &analysis, &image, None, target, pool, &|| false).map_err(stopped)?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    }
}

/// A network that is ready to run.
struct Ready {
    network: Network,
    runner: Runner,
    workspace: TileWorkspace,
    frame: Option<FrameTensors>,
    inputs: Vec<Input>,
    size: [usize; 2],
}

/// What the engine would give.
struct Input {
    name: String,
    size: [usize; 3],
    fixed: bool,
    values: Vec<f32>,
}

impl Bench {
    fn answer(&mut self, request: &Value) -> Outcome<Value> {
        let number = |key: &str| request[key].as_u64().ok_or(format!("{key}: no number"));
        let text = |key: &str| request[key].as_str().ok_or(format!("{key}: no text"));
        let size = || Outcome::Ok([number("height")? as usize, number("width")? as usize]);
        match text("do")? {
            "dump" => {
                let ready = self.ready(text("network")?, size()?, "best", "full")?;
                dump(Path::new(text("folder")?), ready)?;
                Ok(json!({}))
            }
            "run" => {
                let (isa, precision) = (text("isa")?, text("precision")?);
                let (ready, pool) = self.with_pool(text("network")?, size()?, isa, precision)?;
                let start = Instant::now();
                ready.run(pool)?;
                Ok(json!({ "ms": start.elapsed().as_secs_f64() * 1e3 }))
            }
            "error" => {
                let (network, size) = (text("network")?, size()?);
                let full = self.result(network, size, "full")?;
                let fast = self.result(network, size, "fast")?;
                Ok(json!({ "rms": relative(&fast, &full) }))
            }
            "memory" => {
                let size = size()?;
                let threads = self.pool.threads();
                let ready = self.ready(text("network")?, size, "best", "full")?;
                Ok(json!({ "bytes": ready.runner.tile_bytes(ready.size, threads)? }))
            }
            "copy" => {
                let [height, width] = size()?;
                Ok(json!({ "ms": self.copy(height * width * 4) }))
            }
            "effect" => {
                let size = size()?;
                Ok(json!({ "ms": self.effect(text("network")?, size)? }))
            }
            "device" => {
                let (network, device) = (text("network")?, text("device")?);
                let (precision, size) = (text("precision")?, size()?);
                let stored = if precision == "fast" { Stored::Half } else { Stored::Float };
                let key = format!("{network} {size:?} {device} {precision}");
                if !self.there.contains_key(&key) {
                    let ready = self.ready(network, size, "best", "full")?;
                    let there = There::new(ready, device, stored)?;
                    self.there.insert(key.clone(), there);
                }
                let there = self.there.get(&key).ok_or("not kept")?;
                let ms = there.run()?;
                let name = there.gpu.device().name().to_owned();
                let found = there.workspace.read(&there.gpu, model::inputs::RESULT)?;
                let found = found.ok_or("no result")?;
                let ready = self.ready(network, size, "best", "full")?;
                let expected = ready.workspace.output(model::inputs::RESULT).ok_or("no result")?;
                Ok(json!({ "ms": ms, "device": name, "rms": relative(&found, expected) }))
            }
            "forget" => {
                self.there.clear();
                self.effects.clear();
                self.kept.clear();
                self.frames.clear();
                Ok(json!({}))
            }
            other => Err(format!("no such request: {other}").into()),
        }
    }

    fn ready(
        &mut self,
        name: &str,
        size: [usize; 2],
        isa: &str,
        precision: &str,
    ) -> Outcome<&mut Ready> {
        let key = format!("{name} {size:?} {isa} {precision}");
        if !self.kept.contains_key(&key) {
            let ready = Ready::new(name, size, machine(isa, precision)?, &self.pool)?;
            self.kept.insert(key.clone(), ready);
        }
        Ok(self.kept.get_mut(&key).ok_or("not kept")?)
    }

    fn with_pool(
        &mut self,
        name: &str,
        size: [usize; 2],
        isa: &str,
        precision: &str,
    ) -> Outcome<(&mut Ready, &Pool)> {
        self.ready(name, size, isa, precision)?;
        let key = format!("{name} {size:?} {isa} {precision}");
        Ok((self.kept.get_mut(&key).ok_or("not kept")?, &self.pool))
    }

    fn result(&mut self, name: &str, size: [usize; 2], precision: &str) -> Outcome<Vec<f32>> {
        let (ready, pool) = self.with_pool(name, size, "best", precision)?;
        ready.run(pool)?;
        Ok(ready.workspace.output(model::inputs::RESULT).ok_or("no result")?.to_vec())
    }

    fn effect(&mut self, network: &str, size: [usize; 2]) -> Outcome<f64> {
        let key = format!("{network} {size:?}");
        if !self.effects.contains_key(&key) {
            self.effects.insert(key.clone(), Effect::new(network, size)?);
        }
        let effect = self.effects.get_mut(&key).ok_or("not kept")?;
        // Memory that was just touched, as a host has just touched it.
        effect.run(&self.pool)?;
        effect.run(&self.pool)
    }

    /// Copies a frame in and out once the same memory was just touched; milliseconds.
    fn copy(&mut self, floats: usize) -> f64 {
        if self.frames.first().is_none_or(|frame| frame.len() != floats) {
            self.frames = (0..3).map(|i| vec![i as f32; floats]).collect();
        }
        let [from, middle, to] = self.frames.as_mut_slice() else { return 0.0 };
        let mut ms = 0.0;
        for _ in 0..2 {
            let start = Instant::now();
            support::copy(&self.pool, from, middle);
            support::copy(&self.pool, middle, to);
            ms = start.elapsed().as_secs_f64() * 1e3;
        }
        std::hint::black_box(&to);
        ms
    }
}

/// Root mean square of the errors over that of the numbers.
fn relative(found: &[f32], expected: &[f32]) -> f64 {
    let square = |v: f32| f64::from(v) * f64::from(v);
    let error: f64 = expected.iter().zip(found).map(|(a, b)| square(a - b)).sum();
    let norm: f64 = expected.iter().map(|&v| square(v)).sum();
    (error / norm.max(1e-30)).sqrt()
}

fn machine(isa: &str, precision: &str) -> Outcome<Machine> {
    let precision = match precision {
        "full" => Precision::Full,
        "fast" => Precision::Fast,
        other => return Err(format!("no such precision: {other}").into()),
    };
    if isa == "best" {
        return Ok(Machine::best(precision));
    }
    let isa = Isa::from_id(isa).ok_or("no such instruction set")?;
    Ok(Machine::forced(isa, precision).ok_or("not on this machine")?)
}

impl Ready {
    fn new(name: &str, picture: [usize; 2], machine: Machine, pool: &Pool) -> Outcome<Self> {
        let info = model::find(name).ok_or_else(|| format!("no such network: {name}"))?;
        let network = (info.build)(&(info.config)())?;
        let runner = Runner::new(&network, &Weights::patterned(&network), machine)?;
        // Peers run the picture as it is here: sides that suit the network.
        let up = |side: usize| side.next_multiple_of(runner.tile_alignment());
        let size = picture.map(up);
        let workspace = TileWorkspace::new(&runner, size, pool.threads())?;
        let inputs = inputs(&network, size);
        let mut ready = Self { network, runner, workspace, frame: None, inputs, size };
        ready.run(pool)?;
        Ok(ready)
    }

    /// All stages once.
    fn run(&mut self, pool: &Pool) -> Outcome<()> {
        let mut given = FrameInputs::new();
        for input in self.inputs.iter().filter(|input| input.fixed) {
            given = given.with(&input.name, input.size, &input.values);
        }
        let frame = self.runner.frame(&given, pool, &|| false)?;
        for input in self.inputs.iter().filter(|input| !input.fixed) {
            let to = self.workspace.input_mut(&input.name).ok_or("no such input")?;
            to.copy_from_slice(&input.values);
        }
        let place = Place::whole(self.size);
        self.runner
            .tile(&mut self.workspace, &frame, place, pool, &|| false)
            .map_err(|_| "interrupted")?;
        self.frame = Some(frame);
        Ok(())
    }
}

/// Inputs that no stage makes, once per name.
fn inputs(network: &Network, picture: [usize; 2]) -> Vec<Input> {
    let mut made: Vec<String> = Vec::new();
    let mut found: Vec<Input> = Vec::new();
    for stage in &network.stages {
        for input in stage.graph.inputs() {
            let known = found.iter().any(|other| other.name == input.name);
            if known || made.contains(&input.name) {
                continue;
            }
            let shape = stage.graph.node(input.node).shape;
            let (sides, fixed) = match shape.extent {
                Extent::Fixed(sides) => (sides, true),
                Extent::Of { .. } => (picture, false),
            };
            let size = [sides[0], sides[1], shape.channels];
            let values = pattern(&input.name, size.iter().product());
            // Like codes and shares: 0 to 1.
            let values = values.into_iter().map(|v| v * 0.5 + 0.5).collect();
            found.push(Input { name: input.name.clone(), size, fixed, values });
        }
        made.extend(outputs(&stage.graph));
    }
    found
}

fn outputs(graph: &Graph) -> impl Iterator<Item = String> + '_ {
    graph.outputs().iter().map(|output| output.name.clone())
}

/// Writes what a peer needs to run the same.
fn dump(folder: &Path, ready: &Ready) -> Outcome<()> {
    if ready.network.stages.iter().any(|stage| matches!(stage.run, Run::Sampler(_))) {
        return Err("peers do not sample".into());
    }
    let weights = Weights::patterned(&ready.network);
    let mut numbers: Vec<f32> = Vec::new();
    let mut shapes = Vec::new();
    for (name, weight) in weights.iter() {
        shapes.push(json!([name, weight.shape]));
        numbers.extend(weight.values.iter());
    }
    write(&folder.join("weights.bin"), &numbers)?;
    numbers.clear();
    let mut given = Vec::new();
    for input in &ready.inputs {
        given.push(json!([input.name, input.size]));
        numbers.extend(&input.values);
    }
    write(&folder.join("inputs.bin"), &numbers)?;
    let result = model::inputs::RESULT;
    let values = ready.workspace.output(result).ok_or("no result")?;
    let shape = ready.workspace.output_size(result).ok_or("no result")?;
    write(&folder.join("outputs.bin"), values)?;
    let stages: Vec<Value> = ready
        .network
        .stages
        .iter()
        .map(|stage| json!({ "name": stage.name, "graph": stage.graph.to_json() }))
        .collect();
    let about = json!({
        "stages": stages, "weights": shapes, "inputs": given, "outputs": [[result, shape]],
    });
    fs::write(folder.join("network.json"), about.to_string())?;
    Ok(())
}

fn write(path: &Path, numbers: &[f32]) -> Outcome<()> {
    let bytes: Vec<u8> = numbers.iter().flat_map(|v| v.to_le_bytes()).collect();
    fs::write(path, bytes).map_err(|e| format!("{}: {e}", path.display()).into())
}

/// The processor's name, where the system tells it.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}
