//! `headroom compare`: how near a picture comes to the truth.

mod difference;
mod measure;
mod report;

use crate::error::{Error, Outcome};
use crate::pattern::frames;
use crate::{console, interrupt, light, space};
use clap::Args;
use headroom_frame::FileKind;
use headroom_frame::sequence::{FrameRange, Pattern};
use measure::{Inputs, measure};
use std::path::PathBuf;

const EXAMPLES: &str = "Examples:
  headroom compare result.exr truth.exr --clip-from plate.png --align
  headroom compare out/shot.####.exr truth/shot.####.exr --csv > numbers.csv
  headroom compare a.exr b.exr --diff difference.png

All metrics read linear Rec.709 light in which 1.0 is diffuse white, shown at 100 nits. \"Clipped\" columns
are limited to pixels that have a channel at code 250 or above in the picture of --clip-from.
Difference pictures show stops: red where A is brighter, blue where it is darker, grey where
equal.";

/// Compare pictures or sequences with the truth: PSNR, SSIM, MAE, stops, ITP, energy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The picture or sequence to judge.
    #[arg(value_name = "A")]
    a: PathBuf,
    /// The truth.
    #[arg(value_name = "B")]
    b: PathBuf,
    /// The SDR picture or sequence that A was made from: tells what was clipped.
    #[arg(long, value_name = "SDR")]
    clip_from: Option<PathBuf>,
    /// Bring A nearest to B by one factor on its light per frame, found where the SDR picture
    /// neither clips nor crushes (everywhere without --clip-from).
    #[arg(long)]
    align: bool,
    /// Frames, for example 1001-1025x2. Without it all that A has.
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    frames: Option<FrameRange>,
    /// CSV with a line per frame.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// JSON with every frame and the mean.
    #[arg(long)]
    json: bool,
    /// Write a picture of the difference (PNG, JPEG or TIFF; a pattern for sequences).
    #[arg(long, value_name = "OUT")]
    diff: Option<PathBuf>,
    /// Stops at which the difference picture has its full colour.
    #[arg(long, default_value_t = 3.0, value_name = "STOPS")]
    diff_range: f64,
    /// Colour space of A, where the file does not tell.
    #[arg(long, value_name = "NAME")]
    space_a: Option<String>,
    /// Colour space of B, where the file does not tell.
    #[arg(long, value_name = "NAME")]
    space_b: Option<String>,
    /// Nits of diffuse white in PQ and HLG files. Without it what a file was rendered with, else
    /// the default of the setting.
    #[arg(long, value_name = "NITS")]
    diffuse_white: Option<f64>,
    /// Layer of A, where it is an EXR with several.
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Threads; 0 means one per core.
    #[arg(long, default_value_t = 0)]
    threads: usize,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let inputs = Inputs {
        a: Pattern::parse(&arguments.a)?,
        b: Pattern::parse(&arguments.b)?,
        layer: arguments.layer.clone(),
        sdr: arguments.clip_from.as_deref().map(Pattern::parse).transpose()?,
        diff: arguments.diff.as_deref().map(Pattern::parse).transpose()?,
        diff_range: arguments.diff_range,
        spaces: [
            arguments.space_a.as_deref().map(space::named).transpose()?,
            arguments.space_b.as_deref().map(space::named).transpose()?,
        ],
        white: arguments.diffuse_white.map(light::check_white).transpose()?,
        align: arguments.align,
    };
    if !(inputs.diff_range > 0.0 && inputs.diff_range.is_finite()) {
        let found = inputs.diff_range;
        return Err(Error::usage(format!("--diff-range: found {found}, expected stops above 0")));
    }
    if let Some(diff) = &inputs.diff
        && !matches!(
            FileKind::from_path(&diff.path(0)),
            Some(FileKind::Png | FileKind::Jpeg | FileKind::Tiff)
        )
    {
        return Err(Error::usage(format!("{diff}: --diff: expected png, jpg or tif")));
    }
    let numbers = frames(&inputs.a, arguments.frames.as_ref())?;
    if let Some(diff) = &inputs.diff
        && numbers.len() > 1
        && !diff.is_sequence()
    {
        return Err(Error::usage(format!(
            "{diff}: --diff: found one file for {} frames, expected a pattern such as \
             diff.####.png",
            numbers.len()
        )));
    }
    interrupt::watch();
    let pool = headroom_kernel::Pool::new(arguments.threads);
    let mut measured = Vec::with_capacity(numbers.len());
    for number in numbers {
        if interrupt::asked() {
            return Err(Error::Interrupted);
        }
        measured.push(measure(&inputs, number, &pool)?);
    }
    if arguments.json {
        console::json(&report::json(&measured))
    } else if arguments.csv {
        console::result(&report::csv(&measured))
    } else {
        console::result(&report::table(&measured))
    }
}
