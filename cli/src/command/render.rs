//! `headroom render`: pictures and sequences from SDR to HDR.

use crate::again;
use crate::arguments::{given, path_or_nothing};
use crate::error::{Error, Outcome};
use crate::interrupt;
use crate::pattern::pair;
use crate::progress::Form;
use crate::render::{self, Bundle, Engine, Output, Render, Renderer};
use crate::settings::SettingsArguments;
use clap::{Args, ValueEnum};
use headroom::expand::device::own_gpu;
use headroom::settings::{Id, Value, Values};
use headroom_frame::sequence::{FrameRange, Pattern};
use headroom_frame::{ExrCompression, ReadOptions, Sample};
use headroom_gpu::Gpu;
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "Examples:
  headroom render plate.png plate.exr
  headroom render shot.####.png out/shot.####.exr --frames 1001-1025 --space-out ACEScct
  headroom render dailies/ hdr/ --preset natural --skip-existing
  headroom render a.exr b.exr --bundle Headroom.ofx.bundle --set highlight_gain=1

A file appears under its name whole or not at all. With --bundle the pixels come from the OpenFX
plug-in, without it from the engine inside this program; they are the same, bit for bit.

An empty value of --preset, --settings, --bundle, --layer or --mask counts as none, for templates
that cannot leave an option out.

Input space, unless --space-in says: sRGB for whole numbers (PNG, JPEG, TIFF); for floats linear in
the primaries that the file declares, else linear Rec.709. Output space, unless --space-out says:
that of a linear input, else ACEScg.";

/// Expand pictures and sequences to HDR.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A picture, a sequence (shot.####.png, shot.%04d.png) or a folder.
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// The same for the result.
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Frames, for example 1001-1025x2,1030. Without it all that exist.
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    frames: Option<FrameRange>,
    /// Render through this OpenFX plug-in.
    #[arg(long, value_name = "BUNDLE", value_parser = path_or_nothing())]
    bundle: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArguments,
    #[command(flatten)]
    files: FileArguments,
    /// Leave frames alone whose file is there already: resumes what was interrupted.
    #[arg(long, help_heading = "Work")]
    skip_existing: bool,
    /// Threads; 0 means one per core. The pixels do not depend on it. With --bundle the program
    /// starts itself anew with HEADROOM_THREADS=N, which the plug-in reads.
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Work")]
    threads: usize,
    /// What renders: auto, cpu, gpu, or a device as `headroom doctor` lists it (opencl, opencl:1, part of
    /// a name). Without it the setting `device` decides. With --bundle the program starts itself anew
    /// with HEADROOM_GPU=DEVICE, which the plug-in reads.
    #[arg(long, value_name = "DEVICE", help_heading = "Work")]
    device: Option<String>,
    /// How progress is told.
    #[arg(long, value_enum, default_value_t = Form::Auto, help_heading = "Work")]
    progress: Form,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
struct FileArguments {
    /// Layer of an EXR input.
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Picture or sequence whose alpha (red where it has none) limits the expansion.
    #[arg(long, value_name = "PATH", value_parser = path_or_nothing())]
    mask: Option<PathBuf>,
    /// Compression of EXR and TIFF.
    #[arg(long, value_enum, default_value_t = Compression::Zip)]
    compression: Compression,
    /// Write 16-bit floats (the default for EXR).
    #[arg(long, conflicts_with_all = ["float", "bits"])]
    half: bool,
    /// Write 32-bit floats (EXR, TIFF).
    #[arg(long, conflicts_with = "bits")]
    float: bool,
    /// Bits of a sample of PNG and TIFF: 8 or 16.
    #[arg(long, value_parser = ["8", "16"])]
    bits: Option<String>,
    /// Quality of JPEG.
    #[arg(long, default_value_t = 95, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// Format of the results where OUT is a folder.
    #[arg(long, default_value = "exr", value_parser = ["exr", "png", "jpg", "tif"])]
    format: String,
}

/// Compression by its name on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Compression {
    /// None; needed for an ACES container.
    None,
    /// Deflate over 16 rows.
    Zip,
    /// Deflate row by row: Nuke reads it fastest.
    Zips,
    /// Wavelets; smallest with grain.
    Piz,
}

impl From<Compression> for ExrCompression {
    fn from(compression: Compression) -> Self {
        match compression {
            Compression::None => Self::None,
            Compression::Zip => Self::Zip,
            Compression::Zips => Self::Zips,
            Compression::Piz => Self::Piz,
        }
    }
}

impl FileArguments {
    fn output(&self, threads: usize) -> Output {
        let sample = match (self.half, self.float, self.bits.as_deref()) {
            (true, ..) => Sample::Half,
            (_, true, _) => Sample::Float,
            (_, _, Some("8")) => Sample::U8,
            (_, _, Some(_)) => Sample::U16,
            _ => Sample::Auto,
        };
        let compression = self.compression.into();
        Output { compression, sample, jpeg_quality: self.quality, threads }
    }
}

/// Sets the setting as --device says, and opens the GPU that it names for the engine; a plug-in opens
/// its own.
fn device(text: Option<&str>, bundle: bool, values: &mut Values) -> Outcome<Option<Arc<Gpu>>> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let named = !["auto", "cpu", "gpu", "host"].contains(&text);
    values.set_text("device", if named { "gpu" } else { text })?;
    if !named {
        return Ok(None);
    }
    let gpu = own_gpu(Some(text)).map_err(|error| Error::usage(format!("--device: {error}")))?;
    if !bundle {
        return Ok(Some(gpu));
    }
    again::with_variable("HEADROOM_GPU", text)?;
    Ok(None)
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let bundle = given(&arguments.bundle);
    if bundle.is_some() && arguments.threads > 0 {
        again::with_variable("HEADROOM_THREADS", &arguments.threads.to_string())?;
    }
    let mut values = arguments.settings.values()?;
    let gpu = device(arguments.device.as_deref(), bundle.is_some(), &mut values)?;
    let files = &arguments.files;
    let mask = given(&files.mask).map(Pattern::parse).transpose()?;
    if mask.is_some() {
        values.set(Id::MaskEnable, Value::Toggle(true))?;
    } else if values.toggle(Id::MaskEnable) {
        return Err(Error::usage("setting mask_enable: found true, expected --mask PATH with it"));
    }
    render::check_networks(&values)?;
    let output = files.output(arguments.threads);
    let neighbours = values.integer(Id::TemporalRadius) > 0 || values.toggle(Id::FreezeAnalysis);
    let range = arguments.frames.as_ref();
    let shots = pair(&arguments.input, &arguments.output, range, &files.format)?;
    let renderer = match bundle {
        Some(path) => Renderer::Bundle(Box::new(Bundle::open(path)?)),
        None => Renderer::Engine(Box::new(Engine::new(arguments.threads, gpu))),
    };
    let read = ReadOptions {
        layer: files.layer.clone().filter(|layer| !layer.is_empty()),
        threads: arguments.threads,
        ..ReadOptions::default()
    };
    let work = Render {
        shots,
        mask,
        values,
        read,
        output,
        skip_existing: arguments.skip_existing,
        neighbours,
        form: arguments.progress,
    };
    interrupt::watch();
    render::run(&work, renderer).map(drop)
}
