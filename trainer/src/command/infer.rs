//! `headroom-train infer`.

use crate::Error;
use crate::eval::Expander;
use crate::infer::{Format, Options, Tiling, infer, weights_of};
use clap::ArgGroup;
use std::path::PathBuf;

/// Expands a folder of pictures with trained weights.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("network").required(true).args(["weights", "run", "method"]))]
pub(super) struct Arguments {
    /// Weights file.
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    weights: Option<PathBuf>,
    /// Run folder; --resume says which of its weights.
    #[arg(long, value_name = "DIR", help_heading = "Network")]
    run: Option<PathBuf>,
    /// Which weights of the run: best, latest or a file.
    #[arg(long, default_value = "best", value_name = "best|latest|PATH", help_heading = "Network")]
    resume: String,
    /// A method of the node, with the weights that come with the program if it is a network.
    #[arg(long, value_name = "ID", help_heading = "Network")]
    method: Option<String>,
    /// Find the camera's curve from each picture instead of taking it for sRGB.
    #[arg(long, help_heading = "Network")]
    estimate: bool,
    /// Folder of PNG, JPEG or TIFF pictures of sRGB codes.
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    ldr: PathBuf,
    /// Folder that receives an EXR of linear Rec.709 light for each picture, and previews.
    #[arg(long, value_name = "DIR", help_heading = "Files")]
    infer_out: PathBuf,
    /// What a sample of the EXR files becomes.
    #[arg(long, value_enum, default_value_t = Format::Half, help_heading = "Files")]
    fmt: Format,
    /// Stops that previews are shown brighter.
    #[arg(
        long,
        default_value_t = 0.0,
        allow_negative_numbers = true,
        value_name = "STOPS",
        help_heading = "Files"
    )]
    exposure: f64,
    /// Side of a sliding window in pixels: each tile is expanded by itself and overlaps are blended.
    /// Without it whole frames, which is better; the engine tiles what is too large for memory
    /// by itself, without seams.
    #[arg(long, value_name = "PIXELS", help_heading = "Work")]
    tile: Option<usize>,
    /// Pixels that neighbouring tiles share.
    #[arg(long, default_value_t = 32, value_name = "PIXELS", help_heading = "Work")]
    overlap: usize,
    /// Threads; 0 means one per core.
    #[arg(long, default_value_t = 0, help_heading = "Work")]
    jobs: usize,
}

impl Arguments {
    pub(super) fn run(&self) -> Result<(), Error> {
        let expander = match (&self.weights, &self.run, &self.method) {
            (_, _, Some(method)) => Expander::method(method, self.estimate)?,
            (Some(file), _, _) => Expander::weights(file, self.estimate)?,
            (_, Some(run), _) => Expander::weights(&weights_of(run, &self.resume), self.estimate)?,
            (None, None, None) => {
                return Err(Error::Usage("expected --weights, --run or --method".to_owned()));
            }
        };
        infer(&Options {
            expander,
            ldr: self.ldr.clone(),
            out: self.infer_out.clone(),
            format: self.fmt,
            exposure: self.exposure,
            tiling: self.tile.map(|tile| Tiling { tile, overlap: self.overlap }),
            jobs: self.jobs,
        })
    }
}
