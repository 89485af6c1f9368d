//! `headroom host`: an OpenFX plug-in, looked at as a host looks at it.

use crate::console;
use crate::error::{Error, Outcome};
use clap::{Args, ValueEnum};
use headroom_host::matrix::{MatrixOptions, run_matrix};
use headroom_host::{
    Context, Depth, Description, Effect, HostConfig, HostError, HostImage, ImageMemory, PROFILES,
    RenderRequest, Violation,
};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "Examples:
  headroom host Headroom.ofx.bundle
  headroom host Headroom.ofx.bundle --profile resolve --describe
  headroom host Other.ofx.bundle --matrix

The plug-in runs in this process: one that crashes takes it along.";

/// Load any OpenFX plug-in, describe it, render with it, and tell which rules it breaks.
///
/// Ends with code 1 when a rule was broken.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A bundle or a bare binary.
    bundle: PathBuf,
    /// The plug-in's identifier, where the bundle holds several.
    #[arg(long, value_name = "ID")]
    plugin: Option<String>,
    /// Behave as this host does.
    #[arg(long, default_value = "plain", value_parser = clap::builder::PossibleValuesParser::new(PROFILES))]
    profile: String,
    /// The context.
    #[arg(long, value_enum, default_value_t = ContextName::Filter)]
    context: ContextName,
    /// Print everything the plug-in says of itself, as JSON.
    #[arg(long, conflicts_with = "matrix")]
    describe: bool,
    /// Set a parameter of the plug-in before rendering; may be given many times.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Render in every way that hosts differ in, and compare the pixels with a plain render.
    #[arg(long)]
    matrix: bool,
    /// Only cases of the matrix whose name contains this.
    #[arg(long, value_name = "TEXT", requires = "matrix")]
    only: Option<String>,
    /// Tiny pictures in the matrix, for slow machines and valgrind.
    #[arg(long, requires = "matrix")]
    small: bool,
    /// Images lie in the memory of the first device of that runtime, where the plug-in takes them.
    #[arg(long, value_enum, value_name = "RUNTIME")]
    device: Option<Runtime>,
}

/// A runtime by its name on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Runtime {
    /// Buffers, and a queue.
    Opencl,
    /// Addresses, and a stream.
    Cuda,
    /// Addresses and no stream.
    CudaWithoutStream,
}

impl Arguments {
    fn memory(&self) -> ImageMemory {
        match self.device {
            None => ImageMemory::Cpu,
            Some(Runtime::Opencl) => ImageMemory::OpenCl,
            Some(Runtime::Cuda) => ImageMemory::Cuda,
            Some(Runtime::CudaWithoutStream) => ImageMemory::CudaWithoutStream,
        }
    }
}

/// A context by its name on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ContextName {
    /// One source, one output.
    Filter,
    /// Any clips.
    General,
}

impl From<ContextName> for Context {
    fn from(name: ContextName) -> Self {
        match name {
            ContextName::Filter => Self::Filter,
            ContextName::General => Self::General,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let path = &arguments.bundle;
    if !path.exists() {
        let text = "bundle: found no such file, expected an OpenFX bundle or binary";
        return Err(Error::missing(format!("{}: {text}", path.display())));
    }
    let settings = settings(&arguments.set)?;
    if arguments.matrix {
        let plugin = arguments.plugin.clone();
        let (small, only) = (arguments.small, arguments.only.clone());
        let memory = arguments.memory();
        return matrix(path, &MatrixOptions { plugin, settings, small, only, memory });
    }
    let config = HostConfig::profile(&arguments.profile).unwrap_or_default();
    let config = HostConfig { memory: arguments.memory(), ..config };
    let context = arguments.context.into();
    let mut effect = Effect::open(path, arguments.plugin.as_deref(), config, context)
        .map_err(|error| failed(path, &error))?;
    for (name, value) in &settings {
        effect.set(name, value).map_err(|error| Error::usage(format!("--set: {error}")))?;
    }
    if arguments.describe {
        console::result(&effect.describe().to_json())?;
        return end(path, effect, Vec::new());
    }
    console::result(&summary(effect.describe(), effect.depth()))?;
    let rendered =
        effect.render(&RenderRequest::at(1.0), &gradient).map_err(|error| failed(path, &error))?;
    let found = rendered.report.violations;
    console::result(&format!(
        "render      {} x {} in {} call(s), status {}\n",
        rendered.bounds.width(),
        rendered.bounds.height(),
        rendered.calls,
        rendered.status
    ))?;
    end(path, effect, found)
}

fn settings(assignments: &[String]) -> Outcome<Vec<(String, String)>> {
    let split = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| Error::usage(format!("--set: found \"{text}\", expected NAME=VALUE")))?;
        Ok((name.trim().to_owned(), value.to_owned()))
    };
    assignments.iter().map(split).collect()
}

fn matrix(path: &Path, options: &MatrixOptions) -> Outcome {
    let report = run_matrix(path, options);
    console::result(&report.to_string())?;
    if report.passed() {
        return Ok(());
    }
    Err(Error::failed(format!("{}: the host matrix did not pass", path.display())))
}

/// A small picture with everything between black and far above white.
fn gradient(clip: &str, _time: f64) -> Option<HostImage> {
    if clip != "Source" {
        return None;
    }
    let (width, height) = (64, 36);
    let pixel = |i: usize| {
        let (x, y) = ((i % width) as f32 / 63.0, (i / width) as f32 / 35.0);
        [x, y, (x * y * 4.0).min(1.5), 1.0]
    };
    let pixels: Vec<f32> = (0..width * height).flat_map(pixel).collect();
    Some(HostImage::new(width, height, pixels))
}

fn summary(described: &Description, depth: Depth) -> String {
    let mut text = String::new();
    for (identifier, major, minor) in &described.plugins {
        text.push_str(&format!("plug-in     {identifier} {major}.{minor}\n"));
    }
    let clips: Vec<&str> = described.clips.iter().map(|clip| clip.name.as_str()).collect();
    text.push_str(&format!("described   {}\n", described.identifier));
    text.push_str(&format!("samples     {depth:?}\n"));
    text.push_str(&format!("clips       {}\n", clips.join(", ")));
    text.push_str(&format!("parameters  {}\n", described.params.len()));
    text
}

/// Closes the plug-in and tells what was noticed in all its life.
fn end(path: &Path, effect: Effect, mut found: Vec<Violation>) -> Outcome {
    found.extend(effect.close().map_err(|error| failed(path, &error))?);
    for violation in &found {
        log::error!("{violation}");
    }
    if found.is_empty() {
        log::info!("no rule of OpenFX was broken");
        return Ok(());
    }
    Err(Error::failed(format!("{}: {} rules were broken", path.display(), found.len())))
}

fn failed(path: &Path, error: &HostError) -> Error {
    Error::failed(format!("{}: {error}", path.display()))
}
